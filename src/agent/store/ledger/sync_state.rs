//! How far this ledger and the hub know each other: one row, from enrolment on.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::journal::{place_of, row_id};
use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::journal::PublicKey;
use crate::loyalty::{DeviceId, StoreId};
use crate::wire::sync::Contained;

/// The table, to look it over.
pub(crate) const SYNC_STATE: CheckedTable = CheckedTable {
    name: "sync_state",
    key: &["one"],
    is_intact: |row| intact(read(row), row_sum).is_some(),
};

/// The first schema of a ledger that has this table.
const SYNC_SINCE: u32 = 8;

/// Which hub, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncState {
    /// Where the hub is.
    pub(crate) hub_url: String,
    /// What the hub calls this device.
    pub(crate) device: DeviceId,
    /// The store that the device was enrolled for.
    pub(crate) store: StoreId,
    /// The hub's root, pinned at enrolment.
    pub(crate) root: PublicKey,
    /// Serial of the list of keys; it only rises.
    pub(crate) key_list_serial: u64,
    /// The list as the root sealed it.
    pub(crate) key_list: Vec<u8>,
    /// How far the hub's changes are stored; 0 is not at all.
    pub(crate) cursor: u64,
    /// What of this journal the hub had booked at the cursor.
    pub(crate) contained: Contained,
    /// The hub's last sealed checkpoint of this journal.
    pub(crate) checkpoint: Option<Vec<u8>>,
    /// The hub's clock less this device's, when last told.
    pub(crate) hub_ahead_ms: Option<i64>,
}

/// The row of the last record that a place stands for; 0 where it stands for none.
pub(crate) fn row_of(contained: Contained) -> i64 {
    if contained.epoch == 0 { 0 } else { row_id(contained.epoch, contained.sequence) }
}

/// The state, if the device is enrolled. A damaged row is an error: what it says decides which hub
/// is believed.
pub(crate) fn load(connection: &Connection) -> Result<Option<SyncState>, StoreError> {
    let read = connection
        .prepare_cached("SELECT * FROM sync_state")?
        .query_row([], |row| Ok(read(row)))
        .optional()
        .map_err(StoreError::sqlite("read how far the hub is known"))?;
    let damaged = || StoreError::RowDamaged { table: SYNC_STATE.name };
    read.map(|read| intact(read, row_sum).and_then(state_of).ok_or_else(damaged)).transpose()
}

/// The same of a ledger that may be of an earlier software: it is not enrolled.
pub(crate) fn load_if_there(connection: &Connection) -> Result<Option<SyncState>, StoreError> {
    let schema: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if schema < SYNC_SINCE { Ok(None) } else { load(connection) }
}

/// The state of a row, where it is whole.
pub(crate) fn of_row(row: &Row<'_>) -> Option<SyncState> {
    intact(read(row), row_sum).and_then(state_of)
}

/// Stores it.
pub(crate) fn save(connection: &Connection, state: &SyncState) -> Result<(), StoreError> {
    let row = StateRow {
        hub_url: state.hub_url.clone(),
        device: *state.device.as_bytes(),
        store: state.store.as_str().to_owned(),
        root: *state.root.as_bytes(),
        key_list_serial: state.key_list_serial as i64,
        key_list: state.key_list.clone(),
        cursor: state.cursor as i64,
        contained: row_of(state.contained),
        checkpoint: state.checkpoint.clone(),
        hub_ahead_ms: state.hub_ahead_ms,
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO sync_state
             (one, hub_url, device, store, root, key_list_serial, key_list, cursor, contained,
              checkpoint, hub_ahead_ms, checksum)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            row.hub_url,
            row.device,
            row.store,
            row.root,
            row.key_list_serial,
            row.key_list,
            row.cursor,
            row.contained,
            row.checkpoint,
            row.hub_ahead_ms,
            row_sum(&row),
        ])
        .map_err(StoreError::sqlite("store how far the hub is known"))?;
    Ok(())
}

