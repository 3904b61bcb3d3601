//! Rebuilds, examines, backs up and restores a ledger.

mod doctor;

pub(crate) use doctor::FREE_MIB_MIN;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use rusqlite::Connection;

pub(super) use self::doctor::doctor;
use super::chain;
use crate::agent::cli::{BackupArgs, CommandError, RestoreArgs};
use crate::agent::clock::Clock;
use crate::agent::config::Config;
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::backup::{self, BackupError};
use crate::agent::store::base::{OpenBase, Pulls};
use crate::agent::store::base_files;
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::{LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS, journal};
use crate::agent::store::open::{self, OpenError};
use crate::agent::store::rebuild as projections;
use crate::agent::store::recover::{self, RecoverError, replace};
use crate::agent::store::verify::Missing;
use crate::journal::SigningKey;
use crate::loyalty::StoreId;
use crate::shell::keys::{self, DEVICE_KEY_FILE};

/// Computes every projection from the journal again and says whether any differed.
pub(super) fn rebuild(config: &Config) -> Result<(), CommandError> {
    let folder = &config.data_dir;
    let now = system_clock().now().wall;
    replace::finish_interrupted(folder, now).map_err(recover_failed)?;
    let path = folder.join(LEDGER_FILE);
    if !path.exists() {
        return Err(no_ledger(folder));
    }
    let mut file =
        open::open_writer(&path, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS).map_err(open_failed)?;
    let base = base_in_use(&file.connection, folder).map_err(failed)?;
    let damage = Pulls::default();
    let base = base.as_ref();
    let transaction = file.connection.transaction().map_err(failed)?;
    let under = base.map(|base| base.view().under(&transaction, &damage));
    let before = projections::compare(&transaction, under).map_err(failed)?;
    projections::rebuild(&transaction, under).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    let mut lines = vec![format!(
        "rebuilt {} rows from the journal; {} differed before",
        before.rows, before.found
    )];
    lines.extend(before.told.iter().map(|difference| format!("  {difference}")));
    say(&lines.join("\n"))
}

/// Writes a consistent copy, while the agent may run.
pub(super) fn backup(config: &Config, args: &BackupArgs) -> Result<(), CommandError> {
    let folder = &config.data_dir;
    let key = device_key(folder)?;
    let ledger = folder.join(LEDGER_FILE);
    if !ledger.exists() {
        return Err(no_ledger(folder));
    }
    let made =
        backup::backup(&ledger, &args.file, key.public_key()).map_err(|error| match error {
            BackupError::Busy => CommandError::busy(error),
            error => failed(error),
        })?;
    let (epoch, sequence) = made.last.map_or((0, 0), |(head, _)| (head.epoch, head.sequence));
    say(&format!(
        "{}: {} records, up to record {sequence} of epoch {epoch}",
        args.file.display(),
        made.records
    ))?;
    say(&format!(
        "not in it, keep them separately and safe: {} and {} (without them it cannot be restored), and the base of members",
        keys::DEVICE_KEY_FILE,
        keys::DIRECTORY_KEY_FILE
    ))?;
    if made.is_sound() {
        return Ok(());
    }
    Err(CommandError::failed(
        "the backup was made, but the journal in it has faults: run `tillward doctor`",
    ))
}

/// Puts a backup in place and keeps what was sold since it was made.
pub(super) fn restore(config: &Config, args: &RestoreArgs) -> Result<(), CommandError> {
    let folder = &config.data_dir;
    if !args.file.is_file() {
        return Err(CommandError::data(format!("{} is no file", args.file.display())));
    }
    let key = Arc::new(device_key(folder)?);
    let store = store_of(config, &args.file)?;
    let restored = recover::restore(folder, &args.file, &store, &key, &system_clock())
        .map_err(recover_failed)?;
    say(&format!(
        "restored {} records from the backup and carried {} over that were recorded since; the journal goes on in epoch {}",
        restored.from_backup, restored.carried_over, restored.epoch
    ))?;
    if restored.dropped_holds > 0 {
        say(&format!("{} reservations were dropped", restored.dropped_holds))?;
    }
    if let Some(aside) = &restored.aside {
        say(&format!("the ledger that was in use is kept as {}", aside.display()))?;
    }
    say_lost(&restored.lost)
}

fn say_lost(lost: &[Missing]) -> Result<(), CommandError> {
    for missing in lost {
        say(&format!(
            "lost: records {} to {} of epoch {}; gap records stand for them",
            missing.first, missing.last, missing.epoch
        ))?;
    }
    Ok(())
}

/// One line of a command's answer. Whoever reads may have read enough.
pub(super) fn say(text: &str) -> Result<(), CommandError> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| {
            CommandError::failed(format!("writing to standard output failed: {error}"))
        }),
    }
}

/// The device's key; a command never makes one.
pub(super) fn device_key(folder: &Path) -> Result<SigningKey, CommandError> {
    let path = folder.join(DEVICE_KEY_FILE);
    if !path.exists() {
        return Err(CommandError::failed(format!(
            "{} is not there: put the device's key, which is kept apart from backups, in its place first",
            path.display()
        )));
    }
    keys::load_or_create_device_key(folder).map(|(key, _)| key).map_err(failed)
}

/// The base that the ledger's accounts begin with.
pub(super) fn base_in_use(
    ledger: &Connection,
    folder: &Path,
) -> Result<Option<OpenBase>, base_files::BaseFileError> {
    let recorded = facts::read(ledger, Fact::Base)?;
    let cursor = recorded.and_then(|fact| fact.split_once(' ')?.0.parse::<i64>().ok());
    let Some(cursor) = cursor else { return Ok(None) };
    let connection = open::open_sealed(&base_files::path_of(folder, cursor))?;
    Ok(Some(OpenBase::of(connection)?))
}

/// The store of the configuration, else that of the last record of a ledger.
fn store_of(config: &Config, ledger: &Path) -> Result<StoreId, CommandError> {
    if let Some(store) = &config.store_id {
        return Ok(store.clone());
    }
    let of_last = || -> Result<Option<StoreId>, StoreError> {
        let Ok(connection) = open::open_reader(ledger) else { return Ok(None) };
        let Some((id, bytes)) = journal::last(&connection)? else { return Ok(None) };
        Ok(Some(journal::decode(id, &bytes)?.record.header.store))
    };
    of_last().ok().flatten().ok_or_else(|| {
        CommandError::usage("the ledger does not say its store: set store.id in the configuration")
    })
}

fn system_clock() -> Clock {
    Clock::system(Tz::UTC)
}

pub(super) fn no_ledger(folder: &Path) -> CommandError {
    CommandError::failed(format!("there is no ledger in {} yet", folder.display()))
}

pub(super) fn failed(error: impl std::error::Error) -> CommandError {
    CommandError::failed(chain(&error))
}

pub(super) fn open_failed(error: OpenError) -> CommandError {
    match error {
        OpenError::AlreadyRunning { .. } => CommandError::busy(error),
        error => failed(error),
    }
}

fn recover_failed(error: RecoverError) -> CommandError {
    match error {
        RecoverError::Open(error) => open_failed(error),
        error @ (RecoverError::BadBackup { .. } | RecoverError::Fork { .. }) => {
            CommandError::data(error)
        }
        error => failed(error),
    }
}

#[cfg(test)]
mod tests;
