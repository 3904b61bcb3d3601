//! The answer to `GET /v1/receipts/{uid}`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::presentation::{DiscountStyle, Presentation};
use super::record::RecordReply;
use crate::agent::till::answer::ReceiptStatus;
use crate::journal::Body;
use crate::loyalty::Programme;
use crate::money::Quantity;

/// How much of the last record's signature names a state: beyond any accident.
const ETAG_BYTES: usize = 12;

/// A receipt and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptReply<'a> {
    /// What became of it.
    pub(crate) state: ReceiptState,
    /// What was sold.
    pub(crate) sale: RecordReply<'a>,
    /// Voids, returns and the late member, in their order.
    pub(crate) followed_by: Vec<RecordReply<'a>>,
}

/// What became of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReceiptState {
    /// Everything stays sold.
    Sold,
    /// Some units came back.
    ReturnedInPart,
    /// Everything came back.
    Returned,
    /// It was voided.
    Voided,
}

impl<'a> ReceiptReply<'a> {
    /// Renders a receipt's status.
    pub(crate) fn of(
        status: &'a ReceiptStatus,
        programme: &'a Programme,
        presentation: Presentation,
    ) -> Self {
        Self {
            state: ReceiptState::of(status),
            sale: RecordReply::of(&status.sale, programme, presentation),
            followed_by: status
                .followed_by
                .iter()
                .map(|recorded| RecordReply::of(recorded, programme, presentation))
                .collect(),
        }
    }

    /// Names what [`ReceiptReply::of`] would say: the last record's signature, the version of the
    /// programme that gives the names, and how the answer looks.
    pub(crate) fn etag(
        status: &ReceiptStatus,
        programme: &Programme,
        presentation: Presentation,
    ) -> String {
        let last = status.followed_by.last().unwrap_or(&status.sale);
        let mut tag = String::with_capacity(48);
        tag.push('"');
        for byte in last.signature.as_bytes().iter().take(ETAG_BYTES) {
            write!(tag, "{byte:02x}").expect("a string takes every text");
        }
        let style = match presentation.style {
            DiscountStyle::OnLines => 'l',
            DiscountStyle::NegativeLines => 'n',
        };
        let language = presentation.language.code();
        write!(tag, "-{}-{}{style}-{language}\"", programme.version, presentation.columns)
            .expect("a string takes every text");
        tag
    }
}

impl ReceiptState {
    fn of(status: &ReceiptStatus) -> Self {
        let mut left: BTreeMap<&str, Quantity> = match &status.sale.record.body {
            Body::Sale(sale) | Body::Training(sale) => sale
                .lines
                .iter()
                .map(|sold| (sold.line.line_id.as_str(), sold.line.quantity))
                .collect(),
            _ => BTreeMap::new(),
        };
        let mut state = Self::Sold;
        for recorded in &status.followed_by {
            match &recorded.record.body {
                Body::Void(_) => return Self::Voided,
                Body::Return(undo) => {
                    state = Self::ReturnedInPart;
                    for (line_id, quantity) in &undo.lines {
                        if let Some(left) = left.get_mut(line_id.as_str()) {
                            *left -= *quantity;
                        }
                    }
                }
                _ => {}
            }
        }
        match state {
            Self::ReturnedInPart if left.values().all(|left| !left.is_positive()) => Self::Returned,
            other => other,
        }
    }
}
