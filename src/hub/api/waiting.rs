//! Devices that wait for changes, and how they hear of them.

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::Api;
use super::limits::CURSOR_EVERY;
use crate::wire::sync::Cursor;

/// The cursor as far as this process has seen it.
#[derive(Debug)]
pub(super) struct SeenCursor {
    seen: watch::Sender<Cursor>,
}

impl SeenCursor {
    pub(super) fn new() -> Self {
        Self { seen: watch::Sender::new(Cursor(0)) }
    }

    /// Notes a cursor; wakes those who wait for it. After a backup was restored it is a lower one.
    pub(super) fn note(&self, cursor: Cursor) {
        self.seen.send_if_modified(|seen| std::mem::replace(seen, cursor) != cursor);
    }

    /// Ready when something behind a cursor is there.
    pub(super) async fn beyond(&self, after: Cursor) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.seen.subscribe().wait_for(|seen| *seen != after).await;
    }
}

/// Looks again and again what other processes committed.
pub(super) async fn keep_looking(api: Api) {
    let mut ticks = tokio::time::interval(CURSOR_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let found = api.blocking(|api| Ok(api.inner.store.read()?.cursor()?)).await;
        // What went wrong is in the log, and the next look may go well.
        if let Ok(cursor) = found {
            api.note_cursor(cursor);
        }
    }
}
