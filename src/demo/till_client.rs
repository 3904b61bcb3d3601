//! What a till says to the agent, over HTTP as any till would.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::DemoError;
use super::figures::Customer;
use super::habits::{card_code, member_ref};
use super::log::Purchase;
use super::stage::Door;
use crate::simulation::{LOG_CATEGORY, LOG_SKU, SoldLine};

const CURRENCY: &str = "USD";

/// A request that takes longer hangs.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Lanes of the shop: a customer always comes to the same one.
const LANES: u32 = 4;

/// A connection pool to the agent. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct TillClient {
    client: Client,
    base: String,
    /// The till's name, where all that come are of one.
    till: Option<&'static str>,
}

/// An answer, and how long it took.
pub(crate) struct Timed<T> {
    pub(crate) answer: T,
    pub(crate) time: Duration,
}

/// A member was identified.
#[derive(Debug, Deserialize)]
pub(crate) struct Identified {
    pub(crate) identification_id: String,
}

/// A priced basket.
#[derive(Debug, Deserialize)]
pub(crate) struct Quoted {
    pub(crate) quote_id: String,
    pub(crate) decided_at: String,
    pub(crate) totals: Totals,
    points: Option<Points>,
}

impl Quoted {
    /// The most points that may be spent on the basket.
    pub(crate) fn points_max(&self) -> i64 {
        let redeemable = self.points.as_ref().and_then(|points| points.redeemable.as_ref());
        redeemable.map_or(0, |redeemable| redeemable.points_max)
    }
}

#[derive(Debug, Deserialize)]
struct Points {
    redeemable: Option<Redeemable>,
}

#[derive(Debug, Deserialize)]
struct Redeemable {
    points_max: i64,
}

/// Sums of a receipt, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Totals {
    pub(crate) gross: i64,
    pub(crate) discount: i64,
    pub(crate) redeemed: i64,
    pub(crate) payable: i64,
}

/// A recorded receipt.
#[derive(Debug, Deserialize)]
pub(crate) struct Committed {
    pub(crate) totals: Totals,
    pub(crate) member: Option<String>,
    pub(crate) flags: Vec<String>,
}

/// A recorded void or return.
#[derive(Debug, Deserialize)]
pub(crate) struct TakenBack {
    pub(crate) refund: i64,
}

/// A member's account.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) balance: i64,
    pub(crate) debt: i64,
    pub(crate) tier: Option<Tier>,
    pub(crate) next_expiry: Option<Expiry>,
    pub(crate) last_purchase: Option<String>,
    pub(crate) lifetime_spend: i64,
    pub(crate) lifetime_visits: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tier {
    pub(crate) tier: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Expiry {
    pub(crate) date: String,
}

/// A line as tills send it.
#[derive(Debug, Serialize)]
struct LineBody {
    line_id: &'static str,
    sku: &'static str,
    category: &'static str,
    quantity: String,
    unit_price: i64,
    amount: i64,
}

impl LineBody {
    fn of(line: &SoldLine) -> Self {
        Self {
            line_id: line.line_id,
            sku: LOG_SKU,
            category: LOG_CATEGORY,
            quantity: line.units.to_string(),
            unit_price: line.unit_price,
            amount: line.units * line.unit_price,
        }
    }
}

#[derive(Debug, Serialize)]
struct QuoteBody<'a> {
    till: &'a str,
    currency: &'static str,
    lines: Vec<LineBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identification_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spend_points: Option<i64>,
}

#[derive(Debug, Serialize)]
struct ReceiptBody<'a> {
    #[serde(flatten)]
    quoted: QuoteBody<'a>,
    closed_at: &'a str,
    quote_id: &'a str,
    payable: i64,
    payments: [PaymentBody; 1],
}

#[derive(Debug, Serialize)]
struct PaymentBody {
    #[serde(rename = "type")]
    kind: &'static str,
    amount: i64,
}

#[derive(Debug, Serialize)]
struct ReturnBody<'a> {
    till: &'a str,
    return_uid: &'a str,
    lines: Vec<ReturnLineBody>,
}

#[derive(Debug, Serialize)]
struct ReturnLineBody {
    line_id: &'static str,
    quantity: String,
}

impl TillClient {
    /// Tills that come to a door.
    pub(crate) fn at(door: &Door) -> Result<Self, DemoError> {
        crate::agent::sync::tls::install_ring();
        let builder = Client::builder().no_proxy().timeout(TIME_MAX);
        let (builder, base) = match door {
            Door::Tcp(address) => (builder.tcp_nodelay(true), format!("http://{address}")),
            Door::Unix(path) => (builder.unix_socket(path.clone()), "http://localhost".to_owned()),
        };
        Ok(Self { client: builder.build()?, base, till: None })
    }

