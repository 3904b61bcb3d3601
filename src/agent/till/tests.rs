//! The use cases on a real ledger, with a clock that stands still until it is moved.

mod cashback;
mod catalogue;
mod claw_back;
mod collecting;
mod company;
mod converted;
mod damage;
mod doubted_clock;
mod hub;
mod issued;
mod ladder;
mod late_returns;
mod offline;
mod personal;
mod prices;
mod programmes;
mod recomputed;
mod referral;
mod shared;
mod surprise;
mod vouchers;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use ring::hmac;
use rusqlite::Connection;

use super::error::TillError;
use super::request::{IdentifyRequest, Who};
use crate::agent::store::base::{Base, Pulls};
use crate::agent::store::ledger::{accounts, journal};
use crate::agent::store::{base_files, open, rebuild};
use crate::agent::testing::{PROGRAMME, Purchase, World, card, member_ref, once, receipt};
use crate::journal::{Body, ClockTrust, Flag, Kind, MemberPart};
use crate::loyalty::{AccountRef, Gained, PendingPart, balance_after};
use crate::member_code::WalletId;

fn ledger(world: &World) -> Connection {
    open::open_reader(&world.ledger()).expect("readable")
}

fn kinds(world: &World) -> Vec<Kind> {
    let mut kinds = Vec::new();
    journal::each(&ledger(world), 0, |id, bytes| {
        kinds.push(journal::decode(id, bytes)?.record.body.kind());
        Ok::<_, crate::agent::store::error::StoreError>(())
    })
    .expect("readable");
    kinds
}

/// How many accounts there are, after checking that each is what its records come to.
fn check_accounts(world: &World) -> usize {
    let ledger = ledger(world);
    let (_, path) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&path).expect("readable");
    let pulls = Pulls::default();
    let base = Base::of(&base).expect("a base").under(&ledger, &pulls);
    let mut statement = ledger.prepare("SELECT account FROM accounts").expect("readable");
    let stored: Vec<[u8; 16]> =
        statement.query_map([], |row| row.get(0)).expect("readable").map(Result::unwrap).collect();
    for account in &stored {
        let account = AccountRef::from_bytes(*account);
        let folded = accounts::fold_anew(&ledger, Some(base), account).expect("folds");
        let kept = accounts::load(&ledger, Some(base), account).expect("reads");
        assert_eq!(kept, folded, "stored = replayed");
        let (points, cashback) = (folded.points(), folded.cashback());
        assert_eq!(points.totals.left(), points.worth(), "points conserve: {points:?}");
        assert_eq!(cashback.totals.left(), cashback.worth(), "cashback conserves: {cashback:?}");
    }
    recomputed::check_recomputed(world);
    stored.len()
}

#[tokio::test]
async fn each_kind_of_record_has_its_trigger() {
    let mut world = World::new().await;
    let first = [
        Kind::KeyChange,
        Kind::SoftwareChange,
        Kind::ProgrammeChange,
        Kind::Import,
        Kind::BaseChange,
    ];
    assert_eq!(kinds(&world), first, "a first start, a programme, an import");
    world.trade("a").await;
    let traded = [
        Kind::Sale,
        Kind::Sale,
        Kind::Sale,
        Kind::Sale,
        Kind::Training,
        Kind::Return,
        Kind::Void,
        Kind::Assign,
        Kind::Adjustment,
        Kind::Event,
    ];
    assert_eq!(kinds(&world)[first.len()..], traded);
    let before = kinds(&world).len();
    world.clock.set_wall(world.clock.now().wall + TimeDelta::hours(1));
    world.agent().keep_up().await;
    assert_eq!(kinds(&world)[before..], [Kind::ClockJump], "somebody set the clock");
    world.pass(TimeDelta::days(1));
    world.agent().keep_up().await;
    world.agent().keep_up().await;
    assert_eq!(kinds(&world)[before + 1..], [Kind::DailyClosing], "the day is over, once");
    world.stop().await;
    world.start().await;
    assert_eq!(kinds(&world).len(), before + 2, "a stop in order is no outage");
    world.cut_power().await;
    world.start().await;
    assert_eq!(kinds(&world)[before + 2..], [Kind::OutageBegin, Kind::OutageEnd]);
    world.stop().await;
}

