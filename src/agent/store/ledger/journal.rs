//! The journal's rows: the exact bytes of each record.

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::error::StoreError;
use crate::journal::{ObjectKind, Record, RecordHash, Sealed, Signature, read_unverified};

/// Bits of the sequence in a row's id: an epoch of a million million records.
const SEQUENCE_BITS: u32 = 40;

/// A record as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredRecord {
    pub(crate) record: Record,
    pub(crate) signature: Signature,
    pub(crate) hash: RecordHash,
}

/// The row of a record.
pub(crate) fn row_id(epoch: u32, sequence: u64) -> i64 {
    let sequence = i64::try_from(sequence).expect("a sequence never reaches 2^40");
    (i64::from(epoch) << SEQUENCE_BITS) + sequence
}

/// Epoch and sequence of a row; `None` for what is no row of a journal.
pub(crate) fn place_of(id: i64) -> Option<(u32, u64)> {
    let epoch = u32::try_from(id >> SEQUENCE_BITS).ok()?;
    let sequence = u64::try_from(id).ok()? & ((1 << SEQUENCE_BITS) - 1);
    Some((epoch, sequence))
}

/// Appends a record.
pub(crate) fn append(
    connection: &Connection,
    record: &Record,
    sealed: &Sealed,
) -> Result<i64, StoreError> {
    let id = row_id(record.header.epoch, record.header.sequence);
    connection
        .prepare_cached("INSERT INTO journal (id, kind, bytes) VALUES (?1, ?2, ?3)")?
        .execute(params![id, record.body.kind().number(), sealed.bytes])
        .map_err(StoreError::sqlite("append a record"))?;
    Ok(id)
}

/// A record by its row; must be there.
pub(crate) fn load(connection: &Connection, id: i64) -> Result<StoredRecord, StoreError> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT bytes FROM journal WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
        .map_err(StoreError::sqlite("read a record"))?;
    decode(id, &bytes.ok_or(StoreError::RecordMissing { id })?)
}

/// The last record, if there is one.
pub(crate) fn last(connection: &Connection) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    connection
        .query_row("SELECT id, bytes FROM journal ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map_err(StoreError::sqlite("read the last record"))
}

/// Calls `visit` with every record's row and bytes, in order, from `from` on.
pub(crate) fn each<E: From<StoreError>>(
    connection: &Connection,
    from: i64,
    mut visit: impl FnMut(i64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let store = |source| E::from(StoreError::from(source));
    let mut statement = connection
        .prepare("SELECT id, bytes FROM journal WHERE id >= ?1 ORDER BY id")
        .map_err(store)?;
    let mut rows = statement.query([from]).map_err(store)?;
    while let Some(row) = rows.next().map_err(store)? {
        let id: i64 = row.get(0).map_err(store)?;
        let bytes = row.get_ref(1).map_err(store)?;
        let bytes =
            bytes.as_blob().map_err(|_| E::from(StoreError::RowDamaged { table: "journal" }))?;
        visit(id, bytes)?;
    }
    Ok(())
}

/// Reads a stored record; its signature was checked when the ledger was last verified.
pub(crate) fn decode(id: i64, bytes: &[u8]) -> Result<StoredRecord, StoreError> {
    let opened = read_unverified(ObjectKind::Record, bytes)
        .map_err(|_| StoreError::RowDamaged { table: "journal" })?;
    let record = Record::from_payload(opened.payload)
        .map_err(|source| StoreError::RecordDamaged { id, source })?;
    Ok(StoredRecord { record, signature: opened.signature, hash: RecordHash::of(bytes) })
}
