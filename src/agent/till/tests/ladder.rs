//! Points spent level by level, from the quote to what comes back.

use super::*;
use crate::agent::testing::till_id;
use crate::agent::till::request::ReserveRequest;
use crate::loyalty::{Benefit, Choices};
use crate::money::{Amount, Points};

/// The tests' programme with a ladder of 100, 200 and 400 points, and a rotating code from 20.00.
async fn world(levels: [&str; 3]) -> World {
    let [at_100, at_200, at_400] = levels;
    let ladder = format!(
        "levels = [{{ points = 100, {at_100} }}, {{ points = 200, {at_200} }}, {{ points = 400, {at_400} }}]"
    );
    let text = PROGRAMME
        .replace("version = 1\n", "version = 2\n")
        .replace("step = 100\nstep_value = \"1.00\"", &ladder)
        .replace(
            "strength = \"static\"\n",
            "strength = \"static\"\n\n[[redemption.strength]]\nfrom = \"20.00\"\nstrength = \"totp\"\n",
        );
    assert!(text.contains(&ladder), "the replacement found its place");
    let world = World::new().await;
    world.till().publish(text).await.expect("a sound programme");
    world
}

const AMOUNTS: [&str; 3] = ["amount = \"5.00\"", "amount = \"15.00\"", "amount = \"40.00\""];
const PERCENTS: [&str; 3] = ["percent = \"5\"", "percent = \"10\"", "percent = \"20\""];

#[tokio::test]
async fn br_4_a_level_is_quoted_sold_and_comes_back() {
    for (levels, paid) in [(AMOUNTS, 1_500), (PERCENTS, 400)] {
        let world = world(levels).await;
        let before = world.balance(1).await;
        // 40.00 is below what the offer of the programme asks for.
        let purchase = Purchase::of(1, 4_000).spending(200);
        let quoted = world.quote(&purchase).await;
        let points = quoted.decision.points.as_ref().expect("a member");
        let redeemable = points.redeemable.as_ref().expect("points may be spent");
        assert!(matches!(&redeemable.choices, Choices::Levels { levels, .. } if levels.len() == 3));
        let recorded = world.sell("R1", &purchase).await;
        let Body::Sale(sale) = &recorded.record.body else {
            panic!("a receipt is a sale");
        };
        let spent = |applied: &&crate::loyalty::Applied| {
            applied.benefit == Benefit::Points(Points::new(200))
        };
        let given = sale.applied.iter().find(spent).map(|applied| applied.amount);
        assert_eq!(given, Some(Amount::new(paid)));
        world.void("R1").await;
        assert_eq!(world.balance(1).await, before, "all points are back");
        check_accounts(&world);
    }
}

#[tokio::test]
async fn br_4_a_reservation_of_a_level_asks_for_the_identification_that_its_worth_may_need() {
    let cases = [
        // A printed card was scanned.
        (AMOUNTS, 200, Ok(())),
        (AMOUNTS, 400, Err("identify_better")),
        (PERCENTS, 50, Ok(())),
        (PERCENTS, 100, Err("identify_better")),
    ];
    for (levels, points, expected) in cases {
        let world = world(levels).await;
        let request = ReserveRequest {
            uid: receipt("H1"),
            till: till_id(),
            who: world.identify(1).await,
            points: Points::new(points),
            cashback: crate::money::Amount::ZERO,
            vouchers: Vec::new(),
        };
        let told = world.till().reserve(request, once("H1")).await;
        assert_eq!(told.map(|_| ()).map_err(|error| error.code()), expected, "{points}");
    }
}

#[tokio::test]
async fn br_5_what_a_till_gave_beside_the_ladder_is_a_fact_with_a_flag() {
    let world = world(PERCENTS).await;
    let mut request = world.commit_request("R1", &Purchase::of(1, 4_000).spending(200)).await;
    request.payable = Amount::new(3_500);
    let recorded = world.till().commit(request, once("R1")).await.expect("committed");
    let Body::Sale(sale) = &recorded.record.body else {
        panic!("a receipt is a sale");
    };
    let member = sale.member.as_ref().expect("a member");
    assert_eq!(member.spent, Points::new(200));
    let points = sale.applied.iter().find(|applied| matches!(applied.benefit, Benefit::Points(_)));
    let paid = points.map(|applied| applied.amount);
    assert_eq!(paid, Some(Amount::new(389)), "10 % of what leaves 35.00");
    assert!(sale.flags.contains(&Flag::DiscountDiffers));
    check_accounts(&world);
}
