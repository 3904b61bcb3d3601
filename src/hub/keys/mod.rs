//! The hub's keys: a root that is kept offline signs a numbered list of the keys that the hub works
//! with, each in a file of its own in the data folder.
//!
//! `init` makes them, `rotation` replaces one of them by the next, `ring` is what a running hub
//! holds. A hub signs with the newest key that the newest list names, so that a list is always out
//! before its key is used.

mod init;
mod ring;
mod rotation;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) use self::init::{Init, init};
pub(crate) use self::ring::KeyRing;
pub(crate) use self::rotation::{Place, finish_rotation, renew, start_rotation};
use super::store::error::StoreError;
use super::store::{Store, Tx};
use crate::journal::{EnvelopeError, PublicKey, SigningKey};
use crate::shell::durable_file::{self, FileAccess};
use crate::shell::keys::KeyError;
use crate::wire::sync::{KeyList, KeyListError, KeyUse, ListedKey};

/// The root's public key, in hexadecimal, in the data folder.
const ROOT_PUBLIC_FILE: &str = "root.pub";
/// The root's own name where nobody says another.
pub(crate) const ROOT_FILE: &str = "root.key";

/// How long a list may be used: long enough that nobody's till stops because of a forgotten date,
/// short enough that a list from a lost copy dies some day.
const LIST_LIFE: TimeDelta = TimeDelta::days(5 * 365);

/// Every use by its name, which is its file's too.
pub(crate) const KEY_USES: [(&str, KeyUse); 4] = [
    ("checkpoint", KeyUse::Checkpoint),
    ("programme", KeyUse::Programme),
    ("token", KeyUse::Token),
    ("tls", KeyUse::Tls),
];

/// What a use is called.
pub(crate) fn use_name(key_use: KeyUse) -> &'static str {
    let named = KEY_USES.iter().find(|(_, listed)| *listed == key_use);
    named.map_or("unknown", |(name, _)| name)
}

/// Why something with keys cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// A key file cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The folder has no keys yet.
    #[error("{folder} has no keys of a hub: run `tillward-hub init` first")]
    NotInitialised {
        /// The data folder.
        folder: PathBuf,
    },
    /// The folder has keys, the store has no list, and the root is not at hand.
    #[error("{path} is needed to sign the list of keys: name the root key's file with --root-out")]
    RootNeeded {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The named file is some other key.
    #[error("{path} is not the root key of this hub")]
    OtherRoot {
        /// The file.
        path: PathBuf,
    },
    /// A file of the folder is damaged.
    #[error("{path} does not hold what it should: restore it from the backup")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The stored list is not the root's.
    #[error(
        "the store's list of keys is not signed by this folder's root: is it another hub's store?"
    )]
    List(#[from] KeyListError),
    /// The store has no list.
    #[error("the store has no list of keys: run `tillward-hub init` with the root key once more")]
    NoList,
    /// No key file of a use is on the list.
    #[error(
        "no {key_use} key of {folder} is on the list of keys: copy the keys of the hub that has them"
    )]
    NotListed {
        /// The use.
        key_use: &'static str,
        /// The data folder.
        folder: PathBuf,
    },
    /// One step was not followed by the next.
    #[error(
        "a new {key_use} key is listed already: restart the hub, then retire the old one with --retire-old"
    )]
    UnderWay {
        /// The use.
        key_use: &'static str,
    },
    /// There is no next key.
    #[error(
        "no new {key_use} key is listed: begin with `tillward-hub keys rotate {key_use} --root FILE`"
    )]
    NotBegun {
        /// The use.
        key_use: &'static str,
    },
    /// The list is too large.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The file of the key in use.
fn current_file(folder: &Path, key_use: KeyUse) -> PathBuf {
    folder.join(format!("{}.key", use_name(key_use)))
}

/// The file of the key that comes next.
fn next_file(folder: &Path, key_use: KeyUse) -> PathBuf {
    folder.join(format!("{}.next.key", use_name(key_use)))
}

/// The root's public key.
///
/// # Errors
/// [`KeysError::NotInitialised`] and what a file can do.
pub(crate) fn root_public(folder: &Path) -> Result<PublicKey, KeysError> {
    let path = folder.join(ROOT_PUBLIC_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(KeysError::NotInitialised { folder: folder.to_owned() });
        }
        Err(source) => return Err(KeysError::Io { path, source }),
    };
    let bytes = crate::shell::config::hex(text.trim()).and_then(|bytes| bytes.try_into().ok());
    let key = bytes.and_then(|bytes| PublicKey::parse(bytes).ok());
    key.ok_or(KeysError::Damaged { path })
}

fn write_root_public(folder: &Path, root: &PublicKey) -> Result<(), KeysError> {
    let path = folder.join(ROOT_PUBLIC_FILE);
    let hex: String = root.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    durable_file::replace(&path, format!("{hex}\n").as_bytes(), FileAccess::Everybody)
        .map_err(|source| KeysError::Io { path, source })
}

/// The newest list, checked.
///
/// # Errors
/// [`KeysError::NoList`] where there is none, [`KeysError::List`] where it is another root's.
pub(crate) fn newest_list(tx: &mut dyn Tx, root: &PublicKey) -> Result<KeyList, KeysError> {
    let (_, sealed, _) = tx.newest_key_list()?.ok_or(KeysError::NoList)?;
    Ok(KeyList::open(&sealed, root)?)
}

/// Publishes a list of these keys above every other.
fn publish(
    store: &dyn Store,
    root: &SigningKey,
    change: impl FnOnce(&[ListedKey]) -> Result<Vec<ListedKey>, KeysError>,
    now: DateTime<Utc>,
) -> Result<KeyList, KeysError> {
    let mut tx = store.write()?;
    let newest = tx.newest_key_list()?;
    let before = match &newest {
        Some((_, sealed, _)) => Some(KeyList::open(sealed, &root.public_key())?),
        None => None,
    };
    let keys = change(before.as_ref().map_or(&[], |list| &list.keys))?;
    let serial = before.map_or(0, |list| list.serial) + 1;
    let list = KeyList { serial, keys, expires_at: now + LIST_LIFE };
    let sealed = list.seal(root)?;
    let cursor = tx.next_cursor()?;
    tx.add_key_list(serial, &sealed.bytes, cursor)?;
    tx.commit()?;
    tracing::info!(serial, keys = list.keys.len(), "list of keys published");
    Ok(list)
}
