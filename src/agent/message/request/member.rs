//! `POST /v1/receipts/{uid}/member` and `POST /v1/members/{ref}/adjustments`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::{Faults, FieldFault};
use super::{fields, who};
use crate::agent::till::request::{AdjustRequest, AssignRequest};
use crate::journal::Remark;
use crate::loyalty::{MemberRef, OperatorRef, ReceiptUid};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Points};

/// A member for a receipt that was sold without one.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct MemberBody {
    /// The till that sold.
    #[schema(example = "till-3")]
    pub(crate) till: String,
    /// What `identify` gave.
    pub(crate) identification_id: Option<String>,
    /// A member named without a scan, 32 hexadecimal digits.
    pub(crate) member: Option<String>,
    /// Who worked the till; opaque.
    pub(crate) operator: Option<String>,
    /// The code of whoever referred the member; it counts on a first purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) referral_code: Option<String>,
    /// Language of the answer's sentences as a BCP 47 tag; the store's where missing or unknown.
    #[schema(example = "cs-CZ")]
    #[serde(skip_serializing)]
    pub(crate) language: Option<String>,
}

/// Points given or taken by hand.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct AdjustmentBody {
    /// The adjustment's own id: sent again with the same id it is booked once.
    pub(crate) adjustment_uid: String,
    /// Who does it.
    pub(crate) operator: String,
    /// More or fewer.
    #[schema(example = 250)]
    #[serde(default)]
    pub(crate) points: i64,
    /// More cashback or less, in minor units; beside or instead of points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cashback: Option<i64>,
    /// Why, for a person to read later.
    #[schema(example = "points of a lost receipt")]
    pub(crate) reason: String,
}

impl MemberBody {
    /// Reads the body.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(self, of: ReceiptUid) -> Result<AssignRequest, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let request = self.parse(of, &mut faults);
        faults.settle(request)
    }

    fn parse(self, of: ReceiptUid, faults: &mut Faults) -> Option<AssignRequest> {
        let till = fields::till(faults, &self.till);
        let operator = fields::operator(faults, self.operator.as_deref());
        let who = who::somebody(faults, self.identification_id, self.member.as_deref());
        let referral = fields::referral(faults, self.referral_code.as_deref());
        Some(AssignRequest { of, till: till?, operator, who: who?, referral })
    }
}

impl AdjustmentBody {
    /// Reads the body.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(self, member: MemberRef) -> Result<AdjustRequest, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let request = self.parse(member, &mut faults);
        faults.settle(request)
    }

    fn parse(self, member: MemberRef, faults: &mut Faults) -> Option<AdjustRequest> {
        let uid_at = || "/adjustment_uid".to_owned();
        let uid = fields::id(faults, &self.adjustment_uid, ReceiptUid::parse, uid_at);
        let operator_at = || "/operator".to_owned();
        let operator = fields::id(faults, &self.operator, OperatorRef::parse, operator_at);
        let reason = fields::text(faults, &self.reason, Remark::parse, || "/reason".to_owned());
        let range = -AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX;
        let cashback = self.cashback.unwrap_or(0);
        if !range.contains(&cashback) {
            let message = "expected minor units of cashback to give, or less than nothing to take";
            faults.add("/cashback", "cashback_out_of_range", message);
        }
        if self.points == 0 && cashback == 0 || !range.contains(&self.points) {
            let message = "expected points to give, or a negative number to take";
            faults.add("/points", "points_out_of_range", message);
        }
        let points = Points::new(self.points);
        Some(AdjustRequest {
            uid: uid?,
            till: None,
            operator: operator?,
            member,
            points,
            cashback: Amount::new(cashback),
            reason: reason?,
        })
    }
}
