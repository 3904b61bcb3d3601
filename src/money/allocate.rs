//! Splitting a sum over lines so that the parts are the whole.

use super::ratio::{Rounding, mul_div};

/// Where minor units go that a split by weight leaves over, less than one for each line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeftOver {
    /// To the lines whose exact part was cut the most, ties to the earlier line. The default.
    #[default]
    LargestRemainder,
    /// To the first lines.
    FirstLines,
}

/// Splits `total` over lines in proportion to `weights`, no line getting more than its cap, by
/// largest remainder (ties to the earlier line). What a full line cannot take flows to the others.
///
/// `total`, weights and caps are not negative and as long as each other. Where `total` exceeds
/// the sum of the caps, each line gets its cap. A line without weight gets something only when no
/// line with weight has room left.
#[must_use]
pub fn allocate(total: i64, weights: &[i64], caps: &[i64]) -> Vec<i64> {
    allocate_with(LeftOver::LargestRemainder, total, weights, caps)
}

/// As [`allocate`], with the choice of where left-over minor units go.
#[must_use]
pub fn allocate_with(left_over: LeftOver, total: i64, weights: &[i64], caps: &[i64]) -> Vec<i64> {
    debug_assert_eq!(weights.len(), caps.len(), "one cap for each weight");
    debug_assert!(total >= 0 && weights.iter().chain(caps).all(|part| *part >= 0));
    let mut parts = vec![0; weights.len()];
    let mut left = total.min(caps.iter().sum());
    let weighted = (0..weights.len()).filter(|&i| caps[i] > 0 && weights[i] > 0);
    let others = (0..weights.len()).filter(|&i| caps[i] > 0 && weights[i] == 0);
    let weighted: Vec<(usize, i64)> = weighted.map(|i| (i, weights[i])).collect();
    left = fill(left_over, left, weighted, caps, &mut parts);
    fill(left_over, left, others.map(|i| (i, 1)).collect(), caps, &mut parts);
    parts
}

/// Splits `left` over the lines that are open, each with its weight; gives what they cannot take.
fn fill(
    left_over: LeftOver,
    mut left: i64,
    mut open: Vec<(usize, i64)>,
    caps: &[i64],
    parts: &mut [i64],
) -> i64 {
    let mut weight_sum: i128 = open.iter().map(|(_, weight)| i128::from(*weight)).sum();
    // A line whose share exceeds its cap is filled first; the rest is split anew, and then their
    // shares are larger.
    let is_full = |left: i64, weight_sum: i128, (i, weight): (usize, i64)| {
        i128::from(left) * i128::from(weight) >= i128::from(caps[i]) * weight_sum
    };
    if open.iter().any(|&line| is_full(left, weight_sum, line)) {
        // Those with the least room for their weight are full first: one pass finds all of them,
        // however the caps were chosen.
        let room = |(i, _): (usize, i64), (_, weight): (usize, i64)| {
            i128::from(caps[i]) * i128::from(weight)
        };
        open.sort_by(|&a, &b| room(a, b).cmp(&room(b, a)));
        let mut full = 0;
        while let Some(&line) = open.get(full).filter(|&&line| is_full(left, weight_sum, line)) {
            let (i, weight) = line;
            parts[i] = caps[i];
            left -= caps[i];
            weight_sum -= i128::from(weight);
            full += 1;
        }
        open.drain(..full);
        open.sort_unstable();
    }
    if open.is_empty() || left == 0 {
        return left;
    }
    let share = |(_, weight): (usize, i64)| i128::from(left) * i128::from(weight);
    let mut rest = left;
    for &line in &open {
        let floor = (share(line) / weight_sum) as i64;
        parts[line.0] = floor;
        rest -= floor;
    }
    if left_over == LeftOver::LargestRemainder {
        open.sort_by_cached_key(|&line| std::cmp::Reverse(share(line) % weight_sum));
    }
    for &(i, _) in open.iter().take(usize::try_from(rest).unwrap_or_default()) {
        parts[i] += 1;
    }
    0
}

