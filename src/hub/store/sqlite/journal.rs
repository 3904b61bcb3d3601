use std::collections::BTreeMap;

use super::tx::SqliteTx;
use crate::hub::store::Journal;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{FlagRow, ForkRow, JournalRow, Place, ReceiptKey};
use crate::hub::store::stored::{Cell, clamped, journal, limit, place_cells};
use crate::journal::RecordHash;
use crate::loyalty::DeviceId;

impl Journal for SqliteTx<'_> {
    fn append(&mut self, rows: &[JournalRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO journal (
                device, epoch, sequence, kind, bytes, hash, effective_at, arrived_at, quarantine
            )
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.run("add records", SQL, rows.iter().map(journal::record_cells)).map(drop)
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
            WHERE device = ?1 AND epoch = ?2 AND sequence >= ?3
            ORDER BY sequence LIMIT ?4";
        let from = Cell::int(clamped(from));
        let cells =
            [Cell::bytes(device.as_bytes()), Cell::int(epoch), from, Cell::int(limit(count))];
        self.rows(("read hashes of records", "journal"), SQL, cells, journal::numbered_hash)
    }

    fn records(&mut self, places: &[Place]) -> Result<BTreeMap<Place, JournalRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, kind, bytes, hash, effective_at, arrived_at, quarantine
            FROM journal WHERE device = ?1 AND epoch = ?2 AND sequence = ?3";
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
            FROM journal WHERE device = ?1 AND (epoch, sequence) > (?2, ?3)
            ORDER BY epoch, sequence LIMIT ?4";
        let (epoch, sequence) = journal::behind(after);
        let cells = [Cell::bytes(device.as_bytes()), epoch, sequence, Cell::int(limit(count))];
        self.rows(("read a device's records", "journal"), SQL, cells, journal::record)
    }

    fn keep_forks(&mut self, rows: &[ForkRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO forked_records (device, epoch, sequence, hash, bytes, arrived_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO NOTHING";
        self.run("keep second records", SQL, rows.iter().map(journal::fork_cells)).map(drop)
    }

    fn forks(&mut self, device: DeviceId) -> Result<Vec<ForkRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, hash, bytes, arrived_at
            FROM forked_records WHERE device = ?1 ORDER BY epoch, sequence, hash";
        let cells = [Cell::bytes(device.as_bytes())];
        self.rows(("read second records", "forked_records"), SQL, cells, journal::fork)
    }

    fn note_receipts(
        &mut self,
        receipts: &[(ReceiptKey, Place)],
    ) -> Result<BTreeMap<ReceiptKey, Place>, StoreError> {
        const SQL: &str = "
            INSERT INTO receipts (store, till, uid, device, epoch, sequence)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO NOTHING";
        let rows = receipts.iter().map(|(key, place)| journal::receipt_cells(key, place));
        let noted = self.run("note receipts", SQL, rows)?;
        let there = receipts.iter().zip(noted).filter(|(_, noted)| *noted == 0);
        let there: Vec<_> = there.map(|((key, _), _)| key.clone()).collect();
        self.receipts(&there)
    }

    fn receipts(&mut self, keys: &[ReceiptKey]) -> Result<BTreeMap<ReceiptKey, Place>, StoreError> {
        const SQL: &str = "
            SELECT store, till, uid, device, epoch, sequence
            FROM receipts WHERE store = ?1 AND till = ?2 AND uid = ?3";
        let keys = keys.iter().map(|key| Ok(journal::receipt_key_cells(key)));
        let rows = self.each(("read receipts", "receipts"), SQL, keys, journal::receipt)?;
        Ok(rows.into_iter().collect())
    }

    fn add_flags(&mut self, rows: &[FlagRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO flags (device, epoch, sequence, kind, subject, detail, at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO NOTHING";
        self.run("add flags", SQL, rows.iter().map(journal::flag_cells)).map(drop)
    }

    fn flags(&mut self, count: usize) -> Result<Vec<FlagRow>, StoreError> {
        const SQL: &str = "
            SELECT device, epoch, sequence, kind, subject, detail, at
            FROM flags
            ORDER BY at DESC, device DESC, epoch DESC, sequence DESC, kind DESC, subject DESC
            LIMIT ?1";
        self.rows(("read flags", "flags"), SQL, [Cell::int(limit(count))], journal::flag)
    }
}
