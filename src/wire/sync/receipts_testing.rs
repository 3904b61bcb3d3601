//! Receipts as a shop's till records them: a catalogue of goods of which some sell often, regular
//! customers, a few offers, points; signed and chained.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::journal::testing::{device_key, header, instant, sealed};
use crate::journal::{
    Body, Flag, Head, Inputs, MemberPart, Payment, PaymentKind, Position, ReceiptNumber, Record,
    RefusalCode, RefusedBenefit, RunningTotals, Sale, SaleLine, Sealed,
};
use crate::loyalty::{
    AccountRef, Allocation, Applied, Benefit, CategoryId, Counted, CounterId, EarnedBy, EntryTerms,
    Expires, ExpiryPolicy, Gain, Line, LineId, MemberRef, OfferId, OperatorRef, ReceiptUid, RuleId,
    Sku, SpentPart, Standing, Subject, TaxMode, TierId,
};
use crate::member_code::Strength;
use crate::money::{Amount, Currency, Percent, Points, Quantity};

/// Goods on the shelves.
const GOODS: u64 = 4_000;
/// Customers with a card.
const MEMBERS: u64 = 6_000;

/// So many receipts that follow one another.
pub(crate) fn receipts(count: usize, lines: usize) -> Vec<Sealed> {
    let mut till = Till::default();
    (0..count).map(|_| till.sell(lines)).collect()
}

struct Till {
    random: u64,
    position: Position,
    elapsed_ms: i64,
    number: u64,
    totals: RunningTotals,
}

impl Default for Till {
    fn default() -> Self {
        let totals = RunningTotals {
            receipts: 102_345,
            gross: Amount::new(4_512_399_000),
            discount: Amount::new(312_450_000),
            redeemed: Amount::new(81_200_000),
            points_issued: Points::new(4_512_390),
            points_spent: Points::new(812_000),
            ..RunningTotals::default()
        };
        Self { random: 7, position: Position::FIRST, elapsed_ms: 0, number: 123, totals }
    }
}

struct Goods {
    sku: String,
    category: String,
    price: i64,
    tax: u32,
    by_weight: bool,
}

