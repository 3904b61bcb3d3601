//! Whatever is in the file.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::cases::{cases, ran};

/// What a slip of the pen or an ill will puts into a file.
const SPLICES: [&str; 16] = [
    "\"",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    "\n",
    "'",
    "-1",
    "1.5",
    "\u{0}",
    "é",
    "[[offers]]\n",
    "99999999999999999999",
    "2026-03-01",
];

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn arbitrary_text_is_answered(text in any::<String>()) {
        let told = ProgrammeFile::check(&text).map_or_else(|faults| faults.len(), |_| 1);
        prop_assert!(told > 0, "either a programme or a reason");
        ran();
    }

    #[test]
    fn a_mutated_file_is_answered(
        splices in prop::collection::vec((any::<Index>(), any::<Index>(), 0_usize..4), 1..8),
    ) {
        let mut text: Vec<char> = FULL.chars().collect();
        for (place, splice, removed) in splices {
            let at = place.index(text.len());
            let until = (at + removed).min(text.len());
            text.splice(at..until, splice.get(&SPLICES).chars());
        }
        let text: String = text.into_iter().collect();
        let told = ProgrammeFile::check(&text).map_or_else(|faults| faults.len(), |_| 1);
        prop_assert!(told > 0, "either a programme or a reason");
        ran();
    }

    #[test]
    fn swapped_values_are_answered(
        swaps in prop::collection::vec((any::<Index>(), any::<Index>()), 1..8),
    ) {
        let mut lines: Vec<String> = FULL.lines().map(str::to_owned).collect();
        let valued: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
        for (left, right) in swaps {
            let (left, right) = (*left.get(&valued), *right.get(&valued));
            let value = |line: &str| line.split_once(" = ").map(|(_, v)| v.to_owned());
            let (value_left, value_right) = (value(&lines[left]), value(&lines[right]));
            for (at, new) in [(left, value_right), (right, value_left)] {
                let key = lines[at].split(" = ").next().unwrap_or_default().to_owned();
                lines[at] = format!("{key} = {}", new.unwrap_or_default());
            }
        }
        let told = ProgrammeFile::check(&lines.join("\n")).map_or_else(|faults| faults.len(), |_| 1);
        prop_assert!(told > 0, "either a programme or a reason");
        ran();
    }

    #[test]
    fn the_order_of_elements_in_the_file_does_not_matter(
        order in Just(elements()).prop_shuffle(),
    ) {
        let head = FULL.split("\n[[earn]]").next().unwrap_or_default();
        let shuffled = format!("{head}\n{}", order.concat());
        prop_assert_eq!(&accepted(&shuffled), &*IN_ORDER);
        ran();
    }
}

/// What the documented file says.
static IN_ORDER: LazyLock<Programme> = LazyLock::new(|| accepted(FULL));

/// The earning rules, offers and voucher types of the documented file, each as its own text.
fn elements() -> Vec<String> {
    let mut elements: Vec<String> = Vec::new();
    let starts = FULL.find("[[earn]]").expect("it has earning rules");
    for line in FULL[starts..].lines() {
        if line.starts_with("[[") {
            elements.push(String::new());
        }
        let element = elements.last_mut().expect("the first line starts an element");
        element.push_str(line);
        element.push('\n');
    }
    elements
}
