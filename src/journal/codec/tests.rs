mod cashback;
mod entries;

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::Timelike;
use proptest::prelude::*;

use super::*;
use crate::journal::RECORD_BYTES_MAX;
use crate::journal::testing::{day, device_key, instant, record_of, sale, sealed, supplement};
use crate::journal::{
    Chain, Flag, MemberPart, ObjectKind, OfferReaction, Payment, PaymentKind, Reaction,
    RefusalCode, RefusedBenefit, Sale, SaleLine, open,
};
use crate::loyalty::{
    ALLOCATIONS_MAX, Allocation, Applied, Benefit, CarriedOffer, CategoryId, Change, ConversionId,
    Converted, ConvertedBy, Counted, CounterId, DrawnNumber, Draws, Expires, GreetingId, Issued,
    IssuedBy, IssuedKind, LINES_MAX, Line, LineFlag, LineId, OfferCode, OfferId, PersonalOffer,
    PersonalWindow, Promotion, RewardId, RuleId, Score, Sku, SpentPart, Subject, TierValidity,
    UseUnit, VariantId, VoucherId, VoucherTypeId,
};
use crate::member_code::CouponNumber;
use crate::money::{Amount, Percent, Points, Quantity};

fn hex(bytes: &[u8]) -> String {
    // Lines of 32 bytes, so that a change of one field is a change of one line.
    let lines = bytes.chunks(32).map(|line| {
        let digits = line.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>() + "\n"
    });
    lines.collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn golden(kind: Kind) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join(format!("tests/data/journal/v1/{kind}.hex"))
}

/// A changed golden file means that journals already written are read otherwise: raise the
/// format instead. `TILLWARD_UPDATE_GOLDEN=1` writes them.
#[test]
fn a_record_of_every_kind_has_its_golden_bytes() {
    for kind in Kind::ALL {
        let sealed = sealed(&record_of(*kind));
        if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
            std::fs::write(golden(*kind), hex(&sealed.bytes)).expect("the golden folder is there");
        }
        let golden = std::fs::read_to_string(golden(*kind)).expect("a golden file of every kind");
        assert_eq!(hex(&sealed.bytes), golden, "{kind}");
    }
}

#[test]
fn a_closing_with_what_was_taken_back_under_a_doubted_clock_has_its_golden_bytes() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/data/journal/v1/daily_closing_supplement.hex");
    let sealed = sealed(&supplement());
    if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, hex(&sealed.bytes)).expect("the golden folder is there");
    }
    let golden = std::fs::read_to_string(path).expect("a golden file");
    assert_eq!(hex(&sealed.bytes), golden);
    let mut chain = Chain::begin(device_key().device_id(), device_key().public_key());
    assert_eq!(chain.accept(&unhex(&golden)), Ok(supplement()));
}

#[test]
fn ld_51_bc_9_bq_32_what_is_personal_given_and_told_has_its_golden_bytes() {
    let mut sale = record_of(Kind::Sale);
    let Body::Sale(body) = &mut sale.body else { panic!("a sale") };
    let mug = OfferId::parse("mug").expect("an id");
    let gift = Benefit::Gift { offer: mug.clone(), times: 2 };
    body.applied.push(Applied { benefit: gift, amount: Amount::ZERO, allocations: Vec::new() });
    body.told = told_of(9);
    let member = body.member.as_mut().expect("a member");
    member.personal = carried_of(0);
    let greeted = Promotion::Greeting(GreetingId::parse("vip").expect("an id"));
    let counter = greeted.counter(member.member);
    member.counted = vec![Counted { counter, before: 0, by: 1 }];
    let mut back = record_of(Kind::Return);
    let Body::Return(body) = &mut back.body else { panic!("a return") };
    body.gifts_back = vec![(mug, 1)];
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/journal/v1");
    for (name, record) in [("sale_personal", sale), ("return_of_gifts", back)] {
        let path = root.join(format!("{name}.hex"));
        let sealed = sealed(&record);
        if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, hex(&sealed.bytes)).expect("the golden folder is there");
        }
        let golden = std::fs::read_to_string(path).expect("a golden file");
        assert_eq!(hex(&sealed.bytes), golden, "{name}");
        let mut chain = Chain::begin(device_key().device_id(), device_key().public_key());
        assert_eq!(chain.accept(&unhex(&golden)), Ok(record), "{name}");
    }
}