impl Till {
    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random() % bound
    }

    fn share(&mut self) -> f64 {
        (self.random() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Some goods sell often: the chance falls with the rank.
    fn goods(&mut self) -> Goods {
        let rank = ((GOODS as f64).powf(self.share()) - 1.0) as u64;
        let mut fixed = Self { random: rank * 7_919 + 11, ..Self::default() };
        let maker = [859, 400, 590, 858, 384][fixed.below(5) as usize];
        let body = format!("{maker}{:09}", fixed.below(1_000_000_000));
        let sum: u64 = body
            .bytes()
            .enumerate()
            .map(|(place, digit)| u64::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
            .sum();
        let aisle = fixed.below(30);
        Goods {
            sku: format!("{body}{}", (10 - sum % 10) % 10),
            category: format!("aisle-{aisle}/shelf-{}", fixed.below(4)),
            price: 990 + 100 * fixed.below(200) as i64,
            tax: [12, 21][usize::from(aisle > 20)],
            by_weight: fixed.below(10) == 0,
        }
    }

    fn sell(&mut self, lines: usize) -> Sealed {
        let sale = self.sale(lines);
        let mut header = header(self.position);
        header.clock.wall = sale.decided_at + TimeDelta::milliseconds(3);
        header.clock.monotonic_ms = 86_400_123 + self.elapsed_ms as u64;
        header.operator =
            OperatorRef::parse(["op-17", "op-4"][(self.number / 200 % 2) as usize]).ok();
        header.base_cursor = 480_113 + self.number / 40;
        header.checkpoint = 911 + self.number / 60;
        self.totals.receipts += 1;
        for line in &sale.lines {
            self.totals.gross = self.totals.gross + line.line.amount;
            self.totals.discount = self.totals.discount + line.discount;
            self.totals.redeemed = self.totals.redeemed + line.redeemed;
        }
        if let Some(member) = &sale.member {
            self.totals.points_issued = self.totals.points_issued + member.earned;
            self.totals.points_spent = self.totals.points_spent + member.spent;
        }
        header.totals = self.totals;
        let record = Record { header, body: Body::Sale(Box::new(sale)) };
        let sealed = sealed(&record);
        self.position = Head::of(&record.header, sealed.hash).next();
        sealed
    }

    fn sale(&mut self, lines: usize) -> Sale {
        self.number += 1;
        self.elapsed_ms += 20_000 + self.below(160_000) as i64;
        let closed_at = instant(self.elapsed_ms);
        let mut sold: Vec<SaleLine> = (1..=lines).map(|number| self.line(number)).collect();
        let mut applied = Vec::new();
        for (index, offer) in ["dairy-20", "two-for-one", "weekend"].into_iter().enumerate() {
            if self.below(3) == 0 && index < sold.len() {
                let line = &mut sold[index * 3 % lines];
                let amount = line.line.amount.value() / [5, 2, 10][index];
                line.discount = line.discount + Amount::new(amount);
                applied.push(self.offer(offer, &[(line.line.line_id.clone(), amount)]));
            }
        }
        let identified = self.below(100) < 75;
        let spent = if identified && self.below(8) == 0 { 100 } else { 0 };
        if spent > 0 {
            let part = 1_000 / lines as i64;
            let mut parts = Vec::new();
            for line in &mut sold {
                line.redeemed = Amount::new(part);
                parts.push((line.line.line_id.clone(), part));
            }
            let points = Benefit::Points(Points::new(spent));
            applied.push(Applied { benefit: points, ..self.offer("x", &parts) });
        }
        let net: i64 = sold
            .iter()
            .map(|line| (line.line.amount - line.discount - line.redeemed).value())
            .sum();
        let payable = Amount::new(net);
        let refused = RefusedBenefit {
            subject: Subject::Offer(OfferId::parse("over-500").expect("an id")),
            code: RefusalCode::BelowMinimumAmount,
            missing: Some((50_000 - net).max(1)),
        };
        let kind = ["card", "card", "cash"][self.below(3) as usize];
        Sale {
            uid: self.uid(),
            receipt_number: Some(ReceiptNumber::clip(&format!("2026-{:06}", self.number))),
            closed_at,
            decided_at: closed_at + TimeDelta::milliseconds(self.below(900) as i64),
            currency: Currency::from_code("CZK").expect("a code"),
            lines: sold,
            applied,
            refused: if net < 50_000 { vec![refused] } else { Vec::new() },
            payments: vec![Payment { kind: PaymentKind::clip(kind), amount: payable }],
            rounding: Amount::ZERO,
            payable,
            member: identified.then(|| self.member(net, spent)),
            flags: BTreeSet::<Flag>::new(),
            offer_codes: BTreeSet::new(),
            reactions: BTreeSet::new(),
            tax: TaxMode::Included,
            shared: Vec::new(),
            draws: Default::default(),
            voucher_costs: Vec::new(),
            told: None,
            vouchers_unknown: Vec::new(),
        }
    }

    fn line(&mut self, number: usize) -> SaleLine {
        let goods = self.goods();
        let quantity = match self.below(10) {
            _ if goods.by_weight => 100 + self.below(1_900) as i64,
            0 => 2_000,
            1 => 3_000,
            _ => 1_000,
        };
        let (quantity, unit_price) = (Quantity::new(quantity), Amount::new(goods.price));
        SaleLine {
            line: Line {
                line_id: LineId::parse(&number.to_string()).expect("an id"),
                sku: Sku::parse(&goods.sku).expect("an id"),
                category: CategoryId::parse(&goods.category).ok(),
                quantity,
                unit_price,
                amount: quantity.at(unit_price).expect("it fits"),
                tax_rate: Percent::whole(goods.tax),
                flags: BTreeSet::new(),
                unit_price_min: None,
                lowest_30d_price: None,
                cost: None,
            },
            discount: Amount::ZERO,
            redeemed: Amount::ZERO,
            tax: Amount::ZERO,
        }
    }

    fn offer(&mut self, id: &str, parts: &[(LineId, i64)]) -> Applied {
        let parts = parts.iter().map(|(line_id, amount)| Allocation {
            line_id: line_id.clone(),
            amount: Amount::new(*amount),
        });
        let allocations: Vec<Allocation> = parts.collect();
        Applied {
            benefit: Benefit::Offer(OfferId::parse(id).expect("an id")),
            amount: allocations.iter().map(|part| part.amount).sum(),
            allocations,
        }
    }

    fn member(&mut self, net: i64, spent: i64) -> MemberPart {
        let who = self.below(MEMBERS);
        let mut fixed = Self { random: who * 104_729 + 5, ..Self::default() };
        let mut random_ref = || {
            let (a, b) = (fixed.random().to_be_bytes(), fixed.random().to_be_bytes());
            <[u8; 16]>::try_from([a, b].concat()).expect("16 bytes")
        };
        let (member, account) = (random_ref(), random_ref());
        let tier = TierId::parse(["bronze", "silver", "gold"][(who % 3) as usize]).ok();
        let earned = Points::new(net / 1_000);
        let rule = |id: &str| RuleId::parse(id).expect("an id");
        let visits = CounterId::RuleVisitDays(rule("tenth-visit"));
        MemberPart {
            member: MemberRef::from_bytes(member),
            account: AccountRef::from_bytes(account),
            strength: Some([Strength::Totp, Strength::Static][self.below(2) as usize]),
            inputs: Inputs {
                balance: Points::new(self.below(3_000) as i64),
                debt: Points::ZERO,
                tier: tier.clone(),
                measure: self.below(2_000_000) as i64,
                flags: BTreeSet::new(),
                average_basket: None,
            },
            earned,
            earned_by: vec![EarnedBy {
                rule: rule("base"),
                gain: Gain::Points(earned),
                usable_from: None,
            }],
            counted: vec![Counted { counter: visits, before: self.below(10) as i64, by: 1 }],
            expires: Expires::WithActivity,
            spent: Points::new(spent),
            spent_from: match spent {
                0 => Vec::new(),
                _ => vec![SpentPart { expires: Expires::WithActivity, value: Points::new(spent) }],
            },
            converted: Default::default(),
            tier_after: tier,
            tier_validity: None,
            terms: EntryTerms {
                expiry: ExpiryPolicy::Sliding { days: 365 },
                cashback_expiry: ExpiryPolicy::Never,
                days_kept: 431,
            },
            referral: None,
            standing: Standing::default(),
            issued: Vec::new(),
            personal: Vec::new(),
            pending_after: Vec::new(),
            cashback: None,
        }
    }

    /// A random UUID, as tills make them.
    fn uid(&mut self) -> ReceiptUid {
        let (a, b) = (self.random(), self.random());
        let text = format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0x3fff | 0x8000,
            b & 0xffff_ffff_ffff
        );
        ReceiptUid::parse(&text).expect("an id")
    }
}

/// They are one device's.
#[test]
fn the_receipts_continue_one_another() {
    let key = device_key().public_key();
    let mut chain = crate::journal::Chain::begin(key.device_id(), key);
    for sealed in receipts(5, 10) {
        chain.accept(&sealed.bytes).expect("it follows");
    }
}
