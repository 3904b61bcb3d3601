//! Reads a log of either format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::agent::cli::CommandError;
use crate::agent::command::replay::{LineKind, Receipt};
use crate::agent::message::fault::FieldFault;
use crate::agent::message::presentation::Presentation;
use crate::agent::message::request::{ReceiptBody, ReturnBody, VoidBody};
use crate::agent::till::request::{CommitMode, Who};
use crate::loyalty::{MemberRef, ReceiptUid, TillId};
use crate::money::Currency;
use crate::simulation::{
    BackGoods, LogError, LoggedReceipt, LoggedReferral, LoggedReturn, LoggedTime, Purchase,
    SalesLog, is_purchase_header, parse_purchases,
};

/// Wrong lines told with their reason; the others are counted.
const WRONG_LINES_TOLD_MAX: usize = 20;

/// How a gzip file begins (RFC 1952 section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decimals of the values of a purchase log.
const VALUE_DECIMALS: u8 = 2;

/// Why a return cannot be: it happened some time ago.
const NO_TIME: &str = "/closed_at: a log must say when goods came back";

/// The receipts of a file.
#[derive(Debug, Default)]
pub(super) struct LogFile {
    /// What was sold and what came back, in the order of the file.
    pub(super) sales: SalesLog,
    /// Receipts of tills in training and returns of those, which count for nothing.
    pub(super) trainings: u64,
    /// Receipts and returns that are in the file before, which count once.
    pub(super) repeated: u64,
    /// Returns of receipts that are not in the file before.
    pub(super) of_unknown: u64,
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
    let sales = SalesLog { receipts, returns: Vec::new() };
    Ok(LogFile { sales, ..LogFile::default() })
}

fn of_receipts(text: &str, currency: Currency) -> Result<LogFile, String> {
    let mut reader = LineReader::default();
    let mut faults = Vec::new();
    let mut wrong_lines: usize = 0;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        if let Err(why) = reader.read(line, currency) {
            wrong_lines += 1;
            if wrong_lines <= WRONG_LINES_TOLD_MAX {
                faults.push(format!("line {number}: {why}"));
            }
        }
    }
    if wrong_lines > WRONG_LINES_TOLD_MAX {
        faults.push(format!("and {} more", wrong_lines - WRONG_LINES_TOLD_MAX));
    }
    if faults.is_empty() { Ok(reader.log) } else { Err(faults.join("\n")) }
}

/// What makes it the same receipt or return.
type Key = (TillId, ReceiptUid);

/// Reads line by line.
#[derive(Default)]
struct LineReader {
    log: LogFile,
    /// The place of each receipt; of a training there is none.
    receipts: BTreeMap<Key, Option<usize>>,
    returns: BTreeSet<Key>,
}

/// Goods that come back, as a line says it.
struct BackLine {
    sold_as: Key,
    key: Key,
    at: LoggedTime,
    back: BackGoods,
}

impl LineReader {
    /// Reads a line, or says everything that is wrong with it.
    fn read(&mut self, line: &str, currency: Currency) -> Result<(), String> {
        let Receipt { uid, what, body } = Receipt::parse(line)?;
        match what {
            LineKind::Commit => self.receipt(uid, body, currency),
            LineKind::Void => {
                let body: VoidBody = typed(body)?;
                let request = body.into_request(uid).map_err(|faults| told(&faults))?;
                self.come_back(BackLine {
                    sold_as: (request.till.clone(), request.of),
                    key: (request.till, request.undo_uid),
                    at: LoggedTime::Instant(request.closed_at.ok_or(NO_TIME)?),
                    back: BackGoods::Everything,
                });
                Ok(())
            }
            LineKind::Return => {
                let body: ReturnBody = typed(body)?;
                let request = body.into_request(uid).map_err(|faults| told(&faults))?;
                let sold_by = request.sold_by.unwrap_or_else(|| request.till.clone());
                self.come_back(BackLine {
                    sold_as: (sold_by, request.of),
                    key: (request.till, request.undo_uid),
                    at: LoggedTime::Instant(request.closed_at.ok_or(NO_TIME)?),
                    back: BackGoods::Units(request.lines),
                });
                Ok(())
            }
        }
    }

    fn receipt(
        &mut self,
        uid: ReceiptUid,
        body: serde_json::Value,
        currency: Currency,
    ) -> Result<(), String> {
        let body: ReceiptBody = typed(body)?;
        let referral = body.referral_code.as_deref().map(referred_by);
        let (request, _) = body
            .into_request(uid, currency, Presentation::default())
            .map_err(|faults| told(&faults))?;
        let member = match request.who {
            Who::Nobody => None,
            Who::Named(member) => Some(member),
            Who::Identified(_) => {
                return Err("/identification_id: it says who bought to its agent only, send \
                            `member` instead"
                    .to_owned());
            }
        };
        let key = (request.till, request.uid);
        if self.receipts.contains_key(&key) {
            self.log.repeated += 1;
        } else if request.mode == CommitMode::Training {
            self.log.trainings += 1;
            self.receipts.insert(key, None);
        } else {
            let at = LoggedTime::Instant(request.closed_at);
            let receipts = &mut self.log.sales.receipts;
            self.receipts.insert(key, Some(receipts.len()));
            receipts.push(LoggedReceipt { at, member, referral, basket: request.basket });
        }
        Ok(())
    }

    fn come_back(&mut self, line: BackLine) {
        let BackLine { sold_as, key, at, back } = line;
        match self.receipts.get(&sold_as) {
            _ if !self.returns.insert(key) => self.log.repeated += 1,
            None => self.log.of_unknown += 1,
            Some(None) => self.log.trainings += 1,
            Some(Some(of)) => self.log.sales.returns.push(LoggedReturn { at, of: *of, back }),
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(body: serde_json::Value) -> Result<T, String> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        if path == "." { error.inner().to_string() } else { format!("{path}: {}", error.inner()) }
    })
}

fn told(faults: &[FieldFault]) -> String {
    let faults = faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message));
    faults.collect::<Vec<_>>().join("; ")
}

/// Whom a code names: only a member of the log can be known.
fn referred_by(code: &str) -> LoggedReferral {
    MemberRef::parse(code.trim()).map_or(LoggedReferral::Unknown, LoggedReferral::By)
}
