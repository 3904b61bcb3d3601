//! Who a hub says it is, told to anybody who asks.

use super::fields::{Bytes, Message};
use crate::journal::PublicKey;
use crate::journal::cbor::cbor_map;

/// What a device checks before it enrols: the root against the fingerprint that a person typed, the
/// list against the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubIdentity {
    /// The root's key.
    pub root: PublicKey,
    /// The sealed list of the highest serial.
    pub key_list: Bytes,
}

cbor_map!(HubIdentity {
    1 root required,
    2 key_list required,
});

impl Message for HubIdentity {}
