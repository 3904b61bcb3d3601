use chrono::{DateTime, Utc};

use super::tx::PostgresTx;
use crate::hub::store::Devices;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{DeviceRow, EnrolmentRow};
use crate::hub::store::stored::{Cell, devices};
use crate::loyalty::DeviceId;

impl Devices for PostgresTx {
    fn add_enrolment(&mut self, row: &EnrolmentRow) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO enrolments (code_hash, name, store, grouped, replaces, expires_at, used_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.run_one("add an enrolment", SQL, Ok(devices::enrolment_cells(row)))
    }

    fn lock_enrolment(&mut self, code_hash: &[u8; 32]) -> Result<Option<EnrolmentRow>, StoreError> {
        const SQL: &str = "
            SELECT code_hash, name, store, grouped, replaces, expires_at, used_by
            FROM enrolments WHERE code_hash = $1 FOR UPDATE";
        let key = [Cell::bytes(code_hash)];
        let doing = ("read an enrolment", "enrolments");
        self.rows(doing, SQL, key, devices::enrolment).map(|mut rows| rows.pop())
    }

    fn use_enrolment(&mut self, code_hash: &[u8; 32], device: DeviceId) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE enrolments SET used_by = $2 WHERE code_hash = $1";
        let cells = [Cell::bytes(code_hash), Cell::bytes(device.as_bytes())];
        self.run_one("note that an enrolment was used", SQL, Ok(cells))
    }

    fn save_device(&mut self, row: &DeviceRow) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO devices (
                device, name, store, grouped, public_key, standing, replaces, head_epoch,
                head_sequence, head_hash, checkpoint, enrolled_at, seen_at, software,
                clock_offset_ms
            )
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            ON CONFLICT (device) DO UPDATE SET
                name = excluded.name, store = excluded.store, grouped = excluded.grouped,
                public_key = excluded.public_key, standing = excluded.standing,
                replaces = excluded.replaces, head_epoch = excluded.head_epoch,
                head_sequence = excluded.head_sequence, head_hash = excluded.head_hash,
                checkpoint = excluded.checkpoint, enrolled_at = excluded.enrolled_at,
                seen_at = excluded.seen_at, software = excluded.software,
                clock_offset_ms = excluded.clock_offset_ms";
        self.run_one("store a device", SQL, devices::device_cells(row))
    }

    fn lock_device(&mut self, device: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        const SQL: &str = "
            SELECT device, name, store, grouped, public_key, standing, replaces, head_epoch,
                head_sequence, head_hash, checkpoint, enrolled_at, seen_at, software,
                clock_offset_ms
            FROM devices WHERE device = $1 FOR UPDATE";
        let key = [Cell::bytes(device.as_bytes())];
        let rows = self.rows(("lock a device", "devices"), SQL, key, devices::device);
        rows.map(|mut rows| rows.pop())
    }

    fn device(&mut self, device: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        const SQL: &str = "
            SELECT device, name, store, grouped, public_key, standing, replaces, head_epoch,
                head_sequence, head_hash, checkpoint, enrolled_at, seen_at, software,
                clock_offset_ms
            FROM devices WHERE device = $1";
        let key = [Cell::bytes(device.as_bytes())];
        self.rows(("read a device", "devices"), SQL, key, devices::device)
            .map(|mut rows| rows.pop())
    }

    fn devices(&mut self) -> Result<Vec<DeviceRow>, StoreError> {
        const SQL: &str = "
            SELECT device, name, store, grouped, public_key, standing, replaces, head_epoch,
                head_sequence, head_hash, checkpoint, enrolled_at, seen_at, software,
                clock_offset_ms
            FROM devices ORDER BY device";
        self.rows(("read the devices", "devices"), SQL, [], devices::device)
    }

    fn note_seen(
        &mut self,
        device: DeviceId,
        at: DateTime<Utc>,
        software: &str,
        clock_offset_ms: i64,
    ) -> Result<(), StoreError> {
        const SQL: &str = "
            UPDATE devices SET seen_at = $2, software = $3, clock_offset_ms = $4
            WHERE device = $1";
        let device = Cell::bytes(device.as_bytes());
        let offset = Cell::int(clock_offset_ms);
        let cells = [device, Cell::instant(at), Cell::text(software), offset];
        self.run_one("note that a device was heard", SQL, Ok(cells))
    }
}
