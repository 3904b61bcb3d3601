//! Which device a key is of.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::limits::{DEVICES_EVERY, SEEN_EVERY};
use crate::hub::store::Store;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::DeviceRow;
use crate::journal::KeyId;
use crate::loyalty::DeviceId;

/// Keys by their names, as far as they were looked up. The device itself is read anew each time: a
/// revoked one is refused at once.
#[derive(Debug, Default)]
pub(super) struct KnownDevices {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_key: BTreeMap<KeyId, DeviceId>,
    read_at: Option<Instant>,
    seen_at: BTreeMap<DeviceId, Instant>,
}

impl KnownDevices {
    /// The device of a key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn find(
        &self,
        store: &dyn Store,
        key_id: KeyId,
    ) -> Result<Option<DeviceRow>, StoreError> {
        let mut tx = store.read()?;
        if let Some(device) = self.lock().by_key.get(&key_id).copied() {
            // A key that was replaced by the device's next one is none any more.
            return Ok(tx.device(device)?.filter(|row| row.key.key_id() == key_id));
        }
        if !self.may_read_all() {
            return Ok(None);
        }
        let rows = tx.devices()?;
        self.lock().by_key.extend(rows.iter().map(|row| (row.key.key_id(), row.device)));
        Ok(rows.into_iter().find(|row| row.key.key_id() == key_id))
    }

    /// A device was enrolled here.
    pub(super) fn note(&self, key_id: KeyId, device: DeviceId) {
        self.lock().by_key.insert(key_id, device);
    }

    /// Whether it is time to note that a device was heard; asking counts as noting.
    pub(super) fn is_seen_due(&self, device: DeviceId) -> bool {
        let now = Instant::now();
        let mut known = self.lock();
        let due = known.seen_at.get(&device).is_none_or(|seen| now - *seen >= SEEN_EVERY);
        if due {
            known.seen_at.insert(device, now);
        }
        due
    }

    /// Keys that nobody knows must not make the hub read all devices for each request.
    fn may_read_all(&self) -> bool {
        let now = Instant::now();
        let mut known = self.lock();
        let due = known.read_at.is_none_or(|read| now - read >= DEVICES_EVERY);
        if due {
            known.read_at = Some(now);
        }
        due
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
