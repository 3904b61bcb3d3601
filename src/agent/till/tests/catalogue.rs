//! Rewards for points, from the quote to what comes back (LD-42).

use super::*;
use crate::agent::testing::till_id;
use crate::agent::till::request::{ReserveRequest, ReturnRequest};
use crate::journal::Sale;
use crate::loyalty::{Benefit, RewardId};
use crate::money::{Amount, Points};

/// The tests' programme with a free unit for 80 points and wrapping for 30.
async fn world() -> World {
    let rewards = "[[rewards]]\nid = \"unit\"\nname = \"A unit\"\nkind = \"item\"\npoints = 80\n\
                   scope = { skus = [\"sku-1\"] }\n\n\
                   [[rewards]]\nid = \"wrap\"\nname = \"Wrapping\"\nkind = \"service\"\npoints = 30\n\
                   limits = [{ window = \"day\", uses = 2 }]\n\n[[earn]]";
    let text = PROGRAMME.replace("version = 1\n", "version = 2\n").replacen("[[earn]]", rewards, 1);
    let world = World::new().await;
    world.till().publish(text).await.expect("a sound programme");
    world
}

fn sale(recorded: &crate::agent::till::answer::Recorded) -> &Sale {
    match &recorded.record.body {
        Body::Sale(sale) => sale,
        other => panic!("{other:?}"),
    }
}

fn given(sale: &Sale) -> Vec<(&str, i64, u32, i64)> {
    let given = sale.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Reward { reward, points, times } => {
            Some((reward.as_str(), points.value(), *times, applied.amount.value()))
        }
        _ => None,
    });
    given.collect()
}

#[tokio::test]
async fn ld_42_chosen_rewards_are_quoted_sold_and_come_back() {
    let world = world().await;
    let before = world.balance(1).await;
    let purchase = Purchase::of(1, 4_000).in_units(2).choosing("unit").choosing("wrap");
    let quoted = world.quote(&purchase).await;
    let told: Vec<_> = quoted.decision.rewards.iter().map(|r| r.reward.as_str()).collect();
    assert_eq!(told, ["wrap", "unit"]);
    let recorded = world.sell("R1", &purchase).await;
    let sale = sale(&recorded);
    assert_eq!(given(sale), [("unit", 80, 1, 2_000), ("wrap", 30, 1, 0)]);
    assert_eq!((sale.payable, &sale.flags), (Amount::new(2_000), &BTreeSet::new()));
    assert_eq!(sale.member.as_ref().map(|member| member.spent), Some(Points::new(110)));
    assert_eq!(world.balance(1).await, before - 110 + 20);
    world.take_back("R1", 1).await;
    assert_eq!(world.balance(1).await, before - 110 + 40 + 10, "half of the unit's points");
    world.void("R1").await;
    assert_eq!(world.balance(1).await, before, "the service too");
    check_accounts(&world);
}

#[tokio::test]
async fn ld_42_what_was_handed_out_is_a_fact_with_flags() {
    let world = world().await;
    // 14 wraps are more than the limit, 16 units more than the points.
    let cases: [(&str, usize, &[Flag], i64); 3] = [
        ("wrap", 3, &[Flag::RewardNotDue], 90),
        ("unit", 16, &[Flag::RewardNotDue, Flag::SpentBeyondBalance], 16 * 80),
        ("gold-bar", 1, &[Flag::RewardNotDue], 0),
    ];
    for (member, (reward, times, flags, spent)) in (1..).zip(cases) {
        let uid = format!("R{member}");
        let asked = Purchase::of(member, 40_000).in_units(20);
        let mut request = world.commit_request(&uid, &asked).await;
        let chosen = (0..times).fold(asked, |asked, _| asked.choosing(reward));
        request.basket = chosen.basket();
        if reward == "unit" {
            request.payable = Amount::new(2_000);
        }
        let recorded = world.till().commit(request, once(&uid)).await.expect("a fact");
        let sale = sale(&recorded);
        let mut expected: BTreeSet<Flag> = flags.iter().copied().collect();
        if sale.flags.contains(&Flag::DiscountDiffers) {
            assert_eq!(reward, "unit", "nothing else was taken off");
            expected.insert(Flag::DiscountDiffers);
        }
        assert_eq!(sale.flags, expected, "{reward}");
        let booked = sale.member.as_ref().map(|member| member.spent.value());
        assert_eq!(booked, Some(spent), "{reward}");
    }
    check_accounts(&world);
}