#[test]
fn golden_bytes_are_read_as_the_record_that_made_them() {
    for kind in Kind::ALL {
        let golden = std::fs::read_to_string(golden(*kind)).expect("a golden file of every kind");
        let mut chain = Chain::begin(device_key().device_id(), device_key().public_key());
        assert_eq!(chain.accept(&unhex(&golden)), Ok(record_of(*kind)), "{kind}");
    }
}

/// Nothing is longer than its limit, and nothing but the limits keeps it short.
#[test]
fn the_largest_sale_fits_a_record() {
    let id = |prefix: char, n: usize| format!("{prefix}{n:063}");
    let most = Amount::new(crate::money::AMOUNT_MINOR_MAX);
    let line_of = |n: usize| SaleLine {
        line: Line {
            line_id: LineId::parse(&id('l', n)).expect("plain"),
            sku: Sku::parse(&id('s', n)).expect("plain"),
            category: CategoryId::parse(&id('c', n)).ok(),
            quantity: Quantity::new(crate::money::QUANTITY_MILLI_MAX),
            unit_price: most,
            amount: most,
            tax_rate: Percent::from_thousandths(99_999),
            flags: [LineFlag::NoDiscount, LineFlag::NoPoints].into(),
            unit_price_min: Some(most),
            lowest_30d_price: Some(most),
            cost: Some(most),
        },
        ..sale().lines[0].clone()
    };
    let lines: Vec<SaleLine> = (0..LINES_MAX).map(line_of).collect();
    // As many parts as offers, vouchers and rewards may have, spread over as many offers as there
    // are; what the till gave and the points it took beside them.
    let offers = 2_000;
    let part =
        |n: usize| Allocation { line_id: lines[n % LINES_MAX].line.line_id.clone(), amount: most };
    let applied = |benefit, parts: std::ops::Range<usize>| Applied {
        benefit,
        amount: most,
        allocations: parts.map(part).collect(),
    };
    let offer_id = |n: usize| OfferId::parse(&id('o', n)).expect("plain");
    let each = ALLOCATIONS_MAX / offers;
    let of_offer = |n: usize| applied(Benefit::Offer(offer_id(n)), n * each..(n + 1) * each);
    let beside = [Benefit::Till, Benefit::Points(Points::new(i64::MAX / 2))];
    let beside = beside.map(|benefit| applied(benefit, 0..LINES_MAX));
    let mut record = record_of(Kind::Sale);
    let Body::Sale(sold) = &mut record.body else { panic!("a sale") };
    sold.applied = (0..offers).map(of_offer).chain(beside).collect();
    sold.lines = lines.clone();
    let member = sold.member.as_mut().expect("a member");
    let counted = |n: usize| Counted {
        counter: CounterId::OfferUses {
            offer: offer_id(n / 4),
            unit: if n % 2 == 0 { UseUnit::Receipts } else { UseUnit::Units },
            member: (n / 2 % 2 == 0).then_some(member.member),
        },
        before: 1_000_000,
        by: 1_000_000,
    };
    member.counted = (0..offers * 4).map(counted).collect();
    let bytes = record.to_payload();
    assert!(bytes.len() <= RECORD_BYTES_MAX, "{} bytes", bytes.len());
}

/// The bounds are what was measured; ids of other lengths give other sizes.
#[test]
fn a_member_sale_of_three_lines_stays_small() {
    let mut record = record_of(Kind::Sale);
    let full = sealed(&record).bytes.len();
    assert_eq!(full, 693, "an offer, points spent, a refusal, UUID, receipt number");
    let Body::Sale(sale) = &mut record.body else {
        panic!("a sale");
    };
    sale.refused.clear();
    sale.receipt_number = None;
    sale.applied.truncate(1);
    for line in &mut sale.lines {
        line.redeemed = Amount::ZERO;
    }
    if let Some(member) = &mut sale.member {
        member.spent = Points::ZERO;
        member.spent_from.clear();
    }
    let plain = sealed(&record).bytes.len();
    assert_eq!(plain, 624, "an offer and points earned");
}

