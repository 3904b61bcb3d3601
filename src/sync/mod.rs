//! How a device and the hub keep up with one another, decided without a socket or a disk.
//!
//! [`SyncClient`] is a machine: it says what to do next ([`SyncClient::next_command`]) and from when
//! on ([`SyncClient::poll_timeout`]); the shell does it and tells what came of it. Two directions go
//! side by side: `push` brings the journal to the hub, `pull` what the hub knows to the device.
//! `meaning` says what a reply means, `hub_keys` what of it is the hub's word, `backoff` how long a
//! failure waits.
//!
//! The machine holds places and cursors, never records, so it starts at once whatever waits to be
//! sent. Only a checkpoint that a listed key signed, and that the shell has stored, moves the
//! acknowledged place; nothing is dropped by age or count.

mod backoff;
mod client;
mod command;
mod hub_keys;
mod lane;
mod meaning;
mod progress;
#[cfg(test)]
mod properties;
mod pull;
#[cfg(test)]
mod pull_tests;
mod push;
#[cfg(test)]
mod push_tests;
#[cfg(test)]
mod testing;

pub use client::{Start, SyncClient};
pub use command::{
    Acknowledgement, Attempt, ChunkBytes, Command, JournalMatch, ProgrammeUse, Sent, Signing,
    StoreOutcome, Work,
};
pub use hub_keys::{CheckpointFault, HubKeys, KeysFault};
pub use lane::{Fault, Now};
pub use meaning::{Failure, Outcome, REPLY_BYTES_MAX, Reply};
pub use progress::{Alert, LaneProgress, Progress, SnapshotProgress};
pub use pull::PULL_WAIT;
pub use push::{PUSH_BYTES_TARGET, PushPosition};
