//! Verifies, shows and exports a journal. `export` is the file for auditors, `show` one record as
//! a line of text, `json` as an object.

mod export;
mod json;
mod show;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use rusqlite::Connection;

use self::export::ExportError;
use super::recovery::{device_key, failed, no_ledger, open_failed, say};
use crate::agent::cli::{CommandError, ExportArgs, JournalShowArgs, JournalSource};
use crate::agent::config::Config;
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::journal;
use crate::agent::store::open;
use crate::agent::store::verify::{self, JournalReport};
use crate::journal::PublicKey;

/// Faults that are printed; their number is always said.
const TOLD_MAX: usize = 20;

/// Checks every signature and that nothing is missing or changed.
pub(super) fn verify(source: JournalSource) -> Result<(), CommandError> {
    let (report, key) = match source {
        JournalSource::File(path) => export::verify(&path).map_err(export_failed)?,
        JournalSource::Ledger(config) => {
            let key = device_key(&config.data_dir)?.public_key();
            let ledger = open_ledger(&config.data_dir)?;
            (verify::verify(&ledger, key).map_err(failed)?, key)
        }
    };
    for line in told(&report, key) {
        say(&line)?;
    }
    if report.is_sound() {
        return Ok(());
    }
    let found = report.faults_found + report.missing.len();
    Err(CommandError::data(format!("the journal has {found} faults")))
}

/// Prints records.
pub(super) fn show(config: &Config, args: &JournalShowArgs) -> Result<(), CommandError> {
    let ledger = open_ledger(&config.data_dir)?;
    let mut out = BufWriter::new(io::stdout().lock());
    show_to(&mut out, &ledger, args)
}

fn show_to(
    out: &mut dyn Write,
    ledger: &Connection,
    args: &JournalShowArgs,
) -> Result<(), CommandError> {
    let shown = journal::each(ledger, 0, |id, bytes| {
        let line = match journal::decode(id, bytes) {
            Ok(stored) => {
                let sequence = stored.record.header.sequence;
                let in_range = args.from.is_none_or(|from| sequence >= from)
                    && args.to.is_none_or(|to| sequence <= to);
                if !in_range || args.kind.is_some_and(|kind| stored.record.body.kind() != kind) {
                    return Ok(());
                }
                if args.json {
                    json::object(&stored).to_string()
                } else {
                    show::line(&stored.record)
                }
            }
            Err(error) if args.json => {
                serde_json::json!({ "row": id, "fault": error.to_string() }).to_string()
            }
            Err(error) => format!("row {id}: {error}"),
        };
        writeln!(out, "{line}").map_err(ShowError::Write)
    });
    match shown.and_then(|()| out.flush().map_err(ShowError::Write)) {
        // Whoever reads has read enough.
        Err(ShowError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        shown => shown.map_err(failed),
    }
}

#[derive(Debug, thiserror::Error)]
enum ShowError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("writing to standard output failed")]
    Write(#[source] io::Error),
}

/// Writes the signed records to a file that can be checked on its own.
pub(super) fn export(config: &Config, args: &ExportArgs) -> Result<(), CommandError> {
    let key = device_key(&config.data_dir)?.public_key();
    let ledger = open_ledger(&config.data_dir)?;
    let exported = export::write(&ledger, key, &args.file).map_err(export_failed)?;
    say(&format!("{}: {exported} records", args.file.display()))?;
    say(&format!("signed with key {}", fingerprint(key)))
}

fn open_ledger(folder: &Path) -> Result<Connection, CommandError> {
    let path = folder.join(LEDGER_FILE);
    if !path.exists() {
        return Err(no_ledger(folder));
    }
    open::open_reader(&path).map_err(open_failed)
}

fn export_failed(error: ExportError) -> CommandError {
    match error {
        ExportError::NoExport { .. } | ExportError::WrongDevice { .. } => CommandError::data(error),
        error => failed(error),
    }
}

fn told(report: &JournalReport, key: PublicKey) -> Vec<String> {
    let mut lines = vec![format!("{} records are proven", report.records)];
    lines.extend(report.by_kind.iter().map(|(kind, count)| format!("  {kind}: {count}")));
    if let Some((first, last)) = report.times {
        lines.push(format!("from {first:.0} to {last:.0}"));
    }
    lines.extend(
        report.epochs.iter().map(|(epoch, last)| format!("epoch {epoch} up to record {last}")),
    );
    lines.extend(report.gaps.iter().map(|gap| {
        let (epoch, first, last) = (gap.epoch, gap.first_sequence, gap.last_sequence);
        format!("gap: records {first} to {last} of epoch {epoch}, {}", gap.reason.as_str())
    }));
    let faults = report.faults.iter().take(TOLD_MAX);
    lines.extend(faults.map(|fault| format!("FAULT in record {}: {}", fault.id, fault.fault)));
    lines.extend(report.missing.iter().take(TOLD_MAX).map(|missing| {
        let (epoch, first, last) = (missing.epoch, missing.first, missing.last);
        format!("FAULT: records {first} to {last} of epoch {epoch} are missing")
    }));
    lines.push(format!("device {}", key.device_id()));
    lines.push(format!(
        "signed with key {}: compare it with what was noted when the device was set up",
        fingerprint(key)
    ));
    lines.push(format!("{} faults", report.faults_found + report.missing.len()));
    lines
}

/// The whole public key in groups that two people can read to each other.
fn fingerprint(key: PublicKey) -> String {
    let groups = key.as_bytes().chunks(4);
    groups.map(hex).collect::<Vec<_>>().join(" ")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
