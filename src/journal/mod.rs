//! What was decided, as signed and chained bytes.
//!
//! A [`Record`] is a [`Header`] and a [`Body`]; `codec` writes it as deterministic CBOR,
//! [`seal`] signs it, a [`Chain`] checks that records follow one another, and [`entry`] says what
//! one does to an account. The exact sealed bytes are the journal: they are kept and sent as they
//! are. All pure: keys, clocks and ids come in as arguments.

pub(crate) mod cbor;
mod chain;
mod checkpoint;
mod codec;
mod effects;
mod envelope;
mod events;
mod hash;
mod header;
mod key;
mod numbered;
mod reaction;
mod record;
mod refused;
mod sale;
mod short_code;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod undo;

pub use cbor::{CborError, CborFault, RECORD_BYTES_MAX};
pub use chain::{Chain, ChainFault, Head, Position};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use codec::{RecordError, entry_from_bytes, entry_to_bytes};
pub use effects::{entry, shared_uses};
pub use envelope::{
    EnvelopeError, ObjectKind, Opened, Sealed, open, read_unverified, rebuild_record, seal,
};
pub use events::{
    BaseChange, ClockJump, DailyClosing, Event, Gap, Import, KeyChange, LeaseChange, OutageBegin,
    OutageCause, OutageEnd, ProgrammeChange, SoftwareChange, TakenBack,
};
pub use hash::{ContentHash, RecordHash};
pub use header::{BootId, ClockReading, ClockTrust, ENGINE, FORMAT, Header, RunningTotals};
pub use key::{KeyError, KeyId, KeyIdError, PublicKey, Signature, SigningKey};
pub use reaction::{OfferReaction, REACTIONS_MAX, Reaction};
pub use record::{Body, Kind, Record, RecordRef};
pub use refused::{RefusalCode, RefusedBenefit};
pub use sale::{CashbackPart, Flag, Inputs, MemberPart, Payment, ReferralPart, Sale, SaleLine};
pub use short_code::{ShortCode, ShortCodeError, matches, short_code};
pub use text::{
    ATTRIBUTES_MAX, AttributeName, AttributeValue, Attributes, PaymentKind, ReceiptNumber, Remark,
    SoftwareVersion, Text, TextError,
};
pub use undo::{AccountPart, Adjustment, Assign, Undo, UndoneKind};
