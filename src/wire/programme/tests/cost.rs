//! Programmes under which a basket could take too long, and their neighbours that are sound.

use std::fmt::Write as _;

use super::*;

/// So many offers of one text; `#` is the number of each.
fn programme(offers: usize, text: &str) -> String {
    let mut programme = LEAST.to_owned();
    for number in 0..offers {
        let text = text.replace('#', &number.to_string());
        let _ = write!(programme, "[[offers]]\nid = \"o{number}\"\nname = \"O\"\n{text}\n");
    }
    programme
}

#[test]
fn a_programme_under_which_a_basket_could_take_too_long_is_told() {
    let percent = "kind = \"basket_percent\"\npercent = \"0.1\"";
    let part = "{ scope = { categories = [\"food\"] } }";
    let bundle = format!("kind = \"bundle\"\nprice = \"999\"\nparts = [{}]", [part; 5].join(", "));
    let mix = "kind = \"units_for_price\"\nunits = 3\nprice = \"10\"";
    let cases = [
        // offers, each, whether that is too costly
        (150, percent.to_owned(), false),
        (600, percent.to_owned(), false),
        (2_000, percent.to_owned(), true),
        (2_000, format!("{percent}\nscope = {{ skus = [\"p#\"] }}"), false),
        (2_000, format!("{percent}\ncodes = [\"CODE#\"]"), false),
        (2, bundle.clone(), false),
        (2_000, bundle.clone(), true),
        (10, format!("{bundle}\ngroup = \"g\""), true),
        (10, format!("{bundle}\ntimes_max = 5"), false),
        (100, mix.to_owned(), false),
        (200, mix.to_owned(), true),
    ];
    for (offers, text, is_too_costly) in cases {
        let told = ProgrammeFile::check(&programme(offers, &text)).map_or_else(
            |faults| faults.iter().map(|fault| format!("{} {}", fault.code, fault.path)).collect(),
            |_| Vec::new(),
        );
        let expected: &[&str] = if is_too_costly { &["too_costly offers"] } else { &[] };
        assert_eq!(told, expected, "{offers} times {text}");
    }
}

#[test]
fn a_kept_programme_that_is_judged_otherwise_now_is_read_all_the_same() {
    let costly = programme(2_000, "kind = \"basket_percent\"\npercent = \"0.1\"");
    let kept = ProgrammeFile::check_kept(&costly).expect("it can be read");
    assert_eq!(kept.offers.len(), 2_000);
    let wrong = programme(1, "kind = \"basket_percent\"");
    let faults = ProgrammeFile::check_kept(&wrong).expect_err("it cannot");
    assert_eq!(faults.len(), 1);
}

#[test]
fn the_fault_names_the_goods_and_the_dearest_offers() {
    let mix =
        "kind = \"units_for_price\"\nunits = 3\nprice = \"10\"\nscope = { skus = [\"milk\"] }";
    let faults = ProgrammeFile::check(&programme(200, mix)).expect_err("too costly");
    let told = lines_of(&faults);
    for part in ["a line of `milk`", "the most is 2000", "`o0` (", "`times_max`", "[too_costly]"] {
        assert!(told.contains(part), "{part} in {told}");
    }
}
