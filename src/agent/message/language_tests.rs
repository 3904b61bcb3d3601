//! What a store reads in each language, whole: receipts at the usual widths and the messages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{env, fs};

use chrono::{NaiveDate, NaiveTime};

use super::presentation::Presentation;
use super::reply::examples::{programme, recorded};
use super::reply::{MessageReply, QuoteReply, RecordReply, SaleReply, TaxRates};
use crate::agent::till::answer::{LapsingVoucher, Quoted, Recorded};
use crate::journal::{Body, CashbackPart, Kind, RefusalCode, RefusedBenefit, Sale};
use crate::loyalty::{
    Applied, Benefit, BirthdayWindow, CashbackOutcome, CatalogueReward, Chance, Choices,
    Conditions, ConversionId, Converted, ConvertedBy, Counted, CounterId, Decision, EarnKind,
    EarnRule, EarnedBy, Excess, Expires, Gain, Gift, Grants, Issue, Issued, IssuedBy, IssuedKind,
    MilestoneMeasure, MilestoneRepeat, OfferId, PointsOutcome, PointsWorth, Programme, Promotion,
    Reason, RedeemAs, Redeemable, RedemptionPolicy, ReferralTerms, Refusal, RewardId, RewardOption,
    RuleId, SpentPart, Subject, ThisSale, TierId, TierMultiplied, TierOutcome, TierValidity,
    Totals, Undone, UnknownReferrer, VoucherId, VoucherTypeId,
};
use crate::money::{Amount, CashRounding, Currency, Percent, Points};
use crate::wire::wording::{Language, NO_BREAK_SPACE};

const COLUMNS: [usize; 3] = [20, 32, 42];

fn rule_id(text: &str) -> RuleId {
    RuleId::parse(text).expect("an id")
}

fn rule(id: &str, name: &str, kind: EarnKind) -> EarnRule {
    EarnRule {
        id: rule_id(id),
        name: name.to_owned(),
        conditions: Conditions::default(),
        kind,
        tier_multiplied: TierMultiplied::No,
        grants: Grants::default(),
        limits: Vec::new(),
        shared_limits: Vec::new(),
        chance: None,
        pending_days: 0,
    }
}

fn milestone(measure: MilestoneMeasure, at: i64) -> EarnKind {
    EarnKind::Milestone { points: Points::new(50), measure, at, repeat: MilestoneRepeat::Every }
}

/// A programme whose names are words of no language, so that every word is ours.
fn nameless(currency: &str) -> Programme {
    let mut programme = programme();
    programme.currency = Currency::from_code(currency).expect("a code");
    programme.name = "KLB".to_owned();
    programme.prices.cash_rounding = CashRounding::of_country("SK").expect("a country").0;
    let names = ["T-1", "T-2", "T-3"];
    for (tier, name) in programme.tiers.as_mut().expect("tiers").steps.iter_mut().zip(names) {
        tier.name = name.to_owned();
    }
    for (offer, name) in programme.offers.iter_mut().zip(["A -20 %", "B -50"]) {
        offer.name = name.to_owned();
    }
    programme.redemption = Some(RedemptionPolicy {
        worth: PointsWorth::Steps { step: Points::new(100), value: Amount::new(1_000) },
        minimum: Points::new(150),
        share_max: Percent::whole(100),
        excess: Excess::Clamp,
        redeem_as: RedeemAs::Discount,
        this_sale: ThisSale::Later,
        strength: Vec::new(),
        company_roles: None,
    });
    let visit = EarnKind::PerVisit { points: Points::new(20) };
    let mut birthday = rule("bday", "R-1", visit);
    birthday.conditions.audience.birthday = Some(BirthdayWindow::default());
    let welcome = EarnKind::Welcome { points: Points::new(5) };
    let referral = EarnKind::Referral(ReferralTerms {
        points: Points::new(8),
        referrer_points: Points::new(4),
        referrer_excluded_flags: BTreeSet::new(),
        unknown_referrer: UnknownReferrer::Wait,
    });
    let mut lucky = rule("lucky", "R-7", EarnKind::PerVisit { points: Points::new(6) });
    lucky.chance = Chance::from_basis_points(250);
    programme.earn = vec![
        birthday,
        rule("friend", "R-6", referral),
        lucky,
        rule("items", "R-2", milestone(MilestoneMeasure::Items, 8)),
        rule("spend", "R-3", milestone(MilestoneMeasure::Spend, 100_000)),
        rule("visits", "R-4", milestone(MilestoneMeasure::Visits, 5)),
        rule("welcome", "R-5", welcome),
    ];
    programme.rewards = vec![
        reward("bag", "C-1", 30, Gift::Service { sku: None }),
        reward("coffee", "C-2", 2_000, Gift::Item { price: Amount::ZERO }),
    ];
    programme
}

