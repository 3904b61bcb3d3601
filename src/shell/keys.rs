//! The secrets of a device: its signing key and the programme's directory key, each in a file of
//! its own that only the daemon's user can read.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::Ed25519KeyPair;
use ring::{hkdf, hmac};

use crate::journal::SigningKey;
use crate::shell::durable_file::{self, FileAccess};

/// The device's Ed25519 key, PKCS#8, in the data folder.
pub(crate) const DEVICE_KEY_FILE: &str = "device.key";
/// The programme's directory key, 32 bytes, in the data folder.
pub(crate) const DIRECTORY_KEY_FILE: &str = "directory.key";
/// Length of the directory key and of every key derived from it.
pub(crate) const DIRECTORY_KEY_BYTES: usize = 32;
/// Keeps keys derived here apart from any other use of the same secret (RFC 5869, salt).
const DERIVATION_SALT: &[u8] = b"tillward/directory-key/v1";
const SEALING_LABEL: &str = "seal member secret";
/// Keeps referral codes apart from card numbers under the same key.
const REFERRAL_LABEL: &str = "referral:";

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// Others than the daemon's user can read or change the file.
    #[error(
        "{path} can be read by others (mode {mode:o}): run `chmod 600` on it, and if others may have read it, enrol this device again"
    )]
    ReadableByOthers {
        /// The key file.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
    /// The content is no key of the expected kind. The file is left as it is.
    #[error(
        "{path} does not hold a key: restore it from the backup, it is never replaced by a new one"
    )]
    Malformed {
        /// The key file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// Whether a key was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyOrigin {
    /// It was read from its file.
    Loaded,
    /// It was made now: this is the device's first start.
    Created,
}

/// The key that signs this device's journal, from `folder`; at the first start a new one is made and
/// durably written. It never leaves the device.
///
/// # Errors
/// See [`KeyError`]; an existing file is never overwritten.
pub(crate) fn load_or_create_device_key(
    folder: &Path,
) -> Result<(SigningKey, KeyOrigin), KeyError> {
    let (pair, origin) = load_or_create_key_pair(&folder.join(DEVICE_KEY_FILE))?;
    Ok((pair.key, origin))
}

/// An Ed25519 key with the file's bytes, for what takes them itself (TLS).
#[derive(Debug)]
pub(crate) struct KeyPairFile {
    /// The key.
    pub(crate) key: SigningKey,
    /// PKCS #8.
    pub(crate) pkcs8: SecretBytes,
}

/// Bytes that no log shows.
#[derive(Clone)]
pub(crate) struct SecretBytes(pub(crate) Vec<u8>);

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretBytes(..)")
    }
}

/// The Ed25519 key of a file; where there is none a new one is made and durably written.
///
/// # Errors
/// See [`KeyError`]; an existing file is never overwritten.
pub(crate) fn load_or_create_key_pair(path: &Path) -> Result<(KeyPairFile, KeyOrigin), KeyError> {
    let (pkcs8, origin) = read_or_create(path, || {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        made.map(|document| document.as_ref().to_vec()).map_err(|_| KeyError::NoRandomness)
    })?;
    Ok((key_pair(path, pkcs8)?, origin))
}

/// The Ed25519 key of a file; none where there is no file.
///
/// # Errors
/// See [`KeyError`].
pub(crate) fn load_key_pair(path: &Path) -> Result<Option<KeyPairFile>, KeyError> {
    match fs::read(path) {
        Ok(pkcs8) => {
            refuse_shared(path)?;
            key_pair(path, pkcs8).map(Some)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeyError::Io { path: path.to_owned(), source }),
    }
}

fn key_pair(path: &Path, pkcs8: Vec<u8>) -> Result<KeyPairFile, KeyError> {
    let key = SigningKey::from_pkcs8(&pkcs8)
        .map_err(|_| KeyError::Malformed { path: path.to_owned() })?;
    Ok(KeyPairFile { key, pkcs8: SecretBytes(pkcs8) })
}

/// The bytes of the directory key in `folder`, as a hub seals them to its devices; where there is
/// none a random one is made and durably written.
///
/// # Errors
/// See [`KeyError`]; an existing file is never overwritten.
pub(crate) fn load_or_create_directory_bytes(
    folder: &Path,
) -> Result<([u8; DIRECTORY_KEY_BYTES], KeyOrigin), KeyError> {
    let path = folder.join(DIRECTORY_KEY_FILE);
    let (bytes, origin) =
        read_or_create(&path, || random::<DIRECTORY_KEY_BYTES>().map(|bytes| bytes.to_vec()))?;
    let bytes = bytes.try_into().map_err(|_| KeyError::Malformed { path })?;
    Ok((bytes, origin))
}