#[tokio::test]
async fn a_late_member_counts_as_identified_on_the_day_of_the_naming() {
    let world = World::new().await;
    world.sell("R1", &Purchase::anonymous(2_000)).await;
    world.sell("R2", &Purchase::anonymous(300)).await;
    world.assign("R1", 4).await;
    world.pass(TimeDelta::days(1));
    world.assign("R2", 4).await;
    world.pass(TimeDelta::days(1));
    world.agent().keep_up().await;
    let mut days = Vec::new();
    journal::each(&ledger(&world), 0, |id, bytes| {
        if let Body::DailyClosing(closing) = journal::decode(id, bytes)?.record.body {
            let value = closing.identified_value.value();
            days.push((closing.day_totals.receipts, closing.identified_receipts, value));
        }
        Ok::<_, crate::agent::store::error::StoreError>(())
    })
    .expect("readable");
    assert_eq!(days, [(2, 1, 2_000), (0, 1, 300)]);
}

#[tokio::test]
async fn a_daily_closing_has_the_sums_of_its_day() {
    let world = World::new().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
    world.sell("R2", &Purchase::anonymous(2_000)).await;
    world.sell("R3", &Purchase::of(2, 999).in_training()).await;
    world.pass(TimeDelta::days(3));
    let next = world.sell("R4", &Purchase::anonymous(500)).await;
    let closing = journal::load(&ledger(&world), next.id - 1).expect("a record");
    let Body::DailyClosing(closing) = closing.record.body else { panic!("a closing comes first") };
    assert_eq!(closing.day.to_string(), "2026-03-02");
    assert_eq!(closing.day_totals.receipts, 2, "trainings do not count");
    assert_eq!(closing.day_totals.gross.value(), 12_000);
    assert_eq!(closing.day_totals.discount.value(), 500, "5 % off from 50.00");
    assert_eq!((closing.identified_receipts, closing.identified_value.value()), (1, 9_500));
    assert_eq!(closing.perpetual, closing.day_totals, "the first day");
}

#[tokio::test]
async fn a_sale_that_comes_late_counts_from_its_own_time() {
    let world = World::new().await;
    let opened = world.clock.now().wall;
    world.pass(TimeDelta::hours(6));
    world.sell("R1", &Purchase::of(1, 1_000)).await;
    let mut late = world.commit_request("R2", &Purchase::of(1, 2_000)).await;
    late.quote = None;
    late.closed_at = opened + TimeDelta::hours(1);
    let late = world.till().commit(late, once("R2")).await.expect("committed");
    let Body::Sale(sale) = &late.record.body else { panic!("a sale") };
    assert_eq!(sale.decided_at, opened + TimeDelta::hours(1));
    assert_eq!(sale.flags, BTreeSet::from([Flag::LateCommit]));
    assert_eq!(world.balance(1).await, 1_030);
    check_accounts(&world);
}

#[tokio::test]
async fn a_closing_time_that_cannot_be_believed_is_flagged_and_the_agents_clock_counts() {
    let world = World::new().await;
    let now = world.clock.now().wall;
    for (number, closed_at) in [(1, "1970-01-01T00:00:00Z"), (2, "2040-01-01T00:00:00Z")] {
        let uid = format!("R{number}");
        let mut request = world.commit_request(&uid, &Purchase::of(1, 1_000)).await;
        request.quote = None;
        request.closed_at = closed_at.parse().expect("an instant");
        let recorded = world.till().commit(request, once(&uid)).await.expect("committed");
        let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
        assert_eq!((sale.decided_at, &sale.flags), (now, &BTreeSet::from([Flag::ClosedAtFarOff])));
    }
}

