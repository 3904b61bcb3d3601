//! Where the hub answers devices. Each is `POST` with a message or `GET` with a query.

/// `GET`, for anybody: [`super::HubIdentity`].
pub const KEYS: &str = "/sync/v1/keys";
/// `POST` [`super::EnrolRequest`]: makes a device known.
pub const ENROLMENTS: &str = "/sync/v1/enrolments";
/// `POST` [`super::PushBatch`]: records of the device's journal.
pub const RECORDS: &str = "/sync/v1/records";
/// `GET ?after=CURSOR&wait_s=SECONDS`: [`super::Changes`]; waits until there is one or the time is over.
pub const CHANGES: &str = "/sync/v1/changes";
/// `GET`: the [`super::SnapshotManifest`] to begin with.
pub const SNAPSHOT: &str = "/sync/v1/snapshot";
/// `GET CHUNKS/HASH`: one chunk of a snapshot by the hash of its bytes.
pub const CHUNKS: &str = "/sync/v1/chunks";
/// `GET PROGRAMMES/HASH`: the text of a programme by its hash.
pub const PROGRAMMES: &str = "/sync/v1/programmes";
/// The type of every message.
pub const CONTENT_TYPE: &str = "application/vnd.tillward.sync+cbor";