/// The programme-wide key under which member codes are looked up and member secrets are sealed.
///
/// It keeps a copied database from giving away who is in it; it does not stop a stolen till.
#[derive(Clone)]
pub(crate) struct DirectoryKey {
    codes: hmac::Key,
    derivation: hkdf::Prk,
    sealing: LessSafeKey,
}

impl fmt::Debug for DirectoryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DirectoryKey").finish_non_exhaustive()
    }
}

/// A sealed secret does not open: another key, another member, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret does not open with this directory key and member")]
pub(crate) struct SealBroken;

impl DirectoryKey {
    /// The key in `folder`; where there is none a random one is made and durably written.
    ///
    /// # Errors
    /// See [`KeyError`]; an existing file is never overwritten.
    pub(crate) fn load_or_create(folder: &Path) -> Result<(Self, KeyOrigin), KeyError> {
        let (bytes, origin) = load_or_create_directory_bytes(folder)?;
        Ok((Self::from_bytes(&bytes), origin))
    }

    /// The key with these bytes, as a hub gives it to a device.
    pub(crate) fn from_bytes(bytes: &[u8; DIRECTORY_KEY_BYTES]) -> Self {
        let derivation = hkdf::Salt::new(hkdf::HKDF_SHA256, DERIVATION_SALT).extract(bytes);
        let info = [SEALING_LABEL.as_bytes()];
        let sealing = derivation
            .expand(&info, &CHACHA20_POLY1305)
            .map(|material| LessSafeKey::new(UnboundKey::from(material)))
            .expect("a key of this algorithm is far shorter than HKDF's limit");
        Self { codes: hmac::Key::new(hmac::HMAC_SHA256, bytes), derivation, sealing }
    }

    /// What a member code is stored and looked up by: the first 8 bytes of its HMAC-SHA-256,
    /// big-endian.
    pub(crate) fn hash_code(&self, code: &str) -> i64 {
        let tag = hmac::sign(&self.codes, code.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        i64::from_be_bytes(first)
    }

    /// What a referral code is stored and looked up by: apart from card numbers, and capitals and
    /// small letters are alike, for people type it.
    pub(crate) fn hash_referral_code(&self, code: &str) -> i64 {
        self.hash_code(&format!("{REFERRAL_LABEL}{}", code.trim().to_uppercase()))
    }

    /// A key for one purpose (HKDF-SHA-256, RFC 5869); other labels give unrelated keys.
    pub(crate) fn derive_key(&self, label: &str) -> [u8; 32] {
        let mut key = [0; 32];
        self.derivation
            .expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|material| material.fill(&mut key))
            .expect("32 bytes are far less than HKDF's limit");
        key
    }

    /// Encrypts a member's secret so that it opens for that member only: nonce, text, tag
    /// (ChaCha20-Poly1305, RFC 8439).
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub(crate) fn seal(&self, secret: &[u8], member: &[u8]) -> Result<Vec<u8>, KeyError> {
        // A random nonce repeats with a chance of 2^-33 after 2^32 seals; a programme has far fewer.
        let nonce = random::<NONCE_LEN>()?;
        let mut text = secret.to_vec();
        self.sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(member),
                &mut text,
            )
            .expect("a member's secret is far shorter than the algorithm's limit");
        Ok([nonce.as_slice(), &text].concat())
    }

    /// Decrypts what [`DirectoryKey::seal`] made for the same member.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub(crate) fn open(&self, sealed: &[u8], member: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(SealBroken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealBroken)?;
        let mut text = text.to_vec();
        let secret = self.sealing.open_in_place(nonce, Aad::from(member), &mut text);
        secret.map(|secret| secret.to_vec()).map_err(|_| SealBroken)
    }
}

