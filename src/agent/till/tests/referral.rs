//! Referrals at the first sale, for both sides (BQ-14, BC-7).

use super::*;
use crate::agent::store::rebuild::compare;
use crate::agent::testing::till_id;
use crate::agent::till::ReferralCode;
use crate::agent::till::answer::Recorded;
use crate::agent::till::request::AssignRequest;
use crate::journal::{Adjustment, ReferralPart, Sale};
use crate::money::Points;

const RULE: &str = r#"
[[earn]]
id = "friend"
name = "A friend"
kind = "referral"
points = 100
referrer_points = 50
referrer_excluded_flags = ["staff"]
limits = [{ window = "year", uses = 2 }]
"#;

/// Members 41 to 44 are new. Member 1 passes the code ANNA-7 on; 30 is of staff with STAFF-1; 45
/// shares the account of 41.
async fn world(unknown_referrer: &str) -> World {
    let world = World::new().await;
    let rule = format!("{RULE}unknown_referrer = \"{unknown_referrer}\"\n");
    let programme = PROGRAMME.replace("version = 1", "version = 2") + &rule;
    world.till().publish(programme).await.expect("the programme is sound");
    let line = |member: u32, more: &str| {
        format!("{{\"member\":\"{member:032x}\",\"codes\":[\"{}\"]{more}}}\n", card(member))
    };
    let household = format!(",\"account\":\"{:032x}\"", 41);
    let mut lines = line(
        1,
        ",\"points\":1000,\"last_purchase\":\"2026-02-20\",\"referral_codes\":[\"ANNA-7\"]",
    );
    lines += &line(30, ",\"flags\":[\"staff\"],\"referral_codes\":[\"STAFF-1\"]");
    (41..=44).for_each(|member| lines += &line(member, ""));
    lines += &line(45, &household);
    world.import(&lines).await;
    world
}

async fn bought(world: &World, uid: &str, member: u32, code: &str) -> Recorded {
    let mut request = world.commit_request(uid, &Purchase::of(member, 1_000)).await;
    request.referral = ReferralCode::parse(code);
    world.till().commit(request, once(uid)).await.expect("committed")
}

fn sale(recorded: &Recorded) -> &Sale {
    match &recorded.record.body {
        Body::Sale(sale) => sale,
        other => panic!("{other:?}"),
    }
}

fn earned(recorded: &Recorded) -> i64 {
    sale(recorded).member.as_ref().expect("a member").earned.value()
}

/// What followed purchases, in the order of the journal.
fn halves(world: &World) -> Vec<Adjustment> {
    let mut halves = Vec::new();
    journal::each(&ledger(world), 0, |id, bytes| {
        if let Body::Adjustment(adjustment) = journal::decode(id, bytes)?.record.body {
            halves.push(adjustment);
        }
        Ok::<_, crate::agent::store::error::StoreError>(())
    })
    .expect("readable");
    halves
}

fn agrees_with_the_journal(world: &World) {
    check_accounts(world);
    let (_, path) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&path).expect("readable");
    let base = Base::of(&base).expect("a base");
    let differences = compare(&ledger(world), Some(base)).expect("compared");
    assert_eq!(differences.found, 0, "{:?}", differences.told);
}

#[tokio::test]
async fn bq_14_both_sides_earn_on_the_first_purchase_and_lose_it_with_its_return() {
    let world = world("wait").await;
    let recorded = bought(&world, "R1", 41, "anna-7").await;
    assert_eq!(earned(&recorded), 10 + 100);
    let part = ReferralPart { referrer: Some(member_ref(1)), code: None };
    assert_eq!(sale(&recorded).member.as_ref().and_then(|m| m.referral.clone()), Some(part));
    assert_eq!((world.balance(41).await, world.balance(1).await), (110, 1_050));
    // Asked again, it is booked once.
    let mut request = world.commit_request("R1", &Purchase::of(41, 1_000)).await;
    request.referral = ReferralCode::parse("anna-7");
    world.till().commit(request, once("R1")).await.expect("repeated");
    assert_eq!(world.balance(1).await, 1_050);
    let again = bought(&world, "R2", 41, "ANNA-7").await;
    assert_eq!(earned(&again), 10, "no first purchase any more");
    let [half] = &halves(&world)[..] else { panic!("one half") };
    assert_eq!((half.member, half.points), (member_ref(1), Points::new(50)));
    assert_eq!(half.of.as_ref().map(|of| of.uid.clone()), Some(receipt("R1")));
    agrees_with_the_journal(&world);
    world.void("R1").await;
    assert_eq!((world.balance(41).await, world.balance(1).await), (10, 1_000));
    let status = world.till().status(till_id(), receipt("R1")).await.expect("known");
    assert_eq!(status.followed_by.len(), 1, "the void; not what another member got");
    agrees_with_the_journal(&world);
}

