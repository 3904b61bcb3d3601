//! What a person decides about a device.

use super::error::EnrolmentError;
use crate::hub::store::Store;
use crate::hub::store::rows::{DeviceRow, DeviceStanding};
use crate::loyalty::DeviceId;

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was looked at and may do everything again.
    Restored,
    /// It may do nothing any more: stolen, lost, gone.
    Revoked,
}

/// Changes what a device may do; says how it stood.
///
/// # Errors
/// [`EnrolmentError::NoWay`]: nothing comes back from being revoked or replaced.
pub(crate) fn change_standing(
    store: &dyn Store,
    device: DeviceId,
    wanted: Standing,
) -> Result<DeviceRow, EnrolmentError> {
    let mut tx = store.write()?;
    let before = tx.lock_device(device)?.ok_or(EnrolmentError::DeviceUnknown { device })?;
    let standing = match (before.standing, wanted) {
        (_, Standing::Revoked) => DeviceStanding::Revoked,
        (DeviceStanding::Active | DeviceStanding::Suspended, Standing::Restored) => {
            DeviceStanding::Active
        }
        (standing, Standing::Restored) => {
            let wanted = name_of(DeviceStanding::Active);
            return Err(EnrolmentError::NoWay { device, standing: name_of(standing), wanted });
        }
    };
    tx.save_device(&DeviceRow { standing, ..before.clone() })?;
    tx.commit()?;
    tracing::info!(%device, from = name_of(before.standing), to = name_of(standing), "standing changed");
    Ok(before)
}

/// A standing in a word.
pub(crate) const fn name_of(standing: DeviceStanding) -> &'static str {
    match standing {
        DeviceStanding::Active => "active",
        DeviceStanding::Suspended => "suspended",
        DeviceStanding::Replaced => "replaced",
        DeviceStanding::Revoked => "revoked",
    }
}
