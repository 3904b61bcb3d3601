//! What a new ledger takes over of an old one because the journal does not know it.

use super::super::RecoverError;
use super::super::remains::Remains;
use super::{Building, bytes_of, place_of};
use crate::agent::store::checksum::intact;
use crate::agent::store::ledger::codes_used::{self, LastUse};
use crate::agent::store::ledger::requests::{
    self, key_checksum, key_row, request_checksum, request_row,
};
use crate::agent::store::ledger::sync_state::{self, SyncState};
use crate::agent::store::ledger::{programmes, set_aside};
use crate::agent::till::hub::checkpoint_of;

impl Building<'_> {
    /// Takes what is not computed from the journal: fingerprints of requests, idempotency keys,
    /// used codes, programmes, facts. What is there already stays, what is damaged is left, but for used codes:
    /// a use is a use. Holds are only counted.
    pub(in super::super) fn keep_from(&mut self, remains: &Remains) -> Result<(), RecoverError> {
        self.hear_of(remains);
        self.keep_requests(remains)?;
        self.keep_keys(remains)?;
        self.keep_used_codes(remains)?;
        self.keep_programmes(remains)?;
        self.keep_hub(remains)?;
        for (name, value) in
            remains.rows("SELECT name, value FROM facts", |row| Ok((row.get(0)?, row.get(1)?)))
        {
            self.facts.entry(name).or_insert(value);
        }
        let now_ms = self.clock.sample().at.timestamp_millis();
        let holds: Vec<i64> = remains.rows("SELECT expires_at FROM holds", |row| row.get(0));
        let alive = holds.iter().filter(|expires_at| **expires_at > now_ms).count();
        self.dropped_holds += u32::try_from(alive).unwrap_or(u32::MAX);
        Ok(())
    }

    fn keep_requests(&self, remains: &Remains) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        let rows =
            remains.checked_rows("requests", |row| Ok(intact(request_row(row), request_checksum)));
        for row in rows.into_iter().flatten() {
            if bytes_of(connection, row.answered.id)?.is_some() {
                requests::keep(connection, &row)?;
            }
        }
        Ok(())
    }

    fn keep_keys(&self, remains: &Remains) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        let rows =
            remains.checked_rows("idempotency", |row| Ok(intact(key_row(row), key_checksum)));
        for row in rows.into_iter().flatten() {
            let known = bytes_of(connection, row.answered.id)?.is_some();
            if known && requests::find_key(connection, &row.till, &row.key)?.is_none() {
                let (till, key) = (&row.till, &row.key);
                requests::note_key(connection, till, key, &row.answered, row.kept_until)?;
            }
        }
        Ok(())
    }

    fn keep_used_codes(&self, remains: &Remains) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        let rows = remains.checked_rows("codes_used", |row| Ok(codes_used::used_row(row).ok()));
        for (row, sum) in rows.into_iter().flatten() {
            let (code, step, _) = &row;
            let is_newer = match codes_used::last_use(connection, code)? {
                LastUse::Never => true,
                LastUse::Step(before) => before < step.unsigned_abs(),
                LastUse::Damaged => false,
            };
            if is_newer {
                codes_used::keep(connection, &row, sum)?;
            }
        }
        Ok(())
    }

    fn keep_programmes(&self, remains: &Remains) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        let rows = remains.rows("SELECT version, hash, text FROM programmes", |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        });
        for (version, hash, text) in rows {
            if programmes::hash_of(&text) == hash {
                programmes::keep(connection, version, &text)?;
            }
        }
        Ok(())
    }

    /// Which hub: the state that knows the later checkpoint, for the hub's word is never forgotten.
    fn keep_hub(&self, remains: &Remains) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        let number = |state: &SyncState| checkpoint_of(state).map_or(0, |told| told.number);
        let rows = remains.rows("SELECT * FROM sync_state", |row| Ok(sync_state::of_row(row)));
        for state in rows.into_iter().flatten() {
            let before = sync_state::load(connection)?;
            if before.is_none_or(|before| number(&before) < number(&state)) {
                sync_state::save(connection, &state)?;
            }
        }
        for id in remains.rows("SELECT id FROM records_set_aside", |row| row.get(0)) {
            set_aside::note(connection, id)?;
        }
        Ok(())
    }

    fn hear_of(&mut self, remains: &Remains) {
        let mut named: Vec<i64> = remains.rows("SELECT id FROM requests", |row| row.get(0));
        named.extend(remains.rows("SELECT id FROM account_records", |row| row.get::<_, i64>(0)));
        named.extend(self.unproven.keys());
        for (epoch, sequence) in named.into_iter().filter_map(place_of) {
            let last = self.heard_of.entry(epoch).or_default();
            *last = sequence.max(*last);
        }
    }
}
