//! `POST /v1/quotes`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::{Faults, FieldFault};
use super::super::presentation::{Asked, DiscountStyle, Presentation};
use super::lines::{BenefitsBody, LineBody, TaxName, basket};
use super::{fields, who};
use crate::agent::till::request::QuoteRequest;
use crate::loyalty::{Explain, ReceiptUid};
use crate::money::Currency;

/// A basket to be priced: the whole basket each time.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct QuoteBody {
    /// The till that asks.
    #[schema(example = "till-3")]
    pub(crate) till: String,
    /// ISO 4217 code; the programme's.
    #[schema(example = "CZK")]
    pub(crate) currency: String,
    /// What is being bought, at most 10,000 lines.
    pub(crate) lines: Vec<LineBody>,
    /// Whether prices have their tax inside, `included` or `added`; as the programme says where
    /// missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax: Option<TaxName>,
    /// What `identify` gave. Needed to spend points.
    pub(crate) identification_id: Option<String>,
    /// A member named without a scan, 32 hexadecimal digits; nothing can be spent.
    pub(crate) member: Option<String>,
    /// Vouchers presented.
    #[serde(default)]
    pub(crate) vouchers: Vec<String>,
    /// Codes given and coupons scanned to call for offers, at most 20: "LEAF10", or the coupon as
    /// the scanner sent it.
    #[serde(default)]
    pub(crate) offer_codes: Vec<String>,
    /// Points that the customer wants to spend: whole steps, or the points of one level; none where
    /// missing.
    pub(crate) spend_points: Option<i64>,
    /// Cashback that the customer wants to spend, in minor units; none where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) spend_cashback: Option<i64>,
    /// Rewards that the customer wants for points, by their ids; one named twice is chosen twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["coffee"]))]
    pub(crate) rewards: Vec<String>,
    /// The code of whoever referred the member: a referral code, or the number of a card. It counts
    /// on a first purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) referral_code: Option<String>,
    /// The till's reservation, whose points and vouchers count as free.
    pub(crate) reservation: Option<String>,
    /// How much to explain; `relevant` where missing.
    pub(crate) explain: Option<ExplainName>,
    /// How the till applies discounts; `on_lines` where missing.
    #[serde(skip_serializing)]
    pub(crate) style: Option<DiscountStyle>,
    /// Columns of texts, 20 to 80. A quote has no receipt text yet.
    #[serde(skip_serializing)]
    pub(crate) columns: Option<u16>,
    /// Language of the answer's sentences as a BCP 47 tag: `cs`, `sk`, `pl`, `de` or `en`, with or
    /// without a region; the store's where missing or another.
    #[schema(example = "cs-CZ")]
    #[serde(skip_serializing)]
    pub(crate) language: Option<String>,
}

/// How much to explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExplainName {
    /// What concerns the lines of the basket.
    Relevant,
    /// Every offer of the programme.
    Everything,
}

impl From<ExplainName> for Explain {
    fn from(name: ExplainName) -> Self {
        match name {
            ExplainName::Relevant => Self::Relevant,
            ExplainName::Everything => Self::Everything,
        }
    }
}

impl QuoteBody {
    /// Reads the body of a till whose programme runs in `currency`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(
        self,
        currency: Currency,
        usual: Presentation,
    ) -> Result<(QuoteRequest, Presentation), Vec<FieldFault>> {
        let mut faults = Faults::default();
        fields::currency(&mut faults, &self.currency, currency);
        let request = self.parse(usual, &mut faults);
        faults.settle(request)
    }

    fn parse(
        self,
        usual: Presentation,
        faults: &mut Faults,
    ) -> Option<(QuoteRequest, Presentation)> {
        let till = fields::till(faults, &self.till);
        let benefits = BenefitsBody {
            vouchers: self.vouchers,
            offer_codes: self.offer_codes,
            spend_points: self.spend_points,
            spend_cashback: self.spend_cashback,
            rewards: self.rewards,
            gifts: None,
            tax: self.tax,
        };
        let basket = basket(faults, &self.lines, &benefits);
        let who = who::who(faults, self.identification_id, self.member.as_deref());
        let reservation = self.reservation.as_deref();
        let reservation =
            fields::optional_id(faults, reservation, ReceiptUid::parse, "/reservation");
        let referral = fields::referral(faults, self.referral_code.as_deref());
        let language = self.language.as_deref();
        let asked = Asked { columns: self.columns, style: self.style, language };
        let presentation = Presentation::parse(asked, usual, faults);
        let request = QuoteRequest {
            till: till?,
            basket: basket?,
            who: who?,
            reservation,
            explain: self.explain.map_or(Explain::Relevant, Explain::from),
            referral,
        };
        Some((request, presentation))
    }
}
