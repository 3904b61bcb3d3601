//! A journal in one file that can be checked on its own: a CBOR sequence (RFC 8742) of a map and
//! then one byte string for each record, which is the record exactly as it was signed (COSE_Sign1).
//!
//! The map has text keys: `format` ("tillward journal 1"), `device` (16 bytes), `public_key`
//! (Ed25519, 32 bytes) and `records` (how many follow).

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use ciborium::Value;
use rusqlite::Connection;

use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::journal;
use crate::agent::store::verify::{JournalReport, Verifier};
use crate::journal::{PublicKey, RECORD_BYTES_MAX};
use crate::shell::durable_file;

/// What the file says of itself.
const FORMAT: &str = "tillward journal 1";
/// A record's payload, and the frame around it.
const ITEM_BYTES_MAX: u64 = RECORD_BYTES_MAX as u64 + 1024;
/// More than the map takes.
const HEADER_BYTES_MAX: u64 = 1024;

/// Why there is no export, or it cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// A file is there already.
    #[error("{path} is there already: name another file")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The journal cannot be read.
    #[error("could not read the journal")]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error("could not {doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is no exported journal, or is cut off.
    #[error("{path} is no whole exported journal: {reason}")]
    NoExport {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key in the file is not the device's.
    #[error("{path} names a key that is not the device's: it was put together by somebody else")]
    WrongDevice {
        /// The file.
        path: PathBuf,
    },
}

/// Writes every record of the ledger to a new file; how many there are.
pub(super) fn write(ledger: &Connection, key: PublicKey, path: &Path) -> Result<u64, ExportError> {
    if path.symlink_metadata().is_ok() {
        return Err(ExportError::Exists { path: path.to_owned() });
    }
    let beside = durable_file::with_suffix(path, ".tmp");
    let failed = |source| ExportError::File { doing: "write", path: path.to_owned(), source };
    let written = write_beside(ledger, key, &beside).map_err(|error| match error {
        WriteError::Store(error) => ExportError::Store(error),
        WriteError::Io(error) => failed(error),
    });
    let count = written.inspect_err(|_| drop(fs::remove_file(&beside)))?;
    fs::rename(&beside, path).and_then(|()| durable_file::sync_folder_of(path)).map_err(failed)?;
    Ok(count)
}

#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn write_beside(ledger: &Connection, key: PublicKey, path: &Path) -> Result<u64, WriteError> {
    // One snapshot: the count in the map is that of the records behind it.
    ledger.execute_batch("BEGIN").map_err(StoreError::from)?;
    let count: i64 = ledger
        .query_row("SELECT count(*) FROM journal", [], |row| row.get(0))
        .map_err(StoreError::from)?;
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(&header(key, count.unsigned_abs()))?;
    journal::each(ledger, 0, |_, bytes| {
        out.write_all(&byte_string_head(bytes.len() as u64))?;
        Ok::<_, WriteError>(out.write_all(bytes)?)
    })?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    ledger.execute_batch("COMMIT").map_err(StoreError::from)?;
    Ok(count.unsigned_abs())
}

fn header(key: PublicKey, count: u64) -> Vec<u8> {
    let text = |text: &str| Value::Text(text.to_owned());
    let map = Value::Map(vec![
        (text("format"), text(FORMAT)),
        (text("device"), Value::Bytes(key.device_id().as_bytes().to_vec())),
        (text("records"), count.into()),
        (text("public_key"), Value::Bytes(key.as_bytes().to_vec())),
    ]);
    let mut bytes = Vec::new();
    ciborium::into_writer(&map, &mut bytes).expect("writing to memory does not fail");
    bytes
}

fn byte_string_head(length: u64) -> Vec<u8> {
    match length {
        0..=23 => vec![0x40 | length as u8],
        24..=0xff => vec![0x58, length as u8],
        0x100..=0xffff => [&[0x59][..], &(length as u16).to_be_bytes()].concat(),
        _ => [&[0x5b][..], &length.to_be_bytes()].concat(),
    }
}

/// Checks an exported journal with the key in it, which is the device's whose name it proves.
pub(super) fn verify(path: &Path) -> Result<(JournalReport, PublicKey), ExportError> {
    let file = |source| ExportError::File { doing: "read", path: path.to_owned(), source };
    let none =
        |reason: &str| ExportError::NoExport { path: path.to_owned(), reason: reason.to_owned() };
    let mut input = BufReader::new(File::open(path).map_err(file)?);
    let head = ciborium::from_reader::<Value, _>(input.by_ref().take(HEADER_BYTES_MAX))
        .ok()
        .and_then(Head::of)
        .ok_or_else(|| none("it does not begin as one"))?;
    let key =
        PublicKey::parse(head.public_key).map_err(|_| none("the public key in it is weak"))?;
    if *key.device_id().as_bytes() != head.device {
        return Err(ExportError::WrongDevice { path: path.to_owned() });
    }
    let mut verifier = Verifier::new(key);
    for number in 1..=head.records {
        let record = next_item(&mut input).map_err(file)?;
        let record = record.ok_or_else(|| {
            none(&format!("record {number} of {} is cut off or no record", head.records))
        })?;
        verifier.take(i64::try_from(number).unwrap_or(i64::MAX), &record);
    }
    if input.read(&mut [0]).map_err(file)? > 0 {
        return Err(none("there is more behind its last record"));
    }
    Ok((verifier.finish(), key))
}

struct Head {
    device: [u8; 16],
    public_key: [u8; 32],
    records: u64,
}

impl Head {
    fn of(value: Value) -> Option<Self> {
        let map = value.into_map().ok()?;
        let named = |name: &str| {
            map.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
        };
        if named("format")?.as_text()? != FORMAT {
            return None;
        }
        Some(Self {
            device: named("device")?.as_bytes()?.as_slice().try_into().ok()?,
            public_key: named("public_key")?.as_bytes()?.as_slice().try_into().ok()?,
            records: u64::try_from(named("records")?.as_integer()?).ok()?,
        })
    }
}

/// The next byte string; `None` where there is none, or none that a record could be.
fn next_item(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut head = [0; 1];
    if input.read(&mut head)? == 0 {
        return Ok(None);
    }
    let length_bytes = match head[0] {
        short @ 0x40..=0x57 => {
            input.take(u64::from(short - 0x40)).read_to_end(&mut bytes)?;
            return Ok((bytes.len() == usize::from(short - 0x40)).then_some(bytes));
        }
        0x58 => 1,
        0x59 => 2,
        0x5a => 4,
        0x5b => 8,
        _ => return Ok(None),
    };
    let mut length = Vec::new();
    input.by_ref().take(length_bytes).read_to_end(&mut length)?;
    let length = length.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
    if length > ITEM_BYTES_MAX {
        return Ok(None);
    }
    input.take(length).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}