#[test]
fn what_a_sale_and_its_return_count_is_read_as_written() {
    let rule = || RuleId::parse("tenth-visit").expect("an id");
    let counters = [
        CounterId::RuleUses(rule()),
        CounterId::RuleProgress(rule()),
        CounterId::RuleReached(rule()),
        CounterId::RulePoints(rule()),
        CounterId::RuleVisitDays(rule()),
    ];
    let offer = || OfferId::parse("bag").expect("an id");
    let member = Some(crate::loyalty::MemberRef::from_bytes([9; 16]));
    let of_offers = [
        CounterId::OfferUses { offer: offer(), unit: UseUnit::Receipts, member: None },
        CounterId::OfferUses { offer: offer(), unit: UseUnit::Units, member },
    ];
    let told = [Promotion::Offer(offer()), Promotion::Rule(rule())];
    let told = told.map(|what| what.counter(crate::loyalty::MemberRef::from_bytes([9; 16])));
    let counted: Vec<Counted> = counters
        .into_iter()
        .chain(of_offers)
        .chain(told)
        .zip([(0, 1), (-3, i64::MAX), (i64::MIN, -1), (0, 40), (1, 2), (3, -4), (0, 1), (2, 1)])
        .map(|(counter, (before, by))| Counted { counter, before, by })
        .collect();
    let mut records = [Kind::Sale, Kind::Return, Kind::Assign].map(record_of);
    for record in &mut records {
        match &mut record.body {
            Body::Sale(sale) => {
                let member = sale.member.as_mut().expect("a member");
                member.counted.clone_from(&counted);
                member.inputs.average_basket = Some(Amount::new(12_345));
                let until = chrono::NaiveDate::from_ymd_opt(2026, 12, 31).expect("a day");
                member.tier_validity = Some(TierValidity { until, missing: Some(0) });
            }
            Body::Return(undo) => {
                let account = undo.account.as_mut().expect("an account");
                account.counted.clone_from(&counted);
                account.forgiven = Points::new(-7);
                undo.gifts_back = vec![(offer(), 2)];
            }
            Body::Assign(assign) => {
                assign.counted.clone_from(&counted);
                assign.average_basket = Some(Amount::ZERO);
                assign.debt = Points::new(11);
            }
            _ => panic!("none of these"),
        }
        assert_eq!(Record::from_payload(&record.to_payload()).as_ref(), Ok(&*record));
    }
}

#[test]
fn what_points_became_and_what_was_drawn_is_read_as_written() {
    let conversion = || ConversionId::parse("each-500").expect("an id");
    let points = Points::new;
    let part = |expires, of| SpentPart { expires, value: points(of) };
    let converted = Converted {
        balance: points(1_234),
        by: vec![ConvertedBy { conversion: conversion(), points: points(500), times: 2 }],
        from: vec![part(Expires::On(day("2026-03-31")), 700), part(Expires::Never, 300)],
    };
    let number = |number| DrawnNumber::new(number).expect("a number");
    let rule = |text| RuleId::parse(text).expect("an id");
    let draws: Draws = [(rule("a"), number(0)), (rule("b"), number(9_999))].into();
    let reward = RewardId::parse("voucher").expect("an id");
    let issued = |code: &str, by| Issued {
        code: VoucherId::parse(code).expect("an id"),
        by,
        what: IssuedKind::Voucher {
            voucher_type: VoucherTypeId::parse("five").expect("an id"),
            valid_from: day("2026-03-01"),
            valid_until: day("2026-03-30"),
            cost: None,
        },
    };
    let handed_out = vec![
        issued("A", IssuedBy::Conversion(conversion())),
        issued("B", IssuedBy::Reward(reward)),
    ];
    let used = Counted { counter: CounterId::RulePoints(rule("a")), before: 80, by: 40 };
    let mut records = [Kind::Sale, Kind::Assign].map(record_of);
    for record in &mut records {
        match &mut record.body {
            Body::Sale(sale) => {
                let member = sale.member.as_mut().expect("a member");
                member.converted.clone_from(&converted);
                member.issued.clone_from(&handed_out);
                sale.draws.clone_from(&draws);
                sale.shared = vec![used.clone()];
                sale.refused[0].subject = Subject::Conversion(conversion());
            }
            Body::Assign(assign) => {
                assign.converted.clone_from(&converted);
                assign.issued.clone_from(&handed_out);
                assign.draws.clone_from(&draws);
                assign.shared = vec![used.clone()];
            }
            _ => panic!("none of these"),
        }
        let read = Record::from_payload(&record.to_payload()).expect("our own record");
        assert_eq!(read, *record);
        let uses: Vec<_> = crate::journal::shared_uses(&read).map(|(_, used)| used).collect();
        assert_eq!(uses, [&used]);
        let (_, entry) = crate::journal::entry(&read).expect("it changes an account");
        let Change::Sale { converted, .. } = entry.change else { panic!("a sale") };
        assert_eq!(converted, points(1_000));
    }
}

