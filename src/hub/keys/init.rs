//! Makes the hub's keys and the first list.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{
    KEY_USES, KeysError, ROOT_PUBLIC_FILE, current_file, newest_list, publish, root_public,
    write_root_public,
};
use crate::hub::store::Store;
use crate::journal::{PublicKey, SigningKey};
use crate::shell::keys::{self, KeyOrigin};
use crate::wire::sync::{KeyList, ListedKey, RootFingerprint};

/// What a hub is made of.
pub(crate) struct Init<'a> {
    /// The data folder; it is there.
    pub(crate) folder: &'a Path,
    /// Where the root key goes.
    pub(crate) root_file: &'a Path,
    /// The store.
    pub(crate) store: &'a dyn Store,
    /// Now.
    pub(crate) now: DateTime<Utc>,
}

/// What was made, or was there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Initialised {
    /// The root's fingerprint.
    pub(crate) fingerprint: RootFingerprint,
    /// Where the root key was written now; none where nothing was to be signed.
    pub(crate) root_file: Option<PathBuf>,
    /// The list in force.
    pub(crate) list: KeyList,
}

/// Makes what is missing; doing it again changes nothing.
///
/// # Errors
/// [`KeysError::RootNeeded`] where the root is elsewhere and has to sign.
pub(crate) fn init(init: &Init<'_>) -> Result<Initialised, KeysError> {
    let is_new = !init.folder.join(ROOT_PUBLIC_FILE).exists();
    if !is_new {
        let root = root_public(init.folder)?;
        match newest_list(&mut *init.store.read()?, &root) {
            Ok(list) => return Ok(told(&root, None, list)),
            Err(KeysError::NoList) => {}
            Err(error) => return Err(error),
        }
    }
    let (root, origin) = root_key(init, is_new)?;
    let mut listed = Vec::with_capacity(KEY_USES.len());
    for (_, key_use) in KEY_USES {
        let (pair, _) = keys::load_or_create_key_pair(&current_file(init.folder, key_use))?;
        let key = pair.key.public_key();
        listed.push(ListedKey { key_use: key_use.number(), key });
    }
    keys::load_or_create_directory_bytes(init.folder)?;
    write_root_public(init.folder, &root.public_key())?;
    let list = publish(init.store, &root, |_| Ok(listed), init.now)?;
    let written = (origin == KeyOrigin::Created).then(|| init.root_file.to_owned());
    Ok(told(&root.public_key(), written, list))
}

fn root_key(init: &Init<'_>, is_new: bool) -> Result<(SigningKey, KeyOrigin), KeysError> {
    let path = init.root_file;
    if is_new {
        let (pair, origin) = keys::load_or_create_key_pair(path)?;
        return Ok((pair.key, origin));
    }
    let pair = keys::load_key_pair(path)?;
    let pair = pair.ok_or_else(|| KeysError::RootNeeded { path: path.to_owned() })?;
    if pair.key.public_key() != root_public(init.folder)? {
        return Err(KeysError::OtherRoot { path: path.to_owned() });
    }
    Ok((pair.key, KeyOrigin::Loaded))
}

fn told(root: &PublicKey, root_file: Option<PathBuf>, list: KeyList) -> Initialised {
    Initialised { fingerprint: RootFingerprint::of(root), root_file, list }
}
