//! Replaces a key by the next, in two steps: first the list names both, then, when the hub signs
//! with the new one, the old one leaves the list.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::{KeysError, current_file, newest_list, next_file, publish, root_public, use_name};
use crate::hub::store::Store;
use crate::journal::{PublicKey, SigningKey};
use crate::shell::durable_file;
use crate::shell::keys;
use crate::wire::sync::{KeyList, KeyUse, ListedKey};

/// What a step did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rotated {
    /// The list in force now.
    pub(crate) list: KeyList,
    /// The key that signs, or will after a restart.
    pub(crate) key: PublicKey,
}

/// Who may sign lists, and where.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The data folder.
    pub(crate) folder: &'a Path,
    /// The file of the root key.
    pub(crate) root_file: &'a Path,
    /// The store.
    pub(crate) store: &'a dyn Store,
    /// Now.
    pub(crate) now: DateTime<Utc>,
}

/// Makes the next key of a use and publishes a list that names it beside the present one.
///
/// # Errors
/// [`KeysError::UnderWay`] where that was done already.
pub(crate) fn start_rotation(place: Place<'_>, key_use: KeyUse) -> Result<Rotated, KeysError> {
    let root = root_key(place)?;
    let list = newest_list(&mut *place.store.read()?, &root.public_key())?;
    settle_interrupted(place.folder, &list, key_use)?;
    let (next, _) = keys::load_or_create_key_pair(&next_file(place.folder, key_use))?;
    let key = next.key.public_key();
    let list = publish(
        place.store,
        &root,
        |before| {
            if before.iter().any(|listed| listed.key == key) {
                return Err(KeysError::UnderWay { key_use: use_name(key_use) });
            }
            let added = ListedKey { key_use: key_use.number(), key };
            Ok(before.iter().cloned().chain([added]).collect())
        },
        place.now,
    )?;
    Ok(Rotated { list, key })
}

/// Publishes a list without the old key, and gives the new one its place.
///
/// # Errors
/// [`KeysError::NotBegun`] where no next key is listed.
pub(crate) fn finish_rotation(place: Place<'_>, key_use: KeyUse) -> Result<Rotated, KeysError> {
    let root = root_key(place)?;
    let not_begun = || KeysError::NotBegun { key_use: use_name(key_use) };
    let next = keys::load_key_pair(&next_file(place.folder, key_use))?.ok_or_else(not_begun)?;
    let key = next.key.public_key();
    let list = publish(
        place.store,
        &root,
        |before| {
            let of_use = |listed: &&ListedKey| listed.key_use == key_use.number();
            if !before.iter().filter(of_use).any(|listed| listed.key == key) {
                return Err(not_begun());
            }
            let stays = |listed: &&ListedKey| !of_use(listed) || listed.key == key;
            Ok(before.iter().filter(stays).cloned().collect())
        },
        place.now,
    )?;
    give_place(place.folder, key_use)?;
    Ok(Rotated { list, key })
}

/// Publishes the same keys with a new date.
///
/// # Errors
/// [`KeysError`].
pub(crate) fn renew(place: Place<'_>) -> Result<KeyList, KeysError> {
    let root = root_key(place)?;
    newest_list(&mut *place.store.read()?, &root.public_key())?;
    publish(place.store, &root, |before| Ok(before.to_vec()), place.now)
}

fn root_key(place: Place<'_>) -> Result<SigningKey, KeysError> {
    let path = place.root_file;
    let pair = keys::load_key_pair(path)?;
    let pair = pair.ok_or_else(|| KeysError::RootNeeded { path: path.to_owned() })?;
    if pair.key.public_key() != root_public(place.folder)? {
        return Err(KeysError::OtherRoot { path: path.to_owned() });
    }
    Ok(pair.key)
}

/// A step that was cut between the list and the file: only the next key is listed.
fn settle_interrupted(folder: &Path, list: &KeyList, key_use: KeyUse) -> Result<(), KeysError> {
    let is_listed = |path: &Path| -> Result<bool, KeysError> {
        let pair = keys::load_key_pair(path)?;
        Ok(pair.is_some_and(|pair| list.key_for(key_use, pair.key.key_id()).is_some()))
    };
    if is_listed(&next_file(folder, key_use))? && !is_listed(&current_file(folder, key_use))? {
        give_place(folder, key_use)?;
    }
    Ok(())
}

fn give_place(folder: &Path, key_use: KeyUse) -> Result<(), KeysError> {
    let path = current_file(folder, key_use);
    std::fs::rename(next_file(folder, key_use), &path)
        .and_then(|()| durable_file::sync_folder_of(&path))
        .map_err(|source| KeysError::Io { path, source })
}
