//! The answer to `POST /v1/reservations`.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::agent::till::answer::Reserved;

/// Points, cashback and vouchers on hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReservationReply<'a> {
    /// The reservation.
    pub(crate) reservation_uid: &'a str,
    /// Points on hold.
    pub(crate) points: i64,
    /// Cashback on hold, in minor units.
    #[serde(skip_serializing_if = "is_nothing")]
    pub(crate) cashback: i64,
    /// Vouchers on hold.
    pub(crate) vouchers: Vec<&'a str>,
    /// When it lapses.
    pub(crate) expires_at: String,
}

impl<'a> ReservationReply<'a> {
    /// Renders a reservation.
    pub(crate) fn of(reserved: &'a Reserved) -> Self {
        Self {
            reservation_uid: reserved.uid.as_str(),
            points: reserved.points.value(),
            cashback: reserved.cashback.value(),
            vouchers: reserved.vouchers.iter().map(|voucher| voucher.as_str()).collect(),
            expires_at: time::utc(reserved.expires_at),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_nothing(minor: &i64) -> bool {
    *minor == 0
}
