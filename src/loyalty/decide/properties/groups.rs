//! The best of a group beside everything else, against trying every member.

use std::cmp::Reverse;

use super::*;
use crate::loyalty::decide::index::Stage;
use crate::loyalty::decision::Reason;

/// Offers of which some are in one group, and all others in none.
fn one_group_among_others() -> impl Strategy<Value = Vec<Offer>> {
    let offer = (any_offer(), any::<bool>());
    prop::collection::vec(offer, 1..=12).prop_map(|offers| {
        let group = GroupId::parse("g").ok();
        let placed = offers.into_iter().map(|(offer, is_member)| Offer {
            group: group.clone().filter(|_| is_member),
            ..offer
        });
        numbered_offers(placed.collect()).collect()
    })
}

/// What a programme of just these offers decides.
fn with_offers<'o>(
    programme: &Programme,
    offers: impl IntoIterator<Item = &'o Offer>,
    lines: &[Line],
    visit: &Visit,
) -> Decision {
    let mut offers: Vec<Offer> = offers.into_iter().cloned().collect();
    offers.sort_by(|a, b| a.id.cmp(&b.id));
    let voucher_types = BTreeMap::new();
    decided(&Programme { offers, voucher_types, ..programme.clone() }, lines.to_vec(), visit)
}

/// What an offer took off.
fn taken(decision: &Decision, offer: &Offer) -> Amount {
    let of_offer =
        decision.applied.iter().filter(|applied| offer_of(&applied.benefit) == Some(&offer.id));
    of_offer.map(|applied| applied.amount).sum()
}

/// Whether time, place, person and what was brought let an offer in, whatever the goods are.
fn is_let_in(offer: &Offer, visit: &Visit, decision: &Decision) -> bool {
    let is_of_goods = |reason: &Reason| {
        matches!(
            reason,
            Reason::NoEligibleLine
                | Reason::BelowMinimumAmount { .. }
                | Reason::BelowMinimumQuantity { .. }
                | Reason::NothingLeft
                | Reason::DiscountLimit
                | Reason::AllocationLimit
                | Reason::DoesNotStack
                | Reason::GroupBestIs { .. }
        )
    };
    let subject = Subject::Offer(offer.id.clone());
    let mut told = decision.refused.iter().filter(|refusal| refusal.subject == subject);
    visit.calls_for(offer) && told.all(|refusal| is_of_goods(&refusal.reason))
}

/// The member that should win. Those that are left are at first all that are let in and cover a line. Each is
/// tried on the lines as they are when the first stage begins that any of those left belongs to,
/// and the one that takes most is best; ties by priority, then id. One that comes to nothing in its
/// turn, with nobody else of the group there, is not left any more.
fn best_of_all_tried<'o>(
    programme: &Programme,
    (members, others): (&[&'o Offer], &[&'o Offer]),
    lines: &[Line],
    (visit, decision): (&Visit, &Decision),
) -> Option<&'o Offer> {
    let takes_part = |offer: &&&Offer| {
        lines.iter().any(|line| offer.covers(line)) && is_let_in(offer, visit, decision)
    };
    let mut left: Vec<&Offer> = members.iter().filter(takes_part).copied().collect();
    while let Some(stage) = left.iter().map(|offer| Stage::of(&offer.reward)).min() {
        let before = || others.iter().copied().filter(|offer| Stage::of(&offer.reward) < stage);
        let off = |offer: &'o Offer| {
            let tried = with_offers(programme, before().chain([offer]), lines, visit);
            (taken(&tried, offer), offer.priority, Reverse(offer.id.clone()))
        };
        let best = left.iter().copied().max_by_key(|offer| off(offer))?;
        let decision = with_offers(programme, others.iter().copied().chain([best]), lines, visit);
        if taken(&decision, best).is_positive() {
            return Some(best);
        }
        left.retain(|offer| offer.id != best.id);
    }
    None
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_group_gives_its_best_member_that_comes_to_something_in_its_turn(
        programme in any_programme(), lines in any_lines(), offers in one_group_among_others(),
        visit in any_visit(),
    ) {
        let visit = visit.for_offers();
        let (members, others): (Vec<&Offer>, Vec<&Offer>) =
            offers.iter().partition(|offer| offer.group.is_some());
        let decision = with_offers(&programme, &offers, &lines, &visit);
        let best = best_of_all_tried(&programme, (&members, &others), &lines, (&visit, &decision));
        let expected = with_offers(&programme, others.iter().copied().chain(best), &lines, &visit);
        prop_assert_eq!(&decision.applied, &expected.applied, "{:?}", best);
        for member in members {
            let gives = best.is_some_and(|best| best.id == member.id);
            prop_assert_eq!(taken(&decision, member).is_positive(), gives);
        }
        ran();
    }

    #[test]
    fn members_that_do_not_win_leave_no_trace_on_lines(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
    ) {
        // Of personal offers so many count whatever the basket has: those keep others out.
        let programme = Programme { personal: PersonalPolicy::default(), ..programme };
        let decision = decided(&programme, lines.clone(), &visit);
        let gave = |offer: &Offer| taken(&decision, offer).is_positive();
        let mut by_group = BTreeMap::<&GroupId, usize>::new();
        for group in programme.offers.iter().filter(|offer| gave(offer)).filter_map(|offer| offer.group.as_ref()) {
            *by_group.entry(group).or_default() += 1;
        }
        prop_assert!(by_group.values().all(|winners| *winners == 1), "{:?}", by_group);
        let stays = |offer: &Offer| offer.group.is_none() || gave(offer);
        let offers = programme.offers.iter().filter(|offer| stays(offer)).cloned().collect();
        let without = decided(&Programme { offers, ..programme }, lines, &visit);
        prop_assert_eq!(&decision.applied, &without.applied);
        prop_assert_eq!(decision.totals, without.totals);
        // Of what is told unasked they may be a part: they are out of reach by little.
        let used = |decision: Decision| -> Vec<Counted> {
            let counted = decision.points.map(|points| points.counted).unwrap_or_default();
            counted.into_iter().filter(|one| !matches!(one.counter, CounterId::Told { .. })).collect()
        };
        prop_assert_eq!(used(decision), used(without));
        ran();
    }
}

