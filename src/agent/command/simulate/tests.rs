use std::path::PathBuf;

use super::*;
use crate::agent::cli::Exit;

/// A folder with the draft in it.
struct Desk(tempfile::TempDir);

const DRAFT: &str = include_str!("../../../../tests/data/simulate/draft.toml");
const FIVE: &str = include_str!("../../../../tests/data/simulate/five.txt");

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        desk.write("draft.toml", DRAFT);
        desk
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    fn args(&self, log: impl AsRef<[u8]>) -> SimulateArgs {
        SimulateArgs {
            programme: self.0.path().join("draft.toml"),
            current: None,
            log: self.write("log", log),
            spend: Spend::Whenever,
            vouchers: Vouchers::Used,
            store: None,
            json: false,
        }
    }

    fn refused(&self, log: impl AsRef<[u8]>) -> String {
        let error = report(&self.args(log)).expect_err("a wrong log");
        assert_eq!(error.exit, Exit::Data, "{error}");
        error.message.replace(&self.0.path().display().to_string(), "")
    }
}

fn sold(uid: &str, more: &str) -> String {
    format!(
        r#"{{"uid":"{uid}","till":"1","currency":"CZK","closed_at":"2025-01-01T10:00:00+01:00","payable":0,"payments":[],"lines":[{{"line_id":"1","sku":"milk","quantity":"2","unit_price":2500,"amount":5000}}]{more}}}"#
    )
}

#[test]
fn the_report_stands_as_a_table_with_the_current_programme_beside_the_draft() {
    let desk = Desk::new();
    let current = DRAFT.replace("threshold = \"200.00\"", "threshold = \"500.00\"");
    let current = desk.write("current.toml", current.replace("version = 2", "version = 1"));
    let args = SimulateArgs { current: Some(current), ..desk.args(FIVE) };
    let told = table::text(&report(&args).expect("a report"));
    let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
    for row in [
        "draft: programme five version 2 (Five), CZK",
        "current: programme five version 1 (Five), CZK",
        "log: 2025-01-01 to 2026-01-20",
        "draft current",
        "receipts 9 9",
        "members who bought 5 5",
        "sales before loyalty 740.00 740.00",
        "discounts 10.00 10.00",
        "points spent, as money 6.00 6.00",
        "cost: both together 16.00 16.00",
        "cost, % of sales 2.16 2.16",
        "points issued 106 106",
        "points expired 28 28",
        "points outstanding 18 18",
        "worth of the outstanding 1.00 1.00",
        "tier silver (Silver) draft 2 40.00 0 10 1 2",
        "tier silver (Silver) current 0 0.00 - - - -",
        "enough points to spend draft 2 40.00 0 10 1 2",
        "points spent draft 2 40.00 30 30 2 3",
        "rule third (Third purchase) draft 1 20.00 30 30 3 3",
        "rule welcome (welcome) draft 5 100.00 0 0 1 1",
        "offer five5 (Five at once) draft 1 20.00 0 0 1 1",
        "draft: 1 offers never applied for a member",
    ] {
        let words: Vec<&str> = row.split_whitespace().collect();
        assert!(rows.contains(&words), "{row:?} is not in\n{told}");
    }
}

