//! The best of a group beside everything else, against trying every member.

use std::cmp::Reverse;

use super::*;
use crate::loyalty::decide::index::Stage;

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
) -> Decision {
    let mut offers: Vec<Offer> = offers.into_iter().cloned().collect();
    offers.sort_by(|a, b| a.id.cmp(&b.id));
    let voucher_types = BTreeMap::new();
    decided(&Programme { offers, voucher_types, ..programme.clone() }, lines.to_vec(), 0)
}

/// What an offer took off.
fn taken(decision: &Decision, offer: &Offer) -> Amount {
    let benefit = Benefit::Offer(offer.id.clone());
    let of_offer = decision.applied.iter().filter(|applied| applied.benefit == benefit);
    of_offer.map(|applied| applied.amount).sum()
}

/// The member that should win. Those that are left are at first all that cover a line. Each is
/// tried on the lines as they are when the first stage begins that any of those left belongs to,
/// and the one that takes most is best; ties by priority, then id. One that comes to nothing in its
/// turn, with nobody else of the group there, is not left any more.
fn best_of_all_tried<'o>(
    programme: &Programme,
    members: &[&'o Offer],
    others: &[&'o Offer],
    lines: &[Line],
) -> Option<&'o Offer> {
    let covers = |offer: &&&Offer| lines.iter().any(|line| offer.covers(line));
    let mut left: Vec<&Offer> = members.iter().filter(covers).copied().collect();
    while let Some(stage) = left.iter().map(|offer| Stage::of(&offer.reward)).min() {
        let before = || others.iter().copied().filter(|offer| Stage::of(&offer.reward) < stage);
        let off = |offer: &'o Offer| {
            let tried = with_offers(programme, before().chain([offer]), lines);
            (taken(&tried, offer), offer.priority, Reverse(offer.id.clone()))
        };
        let best = left.iter().copied().max_by_key(|offer| off(offer))?;
        let decision = with_offers(programme, others.iter().copied().chain([best]), lines);
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
    ) {
        let (members, others): (Vec<&Offer>, Vec<&Offer>) =
            offers.iter().partition(|offer| offer.group.is_some());
        let decision = with_offers(&programme, &offers, &lines);
        let best = best_of_all_tried(&programme, &members, &others, &lines);
        let expected = with_offers(&programme, others.iter().copied().chain(best), &lines);
        prop_assert_eq!(&decision.applied, &expected.applied, "{:?}", best);
        for member in members {
            let gives = best.is_some_and(|best| best.id == member.id);
            prop_assert_eq!(taken(&decision, member).is_positive(), gives);
        }
        ran();
    }

    #[test]
    fn members_that_do_not_win_leave_no_trace_on_lines(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
    ) {
        // Of personal offers so many count whatever the basket has: those keep others out.
        let programme = Programme { personal: PersonalPolicy::default(), ..programme };
        let decision = decided(&programme, lines.clone(), spend * 100);
        let gave = |offer: &Offer| taken(&decision, offer).is_positive();
        let mut by_group = BTreeMap::<&GroupId, usize>::new();
        for group in programme.offers.iter().filter(|offer| gave(offer)).filter_map(|offer| offer.group.as_ref()) {
            *by_group.entry(group).or_default() += 1;
        }
        prop_assert!(by_group.values().all(|winners| *winners == 1), "{:?}", by_group);
        let stays = |offer: &Offer| offer.group.is_none() || gave(offer);
        let offers = programme.offers.iter().filter(|offer| stays(offer)).cloned().collect();
        let without = decided(&Programme { offers, ..programme }, lines, spend * 100);
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
        let decision = with_offers(&club(), offers.iter().copied(), &[line("1", "tv", 1, 10_000)]);
        let winner =
            offers.into_iter().find(|offer| offer.id.as_str() == winner).expect("given").clone();
        (name, decision, winner, Amount::new(discount))
    });
    for (name, decision, winner, discount) in cases {
        assert_eq!(decision.totals.discount, discount, "{name}");
        assert!(taken(&decision, &winner).is_positive(), "{name}");
    }
}