fn reward_id(text: &str) -> RewardId {
    RewardId::parse(text).expect("an id")
}

fn reward(id: &str, name: &str, points: i64, gift: Gift) -> CatalogueReward {
    CatalogueReward {
        id: reward_id(id),
        name: name.to_owned(),
        points: Points::new(points),
        gift,
        conditions: Conditions::default(),
        limits: Vec::new(),
    }
}

fn of_sale(recorded: &mut Recorded) -> &mut Sale {
    let (Body::Sale(sale) | Body::Training(sale)) = &mut recorded.record.body else {
        panic!("a sale");
    };
    sale
}

/// A sale with something to celebrate and few points.
fn celebrated() -> Recorded {
    let mut recorded = recorded(Kind::Sale);
    let sale = of_sale(&mut recorded);
    let refused = |subject, code, missing| RefusedBenefit { subject, code, missing };
    let voucher = VoucherId::parse("V-1").expect("an id");
    let cancelled = VoucherId::parse("V-2").expect("an id");
    sale.refused.extend([
        refused(Subject::Rule(rule_id("items")), RefusalCode::MilestoneAhead, Some(3)),
        refused(Subject::Voucher { voucher, voucher_type: None }, RefusalCode::VoucherUsed, None),
        refused(
            Subject::Voucher { voucher: cancelled, voucher_type: None },
            RefusalCode::VoucherCancelled,
            None,
        ),
        refused(Subject::Spend, RefusalCode::NotEnoughPoints, Some(4)),
        refused(Subject::Cashback, RefusalCode::NoCashback, None),
        refused(Subject::Cashback, RefusalCode::BelowCashbackMinimum, Some(100)),
        refused(Subject::Cashback, RefusalCode::NotEnoughCashback, Some(1_550)),
        refused(Subject::Cashback, RefusalCode::CashbackOverShare, Some(1_240)),
        refused(Subject::Cashback, RefusalCode::OfflineLimit, Some(1_240)),
        refused(Subject::Cashback, RefusalCode::RoleMayNotSpend, None),
        refused(Subject::Rule(rule_id("bday")), RefusalCode::NotBirthday, None),
        refused(Subject::Rule(rule_id("friend")), RefusalCode::OwnReferral, None),
        refused(Subject::Rule(rule_id("friend")), RefusalCode::ReferrerUnknown, None),
        refused(Subject::Rule(rule_id("friend")), RefusalCode::ReferrerExcluded, None),
        refused(Subject::Reward(reward_id("bag")), RefusalCode::OtherAccountKind, None),
        refused(Subject::Reward(reward_id("bag")), RefusalCode::OtherRole, None),
        refused(Subject::Spend, RefusalCode::OfflineLimit, Some(4)),
        refused(Subject::Spend, RefusalCode::RoleMayNotSpend, None),
    ]);
    sale.refused.extend([
        refused(Subject::Reward(reward_id("coffee")), RefusalCode::PointsMissing, Some(5)),
        refused(Subject::Reward(reward_id("X-9")), RefusalCode::RewardUnknown, None),
    ]);
    let conversion = ConversionId::parse("X-8").expect("an id");
    let soon =
        refused(Subject::Conversion(conversion.clone()), RefusalCode::PointsMissing, Some(6));
    sale.refused.push(soon);
    sale.applied.pop();
    sale.rounding = Amount::new(-1);
    sale.applied.push(Applied {
        benefit: Benefit::Cashback,
        amount: Amount::new(2_000),
        allocations: Vec::new(),
    });
    sale.applied.push(Applied {
        benefit: Benefit::Reward { reward: reward_id("bag"), points: Points::new(60), times: 2 },
        amount: Amount::ZERO,
        allocations: Vec::new(),
    });
    let member = sale.member.as_mut().expect("a member");
    member.inputs.balance = Points::new(3);
    member.inputs.debt = Points::new(30);
    member.inputs.tier = Some(TierId::parse("bronze").expect("an id"));
    member.inputs.measure = 990_000;
    let until = NaiveDate::from_ymd_opt(2026, 12, 31).expect("a day");
    member.tier_validity = Some(TierValidity { until, missing: Some(120_000) });
    member.spent = Points::ZERO;
    member.earned = Points::new(71);
    let counted = |counter, before| Counted { counter, before, by: 1 };
    let earned = |id, points| EarnedBy {
        rule: rule_id(id),
        gain: Gain::Points(Points::new(points)),
        usable_from: None,
    };
    let later = NaiveDate::from_ymd_opt(2026, 3, 14);
    let back = Gain::Cashback(Amount::new(245));
    member.earned_by =
        vec![earned("bday", 20), earned("visits", 50), earned("welcome", 1), earned("friend", 8)];
    member.earned_by.push(earned("lucky", 6));
    let by_conversion = ConvertedBy { conversion, points: Points::new(20), times: 1 };
    member.converted.by.push(by_conversion);
    member.earned_by[0].usable_from = later;
    member.earned_by.push(EarnedBy { rule: rule_id("back"), gain: back, usable_from: later });
    member.cashback = Some(CashbackPart {
        before: Amount::new(1_550),
        debt: Amount::ZERO,
        earned: Amount::new(245),
        expires: Expires::WithActivity,
        spent: Amount::new(2_000),
        spent_from: Vec::new(),
        pending_after: Vec::new(),
    });
    member.counted = vec![
        counted(CounterId::RuleProgress(rule_id("visits")), 9),
        counted(CounterId::RuleReached(rule_id("visits")), 1),
    ];
    let issued = |code, rule, what| Issued {
        code: VoucherId::parse(code).expect("an id"),
        by: by(rule),
        what,
    };
    member.issued = vec![
        issued("7KQ2-9XWM-3DTC-V0PA", "visits", given(0)),
        issued("7KQ2-9XWM-3DTC-V0PB", "visits", given(1)),
        issued("7KQ2-9XWM-3DTC-V0PC", "spend", IssuedKind::Entry),
        issued("7KQ2-9XWM-3DTC-V0PD", "spend", IssuedKind::Entry),
    ];
    recorded
}

