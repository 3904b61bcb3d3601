//! What one request, and all of them together, may take.

use std::time::Duration;

use crate::wire::sync::MESSAGE_BYTES_MAX;

/// The largest body as it is sent: records hardly shrink below a third, so what is larger unpacks to
/// more than is taken.
pub(crate) const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How much of a body that is too large is read and thrown away, so that its sender hears why; beyond
/// it the connection is closed.
pub(crate) const DISCARDED_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;

/// The largest body when it is unpacked: what a message may be.
pub(crate) const UNPACKED_BYTES_MAX: usize = MESSAGE_BYTES_MAX;

/// The largest request to enrol, packed or not: a code and three keys.
pub(crate) const ENROLMENT_BYTES_MAX: usize = 4 * 1024;

/// A request that takes longer is given up: a batch of a thousand receipts on a busy disk takes
/// seconds, and the body comes over a shop's line.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest that a question for changes may wait: below what proxies and address translators
/// keep a silent connection.
pub(crate) const WAIT_S_MAX: u64 = 50;

/// The most connections that are told at once that there are too many; beyond it they are closed
/// without a word.
pub(crate) const REFUSALS_MAX: usize = 64;

/// A connection without a byte in either direction is closed after this long: above the longest
/// wait and the request's own time.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// How long a client may take for its TLS handshake.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections whose handshake is done and that wait to be served.
pub(crate) const ACCEPTED_WAITING_MAX: usize = 64;

/// How long open requests may take after the hub was told to stop.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Threads that work on the store at once: as many as the store keeps connections to PostgreSQL, so
/// that none waits for one; SQLite writes one transaction at a time.
pub(crate) const STORE_THREADS_MAX: usize = 8;

/// How often the hub looks for what other processes committed.
pub(crate) const CURSOR_EVERY: Duration = Duration::from_millis(500);

/// How long a device that waits for changes is kept waiting behind the first one: a busy chain
/// commits many times a second, and a thousand devices must not look each time.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// How often a device that is heard all the time is noted as heard.
pub(crate) const SEEN_EVERY: Duration = Duration::from_secs(60);

/// How often unknown keys make the hub read the list of devices again.
pub(crate) const DEVICES_EVERY: Duration = Duration::from_secs(1);

/// Wrong codes that are looked up in a minute; codes have 80 bits, so this spares the store, not the
/// codes.
pub(crate) const WRONG_CODES_MAX: u32 = 60;