#[tokio::test]
async fn the_till_sells_on_whatever_the_clock_says() {
    let world = World::new().await;
    world.sell("R1", &Purchase::of(1, 1_000)).await;
    for (number, wall) in
        [(2, "1970-01-01T00:00:00Z"), (3, "2040-06-01T12:00:00Z"), (4, "2026-03-02T09:00:00Z")]
    {
        world.clock.set_wall(wall.parse().expect("an instant"));
        world.clock.tell(ClockTrust::Untrusted);
        let sold = world.sell(&format!("R{number}"), &Purchase::of(2, 1_000)).await;
        assert_eq!(sold.record.header.clock.trust, ClockTrust::Untrusted);
        check_accounts(&world);
    }
}

#[tokio::test]
async fn what_is_decided_while_the_clock_is_doubted_is_decided_at_the_last_sure_time() {
    let world = World::new().await;
    let window = "window = { from = \"2026-03-01\", until = \"2026-03-31\" }";
    let windowed = PROGRAMME
        .replace("version = 1", "version = 2")
        .replace("percent = \"5\"", &format!("percent = \"5\"\n{window}"));
    world.till().publish(windowed).await.expect("the programme is sound");
    let (sure, wrong) = (world.clock.now().wall, DateTime::UNIX_EPOCH);
    world.clock.set_wall(wrong);
    world.clock.tell(ClockTrust::Untrusted);
    let sold = world.sell("R1", &Purchase::of(1, 10_000)).await;
    let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
    assert_eq!(sale.payable.value(), 9_500, "the offer of March applies");
    assert!(sale.flags.contains(&Flag::ClockUntrusted));
    assert_eq!((sale.decided_at, sold.record.header.clock.wall), (sure, wrong));
    world.pass(TimeDelta::minutes(1));
    world.adjust("A1", 1, 50).await;
    let voided = world.void("R1").await;
    let instants = (voided.record.header.clock.wall, voided.record.header.decided_at());
    assert_eq!(instants, (wrong + TimeDelta::minutes(1), sure + TimeDelta::minutes(1)));
    world.sell("R2", &Purchase::of(1, 10_000)).await;
    world.reserve("H1", 1, 100).await;
    world.agent().keep_up().await;
    check_accounts(&world);
    world.clock.set_wall(sure + TimeDelta::days(2));
    world.clock.tell(ClockTrust::Trusted);
    assert_eq!(world.balance(1).await, 1_000 + 50 + 95);
    let known = world.till().member(member_ref(1)).await.expect("a member");
    let (next, _) = known.next_expiry.expect("points lapse");
    assert_eq!(next.to_string(), "2027-03-02", "a year after the sure time");
    assert_eq!(known.last_purchase.map(|day| day.to_string()).as_deref(), Some("2026-03-02"));
    world.agent().keep_up().await;
    let closed = kinds(&world).into_iter().filter(|kind| *kind == Kind::DailyClosing).count();
    assert_eq!(closed, 1, "2 March is over, and nothing happened in 1970");
}

/// The code that a phone shows (RFC 6238, SHA-1, 8 digits, 30 s).
fn rotating_code(wallet: WalletId, secret: &[u8], at: DateTime<Utc>) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let step = (at.timestamp() / 30).to_be_bytes();
    let mac = hmac::sign(&key, &step);
    let mac = mac.as_ref();
    let from = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[from..from + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("LY1-{}-{}-{:08}", wallet.to_text(), at.timestamp(), number % 100_000_000)
}

