//! The hub's signed word on the head of a device's journal.

use chrono::{DateTime, Utc};

use super::cbor::{CborError, Field, cbor_map, from_bytes, to_bytes};
use super::envelope::{EnvelopeError, ObjectKind, Sealed, open, read_unverified, seal};
use super::hash::RecordHash;
use super::key::{PublicKey, SigningKey};
use crate::loyalty::DeviceId;

/// The hub had stored a device's journal up to here. A device that holds one cannot be rolled
/// back unseen, and neither can the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Rises with every checkpoint of the device.
    pub number: u64,
    /// Whose journal.
    pub device: DeviceId,
    /// Epoch of the head.
    pub epoch: u32,
    /// Number of the head in its epoch.
    pub sequence: u64,
    /// Hash of the head's bytes.
    pub hash: RecordHash,
    /// When, by the hub's clock; whole milliseconds.
    pub at: DateTime<Utc>,
}

cbor_map!(Checkpoint {
    1 number required,
    2 device required,
    3 epoch required,
    4 sequence required,
    5 hash required,
    6 at required,
});

impl Checkpoint {
    /// Signs it with the hub's key.
    ///
    /// # Errors
    /// None in practice: a checkpoint is far smaller than what [`seal`] takes.
    pub fn seal(&self, key: &SigningKey) -> Result<Sealed, EnvelopeError> {
        seal(ObjectKind::Checkpoint, &to_bytes(self), key)
    }

    /// Checks and reads one.
    ///
    /// # Errors
    /// [`CheckpointError`] where it is not the hub's or cannot be read.
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, CheckpointError> {
        let opened = open(ObjectKind::Checkpoint, bytes, key)?;
        Ok(Self::from_cbor(from_bytes(opened.payload)?)?)
    }

    /// Reads one that was checked before it was kept: the key that signed it may have been replaced
    /// since.
    ///
    /// # Errors
    /// [`CheckpointError`] where it cannot be read.
    pub fn read_kept(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let opened = read_unverified(ObjectKind::Checkpoint, bytes)?;
        Ok(Self::from_cbor(from_bytes(opened.payload)?)?)
    }
}

/// Why bytes are not the hub's checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not signed by the hub as a checkpoint.
    #[error("the checkpoint cannot be opened: {0}")]
    Envelope(#[from] EnvelopeError),
    /// Signed, but not readable.
    #[error("the checkpoint cannot be read: {0}")]
    Payload(#[from] CborError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            number: 42,
            device: device_key().device_id(),
            epoch: 2,
            sequence: 1_000_000,
            hash: RecordHash::of(b"head"),
            at: instant(0),
        }
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_sealed_and_only_with_the_hubs_key() {
        let sealed = checkpoint().seal(&hub_key()).expect("it fits");
        assert_eq!(Checkpoint::open(&sealed.bytes, &hub_key().public_key()), Ok(checkpoint()));
        assert_eq!(Checkpoint::read_kept(&sealed.bytes), Ok(checkpoint()));
        let found = hub_key().key_id();
        assert_eq!(
            Checkpoint::open(&sealed.bytes, &device_key().public_key()),
            Err(EnvelopeError::OtherKey { found }.into())
        );
    }

    #[test]
    fn another_object_of_the_hub_is_no_checkpoint() {
        let payload = to_bytes(&checkpoint());
        let sealed = seal(ObjectKind::Programme, &payload, &hub_key()).expect("it fits");
        let expected = ObjectKind::Checkpoint.typ();
        assert_eq!(
            Checkpoint::open(&sealed.bytes, &hub_key().public_key()),
            Err(EnvelopeError::OtherKind { expected }.into())
        );
    }
}
