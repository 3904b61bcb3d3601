use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::limit::{Beyond, Limit};
use super::{groups, markdown};
use crate::agent::api::problem_kinds::kind_of;

/// Constants that nobody outside can meet: where, which, and why not.
const INNER: &[(&str, &str, &str)] = &[
    ("journal/codec/scalars", "SUM_MAX", "the sum of what LINES_MAX and AMOUNT_MINOR_MAX let in"),
    ("journal/cbor", "DEPTH_MAX", "guards the decoder against bytes that no agent wrote"),
    ("journal/cbor", "LIST_ITEMS_MAX", "guards the decoder against bytes that no agent wrote"),
    ("journal/envelope", "FRAME_BYTES_MAX", "room around a payload, counted in RECORD_BYTES_MAX"),
    ("member_code/totp_secret", "KEY_BYTES_MIN", "the members file lets in no shorter secret"),
    ("member_code/totp_secret", "KEY_BYTES_MAX", "the members file lets in no longer secret"),
    ("wire/members/line", "SHOWN_KEY_BYTES_MAX", "how much of a key a sentence repeats"),
    ("wire/programme/place", "SHOWN_CHARS_MAX", "how much of the file a sentence repeats"),
    ("agent/config/defaults", "CONNECTIONS_MAX", "a default; its range is in the table"),
    ("agent/store/ledger/holds", "DAMAGED_HOLD_MS_MAX", "how long a row in doubt holds"),
    ("loyalty/decide/this_sale", "TRIALS_MAX", "how exactly points of a sale are spent on it"),
    ("wire/programme/check/free_receipts", "TRIALS_MAX", "how exactly a check for cycles looks"),
    ("advice/probe", "PRICE_TRIED_MAX", "prices of baskets that are tried on paper"),
    ("advice/probe", "UNITS_TRIED_MAX", "units of baskets that are tried on paper"),
    ("wire/programme/limits", "AVERAGE_VISITS_MIN", "a default; its range is in the table"),
    ("agent/till/shelf", "READY_MAX", "a cache: what is not in it is read again"),
    ("agent/start", "TRUSTED_LOOKED_FOR_MAX", "how far a start looks back"),
    ("agent/store/writer", "LINGER_MS_MAX", "a pause within BATCH_TIME_MS_MAX"),
    ("agent/store/writer", "IDLE_MS_MIN", "when an idle till tidies its files"),
    ("agent/store/writer/batch", "HALF_CROWD_JOBS_MIN", "how a crowd is shared between commits"),
    ("agent/store/backup", "BUSY_TRIES_MAX", "patience with a writer that is in the way"),
    ("agent/store/rebuild", "DIFFERENCES_TOLD_MAX", "how much a report tells one by one"),
    ("agent/store/verify", "FAULTS_KEPT_MAX", "how much a report tells one by one"),
    ("agent/store/recover/building", "OTHER_KEY_ROWS_MAX", "how a salvage judges a damaged file"),
    ("agent/store/recover/building", "HEARD_OF_MAX", "how a salvage judges a damaged file"),
    ("agent/store/recover/remains", "BROKEN_READS_MAX", "how long a salvage searches"),
    ("agent/command/journal/export", "ITEM_BYTES_MAX", "RECORD_BYTES_MAX and its frame"),
    ("agent/command/journal/export", "HEADER_BYTES_MAX", "guards the reader of an export"),
    ("loyalty/promotion", "REWARDS_TOLD_MAX", "how much a quote says unasked"),
    ("agent/command/journal/mod", "TOLD_MAX", "how much a report tells one by one"),
    ("agent/command/recovery/doctor", "TOLD_MAX", "how much a report tells one by one"),
    ("agent/command/replay", "REFUSALS_TOLD_MAX", "how much a report tells one by one"),
    (
        "agent/command/simulate/log_file",
        "WRONG_LINES_TOLD_MAX",
        "how much a report tells one by one",
    ),
    ("agent/store/ledger/pulled/take_up", "SWEPT_MAX", "how much one job cleans up"),
    ("agent/till/hub", "CHANGES_PER_JOB_MAX", "how much one job stores of what the hub said"),
    ("agent/sync/line", "SENDING_MAX", "patience with the line to the hub"),
    ("agent/sync/line", "ANSWER_MAX", "patience with the line to the hub"),
    ("agent/sync/line", "SILENCE_MAX", "patience with the line to the hub"),
    ("agent/sync/driver", "AHEAD_NOTED_MS_MIN", "how exactly the hub's time is noted"),
    ("agent/sync/driver", "BLOCKING_THREADS_MAX", "threads of the sync alone"),
    ("agent/sync/driver", "STOP_MAX", "patience at the end"),
    ("agent/command/run", "BLOCKING_THREADS_MAX", "READERS by another name"),
    ("demo/stores", "AGREEMENT_MAX", "patience of the demo"),
    ("demo/centre", "CONNECTIONS_MAX", "of the demo's own hub"),
    ("demo/centre", "FLAGS_READ_MAX", "how much the demo's summary reads"),
    ("demo/till_client", "TIME_MAX", "patience of the demo's own client"),
    ("sync/backoff", "ASKED_MAX", "patience with the hub"),
    ("sync/meaning", "REPLY_BYTES_MAX", "MESSAGE_BYTES_MAX by another name"),
    ("sync/push", "SET_ASIDE_IN_A_ROW_MAX", "how a till deals with a hub that refuses"),
    ("sync/push", "REDIRECTS_IN_A_ROW_MAX", "how a till deals with a hub that refuses"),
    ("wire/sync/fields", "MESSAGE_BYTES_MAX", "between agent and hub"),
    ("wire/sync/push", "PUSH_RECORDS_MAX", "between agent and hub"),
    ("wire/sync/snapshot", "SNAPSHOT_CHUNK_BYTES_MAX", "between agent and hub"),
    ("wire/account_facts/item", "DEPTH_MAX", "guards the decoder against damaged rows"),
    ("wire/sync/packing", "WINDOW_LOG_MAX", "between agent and hub"),
    ("wire/sync/signature", "NONCE_CHARS_MIN", "between agent and hub"),
    ("wire/sync/signature", "NONCE_CHARS_MAX", "between agent and hub"),
    ("wire/sync/records_packing/coder", "RANGE_MIN", "the coder's arithmetic"),
    ("wire/sync/records_packing/coder", "TOTAL_MAX", "the coder's arithmetic"),
    ("wire/sync/records_packing/coder", "SYMBOLS_MAX", "the coder's arithmetic"),
    ("wire/sync/records_packing/walk", "INTEGER_MAX", "the coder's arithmetic"),
    ("wire/sync/records_packing/walk", "VALUES_MAX", "between agent and hub"),
    ("wire/sync/records_packing/walk", "DEPTH_MAX", "between agent and hub"),
    ("wire/sync/records_packing/walk", "COLUMNS_MAX", "between agent and hub"),
    ("wire/sync/records_packing/walk", "UNPACKED_BYTES_MAX", "between agent and hub"),
    ("demo/summary", "DIFFERENCES_LISTED_MAX", "how much the demo's summary lists"),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file with its path below `src`, without the extension. Tests are left out.
fn files() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
            match path.extension() {
                _ if is_test => {}
                None => walk(&path, found),
                Some(extension) if extension == "rs" => found.push(path),
                Some(_) => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&source(), &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(source()).unwrap().with_extension("");
        (name.to_str().unwrap().replace('\\', "/"), fs::read_to_string(&path).unwrap())
    };
    found.into_iter().map(read).collect()
}

