//! A small world for tests: a data folder with a running agent, a programme, members with cards
//! and vouchers, and a clock that stands still until it is moved.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use ring::digest::{SHA256, digest};
use tempfile::TempDir;

use super::clock::Clock;
use super::start::{Agent, LEDGER_FILE, Settings, StartError};
use super::store::import::Importer;
use super::store::writer::{BatchReport, WriterLimits, WriterObserver};
use super::till::answer::{Quoted, Recorded};
use super::till::request::{
    AdjustRequest, AssignRequest, CommitMode, CommitRequest, EventRequest, Idempotency,
    IdentifyRequest, QuoteRequest, ReserveRequest, ReturnRequest, VoidRequest, Who,
};
use super::till::shelf::Published;
use super::till::{CodeSettings, Till};
use crate::journal::{Attributes, Remark};
use crate::loyalty::{
    Basket, EventTypeId, Explain, Line, LineId, MemberRef, OperatorRef, Programme, ReceiptUid,
    RequestedBenefits, RequestedSpend, ReturnLine, RewardId, Sku, StoreId, TillId, VoucherId,
};
use crate::money::{Amount, Percent, Points, Quantity};
use crate::shell::keys::DirectoryKey;

/// A point for each whole euro, two tiers, 100 points for 1.00, 10 % vouchers, lots of a year.
pub(crate) const PROGRAMME: &str = r#"
format = 1
id = "test"
version = 1
name = "Test Club"
currency = "EUR"
zone = "Europe/Prague"
event_types = ["survey"]

[tiers]
measure = "spend"
window = "lifetime"

[[tiers.steps]]
id = "bronze"
name = "Bronze"
threshold = "0.00"

[[tiers.steps]]
id = "gold"
name = "Gold"
threshold = "500.00"
multiplier = "2"

[redemption]
step = 100
step_value = "1.00"

[[redemption.strength]]
from = "0.00"
strength = "static"

[[earn]]
id = "spend"
kind = "per_amount"
points = 1
amount = "1.00"

[[offers]]
id = "club5"
name = "Club -5 %"
kind = "basket_percent"
percent = "5"
minimum = { amount = "50.00" }

[[voucher_types]]
id = "ten"
name = "Voucher 10 %"
kind = "percent"
percent = "10"
"#;

/// Members that a new world has: numbers 1 to this. Each has 1000 points and the vouchers
/// `V<number>-1` to `V<number>-3`.
pub(crate) const MEMBERS: u32 = 20;

/// When a new world begins: a Monday morning.
pub(crate) const BEGIN: &str = "2026-03-02T08:00:00Z";

/// The till of a world's receipts.
pub(crate) const TILL: &str = "till-1";

/// A data folder and its agent.
pub(crate) struct World {
    pub(crate) clock: Clock,
    folder: TempDir,
    agent: Option<Agent>,
}

/// What somebody buys: one line of `minor` minor units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Purchase {
    pub(crate) member: Option<u32>,
    pub(crate) minor: i64,
    pub(crate) units: i64,
    pub(crate) vouchers: Vec<String>,
    pub(crate) rewards: Vec<String>,
    pub(crate) spend: i64,
    pub(crate) cashback: i64,
    pub(crate) training: bool,
}

impl Purchase {
    /// Of a member, by number.
    pub(crate) fn of(member: u32, minor: i64) -> Self {
        Self { member: Some(member), minor, units: 1, ..Self::default() }
    }

    /// Of nobody known.
    pub(crate) fn anonymous(minor: i64) -> Self {
        Self { minor, units: 1, ..Self::default() }
    }

    /// In so many units of the same price.
    pub(crate) fn in_units(self, units: i64) -> Self {
        Self { units, ..self }
    }

    /// With a voucher.
    pub(crate) fn with_voucher(mut self, voucher: &str) -> Self {
        self.vouchers.push(voucher.to_owned());
        self
    }

    /// With a reward for points.
    pub(crate) fn choosing(mut self, reward: &str) -> Self {
        self.rewards.push(reward.to_owned());
        self
    }

    /// Spending points.
    pub(crate) fn spending(self, points: i64) -> Self {
        Self { spend: points, ..self }
    }

    /// Spending cashback, in minor units.
    pub(crate) fn spending_cashback(self, minor: i64) -> Self {
        Self { cashback: minor, ..self }
    }

