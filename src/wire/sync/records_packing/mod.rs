//! Records as few bytes as they can be sent in, and back to exactly the bytes that were signed.
//!
//! Of a receipt only what nobody can know travels in full: its signature, the refs of its member,
//! its uid. The rest is written as how it differs from what is `expected` (the record before, the
//! price that the goods had last, the sums of the receipt itself), by a `coder` that learns what is
//! common. Hash and place of the record before are not sent: the chain gives them.
//!
//! It works record by record on the payload's CBOR values, whatever kind they are. A record that is
//! not our deterministic form travels as it is, and a batch is packed only when unpacking it again
//! gives the same bytes.

mod coder;
mod expected;
mod walk;

use coder::{Coder, Reader, Writer, plain_byte};
use walk::{Memory, UNPACKED_BYTES_MAX, Walk, is_plain};

use super::push::PUSH_RECORDS_MAX;
use crate::journal::cbor::{from_bytes, to_bytes};
use crate::journal::{KeyId, ObjectKind, RecordHash, Signature, read_unverified, rebuild_record};

/// The columns of what stands around the payloads.
const COLUMN_COUNT: u32 = 1;
const COLUMN_KEY: u32 = 2;
const COLUMN_LITERAL: u32 = 3;

/// Bytes are not what [`pack_records`] made: cut, changed, or made to unpack to too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the packed records are damaged, or more than a batch may have")]
pub struct Unfit;

/// Packs records that follow one another; none where they cannot be unpacked to the same bytes.
#[must_use]
pub fn pack_records(records: &[&[u8]]) -> Option<Vec<u8>> {
    let packed = write(records).ok()?;
    let again = unpack_records(&packed).ok()?;
    (again == records).then_some(packed)
}

/// Unpacks them.
///
/// # Errors
/// [`Unfit`]; the sender's fault.
pub fn unpack_records(packed: &[u8]) -> Result<Vec<Vec<u8>>, Unfit> {
    let mut reader = Reader::new(packed);
    let mut memory = Memory::default();
    let count = Walk::new(&mut reader, &mut memory).bytes(COLUMN_COUNT, None)?;
    let count = count.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
    if count > PUSH_RECORDS_MAX {
        return Err(Unfit);
    }
    let mut records = Vec::new();
    let mut bytes = 0;
    for _ in 0..count {
        let record = code_record(&mut reader, &mut memory, None)?;
        bytes += record.len();
        if bytes > UNPACKED_BYTES_MAX {
            return Err(Unfit);
        }
        records.push(record);
    }
    if reader.is_at_the_end() { Ok(records) } else { Err(Unfit) }
}

fn write(records: &[&[u8]]) -> Result<Vec<u8>, Unfit> {
    let mut writer = Writer::new();
    let mut memory = Memory::default();
    let count = u16::try_from(records.len()).map_err(|_| Unfit)?.to_be_bytes();
    Walk::new(&mut writer, &mut memory).bytes(COLUMN_COUNT, Some(&count))?;
    for record in records {
        code_record(&mut writer, &mut memory, Some(record))?;
    }
    Ok(writer.finish())
}

/// A record taken apart; none where it is not of the form that can be put together again.
struct Parts {
    key_id: KeyId,
    payload: ciborium::Value,
    signature: Signature,
}

impl Parts {
    fn of(record: &[u8]) -> Option<Self> {
        let opened = read_unverified(ObjectKind::Record, record).ok()?;
        let payload = from_bytes(opened.payload).ok()?;
        let whole = is_plain(&payload) && to_bytes(&payload) == opened.payload;
        let parts = Self { key_id: opened.key_id, payload, signature: opened.signature };
        whole.then_some(parts)
    }
}

/// Codes one record: the name of its key, its values, its signature; or nothing and its bytes.
fn code_record(
    coder: &mut dyn Coder,
    memory: &mut Memory,
    known: Option<&[u8]>,
) -> Result<Vec<u8>, Unfit> {
    let parts = known.and_then(Parts::of);
    let key = known.map(|_| match &parts {
        Some(parts) => parts.key_id.as_bytes().as_slice(),
        None => &[],
    });
    let mut walk = Walk::new(coder, memory);
    let key = walk.bytes(COLUMN_KEY, key)?;
    let record = if key.is_empty() {
        walk.bytes(COLUMN_LITERAL, known)?
    } else {
        let key_id = KeyId::from_bytes(key.try_into().map_err(|_| Unfit)?);
        let payload = walk.record(parts.as_ref().map(|parts| &parts.payload))?;
        let mut signature = [0; 64];
        for (place, byte) in signature.iter_mut().enumerate() {
            let known = parts.as_ref().map(|parts| parts.signature.as_bytes()[place]);
            *byte = plain_byte(coder, known)?;
        }
        let payload = to_bytes(&payload);
        rebuild_record(key_id, &payload, &Signature::from_bytes(signature)).map_err(|_| Unfit)?
    };
    memory.facts.previous = Some(RecordHash::of(&record));
    Ok(record)
}

#[cfg(test)]
mod tests;
