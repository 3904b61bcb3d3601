//! What happens to a member's points.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::cashback::{self, PendingReply};
use super::redeemable::RedeemableReply;
use super::time::Day;
use crate::journal::{Header, MemberPart, Sale};
use crate::loyalty::{
    Expires, ExpiryPolicy, Gained, PendingPart, PointsOutcome, Programme, balance_after,
};
use crate::money::Points;

/// How many decimals points have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct PointsDecimals(u8);

impl PointsDecimals {
    pub(super) fn of(programme: &Programme) -> Self {
        Self(programme.point_decimals.count())
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
    pub(super) fn are_whole(&self) -> bool {
        self.0 == 0
    }
}

/// What happens to a member's points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PointsReply {
    /// Balance before.
    #[schema(example = 1240)]
    pub(crate) before: i64,
    /// Earned now.
    #[schema(example = 14)]
    pub(crate) earned: i64,
    /// Spent now.
    #[schema(example = 10)]
    pub(crate) spent: i64,
    /// Converted into vouchers now, after all else.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) converted: i64,
    /// Balance after.
    #[schema(example = 1244)]
    pub(crate) after: i64,
    /// Points of the account that can be spent only later, by day, after the sale.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pending: Vec<PendingReply>,
    /// Points owed after; the next points settle them.
    pub(crate) debt_after: i64,
    /// The last day of the points earned now.
    #[schema(example = "2027-02-28")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) earned_expire_on: Option<Day>,
    /// The soonest that points lapse. A record tells it where a purchase renews all points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_expiry: Option<ExpiryReply>,
    /// What could be spent on this basket; quotes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redeemable: Option<RedeemableReply>,
}

/// Points that lapse together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ExpiryReply {
    /// Their last day.
    #[schema(example = "2027-02-28")]
    #[schema(value_type = String)]
    pub(crate) date: Day,
    /// How many.
    #[schema(example = 1244)]
    pub(crate) points: i64,
}

impl PointsReply {
    pub(super) fn of_outcome(points: &PointsOutcome) -> Self {
        let next_expiry = points
            .next_expiry
            .map(|(day, points)| ExpiryReply { date: Day(day), points: points.value() });
        let activity_ends = next_expiry.as_ref().map(|next| next.date.0);
        let earned_ends = earned_ends(points.earned_expires, activity_ends);
        Self {
            before: points.before.value(),
            earned: points.earned.value(),
            spent: points.spent.value(),
            converted: points.converted.points().value(),
            after: points.after.value(),
            pending: cashback::pending(&points.pending_after),
            debt_after: points.debt_after.value(),
            earned_expire_on: earned_ends.filter(|_| points.earned.is_positive()).map(Day),
            next_expiry,
            redeemable: points.redeemable.as_ref().map(RedeemableReply::of),
        }
    }

    /// What a sale's record says of them; what is left after all else may be converted.
    pub(super) fn of_member(part: &MemberPart, sale: &Sale, header: &Header) -> Self {
        let before = part.inputs.balance;
        let gained = Gained {
            earned: part.earned,
            expires: part.expires,
            pending: PendingPart::of(&part.earned_by, part.earned),
            spent: part.spent,
        };
        let (after, debt_after) = balance_after(before, part.inputs.debt, &gained);
        let converted = part.converted.points();
        let after = after - converted;
        let activity_ends = activity_ends(part.terms.expiry, sale, header);
        let earned_ends = earned_ends(part.expires, activity_ends);
        Self {
            before: before.value(),
            earned: part.earned.value(),
            spent: part.spent.value(),
            converted: converted.value(),
            after: after.value(),
            pending: cashback::pending(&part.pending_after),
            debt_after: debt_after.value(),
            earned_expire_on: earned_ends.filter(|_| part.earned.is_positive()).map(Day),
            next_expiry: activity_ends
                .filter(|_| after > Points::ZERO)
                .map(|day| ExpiryReply { date: Day(day), points: after.value() }),
            redeemable: None,
        }
    }
}

/// The last day of what lives with the account's activity, as a sale renews it.
pub(super) fn activity_ends(
    expiry: ExpiryPolicy,
    sale: &Sale,
    header: &Header,
) -> Option<NaiveDate> {
    match expiry {
        ExpiryPolicy::Sliding { days } => {
            let day = header.clock.local_day(sale.decided_at);
            day.checked_add_days(Days::new(u64::from(days)))
        }
        ExpiryPolicy::Lots { .. } | ExpiryPolicy::Never => None,
    }
}

/// The last day of what was earned.
pub(super) fn earned_ends(expires: Expires, activity_ends: Option<NaiveDate>) -> Option<NaiveDate> {
    match expires {
        Expires::On(day) => Some(day),
        Expires::WithActivity => activity_ends,
        Expires::Never => None,
    }
}

fn is_zero(points: &i64) -> bool {
    *points == 0
}
