//! What is wrong with a programme file, told to its author.

use std::collections::BTreeSet;
use std::fmt;

use super::document::Document;
use super::place::{Place, Step};

/// The most faults that one check tells: an author mends these first.
pub const FAULTS_MAX: usize = 200;

/// One thing that is wrong with a programme file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ProgrammeFault {
    /// Where: keys and list positions from 0, with ids where known; empty for the whole file.
    pub path: String,
    /// The line, from 1, where known; of a missing key, the line of its table.
    pub line: Option<usize>,
    /// What kind of fault; stable.
    pub code: FaultCode,
    /// What to mend.
    pub reason: String,
}

impl fmt::Display for ProgrammeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} [{}]", self.reason, self.code)
    }
}

macro_rules! fault_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// The kind of a fault. Its text is stable: scripts may rely on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultCode {
            $($(#[$doc])* $name,)+
        }

        impl FaultCode {
            /// The stable text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

fault_codes! {
    /// Not TOML.
    Syntax = "syntax",
    /// The file is larger than 4 MiB.
    FileTooLarge = "file_too_large",
    /// The file is written in a format that this version does not read.
    FormatUnsupported = "format_unsupported",
    /// A key that the format does not have.
    UnknownKey = "unknown_key",
    /// A word that the key does not take.
    UnknownWord = "unknown_word",
    /// A number where text stands, and the like.
    WrongType = "wrong_type",
    /// A required key is not there.
    MissingKey = "missing_key",
    /// A key that has no meaning beside the others.
    UnusedKey = "unused_key",
    /// A whole number out of its range.
    OutOfRange = "out_of_range",
    /// More elements than allowed.
    TooMany = "too_many",
    /// An id that is empty, too long or not plain.
    BadId = "bad_id",
    /// A text that is empty, too long or not plain.
    BadText = "bad_text",
    /// A name that is empty, too long or not plain.
    BadName = "bad_name",
    /// Not a currency.
    BadCurrency = "bad_currency",
    /// Not a time zone.
    BadZone = "bad_zone",
    /// Not an amount of the programme's currency.
    BadAmount = "bad_amount",
    /// An amount that names a currency of its own.
    CurrenciesMixed = "currencies_mixed",
    /// Not a percentage.
    BadPercent = "bad_percent",
    /// More than the whole.
    PercentOver100 = "percent_over_100",
    /// Not a multiplier.
    BadMultiplier = "bad_multiplier",
    /// Not a quantity.
    BadQuantity = "bad_quantity",
    /// Not a number of points.
    BadPoints = "bad_points",
    /// Must be more than nothing.
    NotPositive = "not_positive",
    /// Not a day of the calendar.
    BadDate = "bad_date",
    /// Not hours of the day.
    BadHours = "bad_hours",
    /// Not a day of the week.
    BadWeekday = "bad_weekday",
    /// The window has no instant in it.
    WindowNeverOpens = "window_never_opens",
    /// A list of which one entry must hold has none.
    EmptyList = "empty_list",
    /// Two conditions exclude each other.
    Contradiction = "contradiction",
    /// Not a code that customers may give.
    BadCode = "bad_code",
    /// Not the digits of a coupon.
    BadCoupon = "bad_coupon",
    /// Two elements have one id.
    DuplicateId = "duplicate_id",
    /// A tier that the programme does not have.
    UnknownTier = "unknown_tier",
    /// A voucher type that the programme does not have.
    UnknownVoucherType = "unknown_voucher_type",
    /// Tier thresholds must rise from 0.
    ThresholdsNotRising = "thresholds_not_rising",
    /// The minimum cannot be spent: no multiple of the step, or no level.
    NotWholeSteps = "not_whole_steps",
    /// Strengths must rise with the value.
    StrengthNotRising = "strength_not_rising",
    /// Levels must rise in points, and must not fall in what they give.
    LevelsNotRising = "levels_not_rising",
    /// Steps by quantity must rise.
    StepsNotRising = "steps_not_rising",
    /// What points buy earns as many again.
    PaysForItself = "pays_for_itself",
    /// A basket could take too long to decide.
    TooCostly = "too_costly",
    /// There are more faults than are told.
    MoreFaults = "more_faults",
}

impl FaultCode {
    /// Whether it says that a programme which can be read is not wise: a later version may judge
    /// otherwise.
    #[must_use]
    pub fn is_judgement(self) -> bool {
        matches!(self, Self::PaysForItself | Self::TooCostly)
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Gathers the faults of one file. A place that did not fit the format is told once: what its
/// absence leads to is not.
pub(crate) struct Faults<'d> {
    document: &'d Document<'d>,
    list: Vec<ProgrammeFault>,
    unread: BTreeSet<Vec<Step>>,
    more: bool,
}

impl<'d> Faults<'d> {
    /// No faults yet.
    pub(crate) fn new(document: &'d Document<'d>) -> Self {
        Self { document, list: Vec::new(), unread: BTreeSet::new(), more: false }
    }

    /// Something that does not fit the format and is left out from here on.
    pub(crate) fn unread(&mut self, steps: Vec<Step>, code: FaultCode, reason: String) {
        if self.is_full() {
            self.more = true;
        } else if self.unread.insert(steps.clone()) {
            self.push(&steps, code, reason);
        }
    }

    /// Something that fits the format and is wrong.
    pub(crate) fn add(&mut self, at: &Place<'_>, code: FaultCode, reason: impl Into<String>) {
        let steps = at.steps();
        if !self.is_unread(&steps) {
            self.push(&steps, code, reason.into());
        }
    }

    /// Whether a place or something around it did not fit the format.
    pub(crate) fn is_unread(&self, steps: &[Step]) -> bool {
        !self.unread.is_empty()
            && (1..=steps.len()).any(|depth| self.unread.contains(&steps[..depth]))
    }

    /// Whether anything under a place did not fit the format.
    pub(crate) fn has_unread_under(&self, at: &Place<'_>) -> bool {
        let steps = at.steps();
        self.unread.iter().any(|unread| unread.starts_with(&steps))
    }

    /// Whether no more are told.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= FAULTS_MAX
    }

    /// The faults in the order of the file.
    pub(crate) fn into_list(mut self) -> Vec<ProgrammeFault> {
        // Stable: faults of one line stay in the order in which they were found.
        self.list.sort_by_key(|fault| fault.line);
        if self.more {
            self.list.push(ProgrammeFault {
                path: String::new(),
                line: None,
                code: FaultCode::MoreFaults,
                reason: format!("there are more than {FAULTS_MAX} faults; mend these first"),
            });
        }
        self.list
    }

    fn push(&mut self, steps: &[Step], code: FaultCode, reason: String) {
        if self.is_full() {
            self.more = true;
            return;
        }
        self.list.push(ProgrammeFault {
            path: self.document.describe(steps),
            line: self.document.line(steps),
            code,
            reason,
        });
    }
}