#[tokio::test]
async fn ld_42_points_on_hold_buy_no_reward_but_for_their_own_till() {
    let world = world().await;
    let request = ReserveRequest {
        uid: receipt("H1"),
        till: till_id(),
        who: world.identify(1).await,
        points: Points::new(990),
        cashback: crate::money::Amount::ZERO,
        vouchers: Vec::new(),
    };
    world.till().reserve(request, once("H1")).await.expect("held");
    let purchase = Purchase::of(1, 4_000).choosing("wrap");
    let quoted = world.quote(&purchase).await;
    assert_eq!(quoted.decision.points.expect("a member").spent, Points::ZERO);
    let mut request = world.commit_request("R1", &purchase).await;
    request.reservation = Some(receipt("H1"));
    let recorded = world.till().commit(request, once("R1")).await.expect("committed");
    assert_eq!(given(sale(&recorded)), [("wrap", 30, 1, 0)]);
    check_accounts(&world);
}

#[tokio::test]
async fn ld_42_a_service_that_is_handed_back_gives_its_own_points_back_once() {
    let world = world().await;
    let before = world.balance(1).await;
    let purchase = Purchase::of(1, 4_000).choosing("wrap").choosing("wrap").choosing("unit");
    world.sell("R1", &purchase).await;
    let earned = 0;
    assert_eq!(world.balance(1).await, before - 140 + earned);
    let back = |uid: &str, reward: &str, times: u32| ReturnRequest {
        of: receipt("R1"),
        sold_by: None,
        till: till_id(),
        operator: None,
        undo_uid: receipt(uid),
        lines: Vec::new(),
        rewards: [(RewardId::parse(reward).expect("an id"), times)].into(),
        closed_at: None,
        reason: None,
    };
    for (uid, reward, times, told, balance) in [
        ("B1", "wrap", 1, Ok(()), before - 110),
        ("B2", "wrap", 2, Err("return_more_rewards_than_given"), before - 110),
        ("B3", "unit", 1, Err("return_no_such_reward"), before - 110),
        ("B4", "wrap", 1, Ok(()), before - 80),
        ("B5", "wrap", 1, Err("return_more_rewards_than_given"), before - 80),
    ] {
        let request = back(uid, reward, times);
        let answered = world.till().take_back(request, once(uid)).await;
        assert_eq!(answered.map(|_| ()).map_err(|error| error.code()), told, "{uid}");
        assert_eq!(world.balance(1).await, balance, "{uid}");
    }
    world.void("R1").await;
    assert_eq!(world.balance(1).await, before, "what was handed back is not given twice");
    check_accounts(&world);
}

#[tokio::test]
async fn ld_42_a_receipt_of_a_service_alone_comes_back_whole() {
    let world = world().await;
    let before = world.balance(1).await;
    let mut request = world.commit_request("R1", &Purchase::of(1, 4_000).choosing("wrap")).await;
    let benefits = request.basket.benefits().clone();
    request.basket = crate::loyalty::Basket::parse(Vec::new(), benefits).expect("a basket");
    request.payable = Amount::ZERO;
    world.till().commit(request, once("R1")).await.expect("committed");
    assert_eq!(world.balance(1).await, before - 30);
    world.void("R1").await;
    assert_eq!(world.balance(1).await, before);
    check_accounts(&world);
}