#[tokio::test]
async fn bq_14_a_return_of_parts_takes_the_referral_back_with_the_last_part() {
    let world = world("wait").await;
    let purchase = Purchase::of(41, 1_000).in_units(2);
    let mut request = world.commit_request("R1", &purchase).await;
    request.referral = ReferralCode::parse("ANNA-7");
    world.till().commit(request, once("R1")).await.expect("committed");
    world.take_back("R1", 1).await;
    assert_eq!((world.balance(41).await, world.balance(1).await), (105, 1_050));
    world.void("R1").await;
    assert_eq!((world.balance(41).await, world.balance(1).await), (0, 1_000));
    agrees_with_the_journal(&world);
}

#[tokio::test]
async fn bq_14_nobody_refers_themselves_their_household_or_as_staff_nor_more_than_the_limit() {
    let world = world("wait").await;
    let own = card(41);
    let cases: [(u32, &str, i64, &str); 8] = [
        (41, own.as_str(), 0, "own_referral"),
        (45, own.as_str(), 0, "not_first_purchase"),
        (42, "STAFF-1", 0, "referrer_excluded"),
        (43, "ANNA-7", 100, ""),
        (44, &card(43), 100, ""),
        (2, "ANNA-7", 0, "not_first_purchase"),
        (46, "ANNA-7", 100, ""),
        (47, "ANNA-7", 0, "limit_reached"),
    ];
    let line = |member: u32| {
        format!("{{\"member\":\"{member:032x}\",\"codes\":[\"{}\"]}}\n", card(member))
    };
    world.import(&(line(46) + &line(47))).await;
    for (member, code, more, reason) in cases {
        let uid = format!("R{member}");
        let recorded = bought(&world, &uid, member, code).await;
        assert_eq!(earned(&recorded), 10 + more, "{member} {code}");
        let told: Vec<_> = sale(&recorded).refused.iter().map(|told| told.code.name()).collect();
        let expected: &[&str] = if reason.is_empty() { &[] } else { &[reason] };
        assert!(told.starts_with(expected), "{member} {code}: {told:?}");
    }
    assert_eq!(world.balance(1).await, 1_000 + 2 * 50);
    assert_eq!(world.balance(43).await, 110 + 50, "a card's number is a code too");
    // A newcomer who brings everything back makes room for another.
    world.void("R43").await;
    assert_eq!(world.balance(1).await, 1_000 + 50);
    let recorded = bought(&world, "R47-2", 47, "ANNA-7").await;
    assert_eq!(earned(&recorded), 10, "47 has bought already");
    agrees_with_the_journal(&world);
}

#[tokio::test]
async fn bq_14_a_code_of_nobody_known_here_is_recorded_without_being_written_down() {
    for (policy, more) in [("wait", 0), ("earn", 100)] {
        let world = world(policy).await;
        let recorded = bought(&world, "R1", 41, "FROM-ELSEWHERE-9").await;
        assert_eq!(earned(&recorded), 10 + more, "{policy}");
        let sale = sale(&recorded);
        assert!(sale.flags.contains(&Flag::ReferrerUnknown), "{policy}");
        let part = sale.member.as_ref().and_then(|member| member.referral.clone());
        let part = part.expect("a later base may know it");
        assert!(part.referrer.is_none() && part.code.is_some());
        assert_eq!(halves(&world), [], "{policy}");
        let payload = recorded.record.to_payload();
        let written = payload.windows(9).any(|bytes| bytes.eq_ignore_ascii_case(b"elsewhere"));
        assert!(!written, "the code is in no record");
        agrees_with_the_journal(&world);
    }
}

#[tokio::test]
async fn bq_14_a_late_member_may_have_been_referred_too() {
    let world = world("wait").await;
    world.sell("R1", &Purchase::anonymous(1_000)).await;
    let request = AssignRequest {
        of: receipt("R1"),
        till: till_id(),
        operator: None,
        who: world.identify(41).await,
        referral: ReferralCode::parse("ANNA-7"),
    };
    world.till().assign(request, once("late")).await.expect("assigned");
    assert_eq!((world.balance(41).await, world.balance(1).await), (110, 1_050));
    world.void("R1").await;
    assert_eq!((world.balance(41).await, world.balance(1).await), (0, 1_000));
    agrees_with_the_journal(&world);
}
