//! The whole way from text to programme or faults.

mod accepted;
mod arbitrary;
mod cashback;
mod cost;
mod cycles;
mod faults;
mod golden;
mod rewards;
mod switches;

use super::*;
use crate::loyalty::Programme;

/// A programme with nothing optional in it.
const LEAST: &str = r#"
format = 1
id = "club"
version = 1
name = "Klub"
currency = "CZK"
zone = "Europe/Prague"
"#;

/// Every key of the format, as documentation for authors.
const FULL: &str = include_str!("../../../tests/data/programmes/full.toml");

/// A programme whose points are spent by levels, as documentation for authors.
const LADDER: &str = include_str!("../../../tests/data/programmes/ladder.toml");

/// A programme that gives money back, as documentation for authors.
const CASHBACK: &str = include_str!("../../../tests/data/programmes/cashback.toml");

fn accepted(text: &str) -> Programme {
    match ProgrammeFile::check(text) {
        Ok(programme) => programme,
        Err(faults) => panic!("{}", lines_of(&faults)),
    }
}

/// The faults as `code path`, in the order told.
fn refused(text: &str) -> Vec<String> {
    let faults = ProgrammeFile::check(text).expect_err("something is wrong with it");
    faults.iter().map(|fault| format!("{} {}", fault.code, fault.path)).collect()
}

fn lines_of(faults: &[ProgrammeFault]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}