#[test]
fn a_payload_is_in_deterministic_form() {
    for kind in Kind::ALL {
        let payload = record_of(*kind).to_payload();
        let value = from_bytes(&payload).expect("our own payload");
        assert_sorted(&value);
        assert_eq!(to_bytes(&value), payload, "{kind}: shortest lengths");
    }
}

fn assert_sorted(value: &Value) {
    match value {
        Value::Map(entries) => {
            let keys: Vec<Vec<u8>> = entries.iter().map(|(key, _)| to_bytes(key)).collect();
            assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{value:?}");
            entries.iter().for_each(|(_, value)| assert_sorted(value));
        }
        Value::Array(items) => items.iter().for_each(assert_sorted),
        _ => {}
    }
}

#[test]
fn a_record_of_a_later_format_is_told_before_anything_else_is_read() {
    let mut map = MapBuilder::with_capacity(1);
    map.required(KEY_FORMAT, &(FORMAT + 1));
    assert_eq!(
        Record::from_payload(&to_bytes(&map.finish())),
        Err(RecordError::UnknownFormat { found: FORMAT + 1 })
    );
}

#[test]
fn a_fault_names_its_place() {
    let mut record = record_of(Kind::Sale);
    let Body::Sale(sale) = &mut record.body else {
        panic!("a sale");
    };
    sale.lines[2].line.amount = Amount::new(i64::MAX);
    assert_eq!(
        Record::from_payload(&record.to_payload()).map_err(|error| error.to_string()),
        Err("the record cannot be read: body.lines[2].amount: the number is out of range"
            .to_owned())
    );
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9/-]{1,64}", "[0-9]{13}", "[ěšč€]{1,8}"]
}

fn sum() -> impl Strategy<Value = Amount> {
    (-1_000_000_000_000_i64..=1_000_000_000_000).prop_map(Amount::new)
}

prop_compose! {
    fn a_line()(
        ids in (id(), id(), prop::option::of(id())),
        quantity in any::<u32>(),
        sums in (sum(), sum(), prop::option::of(sum()), sum(), sum(), sum()),
        (cost, lowest_30d_price) in (prop::option::of(sum()), prop::option::of(sum())),
        tax in 0_u32..=100_000,
        flags in prop::collection::btree_set(
            prop_oneof![Just(LineFlag::NoDiscount), Just(LineFlag::NoPoints)], 0..3,
        ),
    ) -> SaleLine {
        SaleLine {
            line: Line {
                line_id: LineId::parse(&ids.0).expect("an id"),
                sku: Sku::parse(&ids.1).expect("an id"),
                category: ids.2.map(|text| CategoryId::parse(&text).expect("an id")),
                quantity: Quantity::new(i64::from(quantity)),
                unit_price: sums.0,
                amount: sums.1,
                tax_rate: Percent::from_thousandths(tax),
                flags,
                unit_price_min: sums.2,
                lowest_30d_price,
                cost,
            },
            discount: sums.3,
            redeemed: sums.4,
            tax: sums.5,
        }
    }
}

