//! Forward-only schema changes: all that are missing, in one transaction, or none.

use rusqlite::{Connection, TransactionBehavior};

/// One step of a schema's history. Steps are numbered 1, 2, 3 … without a gap and never change
/// once they have shipped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// The `user_version` of a file after this step.
    pub(crate) number: u32,
    /// What the step does, for the log and for errors.
    pub(crate) name: &'static str,
    /// The statements; no transaction control among them.
    pub(crate) sql: &'static str,
}

/// What [`migrate`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Migrated {
    /// The file's number before.
    pub(crate) from: u32,
    /// The file's number now.
    pub(crate) to: u32,
}

/// Why a file could not be brought to this program's schema; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MigrateError {
    /// A newer program wrote the file: going back would lose what only that program knows.
    #[error(
        "the file has schema {file} but this program knows {program}: install the newer program again"
    )]
    FileIsNewer {
        /// The file's `user_version`.
        file: u32,
        /// The newest number this program knows.
        program: u32,
    },
    /// A step failed and everything was rolled back.
    #[error("migration {number} ({name}) failed and was rolled back")]
    StepFailed {
        /// The step's number.
        number: u32,
        /// The step's name.
        name: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The numbering of the steps is wrong: a fault of this program.
    #[error("migration {found} stands where {expected} belongs")]
    Misnumbered {
        /// The number that was expected at that place.
        expected: u32,
        /// The number found there.
        found: u32,
    },
    /// SQLite refused to read the number, to begin or to commit.
    #[error("reading or writing the schema number failed")]
    Sqlite(#[from] rusqlite::Error),
}

/// Brings the file to the newest of `migrations`, in one transaction; on a file that is there
/// already it does nothing.
///
/// # Errors
/// See [`MigrateError`]; in every case the file is as it was before the call.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
) -> Result<Migrated, MigrateError> {
    let from = refuse_newer(connection, migrations)?;
    let to = newest(migrations)?;
    if from == to {
        return Ok(Migrated { from, to });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let from = refuse_newer(&transaction, migrations)?;
    for step in migrations.iter().filter(|step| step.number > from) {
        transaction.execute_batch(step.sql).map_err(|source| MigrateError::StepFailed {
            number: step.number,
            name: step.name,
            source,
        })?;
    }
    transaction.pragma_update(None, "user_version", to)?;
    transaction.commit()?;
    tracing::info!(from, to, "schema migrated");
    Ok(Migrated { from, to })
}

/// The file's schema number, if this program knows it; reads only.
///
/// # Errors
/// [`MigrateError::FileIsNewer`], or SQLite could not read the number.
pub(crate) fn refuse_newer(
    connection: &Connection,
    migrations: &[Migration],
) -> Result<u32, MigrateError> {
    let program = newest(migrations)?;
    let file: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if file > program {
        return Err(MigrateError::FileIsNewer { file, program });
    }
    Ok(file)
}

fn newest(migrations: &[Migration]) -> Result<u32, MigrateError> {
    let mut expected = 0;
    for step in migrations {
        expected += 1;
        if step.number != expected {
            return Err(MigrateError::Misnumbered { expected, found: step.number });
        }
    }
    Ok(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Migration; 3] = [
        Migration { number: 1, name: "notes", sql: "CREATE TABLE note (id INTEGER PRIMARY KEY)" },
        Migration { number: 2, name: "text", sql: "ALTER TABLE note ADD COLUMN text TEXT" },
        Migration {
            number: 3,
            name: "index and filling",
            sql: "CREATE INDEX note_text ON note (text); UPDATE note SET text = 'old' WHERE text IS NULL",
        },
    ];

    fn file_at(number: usize) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut connection = Connection::open(folder.path().join("toy.db")).expect("opened");
        migrate(&mut connection, &STEPS[..number]).expect("migrated");
        if number > 0 {
            connection.execute("INSERT INTO note (id) VALUES (7)", []).expect("inserted");
        }
        (folder, connection)
    }

    fn schema(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name")
            .expect("prepared");
        let rows = statement.query_map([], |row| row.get(0)).expect("queried");
        rows.collect::<Result<_, _>>().expect("read")
    }

    #[test]
    fn every_older_file_reaches_the_newest_schema_with_its_rows() {
        let (_folder, newest) = file_at(STEPS.len());
        for older in 0..STEPS.len() {
            let (_folder, mut connection) = file_at(older);
            let migrated = migrate(&mut connection, &STEPS).expect("migrated");
            assert_eq!(migrated, Migrated { from: older as u32, to: 3 });
            assert_eq!(schema(&connection), schema(&newest), "from {older}");
            let rows: i64 = connection
                .query_row("SELECT count(*) FROM note WHERE id = 7", [], |row| row.get(0))
                .expect("counted");
            assert_eq!(rows, i64::from(older > 0), "from {older}");
        }
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let (_folder, mut connection) = file_at(3);
        let before: i64 = connection.total_changes() as i64;
        let again = migrate(&mut connection, &STEPS).expect("migrated");
        assert_eq!(again, Migrated { from: 3, to: 3 });
        assert_eq!(connection.total_changes() as i64, before);
    }

    #[test]
    fn a_newer_file_is_refused_untouched() {
        let (folder, connection) = file_at(3);
        connection.close().expect("closed");
        let path = folder.path().join("toy.db");
        let before = std::fs::read(&path).expect("readable");
        let mut connection = Connection::open(&path).expect("opened");
        let refused = migrate(&mut connection, &STEPS[..2]).expect_err("refused");
        assert!(matches!(refused, MigrateError::FileIsNewer { file: 3, program: 2 }));
        connection.close().expect("closed");
        assert_eq!(std::fs::read(&path).expect("readable"), before);
    }

    #[test]
    fn a_failing_step_rolls_back_every_step_and_keeps_the_rows() {
        for older in 1..=2_usize {
            let (_folder, mut connection) = file_at(older);
            let before = schema(&connection);
            let mut steps = STEPS;
            steps[2].sql = "DELETE FROM note; CREATE INDEX broken ON nowhere (text)";
            let failed = migrate(&mut connection, &steps).expect_err("fails");
            assert!(matches!(failed, MigrateError::StepFailed { number: 3, .. }), "{failed}");
            assert_eq!(schema(&connection), before, "from {older}");
            assert_eq!(refuse_newer(&connection, &STEPS).expect("read"), older as u32);
            let rows: i64 = connection
                .query_row("SELECT count(*) FROM note", [], |row| row.get(0))
                .expect("counted");
            assert_eq!(rows, 1);
        }
    }

    #[test]
    fn a_gap_in_the_numbers_is_a_fault_of_the_program() {
        let (_folder, mut connection) = file_at(0);
        let failed = migrate(&mut connection, &STEPS[1..]).expect_err("refused");
        assert!(matches!(failed, MigrateError::Misnumbered { expected: 1, found: 2 }));
    }
}