#[tokio::test]
async fn a_rotating_code_is_good_once_and_for_a_short_time() {
    let world = World::new().await;
    let (wallet, secret) = (WalletId::from_bytes([5; 10]), *b"12345678901234567890");
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let member = format!("{:032x}", 77);
    world
        .import(&format!(
            r#"{{"member":"{member}","codes":[],"points":5,"last_purchase":"2026-02-20","wallet":{{"id":"{}","secret":"{hex}"}}}}"#,
            wallet.to_text(),
        ))
        .await;
    let scan = async |raw: String| {
        let request = IdentifyRequest { raw, symbology: None };
        match world.till().identify(request).await {
            Ok(identified) => identified.strength.name().to_owned(),
            Err(error) => error.code().to_owned(),
        }
    };
    let now = world.clock.now().wall;
    let at = |seconds| now + TimeDelta::seconds(seconds);
    let code = |seconds| rotating_code(wallet, &secret, at(seconds));
    assert_eq!(scan(code(0)).await, "totp");
    assert_eq!(scan(code(0)).await, "totp_already_used", "a photograph of the phone");
    assert_eq!(scan(code(-600)).await, "totp_expired");
    assert_eq!(scan(code(600)).await, "totp_from_the_future");
    assert_eq!(
        scan(rotating_code(wallet, b"another secret, 20 b", at(30))).await,
        "totp_wrong_digits"
    );
    assert_eq!(
        scan(rotating_code(WalletId::from_bytes([6; 10]), &secret, at(0))).await,
        "member_unknown"
    );
    world.pass(TimeDelta::seconds(60));
    assert_eq!(scan(code(60)).await, "totp");
    // As a failing disk would, while the agent runs.
    let ledger = Connection::open(world.ledger()).expect("opens");
    ledger.execute("UPDATE codes_used SET last_step = 0", []).expect("damaged");
    world.pass(TimeDelta::seconds(30));
    assert_eq!(scan(code(90)).await, "code_used", "which one was used last is not known");
    assert_eq!(scan(code(90)).await, "totp_already_used");
    world.pass(TimeDelta::seconds(30));
    assert_eq!(scan(code(120)).await, "totp");
    let known = world.till().member(member_ref(77)).await.expect("a member");
    assert_eq!(known.balance.value(), 5);
}

#[tokio::test]
async fn an_old_identification_spends_nothing_but_the_sale_is_recorded() {
    let world = World::new().await;
    let who = world.identify(1).await;
    let mut request = world.commit_request("R1", &Purchase::of(1, 1_000)).await;
    world.pass(TimeDelta::minutes(11));
    let mut quote = crate::agent::till::request::QuoteRequest {
        till: crate::agent::testing::till_id(),
        basket: Purchase::of(1, 1_000).spending(100).basket(),
        who: who.clone(),
        reservation: None,
        explain: crate::loyalty::Explain::Relevant,
        referral: None,
    };
    let refused = world.till().quote(quote.clone()).await.map(drop);
    assert!(matches!(refused, Err(TillError::IdentificationExpired)), "{refused:?}");
    quote.who = Who::Named(member_ref(1));
    let named = world.till().quote(quote).await.expect("quoted");
    assert_eq!(named.decision.points.map(|p| p.spent.value()), Some(0), "a name proves nothing");
    request.who = who;
    request.quote = None;
    request.closed_at = world.clock.now().wall;
    let recorded = world.till().commit(request, once("R1")).await.expect("committed");
    let Body::Sale(sale) = recorded.record.body else { panic!("a sale") };
    assert!(sale.flags.contains(&Flag::IdentificationExpired));
    assert_eq!(world.balance(1).await, 1_010, "earning is always allowed");
}

#[tokio::test]
async fn a_quote_counts_for_half_an_hour_and_an_older_one_is_decided_anew_and_flagged() {
    let world = World::new().await;
    for (uid, minutes, flags) in [("R1", 30, vec![]), ("R2", 31, vec![Flag::QuoteOutdated])] {
        let mut request = world.commit_request(uid, &Purchase::of(1, 1_000)).await;
        let quoted_at = world.clock.now().wall;
        world.pass(TimeDelta::minutes(minutes));
        request.closed_at = world.clock.now().wall;
        request.who = Who::Named(member_ref(1));
        let recorded = world.till().commit(request, once(uid)).await.expect("committed");
        let Body::Sale(sale) = recorded.record.body else { panic!("a sale") };
        assert_eq!(sale.flags, BTreeSet::from_iter(flags), "{minutes}");
        let decided_at = if minutes == 30 { quoted_at } else { world.clock.now().wall };
        assert_eq!(sale.decided_at, decided_at, "{minutes}");
    }
}

#[tokio::test]
async fn a_damaged_account_row_is_folded_anew() {
    let mut world = World::new().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
    world.stop().await;
    let connection = Connection::open(world.ledger()).expect("opens");
    connection.execute("UPDATE accounts SET facts = zeroblob(40)", []).expect("damaged");
    drop(connection);
    world.start().await;
    assert_eq!(world.balance(1).await, 1_095);
    world.sell("R2", &Purchase::of(1, 1_000)).await;
    assert_eq!(world.balance(1).await, 1_105);
    check_accounts(&world);
}

