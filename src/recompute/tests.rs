//! Receipts that a till decided are computed again: from what it knew, from what it did not know,
//! and after somebody changed them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::journal::testing::{header, instant};
use crate::journal::{Body, Position, Record, Sale, Undo, UndoneKind, entry};
use crate::loyalty::{
    Basket, Counters, Draws, Evaluator, Expires, Explain, IssueState, Line, LineId, MemberRef,
    NOTHING_PERSONAL, Occasion, ReceiptUid, RequestedBenefits, RequestedSpend, ReturnLine,
    SharedUses, Shopper, Sku, SpendingCap, Standing, TaxMode,
};
use crate::member_code::Strength;
use crate::money::{Percent, Points, Quantity};
use crate::wire::programme::ProgrammeFile;

/// Welcome points, a milestone, an offer, tiers by visits, points in lots.
const PROGRAMME: &str = r#"
format = 1
id = "test"
version = 12
name = "Test Club"
currency = "EUR"
zone = "Europe/Prague"

[expiry]
mode = "lots"
days = 60

[returns]
claw_back = "within_balance"

[tiers]
measure = "visits"
window = "rolling_days"
days = 90

[[tiers.steps]]
id = "bronze"
name = "Bronze"
threshold = 0

[[tiers.steps]]
id = "gold"
name = "Gold"
threshold = 4
multiplier = "2"

[redemption]
step = 10
step_value = "0.10"

[[redemption.strength]]
from = "0.00"
strength = "static"

[[earn]]
id = "spend"
kind = "per_amount"
points = 1
amount = "1.00"

[[earn]]
id = "hello"
name = "Welcome"
kind = "welcome"
points = 50

[[earn]]
id = "third"
name = "Third visit"
kind = "milestone"
points = 30
measure = "visits"
at = 3
repeat = "every"

[[offers]]
id = "club5"
name = "Club -5 %"
kind = "basket_percent"
percent = "5"
minimum = { amount = "50.00" }
"#;

struct Shop {
    evaluator: Evaluator,
    now: DateTime<Utc>,
    account: Account,
    sequence: u64,
}

impl Shop {
    fn new() -> Self {
        let programme = ProgrammeFile::check(PROGRAMME).expect("a programme");
        let (evaluator, account) = (Evaluator::new(programme), Account::default());
        Self { evaluator, now: instant(0), account, sequence: 0 }
    }

    /// Units of 10.00 each, decided and worded as tills do.
    fn sell(&mut self, units: i64, spend: i64) -> Record {
        let basket = basket(units, spend);
        let (flags, vouchers, coupons_used, uses, draws, standing) = Default::default();
        let member = MemberRef::from_bytes([1; 16]);
        let header = self.header();
        let shopper = Shopper {
            member,
            flags: &flags,
            birthday: None,
            kind: Default::default(),
            role: None,
            account: &self.account,
            strength: Some(Strength::Static),
            held: Points::ZERO,
            held_cashback: Amount::ZERO,
            offline_cap: SpendingCap::NONE,
            referral: None,
            personal: &NOTHING_PERSONAL,
        };
        let occasion = Occasion {
            now: self.now,
            store: &header.store,
            shopper: Some(shopper),
            vouchers: &vouchers,
            coupons_used: &coupons_used,
            shared_uses: SharedUses::Within(&uses),
            draws: &draws,
            explain: Explain::Relevant,
        };
        let decision = self.evaluator.decide(&basket, &occasion);
        let buyer = Buyer {
            member,
            account_ref: AccountRef::from_bytes([1; 16]),
            account: &self.account,
            strength: Some(Strength::Static),
            flags: &flags,
            standing: &standing,
            referral: None,
        };
        let _: (&Counters, &Draws, &Standing) = (&uses, &draws, &standing);
        let sale = Sale {
            uid: ReceiptUid::parse(&format!("R{}", self.sequence)).expect("an id"),
            receipt_number: None,
            closed_at: self.now,
            decided_at: self.now,
            currency: self.evaluator.programme().currency,
            lines: sale_lines(basket.lines(), &decision.lines),
            member: member_part(&self.evaluator, &buyer, &decision, self.now),
            voucher_costs: Vec::new(),
            refused: refusals_kept(&decision),
            applied: decision.applied,
            vouchers_unknown: Vec::new(),
            payments: Vec::new(),
            rounding: Amount::ZERO,
            payable: decision.totals.payable,
            flags: BTreeSet::new(),
            offer_codes: BTreeSet::new(),
            reactions: BTreeSet::new(),
            tax: TaxMode::Included,
            shared: decision.shared,
            told: None,
            draws: decision.draws,
        };
        Record { header, body: Body::Sale(Box::new(sale)) }
    }

