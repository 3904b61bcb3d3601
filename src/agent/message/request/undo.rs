//! `POST /v1/receipts/{uid}/void` and `/returns`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::{Faults, FieldFault};
use super::fields;
use super::lines::rewards;
use crate::agent::till::request::{ReturnRequest, VoidRequest};
use crate::loyalty::{LINES_MAX, LineId, ReceiptUid, ReturnLine, TillId};
use crate::money::{QUANTITY_MILLI_MAX, Quantity};

/// Everything that is left of a receipt is taken back.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct VoidBody {
    /// The till that sold and voids.
    #[schema(example = "till-3")]
    pub(crate) till: String,
    /// The void's own id: sent again with the same id it is carried out once.
    pub(crate) void_uid: String,
    /// Who worked the till; opaque.
    pub(crate) operator: Option<String>,
    /// When the till closed it: RFC 3339 with offset; now where missing.
    pub(crate) closed_at: Option<String>,
    /// Why, for a person to read later.
    pub(crate) reason: Option<String>,
    /// Language of the answer's sentences as a BCP 47 tag; the store's where missing or unknown.
    #[schema(example = "cs-CZ")]
    #[serde(skip_serializing)]
    pub(crate) language: Option<String>,
}

/// Units of a receipt are brought back.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct ReturnBody {
    /// The till that takes them back.
    #[schema(example = "till-3")]
    pub(crate) till: String,
    /// The return's own id: sent again with the same id it is carried out once.
    pub(crate) return_uid: String,
    /// The till that sold them, where it is another one.
    pub(crate) sold_by: Option<String>,
    /// What comes back.
    pub(crate) lines: Vec<ReturnLineBody>,
    /// Rewards that are handed back: services, by their ids; one named twice comes back twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["wrapping"]))]
    pub(crate) rewards: Vec<String>,
    /// Who worked the till; opaque.
    pub(crate) operator: Option<String>,
    /// When the till closed it: RFC 3339 with offset; now where missing.
    pub(crate) closed_at: Option<String>,
    /// Why, for a person to read later.
    pub(crate) reason: Option<String>,
    /// Language of the answer's sentences as a BCP 47 tag; the store's where missing or unknown.
    #[schema(example = "cs-CZ")]
    #[serde(skip_serializing)]
    pub(crate) language: Option<String>,
}

/// Units of one line.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct ReturnLineBody {
    /// The line of the sale.
    pub(crate) line_id: String,
    /// Decimal text with at most three decimals; more than nothing.
    #[schema(example = "1.000")]
    pub(crate) quantity: String,
}

impl VoidBody {
    /// Reads the body.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(self, of: ReceiptUid) -> Result<VoidRequest, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let request = self.parse(of, &mut faults);
        faults.settle(request)
    }

    fn parse(self, of: ReceiptUid, faults: &mut Faults) -> Option<VoidRequest> {
        let till = fields::till(faults, &self.till);
        let undo_uid = undo_uid(faults, &self.void_uid, "/void_uid");
        let operator = fields::operator(faults, self.operator.as_deref());
        let closed_at = self.closed_at.as_deref();
        let closed_at = closed_at.and_then(|at| fields::instant(faults, at, "/closed_at"));
        let reason = fields::reason(faults, self.reason.as_deref());
        Some(VoidRequest { of, till: till?, operator, undo_uid: undo_uid?, closed_at, reason })
    }
}

impl ReturnBody {
    /// Reads the body.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(self, of: ReceiptUid) -> Result<ReturnRequest, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let request = self.parse(of, &mut faults);
        faults.settle(request)
    }

    fn parse(self, of: ReceiptUid, faults: &mut Faults) -> Option<ReturnRequest> {
        let till = fields::till(faults, &self.till);
        let undo_uid = undo_uid(faults, &self.return_uid, "/return_uid");
        let sold_by = self.sold_by.as_deref();
        let sold_by = fields::optional_id(faults, sold_by, TillId::parse, "/sold_by");
        let lines = lines(faults, &self.lines);
        let rewards = rewards(faults, &self.rewards);
        let operator = fields::operator(faults, self.operator.as_deref());
        let closed_at = self.closed_at.as_deref();
        let closed_at = closed_at.and_then(|at| fields::instant(faults, at, "/closed_at"));
        let reason = fields::reason(faults, self.reason.as_deref());
        Some(ReturnRequest {
            of,
            sold_by,
            till: till?,
            operator,
            undo_uid: undo_uid?,
            lines,
            rewards,
            closed_at,
            reason,
        })
    }
}

fn undo_uid(faults: &mut Faults, text: &str, pointer: &str) -> Option<ReceiptUid> {
    fields::id(faults, text, ReceiptUid::parse, || pointer.to_owned())
}

fn lines(faults: &mut Faults, bodies: &[ReturnLineBody]) -> Vec<ReturnLine> {
    fields::list_within(faults, bodies.len(), LINES_MAX, "/lines", "too_many_lines", "lines");
    let read = |(index, body): (usize, &ReturnLineBody)| {
        let at = |field: &str| format!("/lines/{index}/{field}");
        let line_id = fields::id(faults, &body.line_id, LineId::parse, || at("line_id"));
        let quantity = fields::parse_decimal(&body.quantity).ok_or(fields::QUANTITY_EXPECTED);
        let milli = faults.check(quantity, || at("quantity"), "quantity_malformed")?;
        if !(1..=QUANTITY_MILLI_MAX).contains(&milli) {
            let message = "the quantity must be more than nothing and at most a million units";
            faults.add(at("quantity"), "quantity_out_of_range", message);
        }
        Some(ReturnLine { line_id: line_id?, quantity: Quantity::new(milli) })
    };
    bodies.iter().take(LINES_MAX).enumerate().filter_map(read).collect()
}
