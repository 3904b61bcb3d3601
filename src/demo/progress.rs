//! How far the replay is: a bar for people, a line a month for everything else.

use std::cell::Cell;
use std::io::IsTerminal as _;

use chrono::{Datelike as _, NaiveDate};
use indicatif::{ProgressBar, ProgressStyle};

use super::money_text::dollars;
use super::play::Seen;
use super::say::say;

const STYLE: &str = "{msg:<18} {bar:40} {human_pos}/{human_len} receipts  {per_sec}  {eta} left";

/// How far the replay is.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    /// The month that was told last.
    told: Cell<Option<(i32, u32)>>,
}

impl Progress {
    /// Before the first of so many receipts.
    pub(crate) fn new(receipts: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(receipts);
            if let Ok(style) = ProgressStyle::with_template(STYLE) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, told: Cell::new(None) }
    }

    /// So many receipts more.
    pub(crate) fn sold(&self, receipts: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(receipts);
        }
    }

    /// A day is over.
    pub(crate) fn day_done(&self, day: NaiveDate, seen: &Seen) {
        match &self.bar {
            Some(bar) => bar.set_message(day.format("%-d %B %Y").to_string()),
            None => {
                let month = (day.year(), day.month());
                if self.told.replace(Some(month)).is_some_and(|told| told != month) {
                    let Seen { sums, .. } = seen;
                    let paid = dollars(sums.paid);
                    say(&format!("before {day}: {} receipts, {paid} paid", sums.receipts));
                }
            }
        }
    }

    /// Nothing more comes.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
