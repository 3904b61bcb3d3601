//! Reads a log of either format.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::agent::cli::CommandError;
use crate::agent::command::replay::Receipt;
use crate::agent::message::presentation::Presentation;
use crate::agent::message::request::ReceiptBody;
use crate::agent::till::request::{CommitMode, Who};
use crate::loyalty::{ReceiptUid, TillId};
use crate::money::Currency;
use crate::simulation::{
    LogError, LoggedReceipt, LoggedTime, Purchase, is_purchase_header, parse_purchases,
};

/// Wrong lines told with their reason; the others are counted.
const WRONG_LINES_TOLD_MAX: usize = 20;

/// How a gzip file begins (RFC 1952 section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decimals of the values of a purchase log.
const VALUE_DECIMALS: u8 = 2;

/// The receipts of a file.
#[derive(Debug, Default)]
pub(super) struct LogFile {
    /// In the order of the file.
    pub(super) receipts: Vec<LoggedReceipt>,
    /// Receipts of tills in training, which count for nothing.
    pub(super) trainings: u64,
    /// Receipts that are in the file before, which count once.
    pub(super) repeated: u64,
}

impl LogFile {
    /// Reads a log for programmes that run in `currency`.
    pub(super) fn read(path: &Path, currency: Currency) -> Result<Self, CommandError> {
        let bytes = fs::read(path).map_err(|error| {
            CommandError::failed(format!("could not read {}: {error}", path.display()))
        })?;
        let bytes = if bytes.starts_with(&GZIP_MAGIC) { unpacked(path, &bytes)? } else { bytes };
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            wrong(path, format!("line {line}: it is not UTF-8"))
        })?;
        let parsed = match text.lines().next() {
            Some(line) if is_purchase_header(line) => of_purchases(&text, currency),
            _ if text.trim_start().starts_with('{') => of_receipts(&text, currency),
            _ => Err(format!("{}, or a receipt as a JSON object", LogError::Header)),
        };
        parsed.map_err(|faults| wrong(path, faults))
    }
}

fn wrong(path: &Path, faults: String) -> CommandError {
    CommandError::data(format!("{} is wrong:\n{faults}", path.display()))
}

#[cfg(feature = "demo")]
fn unpacked(path: &Path, packed: &[u8]) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    match std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            Err(CommandError::data(format!("could not unpack {}: {error}", path.display())))
        }
    }
}

/// What ships to tills has no gzip in it.
#[cfg(not(feature = "demo"))]
fn unpacked(path: &Path, _: &[u8]) -> Result<Vec<u8>, CommandError> {
    Err(CommandError::data(format!(
        "{} is packed with gzip, which this build cannot read: unpack it first with gunzip",
        path.display()
    )))
}

fn of_purchases(text: &str, currency: Currency) -> Result<LogFile, String> {
    if currency.exponent() != VALUE_DECIMALS {
        return Err(format!(
            "the values of a purchase log have {VALUE_DECIMALS} decimals, {currency} has {}: send receipts instead",
            currency.exponent(),
        ));
    }
    let purchases = parse_purchases(text).map_err(|error| error.to_string())?;
    let receipt = |purchase: &Purchase| {
        purchase
            .receipt()
            .map_err(|_| format!("line {}: it is beyond any basket", purchase.row + 1))
    };
    let receipts = purchases.iter().map(receipt).collect::<Result<Vec<_>, _>>()?;
    Ok(LogFile { receipts, ..LogFile::default() })
}

fn of_receipts(text: &str, currency: Currency) -> Result<LogFile, String> {
    let mut log = LogFile::default();
    let mut seen: BTreeSet<(TillId, ReceiptUid)> = BTreeSet::new();
    let mut faults = Vec::new();
    let mut wrong_lines: usize = 0;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match receipt(line, currency) {
            Ok(logged) if !seen.insert(logged.key.clone()) => log.repeated += 1,
            Ok(logged) if logged.mode == CommitMode::Training => log.trainings += 1,
            Ok(logged) => log.receipts.push(logged.receipt),
            Err(why) => {
                wrong_lines += 1;
                if wrong_lines <= WRONG_LINES_TOLD_MAX {
                    faults.push(format!("line {number}: {why}"));
                }
            }
        }
    }
    if wrong_lines > WRONG_LINES_TOLD_MAX {
        faults.push(format!("and {} more", wrong_lines - WRONG_LINES_TOLD_MAX));
    }
    if faults.is_empty() { Ok(log) } else { Err(faults.join("\n")) }
}

/// A line of receipts.
struct LoggedLine {
    /// What makes it the same receipt.
    key: (TillId, ReceiptUid),
    mode: CommitMode,
    receipt: LoggedReceipt,
}

/// Reads a line, or says everything that is wrong with it.
fn receipt(line: &str, currency: Currency) -> Result<LoggedLine, String> {
    let Receipt { uid, body } = Receipt::parse(line)?;
    let body: ReceiptBody = serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        if path == "." { error.inner().to_string() } else { format!("{path}: {}", error.inner()) }
    })?;
    let (request, _) =
        body.into_request(uid, currency, Presentation::default()).map_err(|faults| {
            let faults = faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message));
            faults.collect::<Vec<_>>().join("; ")
        })?;
    let member = match request.who {
        Who::Nobody => None,
        Who::Named(member) => Some(member),
        Who::Identified(_) => {
            return Err(
                "/identification_id: it says who bought to its agent only, send `member` instead"
                    .to_owned(),
            );
        }
    };
    let at = LoggedTime::Instant(request.closed_at);
    let receipt = LoggedReceipt { at, member, basket: request.basket };
    Ok(LoggedLine { key: (request.till, request.uid), mode: request.mode, receipt })
}
