//! How long things hold, and how far clocks may be off.

use super::limit::Beyond::{Flagged, Refused, Then};
use super::limit::Unit::{Days, Ms, Of};
use super::limit::{Limit, limit};
use crate::agent::{clock, till};
use crate::loyalty;

#[rustfmt::skip]
pub(super) fn times() -> Vec<Limit> {
    vec![
        limit!(Most "age of an identification that spends", till::IDENTIFICATION_MS_MAX, Ms, "a full trolley, no copied screen", Refused("identification_expired")),
        limit!(Most "age of a quote that a receipt names", till::QUOTE_MS_MAX, Ms, "a customer who looks for the purse", Flagged("quote_outdated")),
        limit!(Most "age of the hub's word by which whole balances are spent", loyalty::HUB_WORD_MS_MAX, Ms, "longer than a quiet hub keeps a question open", Refused("offline_limit")),
        limit!(Most "life of a reservation", till::HOLD_MS_MAX, Ms, "a card payment takes half of it", Then("lapses; `reservation_unknown`")),
        limit!(Most "live reservations of one till", till::HOLDS_LIVE_MAX, Of("reservations"), "a stuck till must not hold the store's points", Refused("too_many_reservations")),
        limit!(Least "a used rotating code is remembered", till::ROTATING_CODE_KEPT_MS, Ms, "far beyond any window", Then("long since expired")),
        limit!(Least "an `Idempotency-Key` is remembered", till::KEY_KEPT_MS, Ms, "a retry comes sooner", Then("the key is free; ids never are")),
        limit!(Most "`closed_at` ago", till::CLOSED_AT_BACK_MS_MAX, Ms, "as long as a shop sells without the agent", Flagged("closed_at_far_off")),
        limit!(Most "`closed_at` ahead", till::CLOSED_AT_AHEAD_MS_MAX, Ms, "a till's clock that runs ahead", Flagged("closed_at_far_off")),
        limit!(Most "`closed_at` ago of a receipt sold with the agent", till::LATE_MS_MIN, Ms, "longer means that it was sold without", Flagged("late_commit")),
        limit!(Most "clock behind the last record", clock::CLOCK_BACK_MS_MAX, Ms, "more than a network time step", Flagged("clock_untrusted")),
        limit!(Most "clock ahead of this program's date", clock::CLOCK_AHEAD_MS_MAX, Ms, "longer than anybody runs one version", Flagged("clock_untrusted")),
        limit!(Most "clock leaps ahead while the agent runs", clock::CLOCK_LEAP_MS_MAX, Ms, "longer than a till is suspended", Flagged("clock_untrusted")),
        limit!(Most "wall and monotonic clock apart", clock::CLOCK_JUMP_MS_MIN, Ms, "only somebody who sets the clock does more", Then("a `clock_jump` record")),
        limit!(Least "days kept of an account", loyalty::DAYS_KEPT_MIN, Days, "a new programme finds its window", Then("older days are forgotten")),
    ]
}
