//! Publishes programmes.

use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;

use super::{failed, keys_failed, now, open_store};
use crate::hub::cli::{ProgrammeCommand, PublishArgs};
use crate::hub::config::Config;
use crate::hub::keys::KeyRing;
use crate::hub::programmes::{self, Checked, PublishError};
use crate::hub::store::rows::ProgrammeRow;
use crate::shell::exit::CommandError;
use crate::shell::process::say;
use crate::wire::programme::FILE_BYTES_MAX;

pub(super) fn perform(config: &Config, command: ProgrammeCommand) -> Result<(), CommandError> {
    match command {
        ProgrammeCommand::Publish(args) => publish(config, &args),
        ProgrammeCommand::List => list(config),
        ProgrammeCommand::Rollback(args) => {
            let store = open_store(&config.store)?;
            let keys = KeyRing::load(&config.data_dir, &*store).map_err(keys_failed)?;
            let row = programmes::roll_back(&*store, &keys.programme, args.version, now());
            let row = row.map_err(refused)?;
            say(&format!("version {} has the content of version {}", row.version, args.version));
            say(&told(&row));
            Ok(())
        }
    }
}

fn publish(config: &Config, args: &PublishArgs) -> Result<(), CommandError> {
    let checked = Checked::of(read(&args.file)?).map_err(|error| {
        CommandError::data(format!("{} was not published: {error}", args.file.display()))
    })?;
    let now = now();
    let from = match &args.from {
        Some(text) => in_force_from(text, checked.programme.zone).map_err(CommandError::usage)?,
        None => now,
    };
    let store = open_store(&config.store)?;
    let keys = KeyRing::load(&config.data_dir, &*store).map_err(keys_failed)?;
    let row = programmes::publish(&*store, &keys.programme, checked, from).map_err(refused)?;
    say(&told(&row));
    Ok(())
}

fn list(config: &Config) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let mut tx = store.read().map_err(|error| failed(&error))?;
    let newest = tx.newest_programme().map_err(|error| failed(&error))?;
    let Some(newest) = newest else {
        say("no programme is published yet: `tillward-hub programme publish FILE`");
        return Ok(());
    };
    // Versions rise, mostly by one; what is missing was never published here.
    let mut version = Some(newest.version);
    let mut told_of = 0;
    while let Some(present) = version.filter(|_| told_of < LISTED_MAX) {
        if let Some(row) = tx.programme(present).map_err(|error| failed(&error))? {
            say(&told(&row));
            told_of += 1;
        }
        version = present.checked_sub(1).filter(|version| newest.version - version < LOOKED_BACK);
    }
    Ok(())
}

/// Programmes that a list shows: what anybody would go back to.
const LISTED_MAX: usize = 20;
/// How far below the newest version a list looks.
const LOOKED_BACK: u32 = 1_000;

fn told(row: &ProgrammeRow) -> String {
    let from = row.from.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("version {}, in force from {from}, {} bytes, {}", row.version, row.text.len(), row.hash)
}

fn read(file: &Path) -> Result<String, CommandError> {
    let failed = |why: &dyn std::fmt::Display| {
        CommandError::data(format!("{} cannot be read: {why}", file.display()))
    };
    let length = file.metadata().map_err(|error| failed(&error))?.len();
    if length > FILE_BYTES_MAX as u64 {
        return Err(failed(&format!("it is larger than {FILE_BYTES_MAX} bytes")));
    }
    std::fs::read_to_string(file).map_err(|error| failed(&error))
}

/// A day begins at its midnight in the programme's zone, or where the clocks skip that, as soon as
/// there is a time.
fn in_force_from(text: &str, zone: Tz) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let day: NaiveDate = text.parse().map_err(|_| {
        format!("expected a day as in 2026-03-01 or a time as in 2026-03-01T06:00:00+01:00, found {text:?}")
    })?;
    let hours = (0..24).filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0));
    let mut starts =
        hours.filter_map(|time| zone.from_local_datetime(&day.and_time(time)).earliest());
    let first = starts.next().ok_or_else(|| format!("the day {day} is none in {zone}"))?;
    Ok(first.to_utc())
}

fn refused(error: PublishError) -> CommandError {
    match error {
        PublishError::Store(_) | PublishError::Envelope(_) => failed(&error),
        error => CommandError::data(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_of_the_programmes_zone() {
        for (text, zone, expected) in [
            ("2026-03-01", Tz::Europe__Prague, Ok("2026-02-28T23:00:00Z")),
            ("2026-07-01", Tz::Europe__Prague, Ok("2026-06-30T22:00:00Z")),
            // Clocks skip midnight there on that day.
            ("2024-03-31", Tz::Asia__Beirut, Ok("2024-03-30T22:00:00Z")),
            ("2026-03-01T06:00:00+01:00", Tz::UTC, Ok("2026-03-01T05:00:00Z")),
            ("2026-02-30", Tz::UTC, Err(())),
            ("tomorrow", Tz::UTC, Err(())),
        ] {
            let read = in_force_from(text, zone);
            let read = read.map(|from| from.to_rfc3339_opts(SecondsFormat::Secs, true));
            assert_eq!(read.as_deref().map_err(|_| ()), expected, "{text}");
        }
    }
}
