//! What agent and hub say to one another: CBOR maps with integer keys, as in the journal.
//!
//! `enrolment` makes a device known, `push` carries records to the hub, `change` what the hub says
//! of members, accounts and vouchers to the agents, `snapshot` all of it for a first start,
//! `key_list` which keys the hub signs with. `paths` is where each is sent. Keys that a reader does
//! not know are a later version's and are passed over; a required key is never added to a message
//! of a version that is out.

mod change;
mod enrolment;
mod fields;
mod key_list;
pub mod paths;
mod push;
mod snapshot;

pub use change::{
    AccountState, Change, Changes, Contained, Cursor, MemberState, ProgrammeNotice, VoucherState,
    WalletState,
};
pub use enrolment::{EnrolReply, EnrolRequest, EnrolmentCode, EnrolmentCodeError, SealedKey};
pub use fields::{Bytes, Message};
pub use key_list::{KeyList, KeyListError, KeyUse, ListedKey};
pub use push::{PUSH_RECORDS_MAX, PushBatch, PushReply, Quarantine, Quarantined};
pub use snapshot::{SNAPSHOT_CHUNK_BYTES_MAX, SnapshotChunk, SnapshotManifest};

/// The version of these messages that this software speaks; told in every request.
pub const PROTOCOL: u16 = 1;
