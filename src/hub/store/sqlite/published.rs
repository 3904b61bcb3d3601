use chrono::{DateTime, Utc};

use super::tx::SqliteTx;
use crate::hub::store::Programmes;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::ProgrammeRow;
use crate::hub::store::stored::{Cell, published};
use crate::wire::sync::Cursor;

impl Programmes for SqliteTx<'_> {
    fn add_programme(&mut self, row: &ProgrammeRow, at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO programmes (version, hash, text, from_time, sealed, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.run("add a programme", SQL, [published::programme_cells(row, at)]).map(drop)
    }

    fn programme(&mut self, version: u32) -> Result<Option<ProgrammeRow>, StoreError> {
        const SQL: &str = "
            SELECT version, hash, text, from_time, sealed FROM programmes WHERE version = ?1";
        let doing = ("read a programme", "programmes");
        let rows = self.rows(doing, SQL, [Cell::int(version)], published::programme);
        rows.map(|mut rows| rows.pop())
    }

    fn newest_programme(&mut self) -> Result<Option<ProgrammeRow>, StoreError> {
        const SQL: &str = "
            SELECT version, hash, text, from_time, sealed FROM programmes
            ORDER BY version DESC LIMIT 1";
        let doing = ("read the newest programme", "programmes");
        self.rows(doing, SQL, [], published::programme).map(|mut rows| rows.pop())
    }

    fn programme_in_force(
        &mut self,
        now: DateTime<Utc>,
    ) -> Result<Option<ProgrammeRow>, StoreError> {
        const SQL: &str = "
            SELECT version, hash, text, from_time, sealed FROM programmes
            WHERE from_time <= ?1 ORDER BY version DESC LIMIT 1";
        let doing = ("read the programme in force", "programmes");
        let rows = self.rows(doing, SQL, [Cell::instant(now)], published::programme);
        rows.map(|mut rows| rows.pop())
    }

    fn programme_text(&mut self, hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        const SQL: &str = "SELECT text FROM programmes WHERE hash = ?1 LIMIT 1";
        let doing = ("read a programme's text", "programmes");
        let rows = self.rows(doing, SQL, [Cell::bytes(hash)], |row| row.text());
        rows.map(|mut rows| rows.pop())
    }

    fn add_key_list(&mut self, serial: u64, sealed: &[u8], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO key_lists (serial, sealed, changed) VALUES (?1, ?2, ?3)";
        let cells = published::key_list_cells(serial, sealed, at);
        self.run("add a list of keys", SQL, [cells]).map(drop)
    }

    fn newest_key_list(&mut self) -> Result<Option<(u64, Vec<u8>, Cursor)>, StoreError> {
        const SQL: &str = "
            SELECT serial, sealed, changed FROM key_lists ORDER BY serial DESC LIMIT 1";
        let doing = ("read the newest list of keys", "key_lists");
        self.rows(doing, SQL, [], published::key_list).map(|mut rows| rows.pop())
    }
}
