//! The schema's history in PostgreSQL: as in SQLite, forward only and all or nothing.

use postgres::{Client, Transaction};

use crate::hub::store::error::OpenError;

/// The oldest PostgreSQL that this is tested with.
pub(super) const SERVER_VERSION_MIN: u32 = 15;
/// Held while the schema is looked at or changed, so that processes that start together take turns.
const ADVISORY_LOCK: i64 = 0x7469_6c6c_7761_7264;

/// One step of the schema's history. Steps are numbered 1, 2, 3 … and never change once they have
/// shipped.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Step {
    pub(in super::super) number: u32,
    pub(in super::super) name: &'static str,
    pub(in super::super) sql: &'static str,
}

/// Every step.
pub(in super::super) const STEPS: [Step; 2] = [
    Step { number: 1, name: "the hub", sql: include_str!("hub_0001.sql") },
    Step { number: 2, name: "what follows sales", sql: include_str!("hub_0002.sql") },
];

/// Brings the database to the newest of `steps` in one transaction.
///
/// # Errors
/// [`OpenError`]; in every case the database is as it was before the call.
pub(in super::super) fn migrate(client: &mut Client, steps: &[Step]) -> Result<(), OpenError> {
    refuse_unfit(client)?;
    let known = steps.last().map_or(0, |step| step.number);
    let mut tx = client.transaction().map_err(OpenError::unusable)?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&ADVISORY_LOCK])
        .map_err(OpenError::unusable)?;
    let from = schema_number(&mut tx)?;
    if from > known {
        return Err(OpenError::Newer { found: from, known });
    }
    for step in steps.iter().filter(|step| step.number > from) {
        apply(&mut tx, step).map_err(OpenError::unusable)?;
    }
    tx.commit().map_err(OpenError::unusable)?;
    if from < known {
        tracing::info!(from, to = known, "schema migrated");
    }
    Ok(())
}

fn refuse_unfit(client: &mut Client) -> Result<(), OpenError> {
    const SQL: &str = "
        SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding')";
    let row = client.query_one(SQL, &[]).map_err(OpenError::unusable)?;
    let version = u32::try_from(row.get::<_, i64>(0) / 10_000).unwrap_or(0);
    if version < SERVER_VERSION_MIN {
        return Err(OpenError::TooOld { found: version, oldest: SERVER_VERSION_MIN });
    }
    match row.get::<_, String>(1) {
        encoding if encoding == "UTF8" => Ok(()),
        encoding => Err(OpenError::Encoding { found: encoding }),
    }
}

/// The number of the last step that the database has; 0 for one without our tables.
fn schema_number(tx: &mut Transaction<'_>) -> Result<u32, OpenError> {
    const OURS: &str = "SELECT to_regclass('tillward.schema_version') IS NOT NULL";
    const OTHERS: &str = "
        SELECT count(*) FROM pg_class
        WHERE relnamespace = to_regnamespace('tillward')";
    const NUMBER: &str = "SELECT coalesce(max(number), 0) FROM tillward.schema_version";
    const MAKE: &str = "
        CREATE SCHEMA IF NOT EXISTS tillward;
        CREATE TABLE tillward.schema_version (
            number     BIGINT NOT NULL CONSTRAINT schema_version_once PRIMARY KEY,
            name       TEXT NOT NULL,
            applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
        )";
    let failed = |source: postgres::Error| OpenError::unusable(source);
    if tx.query_one(OURS, &[]).map_err(failed)?.get(0) {
        let number: i64 = tx.query_one(NUMBER, &[]).map_err(failed)?.get(0);
        return u32::try_from(number).map_err(OpenError::unusable);
    }
    let others: i64 = tx.query_one(OTHERS, &[]).map_err(failed)?.get(0);
    if others > 0 {
        return Err(OpenError::Foreign { what: "the schema `tillward`".to_owned() });
    }
    tx.batch_execute(MAKE).map_err(failed)?;
    Ok(0)
}

fn apply(tx: &mut Transaction<'_>, step: &Step) -> Result<(), postgres::Error> {
    tx.batch_execute("SET LOCAL search_path = tillward")?;
    tx.batch_execute(step.sql)?;
    let number = i64::from(step.number);
    tx.execute(
        "INSERT INTO tillward.schema_version (number, name) VALUES ($1, $2)",
        &[&number, &step.name],
    )?;
    Ok(())
}
