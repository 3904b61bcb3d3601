//! Keys and one record of every kind, for tests.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::*;
use crate::loyalty::{
    AccountRef, Allocation, Applied, Benefit, EarnedBy, EntryTerms, EventTypeId, Expires,
    ExpiryPolicy, FlagId, Gain, Line, LineFlag, LineId, MemberRef, OfferId, OperatorRef,
    ProgrammeId, ReceiptUid, RemainingSale, RuleId, Sku, SpentPart, Standing, StoreId, Subject,
    TierId, TillId, Undone, VoucherId,
};
use crate::member_code::Strength;
use crate::money::{Amount, Currency, Percent, Points, Quantity};

pub(crate) fn device_key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

pub(crate) fn hub_key() -> SigningKey {
    SigningKey::from_seed([2; 32])
}

/// So many milliseconds after a Saturday morning.
pub(crate) fn instant(after_ms: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-02-28T09:30:15.250Z".parse().expect("an instant");
    start + TimeDelta::milliseconds(after_ms)
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The first record of the test device, of a kind.
pub(crate) fn record_of(kind: Kind) -> Record {
    Record { header: header(Position::FIRST), body: body(kind) }
}

/// Such a record with every key that came later than the first records.
pub(crate) fn supplement() -> Record {
    let mut record = record_of(Kind::DailyClosing);
    record.header.clock.wall = DateTime::UNIX_EPOCH;
    record.header.clock.trust = ClockTrust::Untrusted;
    record.header.believed_at = Some(instant(0));
    let Body::DailyClosing(closing) = &mut record.body else { panic!("a closing") };
    closing.taken_back = TakenBack {
        voids: 2,
        returns: 5,
        refunded: Amount::new(12_340),
        points_clawed_back: Points::new(123),
        points_restored: Points::new(40),
        ..TakenBack::default()
    };
    closing.closed_before = 1;
    record
}

pub(crate) fn header(position: Position) -> Header {
    Header {
        format: FORMAT,
        engine: ENGINE,
        device: device_key().device_id(),
        epoch: position.epoch,
        sequence: position.sequence,
        previous: position.previous,
        clock: ClockReading {
            wall: instant(0),
            offset_minutes: 60,
            monotonic_ms: 86_400_123,
            boot: BootId([0xb0; 16]),
            trust: ClockTrust::Trusted,
        },
        believed_at: None,
        store: StoreId::parse("praha-1").expect("an id"),
        till: Some(TillId::parse("till-3").expect("an id")),
        operator: Some(OperatorRef::parse("op-17").expect("an id")),
        programme_version: 12,
        base_cursor: 480_113,
        checkpoint: 911,
        totals: totals(),
    }
}

fn totals() -> RunningTotals {
    RunningTotals {
        receipts: 102_345,
        gross: Amount::new(451_239_900),
        discount: Amount::new(31_245_000),
        redeemed: Amount::new(8_120_000),
        points_issued: Points::new(451_239),
        points_spent: Points::new(81_200),
        ..RunningTotals::default()
    }
}

/// Records that continue one another, sealed.
pub(crate) fn journal(records: usize) -> Vec<Sealed> {
    let mut position = Position::FIRST;
    let kinds = Kind::ALL.iter().cycle().take(records);
    kinds
        .map(|kind| {
            let header = header(position);
            let record = Record { header, body: body(*kind) };
            let sealed = sealed(&record);
            position = Head::of(&record.header, sealed.hash).next();
            sealed
        })
        .collect()
}

pub(crate) fn sealed(record: &Record) -> Sealed {
    seal(ObjectKind::Record, &record.to_payload(), &device_key()).expect("it fits")
}

fn body(kind: Kind) -> Body {
    match kind {
        Kind::Sale => Body::Sale(Box::new(sale())),
        Kind::Void => Body::Void(undo(RemainingSale::Nothing)),
        Kind::Return => Body::Return(undo(RemainingSale::Some)),
        Kind::Assign => Body::Assign(assign()),
        Kind::Adjustment => Body::Adjustment(Adjustment {
            uid: uid("adj-1"),
            member: member(),
            account: account(),
            points: Points::new(-250),
            expires: Expires::Never,
            terms: terms(),
            reason: Remark::clip("points of a lost receipt"),
            counted: Vec::new(),
            counted_on: None,
            of: None,
            cashback: Amount::ZERO,
            cashback_expires: Expires::Never,
        }),
        Kind::Event => Body::Event(Event {
            event_type: EventTypeId::parse("survey").expect("an id"),
            event_uid: uid("ev-1"),
            member: Some(member()),
            attributes: attributes(&[("stars", "5"), ("a", "")]),
        }),
        Kind::Import => Body::Import(Import {
            source_hash: ContentHash::of(b"members.csv"),
            members: 23_570,
            points: Points::new(2_315_000),
            cursor: 1,
        }),
        Kind::BaseChange => {
            Body::BaseChange(BaseChange { cursor: 480_113, hash: ContentHash::of(b"base") })
        }
        Kind::ProgrammeChange => Body::ProgrammeChange(ProgrammeChange {
            id: ProgrammeId::parse("club").expect("an id"),
            version: 12,
            hash: ContentHash::of(b"programme"),
        }),
        Kind::LeaseChange => Body::LeaseChange(LeaseChange {
            reason: Remark::clip("restored from a backup"),
            dropped_holds: 2,
            dropped_leases: 0,
        }),
        Kind::Training => Body::Training(Box::new(sale())),
        Kind::OutageBegin => Body::OutageBegin(OutageBegin {
            cause: OutageCause::HubUnreachable,
            since: instant(-90_000),
        }),
        Kind::OutageEnd => {
            Body::OutageEnd(OutageEnd { cause: OutageCause::AgentDown, begun: instant(-90_000) })
        }
        Kind::ClockJump => Body::ClockJump(ClockJump { from: instant(-3_600_000), to: instant(0) }),
        Kind::SoftwareChange => Body::SoftwareChange(SoftwareChange {
            from: Some(SoftwareVersion::clip("0.1.0")),
            to: SoftwareVersion::clip("0.2.0"),
            engine: 1,
        }),
        Kind::KeyChange => Body::KeyChange(KeyChange {
            public_key: device_key().public_key(),
            reason: Remark::clip("first start"),
        }),
        Kind::Gap => Body::Gap(Gap {
            epoch: 1,
            first_sequence: 41,
            last_sequence: 42,
            hash: Some(ContentHash::of(b"unreadable")),
            reason: Remark::clip("the page is damaged"),
        }),
        Kind::DailyClosing => Body::DailyClosing(DailyClosing {
            day: day("2026-02-27"),
            day_totals: RunningTotals { receipts: 211, ..RunningTotals::default() },
            perpetual: totals(),
            identified_receipts: 140,
            identified_value: Amount::new(5_231_150),
            taken_back: TakenBack::default(),
            closed_before: 0,
        }),
    }
}

/// Three lines, a member, an offer, points earned and spent, one offer missed.
pub(crate) fn sale() -> Sale {
    let applied = |benefit, parts: &[(&str, i64)]| Applied {
        benefit,
        amount: parts.iter().map(|(_, amount)| Amount::new(*amount)).sum(),
        allocations: parts
            .iter()
            .map(|(line_id, amount)| Allocation {
                line_id: line(line_id),
                amount: Amount::new(*amount),
            })
            .collect(),
    };
    Sale {
        uid: uid("3f0c1a52-7d34-4b0e-9f57-2a6f0c9d1e77"),
        receipt_number: Some(ReceiptNumber::clip("2026-000123")),
        closed_at: instant(-800),
        decided_at: instant(-2),
        currency: Currency::from_code("CZK").expect("a code"),
        lines: vec![
            sold("1", "8594001234567", 2_000, 3_990, 1_596),
            sold("2", "8594009876543", 235, 18_900, 0),
            sold("3", "4006381333931", 1_000, 2_450, 0),
        ],
        applied: vec![
            applied(Benefit::Offer(OfferId::parse("dairy-20").expect("an id")), &[("1", 1_596)]),
            applied(Benefit::Points(Points::new(10)), &[("1", 500), ("2", 300), ("3", 200)]),
        ],
        refused: vec![RefusedBenefit {
            subject: Subject::Offer(OfferId::parse("over-500").expect("an id")),
            code: RefusalCode::BelowMinimumAmount,
            missing: Some(36_137),
        }],
        payments: vec![Payment { kind: PaymentKind::clip("card"), amount: Amount::new(12_276) }],
        rounding: Amount::ZERO,
        payable: Amount::new(12_276),
        member: Some(member_part()),
        flags: BTreeSet::from([Flag::LateCommit]),
        offer_codes: BTreeSet::new(),
        reactions: BTreeSet::new(),
        tax: crate::loyalty::TaxMode::Included,
        shared: Vec::new(),
        draws: Default::default(),
        voucher_costs: Vec::new(),
        told: None,
        vouchers_unknown: Vec::new(),
    }
}

fn sold(line_id: &str, sku: &str, milli: i64, price: i64, discount: i64) -> SaleLine {
    let (quantity, unit_price) = (Quantity::new(milli), Amount::new(price));
    SaleLine {
        line: Line {
            line_id: line(line_id),
            sku: Sku::parse(sku).expect("an id"),
            category: Some("food/dairy")
                .and_then(|text| crate::loyalty::CategoryId::parse(text).ok()),
            quantity,
            unit_price,
            amount: quantity.at(unit_price).expect("it fits"),
            tax_rate: Percent::whole(12),
            flags: BTreeSet::<LineFlag>::new(),
            unit_price_min: None,
            lowest_30d_price: None,
            cost: None,
        },
        discount: Amount::new(discount),
        redeemed: Amount::new(200),
        tax: Amount::ZERO,
    }
}

fn member_part() -> MemberPart {
    MemberPart {
        member: member(),
        account: account(),
        strength: Some(Strength::Totp),
        inputs: Inputs {
            balance: Points::new(1_240),
            debt: Points::ZERO,
            tier: Some(tier("silver")),
            measure: 1_250_300,
            flags: [FlagId::parse("vip").expect("an id")].into(),
            average_basket: None,
        },
        earned: Points::new(14),
        earned_by: vec![EarnedBy {
            rule: RuleId::parse("base").expect("an id"),
            gain: Gain::Points(Points::new(14)),
            usable_from: None,
        }],
        counted: Vec::new(),
        expires: Expires::WithActivity,
        spent: Points::new(10),
        spent_from: vec![SpentPart { expires: Expires::WithActivity, value: Points::new(10) }],
        converted: Default::default(),
        tier_after: Some(tier("silver")),
        tier_validity: None,
        terms: terms(),
        referral: None,
        standing: Standing::default(),
        issued: Vec::new(),
        personal: Vec::new(),
        pending_after: Vec::new(),
        cashback: None,
    }
}

fn undo(remaining: RemainingSale) -> Undo {
    Undo {
        undo_uid: uid("undo-1"),
        of: sale_ref(),
        lines: vec![(line("1"), Quantity::ONE), (line("3"), Quantity::new(250))],
        refund: Amount::new(2_942),
        account: Some(AccountPart {
            member: member(),
            account: account(),
            sale_day: day("2026-02-20"),
            remaining,
            clawed_back: Points::new(3),
            forgiven: Points::ZERO,
            expires: Expires::On(day("2027-02-20")),
            restored: vec![SpentPart { expires: Expires::WithActivity, value: Points::new(3) }],
            spend: Amount::new(2_942),
            counted: Vec::new(),
            terms: terms(),
            pending: Vec::new(),
            taken_from: Vec::new(),
            cashback: Undone::default(),
        }),
        vouchers_freed: vec![VoucherId::parse("V-100").expect("an id")],
        closed_at: instant(-500),
        reason: Some(Remark::clip("damaged")),
        flags: BTreeSet::new(),
        cash_rounding: Amount::ZERO,
        shared: Vec::new(),
        shared_on: None,
        rewards: Vec::new(),
        codes_cancelled: Vec::new(),
        gifts_back: Vec::new(),
        of_kind: UndoneKind::Sale,
        taxes: Vec::new(),
    }
}

fn assign() -> Assign {
    Assign {
        of: sale_ref(),
        member: member(),
        account: account(),
        earned: Points::new(14),
        earned_by: Vec::new(),
        expires: Expires::Never,
        spend: Amount::new(14_000),
        terms: EntryTerms {
            expiry: ExpiryPolicy::Never,
            cashback_expiry: ExpiryPolicy::Never,
            days_kept: 431,
        },
        sale_at: instant(-86_400_000),
        tier: Some(tier("silver")),
        flags: BTreeSet::new(),
        counted: Vec::new(),
        average_basket: None,
        referral: None,
        standing: Standing::default(),
        debt: Points::ZERO,
        cashback: None,
        issued: Vec::new(),
        converted: Default::default(),
        shared: Vec::new(),
        draws: Default::default(),
    }
}

fn sale_ref() -> RecordRef {
    RecordRef {
        device: device_key().device_id(),
        epoch: 1,
        sequence: 77,
        uid: uid("3f0c1a52-7d34-4b0e-9f57-2a6f0c9d1e77"),
    }
}

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    let pairs = pairs.iter().map(|(name, value)| {
        let name = AttributeName::parse(name).expect("a name");
        (name, AttributeValue::parse(value).expect("a value"))
    });
    Attributes::parse(pairs.collect::<BTreeMap<_, _>>()).expect("a few")
}

fn terms() -> EntryTerms {
    EntryTerms {
        expiry: ExpiryPolicy::Sliding { days: 365 },
        cashback_expiry: ExpiryPolicy::Never,
        days_kept: 431,
    }
}

fn uid(text: &str) -> ReceiptUid {
    ReceiptUid::parse(text).expect("an id")
}

fn line(text: &str) -> LineId {
    LineId::parse(text).expect("an id")
}

fn tier(text: &str) -> TierId {
    TierId::parse(text).expect("an id")
}

fn member() -> MemberRef {
    MemberRef::from_bytes([0x3a; 16])
}

fn account() -> AccountRef {
    AccountRef::from_bytes([0xac; 16])
}
