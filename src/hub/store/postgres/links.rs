use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::tx::PostgresTx;
use crate::hub::store::Links;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{Place, ReceiptKey};
use crate::hub::store::stored::{Cell, clamped, journal, links, place_cells};
use crate::loyalty::{AccountRef, DeviceId};

impl Links for PostgresTx {
    fn note_follow_ups(&mut self, follow_ups: &[(Place, Place)]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO follow_ups (sale_device, sale_epoch, sale_sequence, device, epoch, sequence)
            SELECT * FROM unnest(
                $1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[]
            )
            ON CONFLICT DO NOTHING";
        let rows = follow_ups.iter().map(links::follow_up_cells);
        self.run("note what follows sales", SQL, rows)
    }

    fn follow_ups(&mut self, sales: &[Place]) -> Result<BTreeMap<Place, Vec<Place>>, StoreError> {
        const SQL: &str = "
            SELECT sale_device, sale_epoch, sale_sequence, device, epoch, sequence FROM follow_ups
            JOIN unnest($1::bytea[], $2::bigint[], $3::bigint[])
                AS asked (sale_device, sale_epoch, sale_sequence)
            USING (sale_device, sale_epoch, sale_sequence)
            ORDER BY device, epoch, sequence";
        let keys = sales.iter().map(place_cells);
        let rows =
            self.each(("read what follows sales", "follow_ups"), SQL, keys, links::follow_up)?;
        Ok(links::by_sale(rows))
    }

    fn note_checkpoint(
        &mut self,
        device: DeviceId,
        number: u64,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO checkpoints (device, number, at) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING";
        let row = Cell::unsigned(number)
            .map(|number| [Cell::bytes(device.as_bytes()), number, Cell::instant(at)]);
        self.run_one("note a checkpoint", SQL, row)
    }

    fn checkpoint_at(
        &mut self,
        device: DeviceId,
        number: u64,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SQL: &str = "SELECT at FROM checkpoints WHERE device = $1 AND number = $2";
        let cells = [Cell::bytes(device.as_bytes()), Cell::int(clamped(number))];
        let doing = ("read when a checkpoint was sealed", "checkpoints");
        self.rows(doing, SQL, cells, links::instant).map(|mut rows| rows.pop())
    }

    fn remove_entries(&mut self, entries: &[(AccountRef, Place)]) -> Result<(), StoreError> {
        const SQL: &str = "
            DELETE FROM entries USING
                unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[])
                AS taken (account, device, epoch, sequence)
            WHERE entries.account = taken.account AND entries.device = taken.device
                AND entries.epoch = taken.epoch AND entries.sequence = taken.sequence";
        self.run("take entries back", SQL, entries.iter().map(links::entry_key_cells))
    }

    fn move_receipts(&mut self, receipts: &[(ReceiptKey, Place)]) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE receipts
            SET device = moved.device, epoch = moved.epoch, sequence = moved.sequence
            FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[]
            ) AS moved (store, till, uid, device, epoch, sequence)
            WHERE receipts.store = moved.store AND receipts.till = moved.till
                AND receipts.uid = moved.uid";
        let rows = receipts.iter().map(|(key, place)| journal::receipt_cells(key, place));
        self.run("say which record a receipt is", SQL, rows)
    }
}
