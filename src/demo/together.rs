//! The main job with a hub: three tills of two stores replay the purchases, the line goes away in the
//! middle of it and comes back, and in the end the hub, every till and the oracle must say the same.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, TimeDelta};

use super::audit::{self, Verified};
use super::error::DemoError;
use super::figures::{Customer, Difference, Figures};
use super::habits::{self, Day};
use super::line::Traffic;
use super::log::Purchase;
use super::play::{Seen, play_day};
use super::progress::Progress;
use super::say::say;
use super::stage::opening;
use super::stores::{Stores, TILL_COUNT};
use super::sync_summary::SyncSummary;
use super::whereabouts::{days_away, tills_of};
use super::{Verdict, oracle};

/// A hub that moved nothing for so long has done with what it had been asked.
const SETTLED_AFTER: Duration = Duration::from_millis(300);

/// What the tills did without the line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outage {
    /// The first day that had no line at its end, and the last.
    pub(crate) days: Option<(NaiveDate, NaiveDate)>,
    /// By the simulated clock.
    pub(crate) lasted: TimeDelta,
    pub(crate) receipts: i64,
    /// Records that waited when the line came back.
    pub(crate) queued: u64,
    /// Connections that found no line.
    pub(crate) turned_away: u64,
    /// Whether the hub heard nothing meanwhile.
    pub(crate) was_silent: bool,
    /// From then until hub and tills knew the same.
    pub(crate) caught_up_in: Duration,
}

/// What the replay came to.
pub(crate) struct Played {
    pub(crate) seen: Seen,
    pub(crate) outage: Outage,
    /// Waits for the evening's agreement, the one after the outage left out.
    pub(crate) evenings: Duration,
}

/// How somebody's figures compare with the oracle's.
pub(crate) struct Compared {
    pub(crate) who: &'static str,
    pub(crate) differences: Vec<Difference>,
}

/// A till's journal, checked, and what the hub has of it.
pub(crate) struct Journal {
    pub(crate) till: &'static str,
    pub(crate) store: &'static str,
    pub(crate) verified: Verified,
    /// Records of it that the hub has and acknowledged.
    pub(crate) at_hub: u64,
    /// Batches that they came in.
    pub(crate) batches: u64,
}

/// Replays, checks and tells.
pub(super) async fn perform(
    stores: &Stores,
    purchases: &[Purchase],
    customers: &[Customer],
) -> Result<Verdict, DemoError> {
    let days = habits::days(purchases);
    let (first_day, today) = (days[0].date, days[days.len() - 1].date);
    let progress = Progress::new(purchases.len() as u64);
    let traffic_before = stores.centre.line.traffic();
    let (writes_before, fsyncs_before) = stores.writes_counted();
    let batches_before: u64 = stores.centre.devices()?.iter().map(|row| row.checkpoint).sum();
    let records_before = pushed(stores)?;
    let started = Instant::now();
    let played = play(stores, &days, &progress).await?;
    let took = started.elapsed();
    progress.finish();
    let traffic = stores.centre.line.traffic().since(traffic_before);
    let (writes, fsyncs) = stores.writes_counted();
    let records = pushed(stores)? - records_before;
    say("the last day is over; checking hub, tills, every record and every sum");
    let expected = {
        let (purchases, customers) = (purchases.to_vec(), customers.to_vec());
        tokio::task::spawn_blocking(move || oracle::figures(&purchases, customers, today))
    };
    let journals = journals(stores).await?;
    let batches = journals.iter().map(|journal| journal.batches).sum::<u64>() - batches_before;
    let first = &stores.tills[0].running.agent.till;
    let evaluator = first.programme().map_err(DemoError::part("read the programme"))?;
    let programme = evaluator.programme();
    let at_hub = stores.centre.standings(programme, customers, today)?;
    let hub = Figures { standings: at_hub, sums: played.seen.sums };
    let expected = expected.await.map_err(DemoError::part("run the oracle"))?;
    let expected = expected.map_err(DemoError::part("run the oracle"))?;
    let mut compared = vec![Compared { who: "hub", differences: hub.differences(&expected) }];
    for till in &stores.tills {
        let folder = &till.running.agent.folder;
        let told = audit::standings(&till.client, folder, programme, customers, today).await?;
        let told = Figures { standings: told, sums: played.seen.sums };
        compared.push(Compared { who: till.name, differences: told.differences(&expected) });
    }
    let summary = SyncSummary {
        first_day,
        today,
        played: &played,
        hub: &hub,
        compared: &compared,
        journals: &journals,
        flags: &stores.centre.flags()?,
        traffic_before,
        traffic,
        records,
        batches,
        took,
        writes: writes - writes_before,
        fsyncs: fsyncs - fsyncs_before,
    };
    say(&summary.text());
    Ok(verdict(&summary))
}

