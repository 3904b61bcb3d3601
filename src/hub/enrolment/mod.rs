//! How devices become known, and stop being so.
//!
//! A code is kept as its hash, works once and for some days; who has it makes one key known for one
//! store. Codes have 80 bits, so none is guessed in its life.

mod error;
mod standing;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use ring::rand::SecureRandom;

pub(crate) use self::error::EnrolmentError;
pub(crate) use self::standing::{Standing, change_standing, name_of};
use super::store::rows::{DeviceRow, DeviceStanding, EnrolmentRow};
use super::store::{Store, Tx};
use crate::journal::ContentHash;
use crate::loyalty::{DeviceId, StoreId};
use crate::shell::keys::DIRECTORY_KEY_BYTES;
use crate::wire::sync::{Bytes, EnrolReply, EnrolRequest, EnrolmentCode, SealedKey};

/// How long a code works where nobody says: a till is set up within days of its order.
pub(crate) const CODE_DAYS: u16 = 7;

/// The epoch in which a new device's journal begins.
const FIRST_EPOCH: u32 = 1;

/// A device that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// What people call it.
    pub(crate) name: String,
    /// The store it serves.
    pub(crate) store: StoreId,
    /// The group that wanted versions go by.
    pub(crate) group: String,
    /// The device whose place it takes.
    pub(crate) replaces: Option<DeviceId>,
    /// How long its code works.
    pub(crate) code_life: TimeDelta,
}

/// A new code.
///
/// # Errors
/// [`EnrolmentError::NoRandomness`].
pub(crate) fn new_code(random: &dyn SecureRandom) -> Result<EnrolmentCode, EnrolmentError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes).map_err(|_| EnrolmentError::NoRandomness)?;
    Ok(EnrolmentCode::of_random(bytes))
}

/// Expects a device under a code. Says until when.
///
/// # Errors
/// [`EnrolmentError::ReplacedUnknown`] where the device whose place it takes is not there, or
/// another took it already.
pub(crate) fn expect(
    store: &dyn Store,
    expected: Expected,
    code: &EnrolmentCode,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, EnrolmentError> {
    let Expected { name, store: of_store, group, replaces, code_life } = expected;
    let expires_at = now + code_life;
    let mut tx = store.write()?;
    if let Some(device) = replaces {
        let row = tx.device(device)?.ok_or(EnrolmentError::ReplacedUnknown { device })?;
        if row.standing == DeviceStanding::Replaced {
            return Err(EnrolmentError::ReplacedBefore { device });
        }
    }
    tx.add_enrolment(&EnrolmentRow {
        code_hash: hash_of(code),
        name,
        store: of_store,
        group,
        replaces,
        expires_at,
        used_by: None,
    })?;
    tx.commit()?;
    tracing::info!(expires_at = %expires_at, replaces = replaces.is_some(), "a device is expected");
    Ok(expires_at)
}

/// Makes a device known. The request is signed with the key that it names: the caller checked that.
/// The same request again is answered again, for an answer can be lost on its way.
///
/// # Errors
/// [`EnrolmentError`]; nothing is changed then.
pub(crate) fn enrol(
    store: &dyn Store,
    directory: &[u8; DIRECTORY_KEY_BYTES],
    request: &EnrolRequest,
    random: &dyn SecureRandom,
    now: DateTime<Utc>,
) -> Result<EnrolReply, EnrolmentError> {
    let code = EnrolmentCode::parse(&request.code).map_err(|_| EnrolmentError::CodeUnknown)?;
    let code_hash = hash_of(&code);
    let directory_key = SealedKey::seal(directory, &request.sealing_key, random)?;
    let mut tx = store.write()?;
    let enrolment = tx.lock_enrolment(&code_hash)?.ok_or(EnrolmentError::CodeUnknown)?;
    let device = request.public_key.device_id();
    let known = tx.device(device)?;
    match (enrolment.used_by, known) {
        (Some(by), Some(row)) if by == device && row.standing != DeviceStanding::Revoked => {}
        (Some(_), _) => return Err(EnrolmentError::CodeUsed),
        (None, Some(_)) => return Err(EnrolmentError::KeyEnrolled { device }),
        (None, None) if enrolment.expires_at <= now => return Err(EnrolmentError::CodeExpired),
        (None, None) => {
            take_in(&mut *tx, &enrolment, request, device, now)?;
            tx.use_enrolment(&code_hash, device)?;
        }
    }
    let (_, key_list, _) = tx.newest_key_list()?.ok_or(EnrolmentError::NoKeyList)?;
    tx.commit()?;
    Ok(EnrolReply {
        device,
        store: enrolment.store,
        epoch: FIRST_EPOCH,
        key_list: Bytes(key_list),
        directory_key,
        at: now,
    })
}

fn take_in(
    tx: &mut dyn Tx,
    enrolment: &EnrolmentRow,
    request: &EnrolRequest,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<(), EnrolmentError> {
    if let Some(replaced) = enrolment.replaces {
        let mut row = tx
            .lock_device(replaced)?
            .ok_or(EnrolmentError::ReplacedUnknown { device: replaced })?;
        match row.standing {
            // Revoked stays: what may do nothing must not push again.
            DeviceStanding::Revoked => {}
            DeviceStanding::Replaced => {
                return Err(EnrolmentError::ReplacedBefore { device: replaced });
            }
            DeviceStanding::Active | DeviceStanding::Suspended => {
                row.standing = DeviceStanding::Replaced;
                tx.save_device(&row)?;
            }
        }
    }
    tx.save_device(&DeviceRow {
        device,
        name: enrolment.name.clone(),
        store: enrolment.store.clone(),
        group: enrolment.group.clone(),
        key: request.public_key,
        standing: DeviceStanding::Active,
        replaces: enrolment.replaces,
        head: None,
        checkpoint: 0,
        enrolled_at: now,
        seen_at: Some(now),
        software: request.software.as_str().to_owned(),
        clock_offset_ms: request.at.signed_duration_since(now).num_milliseconds(),
    })?;
    tracing::info!(%device, store = %enrolment.store, "device enrolled");
    Ok(())
}

/// What is kept of a code.
fn hash_of(code: &EnrolmentCode) -> [u8; 32] {
    *ContentHash::of(code.as_str().as_bytes()).as_bytes()
}