/// The part of `total` that the first `taken` of `whole` units own, rounded down: what two calls
/// differ by is what the units between them own, so any partition of the units adds up to the
/// whole. A part of nothing is nothing.
#[must_use]
pub fn share_until(total: i64, taken: i64, whole: i64) -> i64 {
    if taken >= whole {
        return total;
    }
    mul_div(total, taken.max(0), whole, Rounding::Floor)
        .expect("a share of a value is no larger than the value")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_follow_weights_then_largest_remainder_then_order() {
        type Case = (i64, &'static [i64], &'static [i64], &'static [i64]);
        let cases: [Case; 8] = [
            (100, &[1, 1, 1], &[100, 100, 100], &[34, 33, 33]),
            (10, &[30, 70], &[30, 70], &[3, 7]),
            (5, &[0, 1], &[10, 10], &[0, 5]),
            (100, &[50, 50], &[10, 200], &[10, 90]),
            (100, &[50, 50], &[10, 20], &[10, 20]),
            (7, &[0, 0], &[3, 9], &[3, 4]),
            (0, &[1, 2], &[5, 5], &[0, 0]),
            (1, &[1, 2], &[5, 5], &[0, 1]),
        ];
        for (total, weights, caps, parts) in cases {
            assert_eq!(allocate(total, weights, caps), parts, "{total} over {weights:?} {caps:?}");
        }
    }

    #[test]
    fn left_over_units_go_to_the_first_lines_where_that_is_asked_for() {
        type Case = (i64, &'static [i64], &'static [i64], &'static [i64]);
        let cases: [Case; 4] = [
            // 0.25, 1.75 and 0.00 of two: the second line's part was cut the most.
            (2, &[1, 7, 0], &[9, 9, 9], &[1, 1, 0]),
            (10, &[30, 70], &[30, 70], &[3, 7]),
            (11, &[1, 1, 1], &[9, 9, 9], &[4, 4, 3]),
            // A full line takes no part in it.
            (12, &[1, 1, 1], &[1, 9, 9], &[1, 6, 5]),
        ];
        for (total, weights, caps, parts) in cases {
            let split = allocate_with(LeftOver::FirstLines, total, weights, caps);
            assert_eq!(split, parts, "{total} over {weights:?} {caps:?}");
        }
        assert_eq!(allocate(2, &[1, 7, 0], &[9, 9, 9]), [0, 2, 0]);
    }

    /// The same as people explain it: fill whoever is over, split anew, as often as it takes.
    fn by_the_book(total: i64, weights: &[i64], caps: &[i64]) -> Vec<i64> {
        let mut parts = vec![0; weights.len()];
        let mut left = total.min(caps.iter().sum());
        while left > 0 {
            let open = |weighted: bool| -> Vec<usize> {
                let takes = |&i: &usize| parts[i] < caps[i] && (weights[i] > 0) == weighted;
                (0..weights.len()).filter(takes).collect()
            };
            let (of, weighted) = match open(true) {
                none if none.is_empty() => (open(false), false),
                some => (some, true),
            };
            let weight = |i: usize| if weighted { i128::from(weights[i]) } else { 1 };
            let sum: i128 = of.iter().map(|&i| weight(i)).sum();
            let share = |i: usize| i128::from(left) * weight(i);
            let over = |&i: &usize| share(i) >= i128::from(caps[i]) * sum;
            let full: Vec<usize> = of.iter().copied().filter(over).collect();
            if !full.is_empty() {
                left -= full.iter().map(|&i| caps[i]).sum::<i64>();
                full.into_iter().for_each(|i| parts[i] = caps[i]);
                continue;
            }
            of.iter().for_each(|&i| parts[i] = (share(i) / sum) as i64);
            let rest = left - of.iter().map(|&i| parts[i]).sum::<i64>();
            let mut by_remainder = of.clone();
            by_remainder.sort_by_key(|&i| std::cmp::Reverse(share(i) % sum));
            by_remainder.iter().take(rest as usize).for_each(|&i| parts[i] += 1);
            left = 0;
        }
        parts
    }

    #[test]
    fn caps_that_are_met_one_by_one_cost_no_more_than_others() {
        // Each full line leaves a little more to the others, just enough to fill the next one.
        let lines = 10_000;
        let (mut left, mut caps) = (1_000_000_000_000_i64, Vec::with_capacity(lines));
        for n in 0..lines as i64 {
            let share = left / (lines as i64 - n);
            let cap = if n == 0 { share - 50_000_000 } else { share };
            caps.push(cap);
            left -= cap;
        }
        let total = 1_000_000_000_000;
        let parts = allocate(total, &vec![1; lines], &caps);
        assert_eq!(parts.iter().sum::<i64>(), total.min(caps.iter().sum()));
        assert!(parts.iter().zip(&caps).all(|(part, cap)| part <= cap));
    }

    proptest! {
        #[test]
        fn one_pass_gives_what_splitting_again_and_again_gives(
            total in 0_i64..20_000,
            lines in prop::collection::vec((0_i64..40, 0_i64..1_000), 0..40),
        ) {
            let (weights, caps): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            prop_assert_eq!(allocate(total, &weights, &caps), by_the_book(total, &weights, &caps));
        }

        #[test]
        fn the_parts_are_the_whole_and_no_part_exceeds_its_cap(
            total in 0_i64..1_000_000_000,
            lines in prop::collection::vec((0_i64..10_000_000, 0_i64..10_000_000), 0..40),
            left_over in prop::sample::select(vec![LeftOver::LargestRemainder, LeftOver::FirstLines]),
        ) {
            let (weights, caps): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            let parts = allocate_with(left_over, total, &weights, &caps);
            prop_assert_eq!(parts.iter().sum::<i64>(), total.min(caps.iter().sum()));
            for (part, cap) in parts.iter().zip(&caps) {
                prop_assert!((0..=*cap).contains(part));
            }
        }

        #[test]
        fn shares_of_consecutive_units_add_up(total in -1_000_000_i64..1_000_000, whole in 1_i64..100_000, cut in 0_i64..100_000) {
            let cut = cut.min(whole);
            let first = share_until(total, cut, whole);
            let second = share_until(total, whole, whole) - first;
            prop_assert_eq!(first + second, total);
        }
    }
}
