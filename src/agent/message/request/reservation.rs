//! `POST /v1/reservations`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::{Faults, FieldFault};
use super::{fields, lines, who};
use crate::agent::till::request::ReserveRequest;
use crate::loyalty::{ReceiptUid, VOUCHERS_MAX};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Points};

/// Points, cashback and vouchers kept free while the customer pays.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct ReservationBody {
    /// The reservation's own id: sent again with the same id it is made once.
    pub(crate) reservation_uid: String,
    /// The till that asks.
    #[schema(example = "till-3")]
    pub(crate) till: String,
    /// What `identify` gave.
    pub(crate) identification_id: Option<String>,
    /// A member named without a scan, 32 hexadecimal digits.
    pub(crate) member: Option<String>,
    /// Points to hold.
    pub(crate) points: Option<i64>,
    /// Cashback to hold, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cashback: Option<i64>,
    /// Vouchers to hold.
    /// Vouchers to hold. One that may not be used by this member, here and now, is refused. Its
    /// products and its minimum cannot be looked at before there is a basket: ask for a quote.
    #[serde(default)]
    pub(crate) vouchers: Vec<String>,
}

impl ReservationBody {
    /// Reads the body.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(self) -> Result<ReserveRequest, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let request = self.parse(&mut faults);
        faults.settle(request)
    }

    fn parse(self, faults: &mut Faults) -> Option<ReserveRequest> {
        let uid_at = || "/reservation_uid".to_owned();
        let uid = fields::id(faults, &self.reservation_uid, ReceiptUid::parse, uid_at);
        let till = fields::till(faults, &self.till);
        let who = who::somebody(faults, self.identification_id, self.member.as_deref());
        let points = self.points.unwrap_or(0);
        if !(0..=AMOUNT_MINOR_MAX).contains(&points) {
            let message = "the number of points to hold is negative or too large";
            faults.add("/points", "points_out_of_range", message);
        }
        let cashback = self.cashback.unwrap_or(0);
        if !(0..=AMOUNT_MINOR_MAX).contains(&cashback) {
            let message = "the cashback to hold is negative or too large";
            faults.add("/cashback", "cashback_out_of_range", message);
        }
        let (found, most) = (self.vouchers.len(), VOUCHERS_MAX);
        fields::list_within(faults, found, most, "/vouchers", "too_many_vouchers", "vouchers");
        let vouchers = lines::vouchers(faults, &self.vouchers).into_iter().collect();
        Some(ReserveRequest {
            uid: uid?,
            till: till?,
            who: who?,
            points: Points::new(points),
            cashback: Amount::new(cashback),
            vouchers,
        })
    }
}