    /// Units come back.
    fn take_back(&mut self, sale: &Record, before: &[Record], units: i64) -> Option<Record> {
        let owner = owner_of(sale, before);
        let sold = Sold::of(sale, before.iter().collect(), owner.as_ref()).expect("a sale");
        let line = ReturnLine { line_id: line_id(), quantity: Quantity::units(units) };
        let (issues, returned) = (sold.issues(), sold.returned());
        let receipt = sold.receipt(&issues);
        let mut outcome = self.evaluator.take_back(&receipt, &returned, &[line]).ok()?;
        let day = self.evaluator.programme().day_of(self.now);
        if let (Some(change), Some(points)) = (&mut outcome.change, &receipt.points) {
            let terms = self.evaluator.entry_terms();
            let undone = (change, &outcome.lots_back);
            self.evaluator.programme().claw_back.settle(undone, points, &self.account, day, terms);
        }
        let back = what_comes_back(&sold, outcome);
        let undo = Undo {
            undo_uid: ReceiptUid::parse(&format!("U{}", self.sequence)).expect("an id"),
            of: sold.record_ref(),
            lines: back.lines,
            refund: back.refund,
            account: back.account,
            vouchers_freed: Vec::new(),
            closed_at: self.now,
            reason: None,
            flags: BTreeSet::new(),
            of_kind: UndoneKind::Sale,
            rewards: Vec::new(),
            cash_rounding: Amount::ZERO,
            taxes: back.taxes,
            shared_on: None,
            shared: back.shared,
            gifts_back: back.gifts_back,
            codes_cancelled: back.codes_cancelled,
        };
        Some(Record { header: self.header(), body: Body::Return(undo) })
    }

    fn header(&mut self) -> Header {
        self.sequence += 1;
        let mut header = header(Position { sequence: self.sequence, ..Position::FIRST });
        header.clock.wall = self.now;
        header
    }

    fn book(&mut self, record: &Record) {
        let (_, entry) = entry(record).expect("of a member");
        self.account.apply(&entry);
    }

    fn again(&self, record: &Record, account: &Account) -> Recomputed {
        let Body::Sale(sold) = &record.body else { panic!("a sale") };
        let vouchers = BTreeMap::new();
        let known = Known {
            account: Some(account),
            birthday: None,
            personal: &NOTHING_PERSONAL,
            vouchers: &vouchers,
            referrer: None,
        };
        sale(&record.header, sold, Some(&self.evaluator), &known)
    }

    fn back_again(&self, record: &Record, sale: &Record, before: &[Record]) -> Recomputed {
        let owner = owner_of(sale, before);
        let sold = Sold::of(sale, before.iter().collect(), owner.as_ref()).expect("a sale");
        taken_back(record, Some(&sold), Some(&self.evaluator), Some(&self.account))
    }
}

fn owner_of(sale: &Record, before: &[Record]) -> Option<Owner> {
    let owner = Owner::of(sale, before, |_| Ok::<_, std::convert::Infallible>(IssueState::Open));
    owner.unwrap_or_else(|never| match never {})
}