struct StateRow {
    hub_url: String,
    device: [u8; 16],
    store: String,
    root: [u8; 32],
    key_list_serial: i64,
    key_list: Vec<u8>,
    cursor: i64,
    contained: i64,
    checkpoint: Option<Vec<u8>>,
    hub_ahead_ms: Option<i64>,
}

fn state_of(row: StateRow) -> Option<SyncState> {
    let (epoch, sequence) = place_of(row.contained)?;
    Some(SyncState {
        hub_url: row.hub_url,
        device: DeviceId::from_bytes(row.device),
        store: StoreId::parse(&row.store).ok()?,
        root: PublicKey::parse(row.root).ok()?,
        key_list_serial: row.key_list_serial as u64,
        key_list: row.key_list,
        cursor: row.cursor as u64,
        contained: Contained { epoch, sequence },
        checkpoint: row.checkpoint,
        hub_ahead_ms: row.hub_ahead_ms,
    })
}

fn read(row: &Row<'_>) -> ReadRow<StateRow> {
    let state = StateRow {
        hub_url: row.get("hub_url")?,
        device: row.get("device")?,
        store: row.get("store")?,
        root: row.get("root")?,
        key_list_serial: row.get("key_list_serial")?,
        key_list: row.get("key_list")?,
        cursor: row.get("cursor")?,
        contained: row.get("contained")?,
        checkpoint: row.get("checkpoint")?,
        hub_ahead_ms: row.get("hub_ahead_ms")?,
    };
    Ok((state, row.get::<_, i64>("checksum").map(Some)?))
}

fn row_sum(row: &StateRow) -> i64 {
    let ahead = row.hub_ahead_ms.map(i64::to_be_bytes);
    checksum(&[
        row.hub_url.as_bytes(),
        &row.device,
        row.store.as_bytes(),
        &row.root,
        &row.key_list_serial.to_be_bytes(),
        &row.key_list,
        &row.cursor.to_be_bytes(),
        &row.contained.to_be_bytes(),
        &[u8::from(row.checkpoint.is_some())],
        row.checkpoint.as_deref().unwrap_or_default(),
        ahead.as_ref().map_or(&[], <[u8; 8]>::as_slice),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::store::ledger::LEDGER_MIGRATIONS;
    use crate::journal::testing::{device_key, hub_key};
    use crate::shell::migrate::migrate;

    fn ledger() -> Connection {
        let mut connection = Connection::open_in_memory().expect("opened");
        migrate(&mut connection, LEDGER_MIGRATIONS).expect("migrated");
        connection
    }

    fn state() -> SyncState {
        SyncState {
            hub_url: "https://hub.example".to_owned(),
            device: device_key().device_id(),
            store: StoreId::parse("store-1").expect("an id"),
            root: hub_key().public_key(),
            key_list_serial: 3,
            key_list: vec![1, 2, 3],
            cursor: 77,
            contained: Contained { epoch: 2, sequence: 1_000_000 },
            checkpoint: Some(vec![9]),
            hub_ahead_ms: Some(-5),
        }
    }

    #[test]
    fn the_state_is_read_as_it_was_stored() {
        let ledger = ledger();
        assert_eq!(load(&ledger).expect("readable"), None);
        for state in [state(), SyncState { checkpoint: None, hub_ahead_ms: None, ..state() }] {
            save(&ledger, &state).expect("stored");
            assert_eq!(load(&ledger).expect("readable"), Some(state));
        }
    }

    #[test]
    fn a_damaged_state_is_not_believed() {
        for change in ["hub_url = 'https://other'", "root = zeroblob(32)", "cursor = 78"] {
            let ledger = ledger();
            save(&ledger, &state()).expect("stored");
            ledger.execute(&format!("UPDATE sync_state SET {change}"), []).expect("changed");
            let read = load(&ledger);
            assert!(matches!(read, Err(StoreError::RowDamaged { .. })), "{change}");
        }
    }
}