/// Replays the days: in the evening hub and tills come to know the same, unless the line is away.
async fn play(stores: &Stores, days: &[Day], progress: &Progress) -> Result<Played, DemoError> {
    let away = days_away(days.len());
    let tills = tills_of(days, TILL_COUNT, &away);
    let mut played =
        Played { seen: Seen::default(), outage: Outage::default(), evenings: Duration::ZERO };
    let mut cut = None;
    let mut cursor_away = None;
    for (number, day) in days.iter().enumerate() {
        stores.move_clocks(opening(day.date));
        stores.keep_up().await;
        let comes = |place: usize, at| {
            stores.move_clocks(at);
            &stores.tills[tills[number][place]].client
        };
        let half = day.visits.len() / 2;
        let gone = |over: usize, seen: &Seen| {
            if number == away.start && over == half.max(1) {
                cut = Some(take_away(stores, seen));
            }
        };
        play_day(day, comes, gone, &mut played.seen, progress).await?;
        if number == away.start && cut.is_none() {
            // Nobody came.
            cut = Some(take_away(stores, &played.seen));
        }
        let evening = Instant::now();
        match &cut {
            Some(cut) if number + 1 == away.end => {
                let cursor = stores.centre.cursor()?;
                let was_silent = cursor_away.is_none_or(|before| before == cursor);
                let days = Some((days[away.start].date, day.date));
                let before = Outage { days, was_silent, ..Outage::default() };
                played.outage = bring_back(stores, *cut, &played.seen, before).await?;
            }
            Some(_) if away.contains(&number) => {
                if cursor_away.is_none() {
                    cursor_away = Some(settled_cursor(stores).await?);
                }
            }
            _ => {
                stores.wait_until_agreed().await?;
                played.evenings += evening.elapsed();
            }
        }
    }
    Ok(played)
}

/// When the line went away, and what was sold by then.
#[derive(Clone, Copy, Debug)]
struct Cut {
    at: chrono::DateTime<chrono::Utc>,
    receipts: i64,
    traffic: Traffic,
}

fn take_away(stores: &Stores, seen: &Seen) -> Cut {
    let line = &stores.centre.line;
    line.take_away();
    let at = stores.now();
    say(&format!("{}: the line to the hub is away; the tills go on", at.date_naive()));
    Cut { at, receipts: seen.sums.receipts, traffic: line.traffic() }
}

async fn bring_back(
    stores: &Stores,
    cut: Cut,
    seen: &Seen,
    before: Outage,
) -> Result<Outage, DemoError> {
    let queued = stores.unsent();
    let line = &stores.centre.line;
    let turned_away = line.traffic().since(cut.traffic).turned_away;
    let at = stores.now();
    say(&format!("{}: the line is back; {queued} records wait", at.date_naive()));
    let back = Instant::now();
    line.bring_back();
    stores.wait_until_agreed().await?;
    Ok(Outage {
        lasted: at - cut.at,
        receipts: seen.sums.receipts - cut.receipts,
        queued,
        turned_away,
        caught_up_in: back.elapsed(),
        ..before
    })
}

/// Records of all tills that the hub has.
fn pushed(stores: &Stores) -> Result<u64, DemoError> {
    let heads = stores.centre.devices()?;
    Ok(heads.iter().map(|row| row.head.map_or(0, |(_, sequence, _)| sequence)).sum())
}

async fn journals(stores: &Stores) -> Result<Vec<Journal>, DemoError> {
    let devices: BTreeMap<String, _> =
        stores.centre.devices()?.into_iter().map(|row| (row.name.clone(), row)).collect();
    let mut journals = Vec::with_capacity(stores.tills.len());
    for till in &stores.tills {
        let folder = till.running.agent.folder.clone();
        let verified = tokio::task::spawn_blocking(move || audit::verify(&folder)).await;
        let row = devices.get(till.name);
        journals.push(Journal {
            till: till.name,
            store: till.store,
            verified: verified.map_err(DemoError::part("verify the journal"))??,
            at_hub: row.and_then(|row| row.head).map_or(0, |(_, sequence, _)| sequence),
            batches: row.map_or(0, |row| row.checkpoint),
        });
    }
    Ok(journals)
}

fn verdict(summary: &SyncSummary<'_>) -> Verdict {
    let differences: usize =
        summary.compared.iter().map(|compared| compared.differences.len()).sum();
    let flags: u64 = summary.flags.values().sum();
    let lacking = summary.journals.iter().find(|journal| !journal.is_whole());
    let seen = &summary.played.seen;
    if let Some(journal) = lacking {
        Verdict::Otherwise(format!(
            "the journal of {} is not whole or not at the hub",
            journal.till
        ))
    } else if differences > 0 {
        Verdict::Otherwise(format!("hub, tills and the oracle differ in {differences}"))
    } else if flags > 0 {
        Verdict::Otherwise(format!("the hub flagged {flags} records"))
    } else if seen.flagged > 0 {
        Verdict::Otherwise(format!("{} receipts were flagged", seen.flagged))
    } else if !summary.played.outage.was_silent {
        Verdict::Otherwise("the hub heard something while the line was away".to_owned())
    } else {
        Verdict::AsExpected
    }
}

/// The hub's cursor, once it has done with what was under way when the line went.
async fn settled_cursor(stores: &Stores) -> Result<u64, DemoError> {
    let mut cursor = stores.centre.cursor()?;
    loop {
        tokio::time::sleep(SETTLED_AFTER).await;
        match stores.centre.cursor()? {
            same if same == cursor => return Ok(cursor),
            moved => cursor = moved,
        }
    }
}

impl Journal {
    /// Proven from end to end, and the hub has all of it.
    pub(crate) fn is_whole(&self) -> bool {
        self.verified.report.is_sound() && self.verified.report.records == self.at_hub
    }
}