fn by(rule: &str) -> IssuedBy {
    IssuedBy::Rule(rule_id(rule))
}

/// A voucher that begins so many days after the example sale.
fn given(in_days: u64) -> IssuedKind {
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
    IssuedKind::Voucher {
        voucher_type: VoucherTypeId::parse("B-1").expect("an id"),
        valid_from: day + chrono::Days::new(in_days),
        valid_until: day + chrono::Days::new(30),
        cost: None,
    }
}

fn quoted() -> Quoted {
    let date = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
    let tier = |id| TierId::parse(id).expect("an id");
    let sale = recorded(Kind::Sale);
    let points = PointsOutcome {
        before: Points::new(1_240),
        debt_before: Points::ZERO,
        earned: Points::new(14),
        earned_pending: Vec::new(),
        earned_by: Vec::new(),
        counted: Vec::new(),
        issues: vec![
            Issue { by: by("spend"), what: IssuedKind::Entry, count: 5 },
            Issue { by: by("visits"), what: given(1), count: 1 },
        ],
        average_basket: None,
        earned_expires: Expires::WithActivity,
        spent: Points::ZERO,
        spent_from: Vec::new(),
        converted: Converted::default(),
        after: Points::new(1_254),
        pending_after: Vec::new(),
        debt_after: Points::ZERO,
        next_expiry: Some((date, Points::new(1_254))),
        redeemable: Some(Redeemable {
            points_max: Points::new(1_200),
            value_max: Amount::new(12_000),
            choices: Choices::Steps { step: Points::new(100), step_value: Amount::new(1_000) },
        }),
        cashback: Some(CashbackOutcome {
            before: Amount::new(1_550),
            after: Amount::new(1_550),
            spendable: Some(Amount::new(1_550)),
            next_expiry: Some((date, Amount::new(1_550))),
            ..CashbackOutcome::default()
        }),
    };
    let over_500 = OfferId::parse("over-500").expect("an id");
    let gift = Benefit::Gift { offer: over_500.clone(), times: 2 };
    let applied = Applied { benefit: gift, amount: Amount::ZERO, allocations: Vec::new() };
    let own = |from| Refusal {
        subject: Subject::Offer(over_500.clone()),
        reason: Reason::OwnNotYet { from },
    };
    let (day, afternoon) = (date.and_time(NaiveTime::MIN), NaiveTime::from_hms_opt(14, 0, 0));
    let afternoon = date.and_time(afternoon.expect("a time"));
    let decision = Decision {
        lines: Vec::new(),
        applied: vec![applied],
        refused: vec![own(day), own(afternoon)],
        totals: Totals { payable: Amount::new(12_276), ..Totals::default() },
        taxes: Vec::new(),
        tax_due: Amount::ZERO,
        points: Some(points),
        tier: Some(TierOutcome {
            measure: 2_500_000,
            before: tier("gold"),
            after: tier("gold"),
            next: None,
            amount_ahead: None,
            validity: None,
        }),
        shared: Vec::new(),
        personal: Vec::new(),
        gifts_due: Default::default(),
        promotions: vec![
            Promotion::Reward(reward_id("bag")),
            Promotion::Reward(reward_id("coffee")),
            Promotion::Offer(over_500.clone()),
        ],
        draws: Default::default(),
        rewards: vec![
            RewardOption {
                reward: reward_id("bag"),
                points: Points::new(30),
                obstacles: Vec::new(),
            },
            RewardOption {
                reward: reward_id("coffee"),
                points: Points::new(2_000),
                obstacles: vec![Reason::PointsMissing { missing: Points::new(12) }],
            },
        ],
    };
    let at = sale.record.header.clock.wall;
    Quoted {
        quote_id: String::new(),
        decided_at: at,
        expires_at: at,
        programme_version: 12,
        member: None,
        decision,
        mismatches: Vec::new(),
    }
}

