//! The figures: measured, beside what they are compared with.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::Outcome;

/// What was measured, in the order of measuring.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    figure: String,
    measured: String,
    floor: String,
    target: String,
    verdict: &'static str,
}

/// Whether a figure is where it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok,
    Missed,
    /// There is no target.
    Told,
}

impl Verdict {
    /// Of a condition that is to hold.
    pub fn of(met: bool) -> Self {
        if met { Self::Ok } else { Self::Missed }
    }
}

impl Table {
    /// Adds a figure and says it at once: a whole run takes minutes.
    pub fn add(
        &mut self,
        figure: impl Into<String>,
        measured: impl Into<String>,
        floor: impl Into<String>,
        target: impl Into<String>,
        verdict: Verdict,
    ) {
        let verdict = match verdict {
            Verdict::Ok => "ok",
            Verdict::Missed => "MISSED",
            Verdict::Told => "",
        };
        let row = Row {
            figure: figure.into(),
            measured: measured.into(),
            floor: floor.into(),
            target: target.into(),
            verdict,
        };
        eprintln!("  {}: {} {} {}", row.figure, row.measured, row.target, row.verdict);
        self.rows.push(row);
    }

    /// The table as Markdown, columns aligned.
    pub fn markdown(&self) -> String {
        let head = ["figure", "measured", "beside it in the same run", "target", ""];
        let cells = |row: &Row| {
            [&row.figure, &row.measured, &row.floor, &row.target].map(String::clone).to_vec()
        };
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        lines.extend(self.rows.iter().map(|row| {
            let mut line = cells(row);
            line.push(row.verdict.to_owned());
            line
        }));
        let width = |at: usize| lines.iter().map(|l| l[at].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            for (cell, width) in line.iter().zip(&widths) {
                let _ = write!(text, "| {cell:<width$} ");
            }
            text.push_str("|\n");
            if number == 0 {
                for width in &widths {
                    let _ = write!(text, "|{}", "-".repeat(width + 2));
                }
                text.push_str("|\n");
            }
        }
        text
    }

    /// Writes the table beside the build for the README; where it is.
    pub fn save(&self, heading: &str) -> Outcome<PathBuf> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
        let folder = target.join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join("till.md");
        fs::write(&path, format!("{heading}\n\n{}", self.markdown()))?;
        Ok(path)
    }
}

/// The value below which so many of a hundred lie.
pub fn percentile(times: &[Duration], percent: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted
        .get(at.saturating_sub(1).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// "0.42 ms".
pub fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