fn a_benefit() -> impl Strategy<Value = Benefit> {
    prop_oneof![
        id().prop_map(|text| Benefit::Offer(OfferId::parse(&text).expect("an id"))),
        (id(), id()).prop_map(|(voucher, kind)| Benefit::Voucher {
            voucher: VoucherId::parse(&voucher).expect("an id"),
            voucher_type: VoucherTypeId::parse(&kind).expect("an id"),
        }),
        (0_i64..1_000_000).prop_map(|points| Benefit::Points(Points::new(points))),
        Just(Benefit::Till),
        (id(), 1_u32..20).prop_map(|(reward, times)| Benefit::Reward {
            reward: RewardId::parse(&reward).expect("an id"),
            points: Points::new(i64::from(times) * 80),
            times,
        }),
        (id(), 1_u32..20).prop_map(|(offer, times)| Benefit::Gift {
            offer: OfferId::parse(&offer).expect("an id"),
            times,
        }),
        (id(), "[0-9]{13,25}").prop_map(|(offer, digits)| Benefit::Coupon {
            offer: OfferId::parse(&offer).expect("an id"),
            number: CouponNumber::parse(&digits).expect("digits"),
        }),
    ]
}

prop_compose! {
    fn a_sale()(
        // Line ids may repeat: a record is read as it was written, whatever made it.
        lines in prop::collection::vec(a_line(), 0..6),
        applied in prop::collection::vec(
            (a_benefit(), sum(), prop::collection::vec((any::<prop::sample::Index>(), sum()), 0..4)),
            0..4,
        ),
        stray in id(),
        refused in prop::collection::vec(
            (id(), prop::sample::select(RefusalCode::ALL), prop::option::of(any::<i64>())), 0..4,
        ),
        payments in prop::collection::vec(("[a-z]{0,32}", sum()), 0..3),
        flags in prop::collection::btree_set(prop::sample::select(Flag::ALL), 0..4),
        sums in (sum(), sum()),
        identified in any::<bool>(),
        reactions in prop::collection::vec(
            (id(), prop::option::of(id()), prop::sample::select(Reaction::ALL)), 0..4,
        ),
        late_ms in 0_i64..1_000_000_000_000,
    ) -> Sale {
        let line_id = |index: prop::sample::Index| {
            let sold = lines.get(index.index(lines.len() + 1));
            sold.map_or(LineId::parse(&stray).expect("an id"), |sold| sold.line.line_id.clone())
        };
        let applied = applied.into_iter().map(|(benefit, amount, parts)| {
            let part = |(index, amount)| Allocation { line_id: line_id(index), amount };
            Applied { benefit, amount, allocations: parts.into_iter().map(part).collect() }
        });
        let applied = applied.collect();
        let refused = refused.into_iter().map(|(text, code, missing)| RefusedBenefit {
            subject: match OfferCode::parse(&text) {
                Ok(code) => Subject::Code(code),
                Err(_) => Subject::Offer(OfferId::parse(&text).expect("an id")),
            },
            code,
            missing,
        });
        let payments = payments.into_iter().map(|(kind, amount)| Payment {
            kind: PaymentKind::clip(&kind),
            amount,
        });
        let reaction = |(offer, variant, reaction): (String, Option<String>, _)| OfferReaction {
            offer: OfferId::parse(&offer).expect("an id"),
            variant: variant.map(|text| VariantId::parse(&text).expect("an id")),
            reaction,
        };
        let sample = sale();
        Sale {
            applied,
            refused: refused.collect(),
            payments: payments.collect(),
            rounding: sums.0,
            payable: sums.1,
            member: sample.member.clone().filter(|_| identified).map(|member| MemberPart {
                personal: carried_of(late_ms),
                ..member
            }),
            flags: BTreeSet::from_iter(flags),
            offer_codes: OfferCode::parse(&stray).into_iter().collect(),
            vouchers_unknown: VoucherId::parse(&stray).into_iter().collect(),
            reactions: reactions.into_iter().map(reaction).collect(),
            shared: shared_uses_of(late_ms),
            told: told_of(late_ms),
            decided_at: instant(late_ms),
            lines,
            ..sample
        }
    }
}

