//! A company with its people (LD-26), a family with its birthdays (LD-48).

use super::*;
use crate::agent::testing::till_id;
use crate::agent::till::request::ReserveRequest;
use crate::loyalty::{AccountKind, CompanyRole, RecruiterRef, Standing};
use crate::money::Points;

/// Member 31 decides for the company of account 31, member 32 buys for it.
async fn world() -> World {
    let world = World::new().await;
    let text = PROGRAMME.replace("version = 1\n", "version = 2\n").replace(
        "[[redemption.strength]]",
        "company_roles = [\"decision_maker\"]\n\n[[redemption.strength]]",
    );
    world.till().publish(text).await.expect("a sound programme");
    let line = |member: u32, role: &str, points: &str| {
        format!(
            "{{\"member\":\"{member:032x}\",\"account\":\"{:032x}\",\"codes\":[\"{}\"],\
             \"kind\":\"company\",\"role\":\"{role}\",\"recruiter\":\"rep-7\"{points}}}\n",
            31,
            card(member)
        )
    };
    let points = ",\"points\":1000,\"last_purchase\":\"2026-02-20\"";
    // Whichever line brings what the account begins with.
    world.import(&(line(31, "decision_maker", points) + &line(32, "buyer", ""))).await;
    world
}

fn standing(role: CompanyRole) -> Standing {
    Standing {
        kind: AccountKind::Company,
        role: Some(role),
        recruiter: RecruiterRef::parse("rep-7").ok(),
    }
}

#[tokio::test]
async fn ld_26_everybody_collects_for_the_company_and_its_decision_maker_spends() {
    let world = world().await;
    let cases = [(31, CompanyRole::DecisionMaker, 100), (32, CompanyRole::Buyer, 0)];
    for (member, role, spent) in cases {
        let uid = format!("R{member}");
        let purchase = Purchase::of(member, 4_000).spending(100);
        let quoted = world.quote(&purchase).await;
        assert_eq!(quoted.decision.points.expect("a member").spent, Points::new(spent));
        let recorded = world.sell(&uid, &Purchase::of(member, 4_000)).await;
        let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
        let part = sale.member.as_ref().expect("a member");
        assert_eq!((&part.standing, part.earned), (&standing(role), Points::new(40)));
        let request = ReserveRequest {
            uid: receipt(&uid),
            till: till_id(),
            who: world.identify(member).await,
            points: Points::new(100),
            cashback: crate::money::Amount::ZERO,
            vouchers: Vec::new(),
        };
        let held = world.till().reserve(request, once(&uid)).await;
        let told = held.map(|_| ()).map_err(|error| error.code());
        assert_eq!(told, if spent > 0 { Ok(()) } else { Err("role_may_not_spend") });
    }
    assert_eq!(world.balance(31).await, 1_080, "one balance");
    // What a buyer's till let through is a fact.
    let mut request = world.commit_request("R33", &Purchase::of(32, 4_000)).await;
    request.basket = Purchase::of(32, 4_000).spending(100).basket();
    request.payable = crate::money::Amount::new(3_900);
    let recorded = world.till().commit(request, once("R33")).await.expect("a fact");
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    assert!(sale.flags.contains(&Flag::SpentUnproven), "{:?}", sale.flags);
    check_accounts(&world);
}
