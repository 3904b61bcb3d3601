//! Makes a device and a hub known to one another, once.
//!
//! What a person carried to the till says by which root the hub is known. Nothing secret is sent
//! before the hub has shown a list of keys that this root signed, and on a connection whose key is
//! in that list.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::rand::SystemRandom;
use rusqlite::Connection;

use super::line::{Answer, HubLine, HubUrl, HubUrlError, LineError, LineSetupError, Request};
use super::tls::AcceptedKeys;
use crate::agent::clock::Clock;
use crate::agent::start::{LEDGER_FILE, StartError, refuse_lost_keys};
use crate::agent::store::base_files;
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::sync_state::{self, SyncState};
use crate::agent::store::ledger::{LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS};
use crate::agent::store::open::{self, OpenError};
use crate::journal::{SigningKey, SoftwareVersion};
use crate::loyalty::StoreId;
use crate::shell::durable_file::{self, FileAccess};
use crate::shell::keys::{self, DIRECTORY_KEY_FILE, KeyError};
use crate::sync::{REPLY_BYTES_MAX, Signing};
use crate::wire::sync::packing::{CONTENT_ENCODING, unpack};
use crate::wire::sync::{
    Contained, EnrolReply, EnrolRequest, HubIdentity, Invitation, KeyList, KeyListError, KeyUse,
    Message, Nonce, Refusal, RefusalKind, RootFingerprint, SealingError, SealingSecret, paths,
};

/// What an enrolment came to.
#[derive(Clone, Debug)]
pub(crate) struct Enrolled {
    /// The hub.
    pub(crate) hub_url: String,
    /// The store that the invitation was for.
    pub(crate) store: StoreId,
    /// What the hub calls this device.
    pub(crate) device: crate::loyalty::DeviceId,
}

/// Why a device is not enrolled; what was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnrolError {
    /// The folder cannot be made.
    #[error("could not make the data folder {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The ledger cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A key is gone that the ledger needs.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A row cannot be read or written.
    #[error("could not read or write the ledger")]
    Store(#[from] StoreError),
    /// The address is none of a hub.
    #[error(transparent)]
    Url(#[from] HubUrlError),
    /// There is no way to the hub.
    #[error(transparent)]
    Setup(#[from] LineSetupError),
    /// The hub did not answer.
    #[error("could not reach the hub at {url}")]
    Line {
        /// Where.
        url: String,
        /// Why.
        #[source]
        source: LineError,
    },
    /// What answers is another hub or none.
    #[error(
        "what answers at {url} is not the hub of the fingerprint: check both with whoever invited this device; nothing was sent"
    )]
    OtherHub {
        /// Where.
        url: String,
    },
    /// The list of keys is not the root's.
    #[error("the hub's list of keys cannot be believed")]
    KeyList(#[from] KeyListError),
    /// The hub said no.
    #[error("the hub refuses the enrolment ({status} {code}): {hint}")]
    Refused {
        /// The status.
        status: u16,
        /// The hub's code for it.
        code: String,
        /// What to do.
        hint: &'static str,
    },
    /// The answer is not one of a hub.
    #[error("the answer of {url} is not one of a hub of this version")]
    Unusable {
        /// Where.
        url: String,
    },
    /// The directory key cannot be opened.
    #[error("the directory key that the hub sent cannot be opened")]
    Sealed(#[from] SealingError),
    /// The folder's members are under another key.
    #[error(
        "the members in {folder} were imported under another directory key than the hub's: move base-*.db and {DIRECTORY_KEY_FILE} out of the folder, then enrol with a new code; the hub's members come instead"
    )]
    OtherDirectory {
        /// The data folder.
        folder: PathBuf,
    },
    /// The folder belongs to another hub.
    #[error(
        "this data folder is enrolled at {url}, a hub of another root: give the device a data folder of its own"
    )]
    OtherRoot {
        /// Where that one is.
        url: String,
    },
}

/// Enrols the device of a data folder. The agent must not run.
///
/// # Errors
/// [`EnrolError`].
pub(crate) async fn enrol(
    folder: &Path,
    invitation: &Invitation,
    clock: Clock,
) -> Result<Enrolled, EnrolError> {
    let url = HubUrl::parse(&invitation.url)?;
    std::fs::create_dir_all(folder)
        .map_err(|source| EnrolError::Folder { path: folder.to_owned(), source })?;
    refuse_lost_keys(folder)?;
    let ledger = folder.join(LEDGER_FILE);
    let mut file = open::open_writer(&ledger, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS)?;
    let before = state_before(&file.connection)?;
    if let Some(other) = before.as_ref().filter(|state| is_other(state, invitation)) {
        return Err(EnrolError::OtherRoot { url: other.hub_url.clone() });
    }
    let (key, _) = keys::load_or_create_device_key(folder)?;
    let hub = Hub { url, key: Arc::new(key), clock };
    let (identity, list) = hub.identity(&invitation.root).await?;
    let (reply, directory_key) = hub.ask_to_enrol(invitation, &list).await?;
    let told = KeyList::open(&reply.key_list.0, &identity.root)?;
    let (list, sealed) = if told.serial > list.serial {
        (told, reply.key_list.0)
    } else {
        (list, identity.key_list.0)
    };
    keep_directory_key(folder, &directory_key)?;
    let is_same = before.filter(|state| state.device == reply.device);
    let state = SyncState {
        hub_url: hub.url.text(),
        device: reply.device,
        store: reply.store.clone(),
        root: identity.root,
        key_list_serial: list.serial,
        key_list: sealed,
        // What was pulled before stands; what this device has never heard comes as a snapshot.
        cursor: is_same.as_ref().map_or(0, |state| state.cursor),
        contained: is_same
            .as_ref()
            .map_or(Contained { epoch: 0, sequence: 0 }, |state| state.contained),
        checkpoint: is_same.as_ref().and_then(|state| state.checkpoint.clone()),
        hub_ahead_ms: is_same.and_then(|state| state.hub_ahead_ms),
    };
    let transaction = file.connection.transaction().map_err(StoreError::from)?;
    sync_state::save(&transaction, &state)?;
    facts::note(&transaction, Fact::BeginsInEpoch, &reply.epoch.to_string())?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(Enrolled { hub_url: state.hub_url, store: reply.store, device: reply.device })
}

