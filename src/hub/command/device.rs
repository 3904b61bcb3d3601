//! Which tills are expected and known.

use chrono::{SecondsFormat, TimeDelta};
use ring::rand::SystemRandom;
use serde_json::json;

use super::{failed, keys_failed, now, open_store, qr};
use crate::hub::cli::{DeviceAddArgs, DeviceCommand, DeviceListArgs};
use crate::hub::config::Config;
use crate::hub::enrolment::{self, EnrolmentError, Expected, Standing, change_standing, name_of};
use crate::hub::keys::root_public;
use crate::hub::store::rows::DeviceRow;
use crate::loyalty::DeviceId;
use crate::shell::exit::CommandError;
use crate::shell::process::say;
use crate::wire::sync::{Invitation, RootFingerprint};

pub(super) fn perform(config: &Config, command: DeviceCommand) -> Result<(), CommandError> {
    match command {
        DeviceCommand::Add(args) => add(config, args),
        DeviceCommand::List(args) => list(config, &args),
        DeviceCommand::Revoke(args) => change(config, args.device, Standing::Revoked),
        DeviceCommand::Restore(args) => change(config, args.device, Standing::Restored),
    }
}

fn add(config: &Config, args: DeviceAddArgs) -> Result<(), CommandError> {
    let root = root_public(&config.data_dir).map_err(keys_failed)?;
    let url = args.url.or_else(|| config.public_url.clone());
    let url = url.ok_or_else(|| {
        CommandError::usage(
            "where tills reach the hub is needed: set public_url below [hub], or give --url",
        )
    })?;
    let store = open_store(&config.store)?;
    let code = enrolment::new_code(&SystemRandom::new()).map_err(refused)?;
    let expected = Expected {
        name: args.name,
        store: args.store,
        group: args.group,
        replaces: args.replaces,
        code_life: TimeDelta::days(args.days.into()),
    };
    let until = enrolment::expect(&*store, expected, &code, now()).map_err(refused)?;
    let fingerprint = RootFingerprint::of(&root);
    let grouped = code.grouped();
    let invitation = Invitation { url, code, root: fingerprint };
    say(&format!("URL          {}", invitation.url));
    say(&format!("code         {grouped}"));
    say(&format!("fingerprint  {fingerprint}"));
    say(&format!("good until   {}", until.to_rfc3339_opts(SecondsFormat::Secs, true)));
    say("\nAt the till:\n");
    say(&format!("  tillward enrol {} {grouped} --fingerprint {fingerprint}\n", invitation.url));
    if let Some(drawn) = qr::drawn(&invitation.to_text()) {
        say(&drawn);
    }
    Ok(())
}

fn list(config: &Config, args: &DeviceListArgs) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let rows = store.read().and_then(|mut tx| tx.devices());
    let mut rows = rows.map_err(|error| failed(&error))?;
    rows.sort_by(|one, other| (&one.store, &one.name).cmp(&(&other.store, &other.name)));
    if args.json {
        rows.iter().for_each(|row| say(&as_json(row).to_string()));
        return Ok(());
    }
    if rows.is_empty() {
        say("no device is known yet: `tillward-hub device add` expects one");
        return Ok(());
    }
    let head =
        ["device", "name", "store", "standing", "last heard", "clock", "records", "software"];
    let mut table = vec![head.map(str::to_owned)];
    table.extend(rows.iter().map(cells));
    say(&columns(&table));
    Ok(())
}

fn cells(row: &DeviceRow) -> [String; 8] {
    let seen = row
        .seen_at
        .map_or_else(|| "never".to_owned(), |seen| seen.to_rfc3339_opts(SecondsFormat::Secs, true));
    let head = row
        .head
        .map_or_else(|| "none".to_owned(), |(epoch, sequence, _)| format!("{epoch}.{sequence}"));
    [
        row.device.to_string(),
        row.name.clone(),
        row.store.to_string(),
        name_of(row.standing).to_owned(),
        seen,
        ahead(row.clock_offset_ms),
        head,
        row.software.clone(),
    ]
}

fn as_json(row: &DeviceRow) -> serde_json::Value {
    json!({
        "device": row.device.to_string(),
        "name": row.name,
        "store": row.store.as_str(),
        "group": row.group,
        "standing": name_of(row.standing),
        "replaces": row.replaces.map(|device| device.to_string()),
        "epoch": row.head.map(|(epoch, _, _)| epoch),
        "sequence": row.head.map(|(_, sequence, _)| sequence),
        "enrolled_at": row.enrolled_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "seen_at": row.seen_at.map(|seen| seen.to_rfc3339_opts(SecondsFormat::Millis, true)),
        "clock_offset_ms": row.clock_offset_ms,
        "software": row.software,
    })
}

/// How far a clock is ahead, in the largest unit that says something.
fn ahead(offset_ms: i64) -> String {
    let seconds = offset_ms / 1_000;
    let (value, unit) = match seconds.abs() {
        0..=119 => (seconds, "s"),
        120..=7_199 => (seconds / 60, "min"),
        7_200..=172_799 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{value:+} {unit}")
}

fn columns<const N: usize>(table: &[[String; N]]) -> String {
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    table.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn change(config: &Config, device: DeviceId, wanted: Standing) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let before = change_standing(&*store, device, wanted).map_err(refused)?;
    let now = match wanted {
        Standing::Revoked => "revoked: whatever it sends from now on is refused",
        Standing::Restored => "active",
    };
    say(&format!(
        "{} ({}) was {} and is now {now}",
        before.device,
        before.name,
        name_of(before.standing)
    ));
    Ok(())
}

fn refused(error: EnrolmentError) -> CommandError {
    match error {
        EnrolmentError::DeviceUnknown { .. }
        | EnrolmentError::ReplacedUnknown { .. }
        | EnrolmentError::ReplacedBefore { .. }
        | EnrolmentError::NoWay { .. } => CommandError::usage(error),
        error => failed(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clocks_offset_is_told_in_a_unit_that_says_something() {
        for (offset_ms, told) in [
            (0, "+0 s"),
            (-1_500, "-1 s"),
            (119_000, "+119 s"),
            (300_000, "+5 min"),
            (-7_200_000, "-2 h"),
            (-1_767_225_600_000, "-20454 days"),
        ] {
            assert_eq!(ahead(offset_ms), told);
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(columns(&[row("a", "b"), row("Žďár", "x")]), "a     b\nŽďár  x");
    }
}