fn read_or_create(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, KeyError>,
) -> Result<(Vec<u8>, KeyOrigin), KeyError> {
    let failed = |source| KeyError::Io { path: path.to_owned(), source };
    match fs::read(path) {
        Ok(bytes) => {
            refuse_shared(path)?;
            Ok((bytes, KeyOrigin::Loaded))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make()?;
            durable_file::write_new(path, &bytes, FileAccess::OwnerOnly).map_err(failed)?;
            tracing::info!(file = %path.display(), "key created");
            Ok((bytes, KeyOrigin::Created))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let found = path.metadata().map_err(|source| KeyError::Io { path: path.to_owned(), source })?;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(KeyError::ReadableByOthers { path: path.to_owned(), mode })
}

#[cfg(not(unix))]
fn refuse_shared(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// Random bytes of the system.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub(crate) fn random<const BYTES: usize>() -> Result<[u8; BYTES], KeyError> {
    let mut bytes = [0; BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> DirectoryKey {
        DirectoryKey::from_bytes(&[byte; DIRECTORY_KEY_BYTES])
    }

    #[test]
    fn the_first_start_makes_keys_and_every_later_one_loads_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let (device, origin) = load_or_create_device_key(folder.path()).expect("made");
        assert_eq!(origin, KeyOrigin::Created);
        let (directory, origin) = DirectoryKey::load_or_create(folder.path()).expect("made");
        assert_eq!(origin, KeyOrigin::Created);
        let (device_again, origin) = load_or_create_device_key(folder.path()).expect("read");
        assert_eq!(origin, KeyOrigin::Loaded);
        let (directory_again, origin) = DirectoryKey::load_or_create(folder.path()).expect("read");
        assert_eq!(origin, KeyOrigin::Loaded);
        assert_eq!(device.public_key(), device_again.public_key());
        assert_eq!(
            directory.hash_code("2000000000015"),
            directory_again.hash_code("2000000000015")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_is_made_for_its_owner_and_refused_when_others_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        load_or_create_device_key(folder.path()).expect("made");
        let path = folder.path().join(DEVICE_KEY_FILE);
        let mode = path.metadata().expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        for (mode, refused) in [(0o640, true), (0o604, true), (0o620, true), (0o400, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("changed");
            match load_or_create_device_key(folder.path()) {
                Err(KeyError::ReadableByOthers { .. }) => assert!(refused, "{mode:o}"),
                other => assert!(!refused && other.is_ok(), "{mode:o}"),
            }
        }
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_and_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [DEVICE_KEY_FILE, DIRECTORY_KEY_FILE] {
            let path = folder.path().join(name);
            durable_file::write_new(&path, b"torn", FileAccess::OwnerOnly).expect("written");
            let refused = match name {
                DEVICE_KEY_FILE => load_or_create_device_key(folder.path()).map(drop),
                _ => DirectoryKey::load_or_create(folder.path()).map(drop),
            };
            assert!(matches!(refused, Err(KeyError::Malformed { .. })), "{name}");
            assert_eq!(fs::read(&path).expect("readable"), b"torn");
        }
    }

    #[test]
    fn a_code_is_hashed_by_hmac_sha_256() {
        // RFC 4231, test case 1 pads its 20-byte key with zeros to the block, as HMAC does.
        let mut rfc_key = [0; DIRECTORY_KEY_BYTES];
        rfc_key[..20].fill(0x0b);
        let hash = DirectoryKey::from_bytes(&rfc_key).hash_code("Hi There");
        assert_eq!(hash.to_be_bytes(), [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]);
        assert_ne!(key(1).hash_code("Hi There"), key(2).hash_code("Hi There"));
    }

    #[test]
    fn a_label_gives_one_key_of_its_own() {
        assert_eq!(key(1).derive_key("a"), key(1).derive_key("a"));
        assert_ne!(key(1).derive_key("a"), key(1).derive_key("b"));
        assert_ne!(key(1).derive_key("a"), key(2).derive_key("a"));
        assert_ne!(key(1).derive_key(""), [1; 32]);
    }

    #[test]
    fn a_sealed_secret_opens_for_its_member_and_key_only() {
        let sealed = key(1).seal(b"totp secret", b"member 7").expect("sealed");
        assert_eq!(key(1).open(&sealed, b"member 7").expect("opens"), b"totp secret");
        assert_eq!(key(1).open(&sealed, b"member 8"), Err(SealBroken));
        assert_eq!(key(2).open(&sealed, b"member 7"), Err(SealBroken));
        for cut in 0..sealed.len() {
            assert_eq!(key(1).open(&sealed[..cut], b"member 7"), Err(SealBroken), "{cut} bytes");
        }
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key(1).open(&changed, b"member 7"), Err(SealBroken), "byte {place}");
        }
        let again = key(1).seal(b"totp secret", b"member 7").expect("sealed");
        assert_ne!(again, sealed, "the nonce is new each time");
    }

    #[test]
    fn no_secret_is_shown() {
        let shown = format!("{:?}", key(7));
        assert!(shown.contains("DirectoryKey") && !shown.contains('7'), "{shown}");
    }
}
