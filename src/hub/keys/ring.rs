//! The keys that a running hub holds.

use std::path::Path;

use ring::hmac;

use super::{KeysError, current_file, newest_list, next_file, root_public, use_name};
use crate::hub::store::Store;
use crate::journal::{PublicKey, SigningKey};
use crate::shell::keys::{self, DIRECTORY_KEY_BYTES, KeyPairFile, SecretBytes};
use crate::wire::sync::{HubNonces, KeyList, KeyUse, RootFingerprint};

/// Keeps the secret of nonces apart from any other use of the key that it comes from.
const NONCE_LABEL: &[u8] = b"tillward/hub-nonces/v1";

/// The keys that a running hub holds.
pub(crate) struct KeyRing {
    /// The root's public key.
    pub(crate) root: PublicKey,
    /// Signs checkpoints.
    pub(crate) checkpoint: SigningKey,
    /// Signs notices of programmes.
    pub(crate) programme: SigningKey,
    /// The TLS key as PKCS #8.
    pub(crate) tls: SecretBytes,
    /// The directory key, to be sealed to devices.
    pub(crate) directory: [u8; DIRECTORY_KEY_BYTES],
    /// Gives out nonces; every process with these keys knows those of the others.
    pub(crate) nonces: HubNonces,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({})", self.fingerprint())
    }
}

impl KeyRing {
    /// The keys of a folder: of each use the newest that the store's newest list names.
    ///
    /// # Errors
    /// [`KeysError`] where one is missing or not listed.
    pub(crate) fn load(folder: &Path, store: &dyn Store) -> Result<Self, KeysError> {
        let root = root_public(folder)?;
        let list = newest_list(&mut *store.read()?, &root)?;
        let checkpoint = listed(folder, &list, KeyUse::Checkpoint)?;
        let programme = listed(folder, &list, KeyUse::Programme)?;
        let tls = listed(folder, &list, KeyUse::Tls)?;
        let (directory, _) = keys::load_or_create_directory_bytes(folder)?;
        Ok(Self {
            root,
            nonces: nonces(&checkpoint.pkcs8),
            checkpoint: checkpoint.key,
            programme: programme.key,
            tls: tls.pkcs8,
            directory,
        })
    }

    /// By what tills know the hub.
    pub(crate) fn fingerprint(&self) -> RootFingerprint {
        RootFingerprint::of(&self.root)
    }
}

fn listed(folder: &Path, list: &KeyList, key_use: KeyUse) -> Result<KeyPairFile, KeysError> {
    for path in [next_file(folder, key_use), current_file(folder, key_use)] {
        let Some(pair) = keys::load_key_pair(&path)? else { continue };
        if list.key_for(key_use, pair.key.key_id()).is_some() {
            return Ok(pair);
        }
    }
    Err(KeysError::NotListed { key_use: use_name(key_use), folder: folder.to_owned() })
}

fn nonces(secret: &SecretBytes) -> HubNonces {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret.0), NONCE_LABEL);
    let bytes = tag.as_ref().try_into().expect("an HMAC-SHA-256 has 32 bytes");
    HubNonces::new(bytes)
}
