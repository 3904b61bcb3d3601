use std::collections::{BTreeMap, BTreeSet};

use super::tx::PostgresTx;
use crate::hub::store::Journal;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{FlagRow, ForkRow, JournalRow, Place, ReceiptKey};
use crate::hub::store::stored::{Cell, clamped, journal, limit, place_cells};
use crate::journal::RecordHash;
use crate::loyalty::DeviceId;

impl Journal for PostgresTx {
    fn append(&mut self, rows: &[JournalRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO journal (
                device, epoch, sequence, kind, bytes, hash, effective_at, arrived_at, quarantine
            )
            SELECT * FROM unnest(
                $1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[],
                $7::bigint[], $8::bigint[], $9::bigint[]
            )";
        self.run("add records", SQL, rows.iter().map(journal::record_cells))
    }

    fn hashes(
        &mut self,
        device: DeviceId,
        epoch: u32,
        from: u64,
        count: usize,
    ) -> Result<Vec<(u64, RecordHash)>, StoreError> {
        const SQL: &str = "
            SELECT sequence, hash FROM journal
            WHERE device = $1 AND epoch = $2 AND sequence >= $3
            ORDER BY sequence LIMIT $4";
        let from = Cell::int(clamped(from));
        let cells =
            [Cell::bytes(device.as_bytes()), Cell::int(epoch), from, Cell::int(limit(count))];
        self.rows(("read hashes of records", "journal"), SQL, cells, journal::numbered_hash)
    }

    fn records(&mut self, places: &[Place]) -> Result<BTreeMap<Place, JournalRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, kind, bytes, hash, effective_at, arrived_at, quarantine
            FROM journal
            JOIN unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS asked (device, epoch, sequence)
            USING (device, epoch, sequence)";
        let keys = places.iter().map(place_cells);
        let rows = self.each(("read records", "journal"), SQL, keys, journal::record)?;
        Ok(rows.into_iter().map(|row| (row.place, row)).collect())
    }

    fn records_after(
        &mut self,
        device: DeviceId,
        after: Option<(u32, u64)>,
        count: usize,
    ) -> Result<Vec<JournalRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, kind, bytes, hash, effective_at, arrived_at, quarantine
            FROM journal WHERE device = $1 AND (epoch, sequence) > ($2, $3)
            ORDER BY epoch, sequence LIMIT $4";
        let (epoch, sequence) = journal::behind(after);
        let cells = [Cell::bytes(device.as_bytes()), epoch, sequence, Cell::int(limit(count))];
        self.rows(("read a device's records", "journal"), SQL, cells, journal::record)
    }

    fn keep_forks(&mut self, rows: &[ForkRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO forked_records (device, epoch, sequence, hash, bytes, arrived_at)
            SELECT * FROM unnest(
                $1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[]
            )
            ON CONFLICT DO NOTHING";
        self.run("keep second records", SQL, rows.iter().map(journal::fork_cells))
    }

    fn forks(&mut self, device: DeviceId) -> Result<Vec<ForkRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, hash, bytes, arrived_at
            FROM forked_records WHERE device = $1 ORDER BY epoch, sequence, hash";
        let cells = [Cell::bytes(device.as_bytes())];
        self.rows(("read second records", "forked_records"), SQL, cells, journal::fork)
    }

    fn note_receipts(
        &mut self,
        receipts: &[(ReceiptKey, Place)],
    ) -> Result<BTreeMap<ReceiptKey, Place>, StoreError> {
        const SQL: &str = r#"
            INSERT INTO receipts (store, till, uid, device, epoch, sequence)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[]
            ) AS noted (store, till, uid, device, epoch, sequence)
            ORDER BY store COLLATE "C", till COLLATE "C", uid COLLATE "C"
            ON CONFLICT DO NOTHING
            RETURNING store, till, uid"#;
        let mut first = BTreeMap::new();
        let mut there = BTreeSet::new();
        for (key, place) in receipts {
            if first.contains_key(key) {
                there.insert(key.clone());
            } else {
                first.insert(key, place);
            }
        }
        let rows = first.iter().map(|(key, place)| journal::receipt_cells(key, place));
        let noted = self.each(("note receipts", "receipts"), SQL, rows, journal::receipt_key)?;
        let noted: BTreeSet<_> = noted.into_iter().collect();
        there.extend(first.into_keys().filter(|key| !noted.contains(key)).cloned());
        self.receipts(&there.into_iter().collect::<Vec<_>>())
    }

    fn receipts(&mut self, keys: &[ReceiptKey]) -> Result<BTreeMap<ReceiptKey, Place>, StoreError> {
        const SQL: &str = "
            SELECT store, till, uid, device, epoch, sequence
            FROM receipts
            JOIN unnest($1::text[], $2::text[], $3::text[]) AS asked (store, till, uid)
            USING (store, till, uid)";
        let keys = keys.iter().map(|key| Ok(journal::receipt_key_cells(key)));
        let rows = self.each(("read receipts", "receipts"), SQL, keys, journal::receipt)?;
        Ok(rows.into_iter().collect())
    }

    fn add_flags(&mut self, rows: &[FlagRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO flags (device, epoch, sequence, kind, subject, detail, at)
            SELECT * FROM unnest(
                $1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                $7::bigint[]
            )
            ON CONFLICT DO NOTHING";
        self.run("add flags", SQL, rows.iter().map(journal::flag_cells))
    }

    fn flags(&mut self, count: usize) -> Result<Vec<FlagRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, kind, subject, detail, at
            FROM flags
            ORDER BY at DESC, device DESC, epoch DESC, sequence DESC, kind DESC, subject DESC
            LIMIT $1";
        self.rows(("read flags", "flags"), SQL, [Cell::int(limit(count))], journal::flag)
    }
}
