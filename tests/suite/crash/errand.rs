//! What a lane does in one go with the agent: a few requests that build on one another, and what
//! each of them is worth in points once it is carried out.

use serde_json::{Value, json};

use crate::passes::{Wallet, now_s};
use crate::support::{Shop, line, receipt, told, with};

/// One point per 10.00; 100 points pay 10.00. No tiers, so that every errand is worth the same.
pub(crate) const PROGRAMME: &str = r#"
format = 1
id = "club"
version = 1
name = "Klub"
currency = "CZK"
zone = "Europe/Prague"

[redemption]
step = 100
step_value = "10.00"
minimum = 100

[[earn]]
id = "base"
kind = "per_amount"
points = 1
amount = "10.00"
"#;

/// Points of every member before the first errand; a wallet's are held and spent whole.
pub(crate) const POINTS_BEFORE: i64 = 100;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Sell,
    Return,
    Void,
    Assign,
    Identify,
    Reserve,
    Release,
}

/// A request of an errand.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The number of its errand.
    pub(crate) errand: usize,
    pub(crate) verb: Verb,
    pub(crate) till: String,
    /// The receipt, the return, …: the request's own id.
    pub(crate) uid: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// Whose points it changes, by how many.
    pub(crate) worth: (String, i64),
}

/// A request that was sent, and its answer where one came.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) step: Step,
    pub(crate) answer: Option<Answer>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether the agent says that it had carried the request out before.
    pub(crate) repeated: bool,
}

impl Step {
    /// Sends it; `None` where no whole answer comes.
    pub(crate) fn send(&self, shop: &Shop) -> Option<Answer> {
        let url = shop.url(&self.path);
        let request = match self.verb {
            Verb::Sell => shop.client.put(url).json(&self.body),
            Verb::Release => shop.client.delete(url),
            _ => shop.client.post(url).json(&self.body),
        };
        let response = request.send().ok()?;
        let repeated = response.headers().contains_key("idempotent-replay");
        let status = response.status().as_u16();
        let text = response.text().ok()?;
        Some(Answer { status, body: serde_json::from_str(&text).unwrap_or_default(), repeated })
    }

    /// The receipt that it sells or belongs to, as its till asks for it.
    pub(crate) fn receipt(&self, shop: &Shop) -> (u16, Value) {
        let receipt = self.path.split('/').nth(3).unwrap_or_default();
        shop.get(&format!("/v1/receipts/{receipt}?till={}", self.till))
    }

    /// The status of an answer that carries it out.
    pub(crate) fn status_done(&self) -> u16 {
        match self.verb {
            Verb::Identify => 200,
            Verb::Release => 204,
            _ => 201,
        }
    }
}

/// The receipts, and what follows them, that the n-th errand is about.
pub(crate) struct Errand<'a> {
    pub(crate) number: usize,
    pub(crate) till: String,
    /// Scanned before the errand began.
    pub(crate) member: &'a str,
    pub(crate) identification: &'a str,
    /// For the errands of members who come with their phone.
    pub(crate) wallet: &'a Wallet,
}