fn basket(units: i64, spend: i64) -> Basket {
    let line = Line {
        line_id: line_id(),
        sku: Sku::parse("bread").expect("an id"),
        category: None,
        quantity: Quantity::units(units),
        unit_price: Amount::new(1_000),
        amount: Amount::new(1_000 * units),
        tax_rate: Percent::whole(21),
        flags: BTreeSet::new(),
        unit_price_min: None,
        lowest_30d_price: None,
        cost: None,
    };
    let spend = match spend {
        0 => RequestedSpend::Keep,
        points => RequestedSpend::Exactly(Points::new(points)),
    };
    let benefits = RequestedBenefits { spend, ..RequestedBenefits::default() };
    Basket::parse(vec![line], benefits).expect("a basket")
}

fn line_id() -> LineId {
    LineId::parse("1").expect("an id")
}

/// The sale of a record, to be changed.
fn changed(record: &Record, change: impl FnOnce(&mut Sale)) -> Record {
    let mut record = record.clone();
    let Body::Sale(sale) = &mut record.body else { panic!("a sale") };
    change(sale);
    record
}

#[test]
fn what_cannot_be_computed_again_is_told_apart() {
    let mut shop = Shop::new();
    let record = shop.sell(6, 0);
    let mut other = record.clone();
    other.header.engine += 1;
    let engine = other.header.engine;
    let unknown = Recomputed::NotRecomputed(NotRecomputed::EngineUnknown { engine });
    assert_eq!(shop.again(&other, &shop.account), unknown);
    other = record.clone();
    other.header.programme_version = 13;
    let unknown = Recomputed::NotRecomputed(NotRecomputed::ProgrammeUnknown { version: 13 });
    assert_eq!(shop.again(&other, &shop.account), unknown);
    shop.book(&record);
    let back = shop.take_back(&record, &[], 1).expect("it can");
    let unknown = Recomputed::NotRecomputed(NotRecomputed::SaleUnknown);
    assert_eq!(taken_back(&back, None, Some(&shop.evaluator), None), unknown);
}

#[test]
fn whatever_is_changed_of_a_sale_is_found() {
    let mut shop = Shop::new();
    let first = shop.sell(6, 0);
    shop.book(&first);
    shop.now += TimeDelta::days(1);
    let record = shop.sell(7, 20);
    assert_eq!(shop.again(&record, &shop.account), Recomputed::Same);
    let member = |sale: &mut Sale, change: fn(&mut crate::journal::MemberPart)| {
        change(sale.member.as_mut().expect("a member"));
    };
    type Change = Box<dyn Fn(&mut Sale)>;
    let changes: [(&str, Change); 10] = [
        ("earned", Box::new(move |sale| member(sale, |part| part.earned = Points::new(999)))),
        ("rule", Box::new(move |sale| member(sale, |part| drop(part.earned_by.pop())))),
        ("counter", Box::new(move |sale| member(sale, |part| drop(part.counted.pop())))),
        ("spent", Box::new(move |sale| member(sale, |part| part.spent = Points::ZERO))),
        ("lot", Box::new(move |sale| member(sale, |part| part.expires = Expires::Never))),
        ("tier", Box::new(move |sale| member(sale, |part| part.tier_after = None))),
        ("payable", Box::new(|sale| sale.payable -= Amount::new(1))),
        ("offer", Box::new(|sale| drop(sale.applied.remove(0)))),
        ("discount", Box::new(|sale| sale.lines[0].discount += Amount::new(1))),
        ("allocation", Box::new(|sale| sale.applied[0].allocations.clear())),
    ];
    for (what, change) in changes {
        let again = shop.again(&changed(&record, change), &shop.account);
        assert!(matches!(again, Recomputed::Different { .. }), "{what}: {again:?}");
    }
}