fn with_sale<T>(
    recorded: &Recorded,
    programme: &Programme,
    presentation: Presentation,
    look: impl FnOnce(&SaleReply<'_>) -> T,
) -> T {
    match RecordReply::of(recorded, programme, presentation) {
        RecordReply::Sale(sale) | RecordReply::Training(sale) => look(&sale),
        other => panic!("{other:?}"),
    }
}

fn told(text: &mut String, title: &str, messages: &[MessageReply]) {
    writeln!(text, "\n== {title}").expect("a string");
    for message in messages {
        // Golden files show each space.
        let said = message.text.replace(NO_BREAK_SPACE, "~");
        writeln!(text, "{}: {said}", message.id).expect("a string");
    }
}

/// Everything that a store of this language reads in these tests.
fn everything(language: Language) -> String {
    let currency = match language {
        Language::Czech => "CZK",
        Language::Polish => "PLN",
        Language::Slovak | Language::German | Language::English => "EUR",
    };
    let programme = nameless(currency);
    let mut text = String::new();
    let sales = [
        ("a sale", recorded(Kind::Sale)),
        ("something to celebrate", celebrated()),
        ("a till in training", recorded(Kind::Training)),
    ];
    for (title, recorded) in &sales {
        for columns in COLUMNS {
            let presentation = Presentation { columns, language, ..Presentation::default() };
            let lines =
                with_sale(recorded, &programme, presentation, |sale| sale.receipt_lines.join("\n"));
            writeln!(text, "\n== {title}, {columns} columns\n{lines}").expect("a string");
        }
    }
    let presentation = Presentation { language, ..Presentation::default() };
    for (title, recorded) in &sales[..2] {
        with_sale(recorded, &programme, presentation, |sale| {
            told(&mut text, &format!("messages of {title}"), &sale.messages);
        });
    }
    let quoted = quoted();
    let quote = QuoteReply::of(&quoted, &TaxRates::default(), &programme, presentation);
    told(&mut text, "messages of a quote", &quote.messages);
    let mut undo = recorded(Kind::Return);
    let Body::Return(body) = &mut undo.record.body else { panic!("a return") };
    body.cash_rounding = Amount::new(-2);
    let account = body.account.as_mut().expect("a member");
    account.clawed_back = Points::new(8);
    account.forgiven = Points::new(5);
    account.cashback = Undone {
        clawed_back: Amount::new(80),
        forgiven: Amount::new(20),
        restored: vec![SpentPart { expires: Expires::Never, value: Amount::new(500) }],
        ..Undone::default()
    };
    body.codes_cancelled = vec![VoucherId::parse("7KQ2-9XWM-3DTC-V0PA").expect("an id")];
    let RecordReply::Return(undo) = RecordReply::of(&undo, &programme, presentation) else {
        panic!("a return");
    };
    told(&mut text, "messages of a return", &undo.messages);
    let lapsing = [0, 1, 2, 5].map(|days_left| LapsingVoucher {
        name: "V -100".to_owned(),
        until: NaiveDate::from_ymd_opt(2026, 3, 2 + u32::from(days_left)).expect("a day"),
        days_left,
    });
    told(&mut text, "vouchers that are about to lapse", &MessageReply::lapsing(&lapsing, language));
    text.trim_start().to_owned()
}

#[test]
fn receipts_and_messages_read_as_they_did_in_every_language() {
    for (code, language) in Language::NAMED {
        let path = format!("{}/tests/data/wording/{code}.txt", env!("CARGO_MANIFEST_DIR"));
        let found = everything(language);
        if env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
            fs::write(&path, &found).expect("a writable checkout");
        }
        let expected = fs::read_to_string(&path).expect("a golden file");
        assert_eq!(found, expected, "{path}; TILLWARD_UPDATE_GOLDEN=1 writes it anew");
    }
}

