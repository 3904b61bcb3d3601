//! What is the hub's word: the root that the device pinned, and the newest list that it signed.

use chrono::{DateTime, Utc};

use crate::journal::{
    Checkpoint, CheckpointError, EnvelopeError, KeyId, ObjectKind, PublicKey, read_unverified,
};
use crate::loyalty::DeviceId;
use crate::wire::sync::{Bytes, KeyList, KeyListError, KeyUse, NoticeError, ProgrammeNotice};

/// The root and the list in use.
#[derive(Clone, Debug)]
pub struct HubKeys {
    root: PublicKey,
    list: KeyList,
}

impl HubKeys {
    /// The keys of a sealed list.
    ///
    /// # Errors
    /// [`KeyListError`] where the list is not the root's.
    pub fn read(root: PublicKey, sealed: &Bytes) -> Result<Self, KeyListError> {
        let list = KeyList::open(&sealed.0, &root)?;
        Ok(Self { root, list })
    }

    /// The list in use.
    #[must_use]
    pub fn list(&self) -> &KeyList {
        &self.list
    }

    /// The keys with a newer list; none where it is not newer than the one in use.
    ///
    /// # Errors
    /// [`KeyListError`] where it is not the root's.
    pub fn with(&self, sealed: &Bytes) -> Result<Option<Self>, KeyListError> {
        let newer = Self::read(self.root, sealed)?;
        Ok((newer.list.serial > self.list.serial).then_some(newer))
    }

    /// Checks a checkpoint of a device's journal.
    ///
    /// # Errors
    /// [`CheckpointFault`] where no listed key signed it, or it is of another device.
    pub fn open_checkpoint(
        &self,
        sealed: &Bytes,
        device: DeviceId,
        now: DateTime<Utc>,
    ) -> Result<Checkpoint, CheckpointFault> {
        self.check_expiry(now)?;
        let found = read_unverified(ObjectKind::Checkpoint, &sealed.0)
            .map_err(CheckpointError::from)?
            .key_id;
        let key = self.list.key_for(KeyUse::Checkpoint, found);
        let key = key.ok_or(KeysFault::NotListed { found })?;
        let checkpoint = Checkpoint::open(&sealed.0, key)?;
        if checkpoint.device != device {
            return Err(CheckpointFault::OtherDevice { found: checkpoint.device });
        }
        Ok(checkpoint)
    }

    /// Checks a notice of a programme.
    ///
    /// # Errors
    /// [`NoticeError`].
    pub fn verify_notice(&self, notice: &ProgrammeNotice) -> Result<(), NoticeError> {
        notice.verify(&self.list)
    }

    fn check_expiry(&self, now: DateTime<Utc>) -> Result<(), KeysFault> {
        let expired_at = self.list.expires_at;
        if now > expired_at { Err(KeysFault::Expired { expired_at }) } else { Ok(()) }
    }
}

/// Why the list does not vouch for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysFault {
    /// The key is not in it, or not for this use.
    #[error("the hub's list of keys does not have key {found} for this use")]
    NotListed {
        /// The key.
        found: KeyId,
    },
    /// It is too old to be believed: the hub's operator signs a new one with the root.
    #[error("the hub's list of keys expired at {expired_at}")]
    Expired {
        /// When.
        expired_at: DateTime<Utc>,
    },
}

/// Why a checkpoint acknowledges nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// Its key.
    #[error(transparent)]
    Keys(#[from] KeysFault),
    /// Not signed, or not readable.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Of another journal.
    #[error("the checkpoint is of device {found}")]
    OtherDevice {
        /// Whose.
        found: DeviceId,
    },
}

impl From<EnvelopeError> for CheckpointFault {
    fn from(error: EnvelopeError) -> Self {
        CheckpointError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};
    use crate::sync::testing::{checkpoint, key_list, root_key, sealed_checkpoint, sealed_list};
    use crate::wire::sync::JournalPlace;

    fn keys(serial: u64) -> HubKeys {
        HubKeys::read(root_key().public_key(), &sealed_list(serial)).expect("the root's")
    }

    #[test]
    fn a_list_is_replaced_by_a_newer_one_of_the_same_root_only() {
        for (serial, taken) in [(2, false), (3, false), (4, true), (u64::MAX, true)] {
            let newer = keys(3).with(&sealed_list(serial)).expect("the root's");
            assert_eq!(newer.map(|keys| keys.list.serial), taken.then_some(serial));
        }
        let forged = key_list(9).seal(&hub_key()).expect("it fits");
        assert!(keys(3).with(&Bytes(forged.bytes)).is_err());
        assert!(keys(3).with(&Bytes(b"<html>".to_vec())).is_err());
    }

    #[test]
    fn a_checkpoint_is_believed_of_a_listed_key_for_this_device_until_the_list_expires() {
        let device = device_key().device_id();
        let told = checkpoint(7, JournalPlace { epoch: 1, sequence: 40 });
        let open = |sealed: &Bytes, device, at| keys(3).open_checkpoint(sealed, device, at);
        let sealed = sealed_checkpoint(&told);
        assert_eq!(open(&sealed, device, instant(0)), Ok(told.clone()));
        let expired_at = key_list(3).expires_at;
        assert_eq!(open(&sealed, device, expired_at), Ok(told.clone()));
        let after = expired_at + chrono::TimeDelta::milliseconds(1);
        assert_eq!(open(&sealed, device, after), Err(KeysFault::Expired { expired_at }.into()));
        let other = hub_key().device_id();
        let refused = CheckpointFault::OtherDevice { found: device };
        assert_eq!(open(&sealed, other, instant(0)), Err(refused));
        let unlisted = Bytes(told.seal(&device_key()).expect("it fits").bytes);
        let refused = KeysFault::NotListed { found: device_key().key_id() };
        assert_eq!(open(&unlisted, device, instant(0)), Err(refused.into()));
        for place in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[place] ^= 1;
            assert!(open(&changed, device, instant(0)).is_err(), "byte {place}");
            changed.0.truncate(place);
            assert!(open(&changed, device, instant(0)).is_err(), "{place} bytes");
        }
    }
}
