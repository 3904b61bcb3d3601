//! `PUT /v1/receipts/{uid}`: what was sold and paid.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::{Faults, FieldFault};
use super::super::presentation::{Asked, DiscountStyle, Presentation};
use super::lines::{BenefitsBody, LineBody, TaxName, basket};
use super::reactions::{ReactionBody, reactions};
use super::{fields, who};
use crate::agent::till::request::{CommitMode, CommitRequest};
use crate::journal::{Payment, PaymentKind, ReceiptNumber};
use crate::loyalty::{Basket, LineId, ReceiptUid};
use crate::money::{Amount, Currency};

/// The most parts of a payment: split bills have a dozen, so this leaves room.
pub(crate) const PAYMENTS_MAX: usize = 100;

/// Longer than any quote id that we give.
pub(crate) const QUOTE_ID_BYTES_MAX: usize = 256;

/// A paid receipt: facts. It is never refused for business reasons.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct ReceiptBody {
    /// The till that sold.
    #[schema(example = "till-3")]
    pub(crate) till: String,
    /// Who worked it; opaque.
    pub(crate) operator: Option<String>,
    /// The number printed on the receipt.
    pub(crate) receipt_number: Option<String>,
    /// When the till closed the receipt: RFC 3339 with offset.
    #[schema(example = "2026-02-28T10:30:15+01:00")]
    pub(crate) closed_at: String,
    /// ISO 4217 code; the programme's.
    #[schema(example = "CZK")]
    pub(crate) currency: String,
    /// What was sold, before loyalty.
    pub(crate) lines: Vec<LineBody>,
    /// Whether prices have their tax inside, `included` or `added`; as the programme says where
    /// missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax: Option<TaxName>,
    /// What `identify` gave. Needed to spend points.
    pub(crate) identification_id: Option<String>,
    /// A member named without a scan, 32 hexadecimal digits.
    pub(crate) member: Option<String>,
    /// Vouchers used.
    #[serde(default)]
    pub(crate) vouchers: Vec<String>,
    /// Codes given and coupons scanned to call for offers, at most 20: "LEAF10", or the coupon as
    /// the scanner sent it.
    #[serde(default)]
    pub(crate) offer_codes: Vec<String>,
    /// Points spent.
    pub(crate) spend_points: Option<i64>,
    /// Cashback spent, in minor units; none where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) spend_cashback: Option<i64>,
    /// Rewards that the customer got for points, by their ids; one named twice was given twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["coffee"]))]
    pub(crate) rewards: Vec<String>,
    /// Gifts that were handed out, by the ids of their offers; one named twice was given twice. As
    /// they are due where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["mug"]))]
    pub(crate) gifts: Option<Vec<String>>,
    /// The quote that the till applied.
    pub(crate) quote_id: Option<String>,
    /// The code of whoever referred the member: a referral code, or the number of a card. It counts
    /// on a first purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) referral_code: Option<String>,
    /// The till's reservation.
    pub(crate) reservation: Option<String>,
    /// What the customer paid after every discount, before rounding, with tax, in minor units.
    #[schema(example = 6384)]
    pub(crate) payable: i64,
    /// The tax in `payable` that was added to the prices, in minor units; as it is due where
    /// missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_added: Option<i64>,
    /// The discount given on each line, points included, where the till knows.
    pub(crate) line_discounts: Option<Vec<LineDiscountBody>>,
    /// How it was paid; the sum is `payable` and `rounding`.
    pub(crate) payments: Vec<PaymentBody>,
    /// What the till added or took to make the sum payable in coins.
    pub(crate) rounding: Option<i64>,
    /// What became of the offers that the customer was shown, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reactions: Vec<ReactionBody>,
    /// `sale` where missing; `training` is recorded and touches nothing.
    pub(crate) mode: Option<CommitModeName>,
    /// How the till applies discounts; `on_lines` where missing.
    #[serde(skip_serializing)]
    pub(crate) style: Option<DiscountStyle>,
    /// Columns of the receipt text, 20 to 80; the store's where missing.
    #[serde(skip_serializing)]
    pub(crate) columns: Option<u16>,
    /// Language of the answer's sentences as a BCP 47 tag: `cs`, `sk`, `pl`, `de` or `en`, with or
    /// without a region; the store's where missing or another.
    #[schema(example = "cs-CZ")]
    #[serde(skip_serializing)]
    pub(crate) language: Option<String>,
}

/// What a till gave on a line.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct LineDiscountBody {
    /// The line.
    pub(crate) line_id: String,
    /// Discount in minor units, points included.
    pub(crate) amount: i64,
}

/// A part of the payment.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct PaymentBody {
    /// With what.
    #[serde(rename = "type")]
    #[schema(example = "card")]
    pub(crate) kind: String,
    /// How much, in minor units; change given back is below nothing.
    #[schema(example = 6384)]
    pub(crate) amount: i64,
}

/// Whether a receipt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CommitModeName {
    /// It does.
    Sale,
    /// A till in training.
    Training,
}

