//! The line between a store and the hub: loses, delays, repeats and replaces what it carries.

use std::sync::{Arc, Mutex, PoisonError};

use super::chance::Chance;
use super::hub::SimulatedHub;
use crate::agent::sync::line::{Answer, Carrying, LineError, SignedRequest, Way};

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Everything arrives once, and so does its answer.
    Good,
    /// Anything may happen.
    Bad,
    /// Nothing arrives.
    Down,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Delivered,
    /// The hub never hears it.
    Unheard,
    /// The hub took it in, and its answer is lost.
    Unanswered,
    /// The hub hears it twice.
    Twice,
    /// It is lost, as far as the device knows, and arrives later.
    Late,
    /// A captive portal answers.
    Portal,
    /// Somebody before the hub asks to wait.
    Throttled,
    /// The hub takes it in, commits, and is killed before it answers.
    HubDies,
}

/// A store's line.
#[derive(Debug)]
pub(super) struct Network {
    hub: Arc<SimulatedHub>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    line: Line,
    late: Vec<SignedRequest>,
    fates: std::collections::BTreeMap<Fate, u64>,
}

impl Network {
    pub(super) fn new(hub: Arc<SimulatedHub>, chance: Chance) -> Self {
        let (line, late) = (Line::Good, Vec::new());
        let fates = std::collections::BTreeMap::new();
        Self { hub, state: Mutex::new(State { chance, line, late, fates }) }
    }

    pub(super) fn set(&self, line: Line) {
        self.lock().line = line;
    }

    pub(super) fn line(&self) -> Line {
        self.lock().line
    }

    /// How often what happened.
    pub(super) fn fates(&self) -> std::collections::BTreeMap<Fate, u64> {
        self.lock().fates.clone()
    }

    /// What was delayed arrives, in any order; nobody waits for the answers any more.
    pub(super) async fn deliver_late(&self) {
        loop {
            let request = {
                let mut state = self.lock();
                if state.late.is_empty() {
                    return;
                }
                let count = state.late.len() as u64;
                let place = state.chance.below(count) as usize;
                state.late.swap_remove(place)
            };
            self.hub.answer(request).await;
        }
    }

    fn fate(&self, request: &SignedRequest) -> Fate {
        let mut state = self.lock();
        let fate = match state.line {
            Line::Good => Fate::Delivered,
            Line::Down => Fate::Unheard,
            Line::Bad => match state.chance.below(100) {
                0..48 => Fate::Delivered,
                48..58 => Fate::Unheard,
                58..70 => Fate::Unanswered,
                70..80 => Fate::Twice,
                80..88 => Fate::Late,
                88..92 => Fate::Portal,
                92..95 => Fate::Throttled,
                _ => Fate::HubDies,
            },
        };
        *state.fates.entry(fate).or_default() += 1;
        if fate == Fate::Late {
            state.late.push(request.clone());
        }
        fate
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way for Network {
    fn carry(&self, request: SignedRequest) -> Carrying<'_> {
        Box::pin(async move {
            match self.fate(&request) {
                Fate::Delivered => Ok(self.hub.answer(request).await),
                Fate::Unheard | Fate::Late => Err(LineError::Silent),
                Fate::Unanswered => {
                    self.hub.answer(request).await;
                    Err(LineError::Silent)
                }
                Fate::Twice => {
                    self.hub.answer(request.clone()).await;
                    Ok(self.hub.answer(request).await)
                }
                Fate::HubDies => {
                    self.hub.answer(request).await;
                    self.hub.die();
                    Err(LineError::Silent)
                }
                Fate::Portal => Ok(Answer {
                    status: 200,
                    content_type: Some("text/html".to_owned()),
                    body: b"<html>pay here</html>".to_vec(),
                    ..Answer::default()
                }),
                Fate::Throttled => Ok(Answer {
                    status: 503,
                    retry_after: Some("30".to_owned()),
                    ..Answer::default()
                }),
            }
        })
    }
}