    /// At a till in training.
    pub(crate) fn in_training(self) -> Self {
        Self { training: true, ..self }
    }

    /// As a basket.
    pub(crate) fn basket(&self) -> Basket {
        let line = Line {
            line_id: LineId::parse("1").expect("an id"),
            sku: Sku::parse("sku-1").expect("an id"),
            category: None,
            quantity: Quantity::new(self.units * 1_000),
            unit_price: Amount::new(self.minor / self.units),
            amount: Amount::new(self.minor),
            tax_rate: Percent::default(),
            flags: BTreeSet::new(),
            unit_price_min: None,
            lowest_30d_price: None,
            cost: None,
        };
        let mut rewards = BTreeMap::new();
        for reward in &self.rewards {
            *rewards.entry(RewardId::parse(reward).expect("an id")).or_default() += 1;
        }
        let voucher = |text: &String| VoucherId::parse(text).expect("an id");
        let benefits = RequestedBenefits {
            vouchers: self.vouchers.iter().map(voucher).collect(),
            codes: BTreeSet::new(),
            coupons: BTreeMap::new(),
            spend: match self.spend {
                0 => RequestedSpend::Keep,
                points => RequestedSpend::Exactly(Points::new(points)),
            },
            cashback: Amount::new(self.cashback),
            rewards,
            gifts: None,
        };
        Basket::parse(vec![line], benefits).expect("a basket")
    }
}

