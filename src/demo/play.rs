//! The replay: day by day, customers at the tills side by side, each customer's errands in order.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::error::DemoError;
use super::figures::{Customer, Sums};
use super::habits::{Aftermath, Day, Errand, Showing};
use super::latency::Latencies;
use super::log::Purchase;
use super::progress::Progress;
use super::stage::{Stage, opening};
use super::till_client::TillClient;

/// Customers at the tills at the same time; a busy shop, so that commits share fsyncs.
const SIDE_BY_SIDE: usize = 32;

/// How far apart customers come, by the simulated clock. The fullest day has some 500 of them, so its
/// clock moves by less than a minute: however slow this machine is, no word of the hub that was on its
/// way meanwhile is so old that a till doubts its own clock, and no identification gets too old.
const APART_MS: i64 = 100;

/// What the tills saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) sums: Sums,
    pub(crate) quotes: Latencies,
    pub(crate) commits: Latencies,
    /// Receipts that the agent flagged: the tills do nothing wrong here, so none is expected.
    pub(crate) flagged: u64,
    /// With what, and how often.
    pub(crate) flags: BTreeMap<String, u64>,
    pub(crate) late_members: u64,
    pub(crate) requests: u64,
}

/// Replays the days. The last one is left running.
pub(crate) async fn play(
    stage: &Stage,
    client: &TillClient,
    days: &[Day],
    progress: &Progress,
) -> Result<Seen, DemoError> {
    let mut seen = Seen::default();
    for day in days {
        stage.begin_day(day.date).await;
        let comes = |_: usize, at| {
            stage.till.clock.move_to(at);
            client
        };
        play_day(day, comes, |_, _| {}, &mut seen, progress).await?;
    }
    Ok(seen)
}

/// Replays one day, from its opening. `comes` hears of every visit by its place, when the customer's
/// turn comes and at what time, and says which till they go to; `gone` hears how many visits are
/// over, and what was seen by then.
pub(crate) async fn play_day<'a>(
    day: &Day,
    comes: impl Fn(usize, DateTime<Utc>) -> &'a TillClient,
    mut gone: impl FnMut(usize, &Seen),
    seen: &mut Seen,
    progress: &Progress,
) -> Result<(), DemoError> {
    let open = opening(day.date);
    let times = (0_i64..).map(|place| open + TimeDelta::milliseconds(place * APART_MS));
    let visits = times.zip(&day.visits).enumerate().map(|(place, (at, (customer, errands)))| {
        // Taken when the customer's turn comes: the clock then stands at their arrival.
        visit(comes(place, at), *customer, errands)
    });
    let mut visits = stream::iter(visits).buffer_unordered(SIDE_BY_SIDE);
    let mut over = 0;
    while let Some(one) = visits.try_next().await? {
        progress.sold(u64::try_from(one.sums.receipts).unwrap_or_default());
        seen.add(&one);
        over += 1;
        gone(over, seen);
    }
    progress.day_done(day.date, seen);
    Ok(())
}

/// One customer on one day.
async fn visit(
    client: &TillClient,
    customer: Customer,
    errands: &[Errand],
) -> Result<Seen, DemoError> {
    let mut seen = Seen::default();
    let mut identification: Option<String> = None;
    for errand in errands {
        match errand {
            Errand::BringBack(purchase) => {
                let back = client.take_back(purchase, &purchase.lines()).await?;
                seen.note_undone(back.refund);
            }
            Errand::Buy(purchase) => {
                let shows_card = purchase.showing() == Showing::Card;
                if shows_card && identification.is_none() {
                    identification = Some(client.identify(customer).await?.identification_id);
                    seen.requests += 1;
                }
                let shown = identification.as_deref().filter(|_| shows_card);
                buy(client, purchase, shown, &mut seen).await?;
            }
        }
    }
    Ok(seen)
}

async fn buy(
    client: &TillClient,
    purchase: &Purchase,
    identification: Option<&str>,
    seen: &mut Seen,
) -> Result<(), DemoError> {
    let mut quoted = client.quote(purchase, identification, None).await?;
    seen.note_quote(quoted.time);
    let points = quoted.answer.points_max();
    let spends = identification.is_some() && purchase.spends_points() && points > 0;
    let spend_points = spends.then_some(points);
    if spends {
        quoted = client.quote(purchase, identification, spend_points).await?;
        seen.note_quote(quoted.time);
    }
    let committed = client.commit(purchase, identification, spend_points, &quoted.answer).await?;
    seen.commits.note(committed.time);
    seen.requests += 1;
    let committed = committed.answer;
    if !committed.flags.is_empty() || committed.totals != quoted.answer.totals {
        tracing::warn!(row = purchase.row, flags = ?committed.flags, "a receipt was flagged");
        seen.flagged += 1;
        for flag in &committed.flags {
            *seen.flags.entry(flag.clone()).or_default() += 1;
        }
    }
    seen.note_receipt(&committed);
    if purchase.showing() == Showing::CardAfterwards {
        client.assign(purchase).await?;
        seen.late_members += 1;
        seen.requests += 1;
    }
    match purchase.aftermath() {
        Aftermath::Kept | Aftermath::BackNextDay => {}
        Aftermath::OneUnitBack => {
            let mut line = purchase.lines()[0];
            line.units = 1;
            seen.note_undone(client.take_back(purchase, &[line]).await?.refund);
        }
        Aftermath::Voided => seen.note_undone(client.void(purchase).await?.refund),
    }
    Ok(())
}

impl Seen {
    /// How many receipts were flagged, and with what.
    pub(crate) fn flagged_told(&self) -> String {
        let flags: String =
            self.flags.iter().map(|(flag, times)| format!(", {times} {flag}")).collect();
        format!("{} receipts{flags}", self.flagged)
    }

    fn note_quote(&mut self, time: std::time::Duration) {
        self.quotes.note(time);
        self.requests += 1;
    }

    fn note_receipt(&mut self, committed: &super::till_client::Committed) {
        let sums = &mut self.sums;
        sums.receipts += 1;
        sums.gross += committed.totals.gross;
        sums.discount += committed.totals.discount;
        sums.redeemed += committed.totals.redeemed;
        sums.paid += committed.totals.payable;
        if committed.member.is_some() {
            sums.identified += 1;
            sums.identified_paid += committed.totals.payable;
        }
    }

    fn note_undone(&mut self, refund: i64) {
        self.sums.undone += 1;
        self.sums.refund += refund;
        self.requests += 1;
    }

    fn add(&mut self, other: &Self) {
        self.sums.add(&other.sums);
        self.quotes.absorb(&other.quotes);
        self.commits.absorb(&other.commits);
        self.flagged += other.flagged;
        for (flag, times) in &other.flags {
            *self.flags.entry(flag.clone()).or_default() += times;
        }
        self.late_members += other.late_members;
        self.requests += other.requests;
    }
}
