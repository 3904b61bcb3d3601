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
    while left > 0 {
        let room = |i: usize| caps[i] - parts[i];
        let mut open: Vec<usize> =
            (0..weights.len()).filter(|&i| room(i) > 0 && weights[i] > 0).collect();
        let weighted = !open.is_empty();
        if !weighted {
            open = (0..weights.len()).filter(|&i| room(i) > 0).collect();
        }
        let weight = |i: usize| if weighted { weights[i] } else { 1 };
        let weight_sum: i128 = open.iter().map(|&i| i128::from(weight(i))).sum();
        let share = |i: usize| i128::from(left) * i128::from(weight(i));
        // A line whose share exceeds its room is filled first; the rest is split anew.
        let full: Vec<usize> = open
            .iter()
            .copied()
            .filter(|&i| share(i) >= i128::from(room(i)) * weight_sum)
            .collect();
        if !full.is_empty() {
            let mut given = 0;
            for i in full {
                given += caps[i] - parts[i];
                parts[i] = caps[i];
            }
            left -= given;
            continue;
        }
        let floors: Vec<i64> = open.iter().map(|&i| (share(i) / weight_sum) as i64).collect();
        let mut in_turn: Vec<usize> = (0..open.len()).collect();
        if left_over == LeftOver::LargestRemainder {
            in_turn.sort_by_key(|&n| std::cmp::Reverse(share(open[n]) % weight_sum));
        }
        let mut rest = left - floors.iter().sum::<i64>();
        for n in in_turn {
            let extra = i64::from(rest > 0);
            parts[open[n]] += floors[n] + extra;
            rest -= extra;
        }
        left = 0;
    }
    parts
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

    proptest! {
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
