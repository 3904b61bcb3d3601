//! What one request, and all of them together, may take.

use std::time::Duration;

/// The largest body: 10,000 lines of 400 bytes.
pub(crate) const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The deepest JSON that is read. It is what `serde_json` recurses to; no body of ours has more
/// than three levels.
pub(crate) const BODY_DEPTH_MAX: usize = 128;

/// A request that takes longer is given up: a till sells without us after half a second.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The most connections at once: a store has two dozen tills, each with a few.
pub(crate) const CONNECTIONS_MAX: usize = 256;

/// The most connections that are told at once that there are too many; beyond it they are closed
/// without a word.
pub(crate) const REFUSALS_MAX: usize = 64;

/// A connection without a byte in either direction is closed after this long. Server-sent events
/// are kept alive well within it.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// How often a silent event stream says that it lives.
pub(crate) const EVENT_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Events kept for listeners that come back: a busy store's last few minutes.
pub(crate) const EVENTS_KEPT: usize = 256;

/// How long open requests may take after the agent was told to stop.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest idempotency key.
pub(crate) const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
