//! Records that the hub has not acknowledged yet. They are no rows of their own: the journal is in
//! order, and a checkpoint says up to where the hub has it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::journal::{self, place_of, row_id};
use super::set_aside;
use crate::agent::store::error::StoreError;
use crate::journal::RecordHash;
use crate::wire::sync::{JournalPlace, SetAside};

/// Records that follow one another, each exactly as it was signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// Rows and bytes, in order.
    pub(crate) records: Vec<(i64, Vec<u8>)>,
    /// Records among and before them that the hub refused before.
    pub(crate) set_aside: Vec<SetAside>,
}

impl Outgoing {
    /// The first and the last record.
    pub(crate) fn ends(&self) -> Option<(JournalPlace, JournalPlace)> {
        let place = |(id, _): &(i64, Vec<u8>)| {
            place_of(*id).map(|(epoch, sequence)| JournalPlace { epoch, sequence })
        };
        Some((place(self.records.first()?)?, place(self.records.last()?)?))
    }
}

/// What waits to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unsent {
    /// How many records.
    pub(crate) records: u64,
    /// When the oldest of them was decided.
    pub(crate) oldest_at: Option<DateTime<Utc>>,
}

/// The next records behind the row `acknowledged`: at most so many, and of so many bytes unless the
/// first alone has more. Costs what it reads, however long the journal is.
pub(crate) fn next(
    connection: &Connection,
    acknowledged: i64,
    records_max: usize,
    bytes_max: usize,
) -> Result<Outgoing, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, bytes FROM journal
             WHERE id > ?1 AND id NOT IN (SELECT id FROM records_set_aside)
             ORDER BY id LIMIT ?2",
    )?;
    let records_max = i64::try_from(records_max).unwrap_or(i64::MAX);
    let mut rows = statement
        .query(params![acknowledged, records_max])
        .map_err(StoreError::sqlite("read records to be sent"))?;
    let (mut outgoing, mut bytes_in_all) = (Outgoing::default(), 0_usize);
    while let Some(row) = rows.next()? {
        let (id, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        bytes_in_all = bytes_in_all.saturating_add(bytes.len());
        if bytes_in_all > bytes_max && !outgoing.records.is_empty() {
            break;
        }
        outgoing.records.push((id, bytes));
    }
    if let Some((last, _)) = outgoing.records.last() {
        for id in set_aside::between(connection, acknowledged + 1, *last)? {
            let (Some(bytes), Some((epoch, sequence))) = (bytes_of(connection, id)?, place_of(id))
            else {
                continue;
            };
            let place = JournalPlace { epoch, sequence };
            outgoing.set_aside.push(SetAside { place, hash: RecordHash::of(&bytes) });
        }
    }
    Ok(outgoing)
}