/// The constants of a file whose names say that they are a bound.
fn bounds(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let declared = line.trim_start().split("const ").nth(1)?;
        let (name, _) = declared.split_once(':')?;
        // A generic parameter is no constant.
        let starts = line.trim_start().starts_with("const ") || line.contains(" const ");
        let is_bound = name.split('_').any(|word| word == "MAX" || word == "MIN");
        (starts && is_bound && !line.contains("<const ")).then_some(name)
    })
}

fn table() -> Vec<Limit> {
    groups().into_iter().flat_map(|group| group.limits).collect()
}

/// Whether a row is of the constant `name` in `file`: the row's path begins with a folder of it.
fn is_of(limit: &Limit, file: &str, name: &str) -> bool {
    let path: String = limit.constant.chars().filter(|c| !c.is_whitespace()).collect();
    let (first, last) = (path.split("::").next(), path.rsplit("::").next());
    last == Some(name) && file.split('/').any(|folder| Some(folder) == first)
}

#[test]
fn every_bound_is_in_the_table_or_known_to_be_inner() {
    let table = table();
    let mut missing = Vec::new();
    let mut inner: BTreeSet<(&str, &str)> =
        INNER.iter().map(|(file, name, _)| (*file, *name)).collect();
    let mut bounds_found = 0;
    let files = files();
    // The hub has limits of its own, the simulator is a test.
    let is_agents = |file: &str| !file.starts_with("hub/") && !file.starts_with("simulator/");
    for (file, text) in files.iter().filter(|(file, _)| is_agents(file)) {
        for name in bounds(text) {
            bounds_found += 1;
            let is_inner = inner.remove(&(file.as_str(), name));
            let is_told = table.iter().any(|limit| is_of(limit, file, name));
            if !is_inner && !is_told {
                missing.push(format!("src/{file}.rs: {name}"));
            }
            assert!(!(is_inner && is_told), "{file}: {name} is inner and in the table");
        }
    }
    assert!(missing.is_empty(), "neither in the table nor in INNER: {missing:#?}");
    assert!(inner.is_empty(), "in INNER and nowhere else: {inner:?}");
    assert!(bounds_found > 90, "the search found only {bounds_found}");
}