#[test]
fn whatever_is_changed_of_a_return_is_found() {
    let mut shop = Shop::new();
    let record = shop.sell(6, 0);
    shop.book(&record);
    let back = shop.take_back(&record, &[], 2).expect("it can");
    assert_eq!(shop.back_again(&back, &record, &[]), Recomputed::Same);
    type Change = fn(&mut Undo);
    let changes: [(&str, Change); 5] = [
        ("refund", |undo| undo.refund += Amount::new(1)),
        ("points", |undo| undo.account.as_mut().expect("one").clawed_back = Points::ZERO),
        ("spend", |undo| undo.account.as_mut().expect("one").spend = Amount::ZERO),
        ("account", |undo| undo.account = None),
        ("tax", |undo| undo.taxes.clear()),
    ];
    for (what, change) in changes {
        let mut other = back.clone();
        let Body::Return(undo) = &mut other.body else { panic!("a return") };
        change(undo);
        let again = shop.back_again(&other, &record, &[]);
        assert!(matches!(again, Recomputed::Different { .. }), "{what}: {again:?}");
    }
    let more = [back.clone(), back.clone(), back.clone()];
    let again = shop.back_again(&back, &record, &more);
    assert!(matches!(again, Recomputed::Impossible { .. }), "{again:?}");
}

#[test]
fn a_balance_that_the_till_invented_does_not_pass() {
    let mut shop = Shop::new();
    let rich = Account::default().after(
        shop.evaluator.programme().day_of(shop.now),
        shop.evaluator.entry_terms(),
        &crate::loyalty::Change::of_points(Points::new(100_000), Expires::Never),
    );
    let truth = std::mem::replace(&mut shop.account, rich);
    let record = shop.sell(6, 1_000);
    let again = shop.again(&record, &truth);
    let Recomputed::InputsDiffer { inputs, explained } = again else { panic!("{again:?}") };
    assert!(inputs.iter().any(|input| input.what == InputKind::Balance), "{inputs:?}");
    assert!(!explained.differences.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_receipt_of_any_history_comes_out_again(
        events in prop::collection::vec((1_i64..12, 0_i64..4, 0_i64..40, 0_i64..6), 1..16),
    ) {
        let mut shop = Shop::new();
        for (units, spend, days, back) in events {
            shop.now += TimeDelta::days(days) + TimeDelta::minutes(7);
            let record = shop.sell(units, spend * 10);
            // What a till takes that asks for more than there is, is given otherwise.
            let Body::Sale(sold) = &record.body else { panic!("a sale") };
            prop_assert!(sold.flags.is_empty());
            prop_assert_eq!(shop.again(&record, &shop.account), Recomputed::Same);
            shop.book(&record);
            let mut before = Vec::new();
            for part in [back.min(units), 1] {
                shop.now += TimeDelta::minutes(3);
                let Some(back) = shop.take_back(&record, &before, part) else { continue };
                prop_assert_eq!(shop.back_again(&back, &record, &before), Recomputed::Same);
                shop.book(&back);
                before.push(back);
            }
        }
    }

    #[test]
    fn a_till_that_knew_less_is_never_accused(
        events in prop::collection::vec((1_i64..12, 0_i64..4, 0_i64..40, any::<bool>()), 1..16),
    ) {
        // Some of the sales are another till's, which this one does not know.
        let mut shop = Shop::new();
        let mut all = Account::default();
        for (units, spend, days, own) in events {
            shop.now += TimeDelta::days(days) + TimeDelta::minutes(7);
            let known = shop.account.clone();
            if !own {
                shop.account = all.clone();
            }
            let record = shop.sell(units, spend * 10);
            let again = shop.again(&record, &all);
            let fine = matches!(again, Recomputed::Same | Recomputed::InputsDiffer { .. });
            prop_assert!(fine, "{:?}", again);
            shop.account = known;
            let (_, entry) = entry(&record).expect("of a member");
            all.apply(&entry);
            if own {
                shop.account.apply(&entry);
            }
        }
    }
}