/// A state that is damaged is no reason not to enrol again: it is what mends it.
fn state_before(connection: &Connection) -> Result<Option<SyncState>, StoreError> {
    match sync_state::load(connection) {
        Err(StoreError::RowDamaged { .. }) => Ok(None),
        state => state,
    }
}

fn is_other(state: &SyncState, invitation: &Invitation) -> bool {
    RootFingerprint::of(&state.root) != invitation.root
}

/// The hub, while the two get to know each other.
struct Hub {
    url: HubUrl,
    key: Arc<SigningKey>,
    clock: Clock,
}

impl Hub {
    /// Asks anybody who answers who it is, and believes what the fingerprint vouches for.
    async fn identity(&self, root: &RootFingerprint) -> Result<(HubIdentity, KeyList), EnrolError> {
        let answer = self.send(&AcceptedKeys::anybody(), Request::get(paths::KEYS)).await?;
        let identity: HubIdentity = self.message(&answer)?;
        if RootFingerprint::of(&identity.root) != *root {
            return Err(EnrolError::OtherHub { url: self.url.text() });
        }
        let list = KeyList::open(&identity.key_list.0, &identity.root)?;
        Ok((identity, list))
    }

    /// Sends the code to who has one of the list's keys.
    async fn ask_to_enrol(
        &self,
        invitation: &Invitation,
        list: &KeyList,
    ) -> Result<(EnrolReply, [u8; 32]), EnrolError> {
        let secret = SealingSecret::generate(&SystemRandom::new())?;
        let request = EnrolRequest {
            code: invitation.code.as_str().to_owned(),
            public_key: self.key.public_key(),
            sealing_key: secret.public_key(),
            software: SoftwareVersion::clip(env!("CARGO_PKG_VERSION")),
            at: self.clock.now().wall,
        };
        let accepted = AcceptedKeys::only(list.keys_for(KeyUse::Tls));
        let request = Request::post(paths::ENROLMENTS, request.to_message());
        let answer = self.send(&accepted, request).await?;
        let reply: EnrolReply = self.message(&answer)?;
        if reply.device != self.key.device_id() {
            return Err(EnrolError::Unusable { url: self.url.text() });
        }
        let directory_key = secret.open(&reply.directory_key)?;
        Ok((reply, directory_key))
    }

    /// Sends it, and once more by the hub's clock where this one's is wrong.
    async fn send(
        &self,
        accepted: &Arc<AcceptedKeys>,
        request: Request,
    ) -> Result<Answer, EnrolError> {
        let line = |source| EnrolError::Line { url: self.url.text(), source };
        let (url, key) = (self.url.clone(), Arc::clone(&self.key));
        let to_hub = HubLine::new(url, accepted, key, self.clock.clone())?;
        let answer = to_hub.send(request.clone(), &Signing::default()).await.map_err(line)?;
        let Some(signing) = signing_anew(&answer) else { return Ok(answer) };
        to_hub.send(request, &signing).await.map_err(line)
    }

    fn message<M: Message>(&self, answer: &Answer) -> Result<M, EnrolError> {
        let unusable = || EnrolError::Unusable { url: self.url.text() };
        if !(200..300).contains(&answer.status) {
            return Err(refused(answer));
        }
        let is_ours = answer.content_type.as_deref() == Some(paths::CONTENT_TYPE);
        let body = match answer.content_encoding.as_deref() {
            Some(CONTENT_ENCODING) => {
                unpack(&answer.body, REPLY_BYTES_MAX).map_err(|_| unusable())?
            }
            _ => answer.body.clone(),
        };
        M::from_message(&body).ok().filter(|_| is_ours).ok_or_else(unusable)
    }
}

fn signing_anew(answer: &Answer) -> Option<Signing> {
    let told = Refusal::read(&answer.body).filter(|_| answer.status == 401)?;
    if RefusalKind::of_code(&told.code) != Some(RefusalKind::ClockDiffers) {
        return None;
    }
    let nonce = Nonce::parse(told.nonce.as_deref()?)?;
    Some(Signing { created: told.hub_time(), nonce: Some(nonce) })
}

fn refused(answer: &Answer) -> EnrolError {
    let code = Refusal::read(&answer.body).map_or_else(String::new, |told| told.code);
    let hint = match answer.status {
        429 => "wait a minute, then try again",
        400..=499 => {
            "a code serves one device once and not for long: ask for a new one with `tillward-hub`"
        }
        _ => "look at the hub's log",
    };
    EnrolError::Refused { status: answer.status, code, hint }
}

/// Puts the hub's directory key in the folder, unless members are there under another.
fn keep_directory_key(folder: &Path, directory_key: &[u8; 32]) -> Result<(), EnrolError> {
    let path = folder.join(DIRECTORY_KEY_FILE);
    let failed = |source| KeyError::Io { path: path.clone(), source };
    let present = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.map_err(failed)?),
    };
    if present.as_deref() == Some(directory_key) {
        return Ok(());
    }
    if base_files::latest(folder).is_some() {
        return Err(EnrolError::OtherDirectory { folder: folder.to_owned() });
    }
    durable_file::replace(&path, directory_key, FileAccess::OwnerOnly).map_err(failed)?;
    Ok(())
}
