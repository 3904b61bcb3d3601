//! Whole decisions, kept to the byte: the same input gives the same answer on every architecture
//! and in every later version. `TILLWARD_UPDATE_GOLDEN=1` writes them anew; a decision that
//! changes asks for another `ENGINE` in the journal.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Shop;

/// What ends the name of a file with a decision; its input has the name without it.
const DECIDED: &str = ".decided.json";

#[test]
fn a_decision_is_the_same_for_the_same_input_on_every_architecture() {
    let shop = Shop::empty();
    let mut differing = Vec::new();
    for name in names() {
        let decided = decide(&shop, &name);
        let path = folder().join(format!("{name}{DECIDED}"));
        if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
            fs::write(&path, &decided).expect("the golden file can be written");
        }
        if fs::read_to_string(&path).ok().as_deref() != Some(decided.as_str()) {
            differing.push(name);
        }
    }
    assert!(
        differing.is_empty(),
        "{differing:?} differ; TILLWARD_UPDATE_GOLDEN=1 writes them anew"
    );
}

#[test]
fn every_kept_decision_has_its_input_and_reached_the_offers_of_its_programme() {
    let (mut inputs, mut decided, mut applied) = (0, 0, BTreeSet::new());
    for entry in fs::read_dir(folder()).expect("the decisions are there") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
        let value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).expect("JSON");
        if let Some(name) = name.strip_suffix(DECIDED) {
            decided += 1;
            assert!(folder().join(format!("{name}.json")).exists(), "{name} has no input");
            let effects = value["effects"].as_array().into_iter().flatten();
            applied
                .extend(effects.filter_map(|effect| effect["rule_id"].as_str().map(str::to_owned)));
        } else {
            inputs += 1;
        }
    }
    assert_eq!(inputs, decided);
    for id in
        ["bag1hal", "milk10", "third-free", "tumbler", "trio", "snack-menu", "wine6", "leaflet"]
    {
        assert!(applied.contains(id), "`{id}` applies in no kept decision: {applied:?}");
    }
}

/// Decides one input on paper and gives what was printed.
fn decide(shop: &Shop, name: &str) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).expect("an input");
    let input: Value = serde_json::from_str(&text).expect("JSON");
    let of = |key: &str| input[key].as_str().unwrap_or_else(|| panic!("{name}: {key}")).to_owned();
    let programme = folder().join("../programmes").join(of("programme"));
    let basket = shop.write("basket.json", &input["basket"].to_string());
    let mut args = ["quote", "--programme"].map(str::to_owned).to_vec();
    args.push(programme.to_str().expect("a plain path").to_owned());
    args.extend(["--basket".to_owned(), basket.to_str().expect("a plain path").to_owned()]);
    args.extend(["--at".to_owned(), of("at"), "--store".to_owned(), of("store")]);
    if input["member"].is_object() {
        let member = shop.write("member.json", &input["member"].to_string());
        args.extend(["--member".to_owned(), member.to_str().expect("a plain path").to_owned()]);
    }
    shop.succeed(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn names() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).expect("the decisions are there");
    let name = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        let input = !name.ends_with(DECIDED);
        name.strip_suffix(".json").filter(|_| input).map(str::to_owned)
    };
    files.filter_map(|entry| name(entry.ok()?.path())).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/decisions")
}
