//! The last events, so that a display that lost its connection misses nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use super::limits::EVENTS_KEPT;
use crate::agent::message::reply::EventMessage;

/// The last events and whoever listens for more.
#[derive(Debug)]
pub(super) struct EventLog {
    recent: Mutex<VecDeque<Arc<EventMessage>>>,
    live: broadcast::Sender<Arc<EventMessage>>,
}

/// What a listener gets.
#[derive(Debug)]
pub(super) struct Listening {
    /// Events since the one it heard last.
    pub(super) backlog: VecDeque<Arc<EventMessage>>,
    /// Whether some are gone that it did not hear.
    pub(super) completeness: Completeness,
    /// Events from now on.
    pub(super) live: broadcast::Receiver<Arc<EventMessage>>,
}

/// Whether a listener hears everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    /// It does.
    Whole,
    /// Some events are no longer known; it should ask anew for what it shows.
    Missed,
}

impl EventLog {
    /// Nothing happened yet.
    pub(super) fn new() -> Self {
        Self { recent: Mutex::default(), live: broadcast::Sender::new(EVENTS_KEPT) }
    }

    /// Tells an event to everybody.
    pub(super) fn publish(&self, event: EventMessage) {
        let event = Arc::new(event);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == EVENTS_KEPT {
            recent.pop_front();
        }
        recent.push_back(Arc::clone(&event));
        // Nobody may listen; the lock is held, so that a listener gets it once.
        let _ = self.live.send(event);
    }

    /// Listens from now on, and from the event heard last where there is one. A number that is
    /// not known any more, or not yet (the agent was started anew), is told as missed.
    pub(super) fn listen(&self, heard_last: Option<u64>) -> Listening {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let live = self.live.subscribe();
        let Some(heard) = heard_last else {
            let completeness = Completeness::Whole;
            return Listening { backlog: VecDeque::new(), completeness, live };
        };
        let known = recent.iter().any(|event| event.number == heard)
            || recent.front().is_some_and(|oldest| heard.checked_add(1) == Some(oldest.number));
        if !known {
            let backlog = recent.clone();
            return Listening { backlog, completeness: Completeness::Missed, live };
        }
        let backlog = recent.iter().filter(|event| event.number > heard).cloned().collect();
        Listening { backlog, completeness: Completeness::Whole, live }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::message::reply::HappenedMessage;

    fn log(numbers: impl Iterator<Item = u64>) -> EventLog {
        let log = EventLog::new();
        for number in numbers {
            let what = HappenedMessage::ProgrammeChanged { version: 1 };
            log.publish(EventMessage { number, at: String::new(), what });
        }
        log
    }

    #[test]
    fn a_listener_goes_on_where_it_stopped() {
        let log = log(1..=300);
        let cases = [
            (None, Completeness::Whole, None),
            (Some(300), Completeness::Whole, None),
            (Some(298), Completeness::Whole, Some(299)),
            (Some(44), Completeness::Whole, Some(45)),
            (Some(43), Completeness::Missed, Some(45)),
            (Some(9_000), Completeness::Missed, Some(45)),
        ];
        for (heard, completeness, first) in cases {
            let listening = log.listen(heard);
            assert_eq!(listening.completeness, completeness, "{heard:?}");
            assert_eq!(listening.backlog.front().map(|event| event.number), first, "{heard:?}");
        }
    }

    #[test]
    fn an_event_comes_once_in_the_backlog_or_live() {
        let log = log(1..=2);
        let mut listening = log.listen(Some(1));
        let what = HappenedMessage::ProgrammeChanged { version: 2 };
        log.publish(EventMessage { number: 3, at: String::new(), what });
        let backlog: Vec<u64> = listening.backlog.iter().map(|event| event.number).collect();
        assert_eq!(backlog, [2]);
        assert_eq!(listening.live.try_recv().map(|event| event.number), Ok(3));
    }
}