/// What was said unasked; now and then nothing, and now and then nothing bounds it.
fn told_of(number: i64) -> Option<BTreeSet<Promotion>> {
    let all = BTreeSet::from([
        Promotion::Greeting(GreetingId::parse("vip").expect("an id")),
        Promotion::Offer(OfferId::parse("over-500").expect("an id")),
        Promotion::Rule(RuleId::parse("base").expect("an id")),
        Promotion::Reward(RewardId::parse("coffee").expect("an id")),
    ]);
    let some = all.into_iter().take(usize::try_from(number % 5).unwrap_or_default()).collect();
    (number % 4 != 0).then_some(some)
}

/// What a member carried; now and then nothing.
fn carried_of(number: i64) -> Vec<CarriedOffer> {
    let window = PersonalWindow {
        from: Some(instant(number).naive_utc().with_nanosecond(0).expect("a second")),
        until: (number % 2 == 0).then(|| day("2026-03-12").and_hms_opt(0, 0, 0)).flatten(),
    };
    let variant = VariantId::parse("B").ok().filter(|_| number % 5 == 0);
    let score = Score::new(870).expect("within the scale");
    let as_carried = PersonalOffer { window, score, variant };
    let offer = OfferId::parse("for-you").expect("an id");
    std::iter::repeat_n(CarriedOffer { offer, as_carried }, usize::from(number % 3 != 1)).collect()
}

/// What a sale used of a limit over all customers; now and then nothing.
fn shared_uses_of(number: i64) -> Vec<Counted> {
    let counter = CounterId::OfferUses {
        offer: OfferId::parse("first-100").expect("an id"),
        unit: if number % 2 == 0 { UseUnit::Units } else { UseUnit::Receipts },
        member: None,
    };
    let used = Counted { counter, before: number, by: 1 };
    std::iter::repeat_n(used, usize::from(number % 3 != 0)).collect()
}

#[test]
fn what_comes_back_of_shared_limits_is_read_as_it_was_written() {
    let mut record = record_of(Kind::Void);
    let Body::Void(undo) = &mut record.body else { panic!("a void") };
    undo.shared = shared_uses_of(7);
    undo.shared_on = Some(day("2026-02-20"));
    let payload = record.to_payload();
    let read = Record::from_payload(&payload).expect("our own record");
    let uses: Vec<_> = crate::journal::shared_uses(&read).collect();
    assert_eq!(uses, [(day("2026-02-20"), &shared_uses_of(7)[0])]);
    assert_eq!(read, record);
}

proptest! {
    #[test]
    fn any_sale_is_read_as_it_was_written(sale in a_sale()) {
        let mut record = record_of(Kind::Sale);
        record.body = Body::Sale(Box::new(sale));
        let sealed = sealed(&record);
        let opened = open(ObjectKind::Record, &sealed.bytes, &device_key().public_key());
        let payload = opened.expect("our own record").payload;
        prop_assert_eq!(Record::from_payload(payload), Ok(record));
    }

    #[test]
    fn a_damaged_payload_is_read_or_refused(
        kind in prop::sample::select(Kind::ALL),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        kept in any::<prop::sample::Index>(),
    ) {
        let mut payload = record_of(kind).to_payload();
        for (index, byte) in damage {
            let at = index.index(payload.len());
            payload[at] = byte;
        }
        if let Ok(record) = Record::from_payload(&payload) {
            let _ = crate::journal::entry(&record);
        }
        payload.truncate(kept.index(payload.len()));
        prop_assert!(Record::from_payload(&payload).is_err());
    }

    #[test]
    fn any_payload_is_read_or_refused(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Record::from_payload(&payload).is_err());
    }
}
