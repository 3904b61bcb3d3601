//! The summary that a person reads at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::audit::Verified;
use super::figures::{Difference, Figures};
use super::latency::Latencies;
use super::money_text::{dollars, grouped, percent};
use super::play::Seen;

/// Differences that are listed; the others are counted.
pub(crate) const DIFFERENCES_LISTED_MAX: usize = 10;

/// Everything that the summary tells.
pub(crate) struct Summary<'a> {
    pub(crate) sold: Sold<'a>,
    pub(crate) differences: &'a [Difference],
    pub(crate) verified: &'a Verified,
}

/// What was sold, to whom and how fast.
pub(crate) struct Sold<'a> {
    pub(crate) first_day: chrono::NaiveDate,
    pub(crate) today: chrono::NaiveDate,
    pub(crate) seen: &'a Seen,
    pub(crate) agent: &'a Figures,
    pub(crate) took: Duration,
    pub(crate) writes: u64,
    pub(crate) fsyncs: u64,
}

impl Sold<'_> {
    /// Its part of a summary.
    pub(crate) fn write(&self, text: &mut Text) {
        self.sales(text);
        self.points(text);
        self.members(text);
        self.speed(text);
    }

    fn sales(&self, text: &mut Text) {
        let sums = &self.agent.sums;
        text.title(&format!("CDNOW, {} to {}", self.first_day, self.today));
        text.row("receipts", &grouped(sums.receipts));
        text.row("sold", &dollars(sums.gross));
        let share = percent(sums.discount, sums.gross);
        text.row("discounts", &format!("{} ({share})", dollars(sums.discount)));
        text.row("paid with points", &dollars(sums.redeemed));
        text.row("paid", &dollars(sums.paid));
        let by_number = percent(sums.identified, sums.receipts);
        let by_value = percent(sums.identified_paid, sums.paid);
        text.row("identified", &format!("{by_number} of receipts, {by_value} of value"));
        let late = i64::try_from(self.seen.late_members).unwrap_or(i64::MAX);
        text.row("member named late", &format!("{} receipts", grouped(late)));
        let refund = dollars(sums.refund);
        text.row("returns and voids", &format!("{} ({refund} back)", grouped(sums.undone)));
    }

    fn points(&self, text: &mut Text) {
        let agent = self.agent;
        text.title("Points");
        for (name, points) in [
            ("issued", agent.total(|s| s.issued)),
            ("spent", -agent.total(|s| s.spent)),
            ("given back", agent.total(|s| s.restored)),
            ("taken back", -agent.total(|s| s.clawed_back)),
            ("expired", -agent.total(|s| s.expired)),
            ("outstanding", agent.total(|s| s.balance)),
            ("owed by members", agent.total(|s| s.debt)),
        ] {
            text.row(name, &grouped(points));
        }
    }

    fn members(&self, text: &mut Text) {
        let standings = &self.agent.standings;
        let mut by_tier: BTreeMap<&str, i64> = BTreeMap::new();
        for standing in standings.values() {
            *by_tier.entry(&standing.tier).or_default() += 1;
        }
        let all = i64::try_from(standings.len()).unwrap_or(i64::MAX);
        text.title("Members");
        text.row("all", &grouped(all));
        for tier in ["gold", "silver", "bronze"] {
            let count = by_tier.get(tier).copied().unwrap_or_default();
            text.row(tier, &format!("{} ({})", grouped(count), percent(count, all)));
        }
    }

    fn speed(&self, text: &mut Text) {
        text.title("Speed, over HTTP with 32 customers side by side, every commit on the disk");
        let latency = |latencies: &Latencies| {
            let of = latencies.percentiles();
            format!("p50 {}, p99 {}, max {}", millis(of.p50), millis(of.p99), millis(of.max))
        };
        text.row("quote", &latency(&self.seen.quotes));
        text.row("commit", &latency(&self.seen.commits));
        let receipts = self.agent.sums.receipts;
        let rate = per_second(receipts.unsigned_abs(), self.took);
        let requests = per_second(self.seen.requests, self.took);
        let took = self.took.as_secs_f64();
        text.row("replayed", &format!("in {took:.1} s: {rate} receipts/s, {requests} requests/s"));
        let tenths = self.writes * 10 / self.fsyncs.max(1);
        let shared = format!("{}.{} writes share one", tenths / 10, tenths % 10);
        let fsyncs = i64::try_from(self.fsyncs).unwrap_or(i64::MAX);
        text.row("fsyncs", &format!("{} ({shared})", grouped(fsyncs)));
    }
}