impl World {
    /// A running agent with programme and members.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::simulated(BEGIN.parse().expect("an instant"), Tz::UTC);
        let mut world = Self { clock, folder, agent: None };
        world.start().await;
        world.till().publish(PROGRAMME.to_owned()).await.expect("the programme is sound");
        let lines: Vec<String> = (1..=MEMBERS).map(member_line).collect();
        world.import(&lines.join("\n")).await;
        world
    }

    /// The same with more tables in the programme.
    pub(crate) async fn with_more(tables: &str) -> Self {
        let world = Self::new().await;
        let programme = PROGRAMME.replace("version = 1\n", "version = 2\n") + tables;
        world.till().publish(programme).await.expect("the programme is sound");
        world
    }

    /// Starts the agent on the folder as it is.
    pub(crate) async fn start(&mut self) {
        self.try_start().await.expect("the agent starts");
    }

    /// Starts the agent, or says why not.
    pub(crate) async fn try_start(&mut self) -> Result<(), StartError> {
        let settings = Settings {
            folder: self.folder().to_owned(),
            store: store(),
            clock: self.clock.clone(),
            codes: CodeSettings::default(),
            limits: WriterLimits::default(),
            observer: Arc::new(Unobserved),
        };
        self.agent = Some(Agent::start(settings).await?);
        Ok(())
    }

    /// Stops the agent in order.
    pub(crate) async fn stop(&mut self) {
        self.agent.take().expect("the agent runs").stop().await;
    }

    /// Ends the agent as a power cut would.
    pub(crate) async fn cut_power(&mut self) {
        self.agent.take().expect("the agent runs").abandon().await;
    }

    /// Imports lines and lets the agent take them up.
    pub(crate) async fn import(&self, lines: &str) {
        let in_force = self.till().programme().expect("a programme");
        self.import_for(in_force.programme(), lines).await;
    }

    /// The same with the kinds of vouchers of another programme.
    pub(crate) async fn import_under(&self, programme: &str, lines: &str) {
        let other = Published::check(programme.to_owned()).expect("a programme");
        self.import_for(other.evaluator.programme(), lines).await;
    }

    async fn import_for(&self, programme: &Programme, lines: &str) {
        let (directory, _) = DirectoryKey::load_or_create(self.folder()).expect("a key");
        let importer = Importer {
            folder: self.folder(),
            directory: &directory,
            codes: &CodeSettings::default(),
            programme,
        };
        importer.import(Cursor::new(lines.to_owned())).expect("imported");
        self.agent().keep_up().await;
    }

    /// The running agent.
    pub(crate) fn agent(&self) -> &Agent {
        self.agent.as_ref().expect("the agent runs")
    }

    /// Its till.
    pub(crate) fn till(&self) -> &Till {
        &self.agent().till
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The ledger's file.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder().join(LEDGER_FILE)
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.move_to(self.clock.now().wall + time);
    }

    /// Who a member is after a scan of the card.
    pub(crate) async fn identify(&self, member: u32) -> Who {
        let request = IdentifyRequest { raw: card(member), symbology: None };
        let identified = self.till().identify(request).await.expect("the card is known");
        Who::Identified(identified.identification_id)
    }

    async fn who(&self, purchase: &Purchase) -> Who {
        match purchase.member {
            Some(member) => self.identify(member).await,
            None => Who::Nobody,
        }
    }

    /// Prices a purchase.
    pub(crate) async fn quote(&self, purchase: &Purchase) -> Quoted {
        let who = self.who(purchase).await;
        let request = QuoteRequest {
            till: till_id(),
            basket: purchase.basket(),
            who,
            reservation: None,
            explain: Explain::Relevant,
            referral: None,
        };
        self.till().quote(request).await.expect("quoted")
    }

    /// A commit of a purchase at its quoted price.
    pub(crate) async fn commit_request(&self, uid: &str, purchase: &Purchase) -> CommitRequest {
        let quoted = self.quote(purchase).await;
        CommitRequest {
            uid: receipt(uid),
            till: till_id(),
            operator: None,
            receipt_number: None,
            closed_at: self.clock.now().wall,
            basket: purchase.basket(),
            who: self.who(purchase).await,
            quote: Some(quoted.quote_id),
            reservation: None,
            payable: quoted.decision.totals.payable,
            tax_added: None,
            line_discounts: None,
            payments: Vec::new(),
            rounding: Amount::ZERO,
            reactions: BTreeSet::new(),
            mode: if purchase.training { CommitMode::Training } else { CommitMode::Sale },
            referral: None,
        }
    }

    /// Quotes and commits.
    pub(crate) async fn sell(&self, uid: &str, purchase: &Purchase) -> Recorded {
        let request = self.commit_request(uid, purchase).await;
        self.till().commit(request, once(uid)).await.expect("committed")
    }

    /// Takes a receipt back whole.
    pub(crate) async fn void(&self, uid: &str) -> Recorded {
        let undo_uid = receipt(&format!("{uid}-void"));
        let request = VoidRequest {
            of: receipt(uid),
            till: till_id(),
            operator: None,
            undo_uid: undo_uid.clone(),
            closed_at: None,
            reason: None,
        };
        self.till().void(request, once(undo_uid.as_str())).await.expect("voided")
    }

    /// Takes units of a receipt back.
    pub(crate) async fn take_back(&self, uid: &str, units: i64) -> Recorded {
        let undo_uid = receipt(&format!("{uid}-return-{units}"));
        let line = ReturnLine {
            line_id: LineId::parse("1").expect("an id"),
            quantity: Quantity::new(units * 1_000),
        };
        let request = ReturnRequest {
            of: receipt(uid),
            sold_by: None,
            till: till_id(),
            operator: None,
            undo_uid: undo_uid.clone(),
            lines: vec![line],
            rewards: Default::default(),
            closed_at: None,
            reason: None,
        };
        self.till().take_back(request, once(undo_uid.as_str())).await.expect("taken back")
    }

    /// Names a receipt's member afterwards.
    pub(crate) async fn assign(&self, uid: &str, member: u32) -> Recorded {
        let who = self.identify(member).await;
        let request = AssignRequest {
            of: receipt(uid),
            till: till_id(),
            operator: None,
            who,
            referral: None,
        };
        let key = format!("{uid} is of {member}");
        self.till().assign(request, once(&key)).await.expect("assigned")
    }

    /// Gives or takes points by hand.
    pub(crate) async fn adjust(&self, uid: &str, member: u32, points: i64) -> Recorded {
        let request = AdjustRequest {
            till: Some(till_id()),
            uid: receipt(uid),
            operator: OperatorRef::parse("anna").expect("an id"),
            member: member_ref(member),
            points: Points::new(points),
            cashback: Amount::ZERO,
            reason: Remark::clip("goodwill"),
        };
        self.till().adjust(request, once(uid)).await.expect("adjusted")
    }

    /// Records a custom event.
    pub(crate) async fn event(&self, uid: &str, member: u32) -> Recorded {
        let request = EventRequest {
            uid: receipt(uid),
            till: Some(till_id()),
            event_type: EventTypeId::parse("survey").expect("an id"),
            member: Some(member_ref(member)),
            attributes: Attributes::default(),
        };
        self.till().record_event(request, once(uid)).await.expect("recorded")
    }

    /// Keeps points free.
    pub(crate) async fn reserve(&self, uid: &str, member: u32, points: i64) {
        let request = ReserveRequest {
            uid: receipt(uid),
            till: till_id(),
            who: self.identify(member).await,
            points: Points::new(points),
            cashback: crate::money::Amount::ZERO,
            vouchers: Vec::new(),
        };
        self.till().reserve(request, once(uid)).await.expect("reserved");
    }

    /// Points that a member could spend now.
    pub(crate) async fn balance(&self, member: u32) -> i64 {
        let request = IdentifyRequest { raw: card(member), symbology: None };
        let identified = self.till().identify(request).await.expect("the card is known");
        identified.standing.balance.value()
    }

    /// A day's trade in which every kind of request occurs: `<prefix>-1` and so on.
    pub(crate) async fn trade(&self, prefix: &str) {
        let uid = |number: u32| format!("{prefix}-{number}");
        self.sell(&uid(1), &Purchase::of(1, 12_345)).await;
        let voucher = format!("V2-{}", prefix.len() % 3 + 1);
        self.sell(&uid(2), &Purchase::of(2, 6_000).with_voucher(&voucher)).await;
        self.sell(&uid(3), &Purchase::of(3, 10_000).in_units(4).spending(200)).await;
        self.sell(&uid(4), &Purchase::anonymous(4_200)).await;
        self.sell(&uid(5), &Purchase::of(5, 999).in_training()).await;
        self.pass(TimeDelta::minutes(3));
        self.take_back(&uid(3), 1).await;
        self.void(&uid(2)).await;
        self.assign(&uid(4), 4).await;
        self.adjust(&uid(6), 5, -30).await;
        self.event(&uid(7), 6).await;
        self.pass(TimeDelta::minutes(3));
    }
}