impl ReceiptBody {
    /// Reads the body of a till whose programme runs in `currency`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(
        self,
        uid: ReceiptUid,
        currency: Currency,
        usual: Presentation,
    ) -> Result<(CommitRequest, Presentation), Vec<FieldFault>> {
        let mut faults = Faults::default();
        fields::currency(&mut faults, &self.currency, currency);
        let request = self.parse(uid, usual, &mut faults);
        faults.settle(request)
    }

    fn parse(
        self,
        uid: ReceiptUid,
        usual: Presentation,
        faults: &mut Faults,
    ) -> Option<(CommitRequest, Presentation)> {
        let till = fields::till(faults, &self.till);
        let operator = fields::operator(faults, self.operator.as_deref());
        let receipt_number = self.receipt_number.as_deref().and_then(|number| {
            let pointer = || "/receipt_number".to_owned();
            fields::text(faults, number, ReceiptNumber::parse, pointer)
        });
        let closed_at = fields::instant(faults, &self.closed_at, "/closed_at");
        let benefits = BenefitsBody {
            vouchers: self.vouchers,
            offer_codes: self.offer_codes,
            spend_points: self.spend_points,
            spend_cashback: self.spend_cashback,
            rewards: self.rewards,
            gifts: self.gifts,
            tax: self.tax,
        };
        let basket = basket(faults, &self.lines, &benefits);
        let who = who::who(faults, self.identification_id, self.member.as_deref());
        let quote = self.quote_id;
        if quote.as_ref().is_some_and(|id| id.is_empty() || id.len() > QUOTE_ID_BYTES_MAX) {
            faults.add("/quote_id", "quote_malformed", "expected the quote_id of a quote");
        }
        let reservation = self.reservation.as_deref();
        let reservation =
            fields::optional_id(faults, reservation, ReceiptUid::parse, "/reservation");
        let payable = fields::amount(faults, self.payable, || "/payable".to_owned());
        let tax_added =
            self.tax_added.and_then(|tax| fields::amount(faults, tax, || "/tax_added".to_owned()));
        let rounding = self.rounding.unwrap_or(0);
        let rounding = fields::signed_amount(faults, rounding, || "/rounding".to_owned());
        let payments = payments(faults, &self.payments);
        let line_discounts = match (&self.line_discounts, &basket) {
            (Some(given), Some(basket)) => Some(line_discounts(faults, given, basket)),
            _ => None,
        };
        let reactions = reactions(faults, &self.reactions);
        let referral = fields::referral(faults, self.referral_code.as_deref());
        let language = self.language.as_deref();
        let asked = Asked { columns: self.columns, style: self.style, language };
        let presentation = Presentation::parse(asked, usual, faults);
        let request = CommitRequest {
            uid,
            till: till?,
            operator,
            receipt_number,
            closed_at: closed_at?,
            basket: basket?,
            who: who?,
            quote,
            reservation,
            payable: payable?,
            tax_added,
            line_discounts,
            payments,
            rounding: rounding?,
            mode: match self.mode {
                Some(CommitModeName::Training) => CommitMode::Training,
                Some(CommitModeName::Sale) | None => CommitMode::Sale,
            },
            reactions,
            referral,
        };
        Some((request, presentation))
    }
}

fn payments(faults: &mut Faults, bodies: &[PaymentBody]) -> Vec<Payment> {
    let most = PAYMENTS_MAX;
    fields::list_within(faults, bodies.len(), most, "/payments", "too_many_payments", "payments");
    let read = |(index, body): (usize, &PaymentBody)| {
        let at = |field: &str| format!("/payments/{index}/{field}");
        let kind = fields::text(faults, &body.kind, PaymentKind::parse, || at("type"));
        let amount = fields::signed_amount(faults, body.amount, || at("amount"));
        Some(Payment { kind: kind?, amount: amount? })
    };
    bodies.iter().take(most).enumerate().filter_map(read).collect()
}

fn line_discounts(
    faults: &mut Faults,
    bodies: &[LineDiscountBody],
    basket: &Basket,
) -> BTreeMap<LineId, Amount> {
    let amounts: BTreeMap<&str, Amount> =
        basket.lines().iter().map(|line| (line.line_id.as_str(), line.amount)).collect();
    let mut seen = BTreeSet::new();
    let mut discounts = BTreeMap::new();
    for (index, body) in bodies.iter().enumerate() {
        let at = |field: &str| format!("/line_discounts/{index}/{field}");
        let Some(most) = amounts.get(body.line_id.as_str()) else {
            faults.add(at("line_id"), "no_such_line", "the receipt has no such line");
            continue;
        };
        if !seen.insert(body.line_id.as_str()) {
            faults.add(at("line_id"), "line_id_twice", "the line is named twice");
            continue;
        }
        let pointer = || at("amount");
        let line_id = fields::id(faults, &body.line_id, LineId::parse, || at("line_id"));
        let amount = fields::amount(faults, body.amount, pointer);
        if let (Some(line_id), Some(amount)) = (line_id, amount) {
            if amount > *most {
                faults.add(pointer(), "more_than_line", "the discount is more than the line");
            }
            discounts.insert(line_id, amount);
        }
    }
    discounts
}
