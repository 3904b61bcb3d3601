//! No basket is more work than its programme says.

use super::*;

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn looks_stay_within_what_the_programme_costs(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
    ) {
        let members = programme.offers.iter().filter(|offer| offer.group.is_some()).count();
        // Each round strikes off a member of a group.
        let rounds = members as u64 + 1;
        let per_line = programme.line_cost().looks + 1;
        let once = lines.len() as u64 * per_line + programme.offers.len() as u64;
        let (scene, basket) = (visit.scene(&programme), visit.basket(&programme, lines));
        let (_, looks) = Evaluator::new(programme).decide_counting(&basket, &scene.occasion());
        prop_assert!(looks <= rounds * once, "{looks} looks, at most {rounds} times {once}");
        ran();
    }
}
