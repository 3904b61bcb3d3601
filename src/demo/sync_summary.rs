//! The summary that a person reads at the end where hub and tills played together.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;

use super::figures::Figures;
use super::line::Traffic;
use super::money_text::grouped;
use super::summary::{DIFFERENCES_LISTED_MAX, Sold, Text};
use super::together::{Compared, Journal, Played};

/// Everything that the summary tells.
pub(crate) struct SyncSummary<'a> {
    pub(crate) first_day: NaiveDate,
    pub(crate) today: NaiveDate,
    pub(crate) played: &'a Played,
    pub(crate) hub: &'a Figures,
    pub(crate) compared: &'a [Compared],
    pub(crate) journals: &'a [Journal],
    pub(crate) flags: &'a BTreeMap<String, u64>,
    /// Until the first day: enrolments and snapshots.
    pub(crate) traffic_before: Traffic,
    /// From the first day to the last.
    pub(crate) traffic: Traffic,
    /// Pushed in these days.
    pub(crate) records: u64,
    pub(crate) batches: u64,
    pub(crate) took: Duration,
    pub(crate) writes: u64,
    pub(crate) fsyncs: u64,
}

impl SyncSummary<'_> {
    /// The text, several lines.
    pub(crate) fn text(&self) -> String {
        let mut text = Text::default();
        let sold = Sold {
            first_day: self.first_day,
            today: self.today,
            seen: &self.played.seen,
            agent: self.hub,
            took: self.took,
            writes: self.writes,
            fsyncs: self.fsyncs,
        };
        sold.write(&mut text);
        self.sync(&mut text);
        self.outage(&mut text);
        self.proof(&mut text);
        text.0
    }

    fn sync(&self, text: &mut Text) {
        text.title("Sync of three tills of two stores with the hub, over TLS");
        let tenths = self.records * 10 / self.batches.max(1);
        let each = format!("{}.{} each", tenths / 10, tenths % 10);
        let pushed = format!("{} records in {} batches", count(self.records), count(self.batches));
        text.row("pushed", &format!("{pushed} ({each})"));
        let receipts = self.hub.sums.receipts.unsigned_abs().max(1);
        let per_receipt =
            |bytes: u64| format!("{} ({} bytes a receipt)", count(bytes), bytes / receipts);
        text.row("bytes to the hub", &per_receipt(self.traffic.to_hub));
        text.row("bytes from the hub", &per_receipt(self.traffic.from_hub));
        let before = count(self.traffic_before.from_hub);
        text.row("before opening", &format!("{before} bytes for three snapshots of all members"));
        let evenings = self.played.evenings.as_secs_f64();
        text.row("evenings", &format!("{evenings:.1} s in all until everybody knew the same"));
    }

    fn outage(&self, text: &mut Text) {
        let outage = &self.played.outage;
        text.title("The line was away; customers who came then stayed at one till");
        if let Some((from, until)) = outage.days {
            text.row("days", &format!("{from} to {until}"));
        }
        let seconds = grouped(outage.lasted.num_seconds());
        text.row("offline", &format!("{seconds} s by the simulated clock"));
        text.row("sold meanwhile", &format!("{} receipts", grouped(outage.receipts)));
        let heard = if outage.was_silent { "nothing" } else { "SOMETHING" };
        text.row("the hub heard", heard);
        text.row("turned away", &format!("{} connections", count(outage.turned_away)));
        text.row("waiting records", &count(outage.queued));
        let caught_up = outage.caught_up_in.as_secs_f64();
        let all_known = "until everybody knew the same, the tills' wait between attempts included";
        text.row("caught up", &format!("in {caught_up:.1} s, {all_known}"));
    }

    fn proof(&self, text: &mut Text) {
        text.title("Proof");
        for journal in self.journals {
            let report = &journal.verified.report;
            let told = if report.is_sound() {
                let each = journal.verified.bytes / report.records.max(1);
                let (records, at_hub) = (count(report.records), count(journal.at_hub));
                format!(
                    "verified: {records} signed records, {each} bytes each; {at_hub} at the hub"
                )
            } else {
                let (faults, missing) = (report.faults_found, report.missing.len());
                let records = count(report.records);
                format!("BROKEN: {records} records proven, {faults} not, {missing} ranges missing")
            };
            text.row(&format!("{}, {}", journal.till, journal.store), &told);
        }
        text.row("flagged by tills", &self.played.seen.flagged_told());
        let receipts = grouped(self.hub.sums.receipts);
        if self.flags.is_empty() {
            text.row("computed again", &format!("{receipts} receipts at the hub, no flag"));
        }
        for (kind, flags) in self.flags {
            text.row("FLAGS at the hub", &format!("{} {kind}", count(*flags)));
        }
        let members = self.hub.standings.len();
        for Compared { who, differences } in self.compared {
            let found = differences.len();
            text.row(
                &format!("oracle and {who}"),
                &format!(
                    "{found} differences in the points, expiry and tiers of {members} members"
                ),
            );
            for difference in differences.iter().take(DIFFERENCES_LISTED_MAX) {
                text.line(&format!("    {difference}"));
            }
            if found > DIFFERENCES_LISTED_MAX {
                text.line(&format!("    and {} more", found - DIFFERENCES_LISTED_MAX));
            }
        }
    }
}

fn count(number: u64) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}
