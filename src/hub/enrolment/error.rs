use crate::hub::store::error::StoreError;
use crate::loyalty::DeviceId;
use crate::wire::sync::SealingError;

/// Why a device does not become known, or its standing stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnrolmentError {
    /// Nobody was expected under this code.
    #[error("this code is not known: compare it with what `tillward-hub device add` printed")]
    CodeUnknown,
    /// It came too late.
    #[error("this code is no longer good: ask for a new one (`tillward-hub device add`)")]
    CodeExpired,
    /// Another device has used it.
    #[error(
        "this code was used by another device: ask for a new one, and if nobody of yours used it, revoke that device"
    )]
    CodeUsed,
    /// The key is a known device's.
    #[error(
        "this key is enrolled already, as device {device}: a new device makes a key of its own"
    )]
    KeyEnrolled {
        /// The device.
        device: DeviceId,
    },
    /// The device whose place is taken is not there.
    #[error("there is no device {device} to replace")]
    ReplacedUnknown {
        /// The device.
        device: DeviceId,
    },
    /// Its place is taken.
    #[error("device {device} was replaced already")]
    ReplacedBefore {
        /// The device.
        device: DeviceId,
    },
    /// No such device.
    #[error("there is no device {device}")]
    DeviceUnknown {
        /// The device.
        device: DeviceId,
    },
    /// What was asked does not follow from how it stands.
    #[error("device {device} is {standing} and cannot become {wanted}")]
    NoWay {
        /// The device.
        device: DeviceId,
        /// How it stands.
        standing: &'static str,
        /// What was asked.
        wanted: &'static str,
    },
    /// The hub was not set up.
    #[error("the hub has no list of keys: run `tillward-hub init`")]
    NoKeyList,
    /// The request's key for sealing is none.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// The system has none.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