#[tokio::test]
async fn an_import_changes_the_base_under_what_the_till_recorded() {
    let world = World::new().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":5000,"last_purchase":"2026-03-01"}}"#,
        1,
        card(1)
    );
    world.import(&line).await;
    assert_eq!(world.balance(1).await, 5_095, "the new base and the till's own sale");
    check_accounts(&world);
    assert_eq!(world.balance(2).await, 1_000, "others stay");
}

/// What may happen at a till.
#[derive(Clone, Debug)]
enum Step {
    Sell { member: u32, minor: i64, units: i64, spend: i64 },
    SellToNobody { minor: i64 },
    TakeBack { sale: prop::sample::Index, units: i64 },
    Void { sale: prop::sample::Index },
    Assign { sale: prop::sample::Index, member: u32 },
    Adjust { member: u32, points: i64 },
    Pass { hours: i64 },
    CutPower,
}

fn step() -> impl Strategy<Value = Step> {
    let sale = any::<prop::sample::Index>();
    prop_oneof![
        6 => (1_u32..5, 1_i64..300, 1_i64..5, 0_i64..6).prop_map(|(member, price, units, spend)| Step::Sell {
            member, minor: price * 100 * units, units, spend: spend * 100,
        }),
        1 => (1_i64..9_000).prop_map(|minor| Step::SellToNobody { minor }),
        3 => (sale.clone(), 1_i64..3).prop_map(|(sale, units)| Step::TakeBack { sale, units }),
        1 => sale.clone().prop_map(|sale| Step::Void { sale }),
        1 => (sale, 1_u32..5).prop_map(|(sale, member)| Step::Assign { sale, member }),
        1 => (1_u32..5, -500_i64..500).prop_map(|(member, points)| Step::Adjust { member, points }),
        2 => (1_i64..9_000).prop_map(|hours| Step::Pass { hours }),
        1 => Just(Step::CutPower),
    ]
}

/// What programmes of any day have beside the usual.
const PROGRAMMES: [&str; 4] = [
    "",
    "\n[returns]\nclaw_back = \"within_balance\"\n",
    "\n[cashback]\nexpiry = { days = 200 }\n[[earn]]\nid = \"back\"\nkind = \"cashback\"\npercent = \"3\"\n",
    "\n[returns]\nclaw_back = \"pending_only\"\n[accrual]\npending = { days = 14 }\n\
     [cashback]\nexpiry = { mode = \"lots\", days = 60 }\n\
     [[earn]]\nid = \"back\"\nkind = \"cashback\"\npercent = \"3\"\npending = { days = 30 }\n",
];

/// What a sale's record tells of the balances after it is what they are.
async fn stands_as_told(world: &World, part: &MemberPart) {
    let known = world.till().member(part.member).await.expect("a member");
    let points = Gained {
        earned: part.earned,
        expires: part.expires,
        pending: PendingPart::of(&part.earned_by, part.earned),
        spent: part.spent,
    };
    let (after, debt) = balance_after(part.inputs.balance, part.inputs.debt, &points);
    assert_eq!((after - part.converted.points(), debt), (known.balance, known.debt));
    assert_eq!(part.pending_after, known.pending);
    let Some(cashback) = &part.cashback else { return };
    let stands = known.cashback.expect("cashback");
    let told = balance_after(cashback.before, cashback.debt, &cashback.gained(&part.earned_by));
    assert_eq!(told, (stands.balance, stands.debt));
    assert_eq!(cashback.pending_after, stands.pending);
}