#[test]
fn receipts_in_every_language_fit_every_width() {
    let programme = nameless("CZK");
    for (_, language) in Language::NAMED {
        for columns in 20..=80 {
            let presentation = Presentation { columns, language, ..Presentation::default() };
            for recorded in [recorded(Kind::Sale), celebrated(), recorded(Kind::Training)] {
                with_sale(&recorded, &programme, presentation, |sale| {
                    for line in &sale.receipt_lines {
                        assert!(line.chars().count() <= columns, "{columns}: {line}");
                        assert!(!line.contains(NO_BREAK_SPACE), "{line:?}");
                    }
                });
            }
        }
    }
}

#[test]
fn no_english_word_is_left_in_what_other_languages_read() {
    let words = |language| -> BTreeSet<String> {
        let said = everything(language);
        // Ids and titles are for machines and readers of the golden files.
        let lines = said.lines().filter(|line| !line.starts_with("=="));
        let said = lines.map(|line| {
            line.split_once(": ").map_or(line, |(id, said)| {
                if id.contains('_')
                    || ["refund", "birthday", "welcome", "referred", "surprise"].contains(&id)
                {
                    said
                } else {
                    line
                }
            })
        });
        said.flat_map(|line| line.split(|letter: char| !letter.is_alphabetic()))
            .filter(|word| word.chars().count() > 3)
            .map(str::to_lowercase)
            .collect()
    };
    let english = words(Language::English);
    assert!(english.contains("points") && english.contains("purchase"), "{english:?}");
    for (code, language) in &Language::NAMED[..4] {
        let words = words(*language);
        // Everybody took the word over.
        let left: Vec<_> =
            words.intersection(&english).filter(|word| *word != "cashback").collect();
        assert!(left.is_empty(), "{code}: {left:?}");
    }
}

#[test]
fn a_message_carries_its_arguments() {
    let programme = nameless("CZK");
    let messages =
        with_sale(&celebrated(), &programme, Presentation::default(), |sale| sale.messages.clone());
    let found = messages.iter().find(|message| message.id == "milestone_visits");
    let found = found.expect("a message of the tenth visit");
    let expected = serde_json::json!({"visits": 10, "label": "R-4", "points": 50});
    assert_eq!(serde_json::json!(found.arguments), expected);
    let order: Vec<&str> = messages.iter().map(|message| message.id).collect();
    assert_eq!(
        order,
        [
            "tier_reached",
            "surprise",
            "birthday",
            "milestone_visits",
            "welcome",
            "referred",
            "tier_level",
            "tier_missing_spend",
            "tier_progress",
            "tier_keep_spend",
            "points_earned",
            "points_usable_from",
            "points_converted",
            "points_balance",
            "reward_ahead",
            "points_expire_in",
            "cashback_earned",
            "cashback_usable_from",
            "cashback_spent",
            "cashback_balance",
            "cashback_owed",
            "reward_given",
            "voucher_received",
            "voucher_received_from",
            "contest_entries",
            "contest_entries",
            "refused_below_minimum_amount",
            "refused_milestone_ahead_items",
            "refused_voucher_used",
            "refused_voucher_cancelled",
            "refused_not_enough_points",
            "refused_no_cashback",
            "refused_below_cashback_minimum",
            "refused_not_enough_cashback",
            "refused_cashback_over_share",
            "refused_offline_limit_cashback",
            "refused_role_may_not_spend_cashback",
            "refused_own_referral",
            "refused_referrer_unknown",
            "refused_referrer_excluded",
            "refused_other_account_kind",
            "refused_other_role",
            "refused_offline_limit",
            "refused_role_may_not_spend",
            "refused_points_missing",
            "refused_reward_unknown",
            "refused_points_missing",
        ]
    );
}
