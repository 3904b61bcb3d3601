//! What agent and hub say to one another: CBOR maps with integer keys, as in the journal.
//!
//! `enrolment` makes a device known, `invitation` is what a person carries to it, `push` carries
//! records to the hub, `change` what the hub says of members, accounts and vouchers to the agents,
//! `snapshot` all of it for a first start, `key_list` which keys the hub signs with, `notice` which
//! programme is in force. `paths` is where each is sent, `signature` says who sent it, `packing`
//! makes it small and `records_packing` journals smaller still, `refusal` is how the hub says no,
//! `sealing` how a key travels to one device. Keys that a reader does not know are a later version's
//! and are passed over; a required key is never added to a message of a version that is out.

mod change;
mod enrolment;
mod fields;
mod freshness;
mod identity;
mod invitation;
mod key_list;
mod notice;
pub mod packing;
pub mod paths;
mod place;
mod push;
#[cfg(test)]
pub(crate) mod receipts_testing;
pub mod records_packing;
mod refusal;
mod sealing;
mod signature;
mod snapshot;

pub use change::{
    AccountState, Change, Changes, Contained, Cursor, MemberState, VoucherState, WalletState,
};
pub use enrolment::{EnrolReply, EnrolRequest, EnrolmentCode, EnrolmentCodeError, SealedKey};
pub use fields::{Bytes, MESSAGE_BYTES_MAX, Message};
pub use freshness::{CREATED_WINDOW, Fresh, HubNonces, NONCE_LIFE, Stale, freshness};
pub use identity::HubIdentity;
pub use invitation::{Invitation, InvitationError, RootFingerprint, RootFingerprintError};
pub use key_list::{KeyList, KeyListError, KeyUse, ListedKey};
pub use notice::{NoticeError, ProgrammeNotice};
pub use place::JournalPlace;
pub use push::{PUSH_RECORDS_MAX, PushBatch, PushReply, Quarantine, Quarantined, SetAside};
pub use refusal::{PROBLEM_TYPE, Refusal, RefusalKind};
pub use sealing::{SealingError, SealingSecret};
pub use signature::{
    CONTENT_DIGEST, Nonce, PROTOCOL_HEADER, RequestParts, RequestSignature, SIGNATURE,
    SIGNATURE_INPUT, SignatureError, SignatureHeaders, SignedBy, Unverified,
};
pub use snapshot::{SNAPSHOT_CHUNK_BYTES_MAX, SnapshotChunk, SnapshotManifest};

/// The version of these messages that this software speaks; told in every request.
pub const PROTOCOL: u16 = 1;
