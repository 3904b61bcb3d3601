//! Levels that an account reaches (BC-8, BQ-16).

use chrono::{Datelike, Days, NaiveDate};

use crate::loyalty::ids::TierId;
use crate::money::Factor;

/// Levels that an account reaches (BC-8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierPolicy {
    /// What is counted.
    pub measure: TierMeasure,
    /// Over which time.
    pub window: TierWindow,
    /// How long a level stays once it was reached.
    pub kept: TierKept,
    /// Rising thresholds; the first is 0.
    pub steps: Vec<Tier>,
}

/// What lifts an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierMeasure {
    /// Money paid, minor units, net of returns.
    Spend,
    /// Points earned, net of returns.
    PointsEarned,
    /// Paid receipts, net of whole returns.
    Visits,
}

/// Over which time the measure is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierWindow {
    /// Since the account began.
    Lifetime,
    /// Since 1 January of the running year.
    CalendarYear,
    /// The last so many days, today included.
    RollingDays(u16),
}

/// How long a level stays once it was reached (BQ-16). It is read off the days that are kept, so
/// a return that takes the measure away takes the level away too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TierKept {
    /// As long as the measure is there. The default.
    #[default]
    Measured,
    /// So many days after the last day on which the measure was there.
    DaysAfter(u16),
    /// To the end of the calendar year after the one in which it was reached.
    YearAfter,
}

/// One level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Its id.
    pub id: TierId,
    /// What customers call it.
    pub name: String,
    /// The measure it needs.
    pub threshold: i64,
    /// Multiplies what rules marked so earn.
    pub multiplier: Factor,
}

/// Days of the longest year.
const YEAR_DAYS: u16 = 366;

impl TierPolicy {
    /// How many days of history it looks at.
    pub(super) fn days_kept(&self) -> u16 {
        let window_days = match self.window {
            TierWindow::Lifetime => return 0,
            TierWindow::CalendarYear => YEAR_DAYS,
            TierWindow::RollingDays(days) => days,
        };
        window_days.saturating_add(match self.kept {
            TierKept::Measured => 0,
            TierKept::DaysAfter(days) => days,
            TierKept::YearAfter => YEAR_DAYS,
        })
    }

    /// The first day of the window that ends on a day; `None` where it has no first day.
    pub(crate) fn window_start(&self, day: NaiveDate) -> Option<NaiveDate> {
        match self.window {
            TierWindow::Lifetime => None,
            TierWindow::CalendarYear => day.with_ordinal(1),
            TierWindow::RollingDays(days) => {
                day.checked_sub_days(Days::new(u64::from(days.saturating_sub(1))))
            }
        }
    }

    /// The place of the highest level that so much reaches.
    pub(crate) fn place_of(&self, measure: i64) -> usize {
        self.steps.iter().rposition(|tier| tier.threshold <= measure).unwrap_or(0)
    }
}