#[test]
fn every_code_of_the_table_is_one_that_the_agent_gives() {
    let files = files();
    let said = |code: &str| {
        let literal = format!("\"{code}\"");
        files
            .iter()
            .any(|(file, text)| !file.starts_with("agent/limits") && text.contains(&literal))
    };
    for limit in table() {
        match limit.beyond {
            Beyond::Refused(code) | Beyond::FileFault(code) => assert!(said(code), "{code}"),
            Beyond::RefusedEither(one, other) => assert!(said(one) && said(other), "{one} {other}"),
            Beyond::Flagged(flag) => {
                let known = crate::journal::Flag::ALL.iter().any(|known| known.name() == flag);
                assert!(known, "{flag}");
            }
            Beyond::WrongConfiguration => {}
            Beyond::Then(what) => assert!(!what.is_empty(), "{}", limit.name),
        }
    }
    assert_eq!(kind_of("body_too_large").status, 413, "a limit's own problem is a client's");
}

#[test]
fn values_are_told_in_the_largest_unit_that_takes_them_whole() {
    let rows = markdown();
    for row in [
        "| body | ≤ 4 MiB |",
        "| lines of a receipt, quote or return | ≤ 10,000 lines |",
        "| life of a reservation | ≤ 5 min |",
        "| life of a token | ≤ 24 h |",
        "| `closed_at` ago | ≤ 24 h |",
        "| an `Idempotency-Key` is remembered | ≥ 7 days |",
        "| quantity of a line | ≤ 1,000,000 units |",
        "| `wallet.id` | 16 characters |",
        "| time of a read | ≤ 1 s |",
    ] {
        assert!(rows.contains(row), "{row} in\n{rows}");
    }
}

#[test]
fn the_readme_has_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- limits:").expect("the mark before the table");
    let (mark, rest) = rest.split_once("-->\n").expect("its end");
    let (told, after) = rest.split_once("<!-- /limits -->").expect("the mark after it");
    let expected = format!("\n{}\n", markdown());
    if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
        let anew = format!("{before}<!-- limits:{mark}-->\n{expected}<!-- /limits -->{after}");
        fs::write(&path, anew).unwrap();
        return;
    }
    assert_eq!(told, expected, "README.md differs; TILLWARD_UPDATE_GOLDEN=1 writes it anew");
}
