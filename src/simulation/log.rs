//! What a log says: what was sold, and what of it came back.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::loyalty::{Basket, MemberRef, ReturnLine};

/// Receipts and what came back of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesLog {
    /// In the order of the log.
    pub receipts: Vec<LoggedReceipt>,
    /// In the order of the log.
    pub returns: Vec<LoggedReturn>,
}

/// A receipt of a log: what was bought, before loyalty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedReceipt {
    /// When.
    pub at: LoggedTime,
    /// By whom; `None` where nobody identified themselves.
    pub member: Option<MemberRef>,
    /// Who referred the member, where a code was brought.
    pub referral: Option<LoggedReferral>,
    /// What. The vouchers and points that it asks for do not count: they are of another programme.
    pub basket: Basket,
}

/// Who referred the member of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedReferral {
    /// A member; known where that member bought before in the log.
    By(MemberRef),
    /// The code says it to the agent only.
    Unknown,
}

/// Goods of a receipt that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedReturn {
    /// When; never before its receipt.
    pub at: LoggedTime,
    /// The receipt's place in [`SalesLog::receipts`].
    pub of: usize,
    /// What.
    pub back: BackGoods,
}

/// What of a receipt came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackGoods {
    /// All that was left.
    Everything,
    /// Units of lines.
    Units(Vec<ReturnLine>),
}

/// When a receipt of a log was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedTime {
    /// The log has an instant.
    Instant(DateTime<Utc>),
    /// The log has the local day only: noon of it.
    Day(NaiveDate),
}

/// What a log tells of an instant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happening<'a> {
    /// A receipt and its place.
    Sold(usize, &'a LoggedReceipt),
    /// Goods that came back.
    CameBack(&'a LoggedReturn),
}

impl SalesLog {
    /// Everything in the order of time; what is of one instant in the order of the log, receipts
    /// before returns. Returns of no receipt of the log are left out.
    pub(super) fn in_time(&self, zone: Tz) -> Vec<(DateTime<Utc>, Happening<'_>)> {
        let sold = self.receipts.iter().enumerate();
        let sold = sold.map(|(at, sold)| (sold.at.instant(zone), Happening::Sold(at, sold)));
        let back = self.returns.iter().filter_map(|back| {
            let sold = self.receipts.get(back.of)?.at.instant(zone);
            Some((back.at.instant(zone).max(sold), Happening::CameBack(back)))
        });
        let mut in_time: Vec<_> = sold.chain(back).collect();
        in_time.sort_by_key(|(at, _)| *at);
        in_time
    }
}

impl LoggedTime {
    fn instant(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => {
                let noon = day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default());
                // No zone ever skipped a noon but with its whole day; that day is then UTC's.
                zone.from_local_datetime(&noon)
                    .earliest()
                    .map_or_else(|| noon.and_utc(), |at| at.to_utc())
            }
        }
    }
}
