//! Records as bytes: which key holds what.
//!
//! A key once given is never given to something else; a new key is optional. `scalars` has ids,
//! sums and dates, `outcome` what the core decided, `campaign` what a member carries and is
//! told, `entry` what the hub keeps of accounts, the others one family of bodies each.

mod campaign;
mod entry;
mod events;
mod header;
mod outcome;
mod sale;
mod scalars;
mod undo;

use ciborium::Value;

pub use entry::{entry_from_bytes, entry_to_bytes};

use super::cbor::{CborError, CborFault, Field, MapBuilder, MapReader, from_bytes, to_bytes};
use super::header::FORMAT;
use super::record::{Body, Kind, Record};

/// Key of the format: read before anything else.
const KEY_FORMAT: u64 = 0;
/// Key of the kind, after those of the header.
const KEY_KIND: u64 = 22;
/// Key of the body.
const KEY_BODY: u64 = 23;

impl Record {
    /// The payload to be signed.
    #[must_use]
    pub fn to_payload(&self) -> Vec<u8> {
        let mut map = MapBuilder::with_capacity(20);
        header::write(&self.header, &mut map);
        map.required(KEY_KIND, &self.body.kind());
        let body = match &self.body {
            Body::Sale(sale) | Body::Training(sale) => sale.to_cbor(),
            Body::Void(undo) | Body::Return(undo) => undo.to_cbor(),
            Body::Assign(assign) => assign.to_cbor(),
            Body::Adjustment(adjustment) => adjustment.to_cbor(),
            Body::Event(event) => event.to_cbor(),
            Body::Import(import) => import.to_cbor(),
            Body::BaseChange(change) => change.to_cbor(),
            Body::ProgrammeChange(change) => change.to_cbor(),
            Body::LeaseChange(change) => change.to_cbor(),
            Body::OutageBegin(outage) => outage.to_cbor(),
            Body::OutageEnd(outage) => outage.to_cbor(),
            Body::ClockJump(jump) => jump.to_cbor(),
            Body::SoftwareChange(change) => change.to_cbor(),
            Body::KeyChange(change) => change.to_cbor(),
            Body::Gap(gap) => gap.to_cbor(),
            Body::DailyClosing(closing) => closing.to_cbor(),
        };
        map.raw(KEY_BODY, body);
        to_bytes(&map.finish())
    }

    /// Reads a payload whose signature was checked.
    ///
    /// # Errors
    /// [`RecordError`] where the format is not known or the payload is not a record.
    pub fn from_payload(payload: &[u8]) -> Result<Self, RecordError> {
        let mut map = MapReader::open(from_bytes(payload)?)?;
        let format: u8 = map.required(KEY_FORMAT, "format")?;
        if format != FORMAT {
            return Err(RecordError::UnknownFormat { found: format });
        }
        let header = header::read(format, &mut map)?;
        let kind: Kind = map.required(KEY_KIND, "kind")?;
        let body = map
            .take(KEY_BODY)
            .ok_or_else(|| CborError::from(CborFault::Missing { key: KEY_BODY }).within("body"))?;
        let body = read_body(kind, body).map_err(|fault| fault.within("body"))?;
        Ok(Self { header, body })
    }
}

fn read_body(kind: Kind, body: Value) -> Result<Body, CborError> {
    Ok(match kind {
        Kind::Sale => Body::Sale(Box::new(Field::from_cbor(body)?)),
        Kind::Void => Body::Void(Field::from_cbor(body)?),
        Kind::Return => Body::Return(Field::from_cbor(body)?),
        Kind::Assign => Body::Assign(Field::from_cbor(body)?),
        Kind::Adjustment => Body::Adjustment(Field::from_cbor(body)?),
        Kind::Event => Body::Event(Field::from_cbor(body)?),
        Kind::Import => Body::Import(Field::from_cbor(body)?),
        Kind::BaseChange => Body::BaseChange(Field::from_cbor(body)?),
        Kind::ProgrammeChange => Body::ProgrammeChange(Field::from_cbor(body)?),
        Kind::LeaseChange => Body::LeaseChange(Field::from_cbor(body)?),
        Kind::Training => Body::Training(Box::new(Field::from_cbor(body)?)),
        Kind::OutageBegin => Body::OutageBegin(Field::from_cbor(body)?),
        Kind::OutageEnd => Body::OutageEnd(Field::from_cbor(body)?),
        Kind::ClockJump => Body::ClockJump(Field::from_cbor(body)?),
        Kind::SoftwareChange => Body::SoftwareChange(Field::from_cbor(body)?),
        Kind::KeyChange => Body::KeyChange(Field::from_cbor(body)?),
        Kind::Gap => Body::Gap(Field::from_cbor(body)?),
        Kind::DailyClosing => Body::DailyClosing(Field::from_cbor(body)?),
    })
}

/// Why an authentic payload is not a record that this software reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by a later version of the software.
    #[error("the record has format {found}, this software reads {FORMAT}; update it")]
    UnknownFormat {
        /// The record's format.
        found: u8,
    },
    /// Not a record.
    #[error("the record cannot be read: {0}")]
    Payload(#[from] CborError),
}

#[cfg(test)]
mod tests;