#[test]
fn a_winner_that_comes_to_nothing_in_its_turn_leaves_the_group_to_the_next_best() {
    let group = |offer: Offer| Offer { group: GroupId::parse("g").ok(), ..offer };
    let percent = |id: &str, reward| offer(id, reward);
    let line5 = group(percent("line5", Reward::LinePercent(Percent::whole(5))));
    let basket10 = group(percent("basket10", Reward::BasketPercent(Percent::whole(10))));
    let alone1 = percent("alone1", Reward::BasketPercent(Percent::whole(1)));
    let alone1 = Offer { stacking: Stacking::Alone, ..alone1 };
    let off20 = percent("off20", Reward::BasketAmount(Amount::new(2_000)));
    let off20 = Offer { priority: 1, ..off20 };
    let minimum = Minimum { amount: Some(Amount::new(9_000)), ..Minimum::default() };
    let from90 = |offer: &Offer| Offer {
        conditions: Conditions { minimum, ..Conditions::default() },
        ..offer.clone()
    };
    let cases = [
        ("alone1 takes the basket before basket10", vec![&alone1, &basket10, &line5], "line5", 500),
        (
            "off20 leaves too little for basket10",
            vec![&off20, &from90(&basket10), &line5],
            "line5",
            2_500,
        ),
        ("nobody is in the way", vec![&basket10, &line5], "basket10", 1_000),
    ]
    .map(|(name, offers, winner, discount)| {
        let lines = [line("1", "tv", 1, 10_000)];
        let decision = with_offers(&club(), offers.iter().copied(), &lines, &Visit::plain());
        let winner =
            offers.into_iter().find(|offer| offer.id.as_str() == winner).expect("given").clone();
        (name, decision, winner, Amount::new(discount))
    });
    for (name, decision, winner, discount) in cases {
        assert_eq!(decision.totals.discount, discount, "{name}");
        assert!(taken(&decision, &winner).is_positive(), "{name}");
    }
}

#[test]
fn a_member_for_others_or_for_other_goods_does_not_say_when_its_group_is_settled() {
    let group = |offer: Offer| Offer { group: GroupId::parse("g").ok(), ..offer };
    let price = || Reward::FixedPrice { price: Amount::new(1), quantity_max: None };
    let tv = Offer { conditions: on_skus(&["tv"]), ..offer("tv", price()) };
    let mut silver = group(offer("silver", price()));
    silver.conditions.audience.tiers = Some([tier("silver", 0, 1).id].into());
    let mut milk = group(offer("milk", price()));
    milk.conditions = on_skus(&["milk"]);
    milk.trigger = Trigger::Codes([offer_code(0)].into());
    let beer = offer("beer", Reward::LinePercent(Percent::whole(10)));
    let beer = group(Offer { conditions: on_skus(&["beer"]), ..beer });
    let basket = group(offer("basket", Reward::BasketPercent(Percent::whole(5))));
    let lines = [line("1", "tv", 1, 10_000), line("2", "beer", 1, 1_000)];
    let visit = Visit { codes: [0].into(), ..Visit::plain() };
    for other in [&silver, &milk] {
        let decision = with_offers(&club(), [&tv, other, &beer, &basket], &lines, &visit);
        // At the prices of the shelf the basket's 5 % would be more: the tv costs 0.01 by then.
        assert_eq!(taken(&decision, &beer), Amount::new(100), "{}", other.id);
        assert_eq!(taken(&decision, &basket), Amount::ZERO, "{}", other.id);
    }
}
