//! What a person asks the hub to answer for: whether journals and balances agree, and what it found.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::{failed, open_store};
use crate::hub::cli::{FlagsArgs, ReconcileArgs};
use crate::hub::config::Config;
use crate::hub::ingest::rebuild::{Rebuilt, rebuild};
use crate::hub::store::rows::FlagRow;
use crate::shell::exit::CommandError;
use crate::shell::process::say;

/// Differences that are listed; more are counted only.
const LISTED_MAX: usize = 100;

/// Folds every account anew from its entries, and every entry from its journal.
pub(super) fn reconcile(config: &Config, args: &ReconcileArgs) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let rebuilt = store.read().and_then(|mut tx| rebuild(&mut *tx));
    let rebuilt = rebuilt.map_err(|error| failed(&error))?;
    if args.json {
        say(&reconciled(&rebuilt).to_string());
    } else {
        let Rebuilt { accounts, entries, records, .. } = &rebuilt;
        say(&format!("{accounts} accounts, {entries} entries, {records} records"));
        for account in rebuilt.accounts_differ.iter().take(LISTED_MAX) {
            say(&format!("account {account}: its balance is not what its entries come to"));
        }
        for (account, device, epoch, sequence) in rebuilt.entries_differ.iter().take(LISTED_MAX) {
            say(&format!(
                "account {account}: its entry is not what record {epoch}.{sequence} of {device} says"
            ));
        }
        say(&format!("{} differences", rebuilt.differences()));
    }
    match rebuilt.differences() {
        0 => Ok(()),
        differences => Err(CommandError::failed(format!(
            "journals and balances differ in {differences} places"
        ))),
    }
}

fn reconciled(rebuilt: &Rebuilt) -> Value {
    let entry = |(account, device, epoch, sequence): &(_, _, u32, u64)| {
        let (account, device) = (format!("{account}"), format!("{device}"));
        json!({ "account": account, "device": device, "epoch": epoch, "sequence": sequence })
    };
    json!({
        "accounts": rebuilt.accounts,
        "entries": rebuilt.entries,
        "records": rebuilt.records,
        "differences": rebuilt.differences(),
        "accounts_differ": rebuilt.accounts_differ.iter().map(|a| a.to_string()).collect::<Vec<_>>(),
        "entries_differ": rebuilt.entries_differ.iter().map(entry).collect::<Vec<_>>(),
    })
}

/// What the hub found in what it took in, newest first.
pub(super) fn flags(config: &Config, args: &FlagsArgs) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let rows = store.read().and_then(|mut tx| tx.flags(args.count.into()));
    let rows = rows.map_err(|error| failed(&error))?;
    if rows.is_empty() && !args.json {
        say("nothing was flagged");
    }
    for row in &rows {
        say(&if args.json { as_json(row).to_string() } else { line(row) });
    }
    Ok(())
}

fn line(row: &FlagRow) -> String {
    let FlagRow { place, kind, subject, at, .. } = row;
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let subject = if subject.is_empty() { String::new() } else { format!(" ({subject})") };
    format!("{at}  {kind}{subject}  record {}.{} of {}", place.epoch, place.sequence, place.device)
}

fn as_json(row: &FlagRow) -> Value {
    let FlagRow { place, kind, subject, detail, at } = row;
    json!({
        "at": at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "kind": kind,
        "subject": subject,
        "device": place.device.to_string(),
        "epoch": place.epoch,
        "sequence": place.sequence,
        // What a hub stored is JSON; what is not is shown as it stands.
        "detail": serde_json::from_str(detail).unwrap_or_else(|_| Value::String(detail.clone())),
    })
}