/// How much waits behind the row `acknowledged`, from the numbers of the journal's head and one row.
/// Records that are missing count, for numbers have no gaps unless something was lost.
pub(crate) fn unsent(connection: &Connection, acknowledged: i64) -> Result<Unsent, StoreError> {
    let Some(head) = last_before(connection, i64::MAX)? else { return Ok(Unsent::default()) };
    if head <= acknowledged {
        return Ok(Unsent::default());
    }
    let damaged = || StoreError::RowDamaged { table: "journal" };
    let (first_epoch, after) = place_of(acknowledged).ok_or_else(damaged)?;
    let (head_epoch, head_sequence) = place_of(head).ok_or_else(damaged)?;
    let mut records = 0_u64;
    for epoch in first_epoch..=head_epoch {
        let last = if epoch == head_epoch {
            head_sequence
        } else {
            let last = last_before(connection, row_id(epoch + 1, 0))?.and_then(place_of);
            last.filter(|(of, _)| *of == epoch).map_or(0, |(_, sequence)| sequence)
        };
        let sent = if epoch == first_epoch { after } else { 0 };
        records += last.saturating_sub(sent);
    }
    let oldest = connection
        .prepare_cached("SELECT id, bytes FROM journal WHERE id > ?1 ORDER BY id LIMIT 1")?
        .query_row([acknowledged], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()
        .map_err(StoreError::sqlite("read the oldest record to be sent"))?;
    let oldest = oldest.map(|(id, bytes)| journal::decode(id, &bytes)).transpose()?;
    Ok(Unsent { records, oldest_at: oldest.map(|stored| stored.record.header.decided_at()) })
}

/// The hash of a row's bytes, where the record is there: to compare with what the hub holds.
pub(crate) fn bytes_of(connection: &Connection, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    connection
        .prepare_cached("SELECT bytes FROM journal WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
        .map_err(StoreError::sqlite("read a record"))
}

fn last_before(connection: &Connection, id: i64) -> Result<Option<i64>, StoreError> {
    connection
        .prepare_cached("SELECT max(id) FROM journal WHERE id < ?1")?
        .query_row([id], |row| row.get(0))
        .map_err(StoreError::sqlite("read the journal's head"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::store::ledger::LEDGER_MIGRATIONS;
    use crate::journal::testing::{device_key, record_of};
    use crate::journal::{Kind, ObjectKind, seal};
    use crate::shell::migrate::migrate;

    /// A journal with these numbers of records in its epochs.
    fn journal_of(epochs: &[(u32, u64)]) -> Connection {
        let mut connection = Connection::open_in_memory().expect("opened");
        migrate(&mut connection, LEDGER_MIGRATIONS).expect("migrated");
        for (epoch, records) in epochs {
            for sequence in 1..=*records {
                let mut record = record_of(Kind::Event);
                (record.header.epoch, record.header.sequence) = (*epoch, sequence);
                let sealed = seal(ObjectKind::Record, &record.to_payload(), &device_key());
                journal::append(&connection, &record, &sealed.expect("it fits")).expect("stored");
            }
        }
        connection
    }

    fn ids(connection: &Connection, after: i64, records: usize, bytes: usize) -> Vec<i64> {
        let outgoing = next(connection, after, records, bytes).expect("readable");
        outgoing.records.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn records_come_in_order_over_epochs_and_within_both_bounds() {
        let journal = journal_of(&[(1, 3), (2, 2)]);
        let all: Vec<i64> = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
            .map(|(epoch, sequence)| row_id(epoch, sequence))
            .to_vec();
        assert_eq!(ids(&journal, 0, 100, usize::MAX), all);
        assert_eq!(ids(&journal, row_id(1, 2), 100, usize::MAX), all[2..]);
        assert_eq!(ids(&journal, 0, 2, usize::MAX), all[..2]);
        assert_eq!(ids(&journal, row_id(2, 2), 100, usize::MAX), [0_i64; 0]);
        let one = next(&journal, 0, 1, 0).expect("readable").records;
        assert_eq!(one.len(), 1, "a record that is larger than the bound goes alone");
        let bytes = one[0].1.len();
        assert_eq!(ids(&journal, 0, 100, 2 * bytes).len(), 2);
        assert_eq!(ids(&journal, 0, 100, 2 * bytes - 1).len(), 1);
    }

    #[test]
    fn a_record_that_the_hub_refuses_is_named_and_not_sent() {
        let journal = journal_of(&[(1, 4)]);
        for sequence in [1, 3] {
            set_aside::note(&journal, row_id(1, sequence)).expect("noted");
            set_aside::note(&journal, row_id(1, sequence)).expect("noted once");
        }
        let outgoing = next(&journal, 0, 100, usize::MAX).expect("readable");
        let ids: Vec<i64> = outgoing.records.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [row_id(1, 2), row_id(1, 4)]);
        let place = |sequence| JournalPlace { epoch: 1, sequence };
        let named: Vec<JournalPlace> = outgoing.set_aside.iter().map(|aside| aside.place).collect();
        assert_eq!(named, [place(1), place(3)], "the first is before the batch");
        assert_eq!(outgoing.ends(), Some((place(2), place(4))));
        let bytes = bytes_of(&journal, row_id(1, 3)).expect("readable").expect("there");
        assert_eq!(outgoing.set_aside[1].hash, RecordHash::of(&bytes));
    }

    #[test]
    fn what_waits_is_counted_from_numbers() {
        let journal = journal_of(&[(1, 3), (2, 2)]);
        let cases = [
            (0, 5),
            (row_id(1, 1), 4),
            (row_id(1, 3), 2),
            (row_id(2, 1), 1),
            (row_id(2, 2), 0),
            (row_id(3, 1), 0),
        ];
        for (acknowledged, records) in cases {
            let unsent = unsent(&journal, acknowledged).expect("readable");
            assert_eq!(unsent.records, records, "behind {acknowledged}");
            assert_eq!(unsent.oldest_at.is_some(), records > 0, "behind {acknowledged}");
        }
        assert_eq!(unsent(&journal_of(&[]), 0).expect("readable"), Unsent::default());
    }
}