#[test]
fn receipts_of_tills_count_once_and_trainings_never() {
    let member = r#","member":"00000000000000000000000000000001","spend_points":7"#;
    let lines = [
        sold("a", member),
        sold("a", member),
        String::new(),
        sold("b", r#","mode":"training""#),
        sold("c", ""),
    ];
    let desk = Desk::new();
    let report = report(&desk.args(lines.join("\n"))).expect("a report");
    let counts = [report.repeated_left_out, report.training_left_out];
    assert_eq!((counts, report.draft.receipts, report.draft.receipts_of_members), ([1, 1], 2, 1));
    assert_eq!((report.draft.sales.as_str(), report.draft.points_issued), ("100.00", 10));
}

#[test]
fn every_wrong_line_is_told_with_its_number() {
    let named = r#","identification_id":"x""#;
    let lines =
        [sold("a", ""), "{\"uid\":\"b\"}".to_owned(), sold("c", ""), sold("d", named)].join("\n");
    let lines = lines.replace(
        "\"2\",\"unit_price\":2500,\"amount\":5000}]}\n{\"uid\":\"b",
        "\"x\",\"unit_price\":2500,\"amount\":5000}]}\n{\"uid\":\"b",
    );
    let told = Desk::new().refused(lines);
    for expected in [
        "line 1: /lines/0/quantity: expected a decimal number",
        "line 2: missing field `till`",
        "line 4: /identification_id: it says who bought to its agent only",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains("line 3"), "{told}");
}

#[test]
fn what_is_no_log_is_refused_with_what_was_expected() {
    let desk = Desk::new();
    for (log, expected) in [
        (&b""[..], "dollar_value`, or a receipt as a JSON object"),
        (b"customer date\n", "customer_id date number_of_cds dollar_value"),
        (b"customer_id date number_of_cds dollar_value\n00001 20250230 1 1.00", "line 2: the date"),
        (b"{}\n\xff\n", "line 2: it is not UTF-8"),
        (b"\x1f\x8bnothing", "pack"),
        (b"{}", "line 1: `uid` is missing"),
    ] {
        let told = desk.refused(log);
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let many = "{}\n".repeat(30);
    assert!(desk.refused(many).ends_with("and 10 more"));
}

#[test]
fn programmes_that_cannot_be_compared_are_refused() {
    let desk = Desk::new();
    let current = desk.write("current.toml", DRAFT.replace("\"CZK\"", "\"EUR\""));
    let args = SimulateArgs { current: Some(current), ..desk.args(FIVE) };
    let error = report(&args).expect_err("two currencies");
    assert!(error.message.contains("EUR and the draft in CZK"), "{error}");
    desk.write("draft.toml", DRAFT.replace("\"CZK\"", "\"JPY\"").replace(".00\"", "\""));
    assert!(desk.refused(FIVE).contains("JPY has 0"));
}

#[test]
fn ld_15_voids_and_returns_of_the_log_are_replayed_as_replay_sends_them() {
    let member = r#","member":"00000000000000000000000000000001""#;
    let closed = r#""till":"1","closed_at":"2025-01-02T10:00:00+01:00""#;
    let lines = [
        sold("a", member),
        sold("b", member),
        sold("t", r#","mode":"training""#),
        format!(
            r#"{{"uid":"a","return_uid":"r1",{closed},"lines":[{{"line_id":"1","quantity":"1"}}]}}"#
        ),
        format!(r#"{{"uid":"b","void_uid":"v1",{closed}}}"#),
        format!(r#"{{"uid":"b","void_uid":"v1",{closed}}}"#),
        format!(r#"{{"uid":"t","void_uid":"v2",{closed}}}"#),
        format!(r#"{{"uid":"gone","void_uid":"v3",{closed}}}"#),
    ];
    let desk = Desk::new();
    let report = report(&desk.args(lines.join("\n"))).expect("a report");
    let left_out = [report.training_left_out, report.repeated_left_out, report.of_unknown_left_out];
    assert_eq!(left_out, [2, 1, 1]);
    let draft = &report.draft;
    assert_eq!((draft.receipts, draft.returns, draft.returns_impossible), (2, 2, 0));
    assert_eq!((draft.sales.as_str(), draft.refunded.as_str()), ("25.00", "75.00"));
    let told = table::text(&report);
    assert!(told.contains("left out: 1 returns of receipts that the log does not have"), "{told}");
    let untimed = [sold("a", ""), r#"{"uid":"a","void_uid":"v","till":"1"}"#.to_owned()];
    let told = desk.refused(untimed.join("\n"));
    assert!(told.contains("line 2: /closed_at: a log must say when"), "{told}");
}

#[test]
fn ld_15_vouchers_and_entries_stand_in_tables_of_their_own_as_they_are_assumed_to_be_used() {
    let giving = format!(
        "{DRAFT}\n[[earn]]\nid = \"next\"\nkind = \"per_visit\"\nentries = 2\n\
         voucher = {{ type = \"five\", days = 60 }}\n\n\
         [[voucher_types]]\nid = \"five\"\nname = \"Five off\"\nkind = \"amount\"\namount = \"5.00\"\n"
    );
    let desk = Desk::new();
    desk.write("draft.toml", giving);
    let told = |vouchers| {
        let args = SimulateArgs { vouchers, ..desk.args(FIVE) };
        let told = table::text(&report(&args).expect("a report"));
        told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    // Nine receipts. The second and third of member 1 and the second of member 3 use the one before;
    // the last of all is open on the last day, and the other five lapsed.
    let used: Vec<String> = told(Vouchers::Used);
    assert!(
        used.contains(&"five (Five off) draft 9 3 5 0 1 15.00 15.00 5.00".to_owned()),
        "{used:?}"
    );
    assert!(used.contains(&"next (next) draft 18 0".to_owned()), "{used:?}");
    assert!(used.iter().any(|line| line.contains("(--vouchers used)")), "{used:?}");
    let kept: Vec<String> = told(Vouchers::Never);
    assert!(
        kept.contains(&"five (Five off) draft 9 0 8 0 1 0.00 0.00 5.00".to_owned()),
        "{kept:?}"
    );
    assert!(kept.iter().any(|line| line.contains("(--vouchers never)")), "{kept:?}");
}