/// Does a step; a refusal is part of life.
async fn take(world: &mut World, number: usize, step: &Step, sales: &mut Vec<String>) {
    use crate::agent::till::request::{AssignRequest, ReturnRequest, VoidRequest};
    let till = crate::agent::testing::till_id();
    let uid = format!("S{number}");
    let of = |sale: &prop::sample::Index, sales: &[String]| {
        (!sales.is_empty()).then(|| receipt(&sales[sale.index(sales.len())]))
    };
    match step {
        Step::Sell { member, minor, units, spend } => {
            let purchase = Purchase::of(*member, *minor).in_units(*units).spending(*spend);
            let purchase = purchase.spending_cashback(*spend / 4);
            let quoted = world.quote(&purchase).await;
            let mut request = world.commit_request(&uid, &purchase).await;
            let spent = quoted.decision.points.as_ref().map_or(0, |p| p.spent.value());
            let cashback = quoted.decision.points.as_ref().and_then(|p| p.cashback.as_ref());
            let cashback = cashback.map_or(0, |cashback| cashback.gained.spent.value());
            request.basket = purchase.spending(spent).spending_cashback(cashback).basket();
            request.payable = quoted.decision.totals.payable;
            let recorded = world.till().commit(request, once(&uid)).await.expect("committed");
            let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
            assert!(!sale.flags.contains(&Flag::DiscountDiffers), "quote = commit");
            assert_eq!(sale.payable, quoted.decision.totals.payable);
            stands_as_told(world, sale.member.as_ref().expect("a member")).await;
            sales.push(uid);
        }
        Step::SellToNobody { minor } => {
            world.sell(&uid, &Purchase::anonymous(*minor)).await;
            sales.push(uid);
        }
        Step::TakeBack { sale, units } => {
            let Some(of) = of(sale, sales) else { return };
            let line_id = crate::loyalty::LineId::parse("1").expect("an id");
            let lines = vec![crate::loyalty::ReturnLine {
                line_id,
                quantity: crate::money::Quantity::units(*units),
            }];
            let undo_uid = receipt(&uid);
            let request = ReturnRequest {
                of,
                sold_by: None,
                till,
                operator: None,
                undo_uid,
                lines,
                rewards: Default::default(),
                closed_at: None,
                reason: None,
            };
            world.till().take_back(request, once(&uid)).await.ok();
        }
        Step::Void { sale } => {
            let Some(of) = of(sale, sales) else { return };
            let undo_uid = receipt(&uid);
            let request =
                VoidRequest { of, till, operator: None, undo_uid, closed_at: None, reason: None };
            world.till().void(request, once(&uid)).await.ok();
        }
        Step::Assign { sale, member } => {
            let Some(of) = of(sale, sales) else { return };
            let who = world.identify(*member).await;
            let request = AssignRequest { of, till, operator: None, who, referral: None };
            world.till().assign(request, once(&uid)).await.ok();
        }
        Step::Adjust { member, points } => {
            world.adjust(&uid, *member, *points).await;
        }
        Step::Pass { hours } => {
            world.pass(TimeDelta::hours(*hours));
            world.agent().keep_up().await;
        }
        Step::CutPower => {
            world.cut_power().await;
            world.start().await;
        }
    }
}

/// Points that become vouchers, and a surprise with a budget.
const GENEROUS: &str = r#"
[[conversions]]
id = "each-300"
points = 300
voucher = { type = "ten", days = 30 }

[[earn]]
id = "surprise"
kind = "per_item"
points = 7
entries = 1
chance_bp = 5_000
shared_limits = [{ per = "store", window = "week", uses = 60, count = "points", offline = "approximate" }]
"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_happens_the_stored_balances_are_the_replayed_ones_and_points_conserve(
        steps in prop::collection::vec(step(), 1..40), more in prop::sample::select(&PROGRAMMES),
        generous in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            let mut programme = PROGRAMME.replace("version = 1", "version = 2") + more;
            if generous {
                programme += GENEROUS;
            }
            world.till().publish(programme).await.expect("the programme is sound");
            let mut sales = Vec::new();
            for (number, step) in steps.iter().enumerate() {
                take(&mut world, number, step, &mut sales).await;
            }
            check_accounts(&world);
            let (_, path) = base_files::newest(world.folder()).expect("a base");
            let base = open::open_reader(&path).expect("readable");
            let base = Some(Base::of(&base).expect("a base"));
            let differences = rebuild::compare(&ledger(&world), base).expect("compared");
            assert_eq!(differences.found, 0, "{:?}", differences.told);
            world.stop().await;
        });
    }
}
