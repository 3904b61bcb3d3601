//! A place in one device's journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::journal::cbor::cbor_map;

/// Names a record of a journal whose device is known otherwise. Later records are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JournalPlace {
    /// The epoch.
    pub epoch: u32,
    /// Number in the epoch.
    pub sequence: u64,
}

cbor_map!(JournalPlace {
    1 epoch required,
    2 sequence required,
});

impl fmt::Display for JournalPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.epoch, self.sequence)
    }
}