/// The store of every world.
pub(crate) fn store() -> StoreId {
    StoreId::parse("store-1").expect("an id")
}

pub(crate) fn till_id() -> TillId {
    TillId::parse(TILL).expect("an id")
}

pub(crate) fn receipt(uid: &str) -> ReceiptUid {
    ReceiptUid::parse(uid).expect("an id")
}

pub(crate) fn member_ref(member: u32) -> MemberRef {
    MemberRef::from_bytes(u128::from(member).to_be_bytes())
}

/// The number on a member's card.
pub(crate) fn card(member: u32) -> String {
    let digits = format!("20{member:010}");
    let odd_even = |(place, digit): (usize, char)| {
        let digit = digit.to_digit(10).expect("a digit");
        if place % 2 == 0 { digit } else { 3 * digit }
    };
    let sum: u32 = digits.chars().enumerate().map(odd_even).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// A request that is what its text says.
pub(crate) fn once(text: &str) -> Idempotency {
    let digest = digest(&SHA256, text.as_bytes());
    let fingerprint = digest.as_ref().try_into().expect("a SHA-256 has 32 bytes");
    Idempotency { key: None, fingerprint }
}

fn member_line(member: u32) -> String {
    let voucher = |number: u32| format!(r#"{{"code":"V{member}-{number}","type":"ten"}}"#);
    let vouchers: Vec<String> = (1..=3).map(voucher).collect();
    format!(
        r#"{{"member":"{member:032x}","codes":["{}"],"points":1000,"last_purchase":"2026-02-20","vouchers":[{}]}}"#,
        card(member),
        vouchers.join(",")
    )
}

/// Nobody watches the writer.
pub(crate) struct Unobserved;

impl WriterObserver for Unobserved {
    fn batch_committed(&self, _report: &BatchReport) {}

    fn writer_failed(&self, reason: &str) {
        panic!("the writer failed: {reason}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_world_sells_and_takes_back() {
        let mut world = World::new().await;
        world.trade("a").await;
        let balance = world.balance(1).await;
        assert_eq!(balance, 1000 + 117, "123.45 less 5 %");
        world.stop().await;
        world.start().await;
        assert_eq!(world.balance(1).await, balance);
        world.stop().await;
    }
}