    /// The till of this name.
    pub(crate) fn of_till(door: &Door, name: &'static str) -> Result<Self, DemoError> {
        Ok(Self { till: Some(name), ..Self::at(door)? })
    }

    /// Scans a customer's card.
    pub(crate) async fn identify(&self, customer: Customer) -> Result<Identified, DemoError> {
        let body = json!({ "raw": card_code(customer), "symbology": "ean13" });
        let request = self.request(Method::POST, "/v1/identify").json(&body);
        Ok(answered("identify", request).await?.answer)
    }

    /// Asks what a purchase costs.
    pub(crate) async fn quote(
        &self,
        purchase: &Purchase,
        identification: Option<&str>,
        spend_points: Option<i64>,
    ) -> Result<Timed<Quoted>, DemoError> {
        let lane = self.lane(purchase.customer);
        let body = quote_body(&lane, purchase, identification, spend_points);
        answered("quote", self.request(Method::POST, "/v1/quotes").json(&body)).await
    }

    /// Records what was sold and paid.
    pub(crate) async fn commit(
        &self,
        purchase: &Purchase,
        identification: Option<&str>,
        spend_points: Option<i64>,
        quoted: &Quoted,
    ) -> Result<Timed<Committed>, DemoError> {
        let lane = self.lane(purchase.customer);
        let payable = quoted.totals.payable;
        let body = ReceiptBody {
            quoted: quote_body(&lane, purchase, identification, spend_points),
            closed_at: &quoted.decided_at,
            quote_id: &quoted.quote_id,
            payable,
            payments: [PaymentBody { kind: "card", amount: payable }],
        };
        let path = format!("/v1/receipts/{}", purchase.receipt_uid());
        answered("commit", self.request(Method::PUT, &path).json(&body)).await
    }

    /// Names the member of a receipt that was sold without one.
    pub(crate) async fn assign(&self, purchase: &Purchase) -> Result<(), DemoError> {
        let customer = purchase.customer;
        let body = json!({ "till": self.lane(customer), "member": member_ref(customer) });
        let path = format!("/v1/receipts/{}/member", purchase.receipt_uid());
        let request = self.request(Method::POST, &path).json(&body);
        answered::<serde_json::Value>("late member", request).await.map(|_| ())
    }

    /// Takes back lines of a receipt.
    pub(crate) async fn take_back(
        &self,
        purchase: &Purchase,
        lines: &[SoldLine],
    ) -> Result<TakenBack, DemoError> {
        let uid = purchase.receipt_uid();
        let body = ReturnBody {
            till: &self.lane(purchase.customer),
            return_uid: &format!("{uid}-back"),
            lines: lines
                .iter()
                .map(|line| ReturnLineBody {
                    line_id: line.line_id,
                    quantity: line.units.to_string(),
                })
                .collect(),
        };
        let request = self.request(Method::POST, &format!("/v1/receipts/{uid}/returns"));
        Ok(answered("return", request.json(&body)).await?.answer)
    }

    /// Voids a receipt.
    pub(crate) async fn void(&self, purchase: &Purchase) -> Result<TakenBack, DemoError> {
        let uid = purchase.receipt_uid();
        let body =
            json!({ "till": self.lane(purchase.customer), "void_uid": format!("{uid}-void") });
        let request = self.request(Method::POST, &format!("/v1/receipts/{uid}/void"));
        Ok(answered("void", request.json(&body)).await?.answer)
    }

    /// Where a member stands.
    pub(crate) async fn member(&self, customer: Customer) -> Result<Member, DemoError> {
        let path = format!("/v1/members/{}", member_ref(customer));
        Ok(answered("member", self.request(Method::GET, &path)).await?.answer)
    }

    /// The till that a customer comes to.
    fn lane(&self, customer: Customer) -> String {
        self.till.map_or_else(|| format!("till-{}", customer % LANES + 1), str::to_owned)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }
}

fn quote_body<'a>(
    lane: &'a str,
    purchase: &Purchase,
    identification_id: Option<&'a str>,
    spend_points: Option<i64>,
) -> QuoteBody<'a> {
    let lines = purchase.lines().iter().map(LineBody::of).collect();
    QuoteBody { till: lane, currency: CURRENCY, lines, identification_id, spend_points }
}

async fn answered<T: DeserializeOwned>(
    asked: &str,
    request: RequestBuilder,
) -> Result<Timed<T>, DemoError> {
    let started = Instant::now();
    let response = request.send().await?;
    let status = response.status();
    let bytes = response.bytes().await?;
    let time = started.elapsed();
    let answer = status.is_success().then(|| serde_json::from_slice(&bytes));
    match answer {
        Some(Ok(answer)) => Ok(Timed { answer, time }),
        _ => Err(DemoError::Refused {
            asked: asked.to_owned(),
            status: status.as_u16(),
            problem: String::from_utf8_lossy(&bytes).into_owned(),
        }),
    }
}