impl Errand<'_> {
    /// Sends the requests one after the other as far as they are answered, and notes each.
    pub(crate) fn run(&self, shop: &Shop, mut note: impl FnMut(Sent)) {
        let mut take = |step: Step| {
            let answer = step.send(shop);
            if let Some(answer) = &answer {
                assert_eq!(answer.status, step.status_done(), "{step:?}: {answer:?}");
            }
            let body = answer.as_ref().map(|answer| answer.body.clone());
            note(Sent { step, answer });
            body
        };
        // An errand ends where no answer came.
        let _ = match self.number % 6 {
            0 => take(self.sell()).and_then(|_| take(self.take_back(1))),
            1 => take(self.sell()).and_then(|_| take(self.void(2))),
            2 => take(self.sell_to_nobody()).and_then(|_| take(self.assign())),
            3 => take(self.sell())
                .and_then(|_| take(self.take_back(1)))
                .and_then(|_| take(self.void(1))),
            4 => take(self.scan()).and_then(|known| {
                take(self.reserve(&known))?;
                take(self.spend(&known))
            }),
            _ => take(self.scan()).and_then(|known| {
                take(self.reserve(&known))?;
                take(self.release())
            }),
        };
    }

    fn step(&self, verb: Verb, uid: &str, path: &str, body: Value, points: i64) -> Step {
        Step {
            errand: self.number,
            verb,
            till: self.till.clone(),
            uid: format!("{uid}{}", self.number),
            path: path.to_owned(),
            body,
            worth: (self.member.to_owned(), points),
        }
    }

    /// Two units of 10.00: two points.
    fn sale(&self, payable: i64, more: Value, points: i64) -> Step {
        let body = receipt(&[line("1", "bread", 2, 1_000)], payable);
        let body = with(&with(&body, json!({ "till": self.till })), more);
        self.step(Verb::Sell, "R", &format!("/v1/receipts/R{}", self.number), body, points)
    }

    fn sell(&self) -> Step {
        self.sale(2_000, json!({ "identification_id": self.identification }), 2)
    }

    fn sell_to_nobody(&self) -> Step {
        self.sale(2_000, json!({}), 0)
    }

    fn take_back(&self, units: i64) -> Step {
        let uid = format!("B{}", self.number);
        let lines = json!([{ "line_id": "1", "quantity": units.to_string() }]);
        let body = json!({ "till": self.till, "return_uid": uid, "lines": lines });
        let path = format!("/v1/receipts/R{}/returns", self.number);
        self.step(Verb::Return, "B", &path, body, -units)
    }

    fn void(&self, units_left: i64) -> Step {
        let body = json!({ "till": self.till, "void_uid": format!("V{}", self.number) });
        let path = format!("/v1/receipts/R{}/void", self.number);
        self.step(Verb::Void, "V", &path, body, -units_left)
    }

    fn assign(&self) -> Step {
        let body = json!({ "till": self.till, "identification_id": self.identification });
        let path = format!("/v1/receipts/R{}/member", self.number);
        self.step(Verb::Assign, "R", &path, body, 2)
    }

    fn scan(&self) -> Step {
        let body = json!({ "raw": self.wallet.shows(now_s()) });
        self.of_wallet(self.step(Verb::Identify, "I", "/v1/identify", body, 0))
    }

    fn reserve(&self, known: &Value) -> Step {
        let body = json!({
            "reservation_uid": format!("H{}", self.number), "till": self.till,
            "identification_id": known["identification_id"], "points": POINTS_BEFORE,
        });
        self.of_wallet(self.step(Verb::Reserve, "H", "/v1/reservations", body, 0))
    }

    fn release(&self) -> Step {
        let path = format!("/v1/reservations/H{}?till={}", self.number, self.till);
        self.of_wallet(self.step(Verb::Release, "H", &path, Value::Null, 0))
    }

    /// All points pay half; the other half earns one.
    fn spend(&self, known: &Value) -> Step {
        let more = json!({
            "identification_id": known["identification_id"], "spend_points": POINTS_BEFORE,
            "reservation": format!("H{}", self.number),
        });
        self.of_wallet(self.sale(1_000, more, 1 - POINTS_BEFORE))
    }

    fn of_wallet(&self, step: Step) -> Step {
        Step { worth: (self.wallet.member.clone(), step.worth.1), ..step }
    }
}

/// Tries to hold one more point for a member; status and code.
pub(crate) fn hold_one_more(shop: &Shop, step: &Step) -> (u16, Value) {
    let body = with(&step.body, json!({ "reservation_uid": "one-more", "points": 1 }));
    let request = shop.client.post(shop.url("/v1/reservations")).json(&body);
    let (status, reply) = told(request.send().expect("an answer"));
    (status, reply["code"].clone())
}
