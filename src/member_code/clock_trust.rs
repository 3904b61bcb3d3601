use std::fmt;

/// Whether the clock that gave `now` can be believed (set by the network since boot) or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockTrust {
    /// Known to be right within seconds.
    Trusted,
    /// Nobody has confirmed it since boot: windows are wider and the answer says so.
    Untrusted,
}

/// What most likely made a genuine code miss its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikelyCause {
    /// An old code: a screenshot, or a phone that has slept.
    OldCode,
    /// The phone's clock is ahead.
    PhoneClock,
    /// The till's own clock, which nobody has confirmed.
    TillClock,
}

impl fmt::Display for LikelyCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OldCode => "ask the customer to open the card anew, a screenshot does not work",
            Self::PhoneClock => "the phone's clock is ahead, ask the customer to set it",
            Self::TillClock => {
                "the till's clock may be wrong, use another card and tell a technician"
            }
        })
    }
}