impl Summary<'_> {
    /// The text, several lines.
    pub(crate) fn text(&self) -> String {
        let mut text = Text::default();
        self.sold.write(&mut text);
        self.proof(&mut text);
        text.0
    }

    fn proof(&self, text: &mut Text) {
        text.title("Proof");
        let report = &self.verified.report;
        let records = grouped(i64::try_from(report.records).unwrap_or(i64::MAX));
        let each = self.verified.bytes / report.records.max(1);
        let verified = if report.is_sound() {
            format!("verified: {records} signed records, {each} bytes each")
        } else {
            let (faults, missing) = (report.faults_found, report.missing.len());
            format!("BROKEN: {records} records proven, {faults} not, {missing} ranges missing")
        };
        text.row("journal", &verified);
        text.row("flagged", &self.sold.seen.flagged_told());
        let found = self.differences.len();
        let members = self.sold.agent.standings.len();
        text.row(
            "oracle",
            &format!("{found} differences in the points, expiry and tiers of {members} members"),
        );
        for difference in self.differences.iter().take(DIFFERENCES_LISTED_MAX) {
            text.line(&format!("    {difference}"));
        }
        if found > DIFFERENCES_LISTED_MAX {
            text.line(&format!("    and {} more", found - DIFFERENCES_LISTED_MAX));
        }
    }
}

fn per_second(count: u64, took: Duration) -> String {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    grouped(i64::try_from(count.saturating_mul(1_000) / millis).unwrap_or(i64::MAX))
}

fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}

/// A text in rows.
#[derive(Default)]
pub(crate) struct Text(pub(crate) String);

impl Text {
    pub(crate) fn title(&mut self, title: &str) {
        self.line("");
        self.line(title);
    }

    pub(crate) fn row(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name:<18} {value}"));
    }

    pub(crate) fn line(&mut self, line: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::store::verify::JournalReport;
    use crate::demo::figures::{Standing, Sums};

    fn told(differences: &[Difference]) -> String {
        let day = |text: &str| text.parse().expect("a day");
        let agent = Figures {
            standings: [(1, Standing { tier: "gold".to_owned(), ..Standing::default() })].into(),
            sums: Sums { receipts: 1_500, gross: 1_234_567, identified: 750, ..Sums::default() },
        };
        let summary = Summary {
            sold: Sold {
                first_day: day("1997-01-01"),
                today: day("1998-07-01"),
                seen: &Seen::default(),
                agent: &agent,
                took: Duration::from_secs(2),
                writes: 25,
                fsyncs: 10,
            },
            differences,
            verified: &Verified {
                report: JournalReport { records: 10, ..JournalReport::default() },
                bytes: 4_000,
            },
        };
        summary.text()
    }

    #[test]
    fn the_summary_says_what_was_sold_how_fast_and_that_nothing_differs() {
        let text = told(&[]);
        for line in [
            "CDNOW, 1997-01-01 to 1998-07-01",
            "  receipts           1,500",
            "  sold               $12,345.67",
            "  identified         50.0 % of receipts, - of value",
            "  gold               1 (100.0 %)",
            "  replayed           in 2.0 s: 750 receipts/s, 0 requests/s",
            "  fsyncs             10 (2.5 writes share one)",
            "  journal            verified: 10 signed records, 400 bytes each",
            "  oracle             0 differences in the points, expiry and tiers of 1 members",
        ] {
            assert!(text.lines().any(|found| found == line), "{line:?} is not in\n{text}");
        }
    }

    #[test]
    fn differences_are_listed_up_to_ten() {
        let (agent, oracle) = ("1".to_owned(), "2".to_owned());
        let one = Difference { customer: Some(7), what: "balance", agent, oracle };
        let text = told(&vec![one; 12]);
        let listed = text.matches("customer 00007, balance: agent 1, oracle 2").count();
        assert_eq!(listed, 10);
        assert!(text.contains("12 differences") && text.contains("and 2 more"));
    }
}
