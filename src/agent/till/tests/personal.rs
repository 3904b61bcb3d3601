//! Offers that members carry, while time passes and lists change (LD-51, LD-57).

use chrono_tz::Europe::Prague;

use super::*;
use crate::journal::Sale;
use crate::money::Amount;

const HALF: &str = r#"
[[offers]]
id = "half"
name = "Half for you"
personal = true
kind = "line_percent"
percent = "50"
"#;

/// The member carries the offer for ten more minutes.
async fn world() -> World {
    let world = World::with_more(HALF).await;
    let until = world.clock.now().wall + TimeDelta::minutes(10);
    let until = until.with_timezone(&Prague).format("%Y-%m-%dT%H:%M");
    let offers = format!(r#","offers":[{{"offer":"half","until":"{until}","score":7}}]"#);
    world.import(&member(&offers)).await;
    world
}

fn member(more: &str) -> String {
    format!(r#"{{"member":"{:032x}","codes":["{}"]{more}}}"#, 1, card(1))
}

fn sale(recorded: &crate::agent::till::answer::Recorded) -> &Sale {
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    sale
}

fn read(sale: &Sale) -> Vec<(&str, u16)> {
    let member = sale.member.as_ref().expect("a member");
    let read = member.personal.iter();
    read.map(|read| (read.offer.as_str(), read.as_carried.score.value())).collect()
}

#[tokio::test]
async fn ld_51_what_was_quoted_in_the_members_window_is_sold_after_it() {
    let mut world = world().await;
    let purchase = Purchase::of(1, 1_000);
    let mut quoted = world.commit_request("R1", &purchase).await;
    assert_eq!(quoted.payable, Amount::new(500));
    let without_quote = world.commit_request("R2", &purchase).await;
    world.pass(TimeDelta::minutes(20));
    assert_eq!(world.quote(&purchase).await.decision.totals.payable, Amount::new(1_000));
    quoted.closed_at = world.clock.now().wall;
    let recorded = world.till().commit(quoted, once("R1")).await.expect("a fact");
    assert_eq!(
        (sale(&recorded).flags.clone(), read(sale(&recorded))),
        (BTreeSet::new(), vec![("half", 7)])
    );
    // Sold without the agent, and sent twenty minutes later: by the till's own time.
    let late = crate::agent::till::request::CommitRequest { quote: None, ..without_quote };
    let recorded = world.till().commit(late, once("R2")).await.expect("a fact");
    assert_eq!(sale(&recorded).payable, Amount::new(500));
    assert_eq!(sale(&recorded).flags, [Flag::LateCommit].into());
    world.cut_power().await;
    world.start().await;
    check_accounts(&world);
    world.void("R1").await;
    world.void("R2").await;
    check_accounts(&world);
    world.stop().await;
}

#[tokio::test]
async fn ld_51_an_offer_that_the_next_base_takes_away_is_a_fact_where_it_was_given() {
    let mut world = world().await;
    let purchase = Purchase::of(1, 1_000);
    let quoted = world.commit_request("R1", &purchase).await;
    world.import(&member("")).await;
    assert_eq!(world.quote(&purchase).await.decision.totals.payable, Amount::new(1_000));
    let recorded = world.till().commit(quoted, once("R1")).await.expect("a fact");
    let sale = sale(&recorded);
    assert_eq!((sale.payable, &sale.flags), (Amount::new(500), &[Flag::DiscountDiffers].into()));
    assert_eq!(read(sale), [], "it is not there any more");
    check_accounts(&world);
    world.stop().await;
}
