use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Pieces that may owe something.
const OWING: [&str; 3] = ["faces", "hub", "programme"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    ids: Vec<String>,
    requirements: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    tests: Vec<String>,
    owed: Option<String>,
    missing: Option<String>,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn map() -> Map {
    let text = fs::read_to_string(repository().join("tests/requirements.toml")).expect("the map");
    toml::from_str(&text).expect("a sound map")
}

/// The files that may hold the module of a test: its own, a folder's, or that of the module which
/// has it inline.
fn files_of(name: &str) -> Option<(Vec<PathBuf>, &str)> {
    let (root, path) = name.split_once("::")?;
    let root = match root {
        "lib" => repository().join("src"),
        "suite" => repository().join("tests/suite"),
        _ => return None,
    };
    let (modules, test) = path.rsplit_once("::")?;
    let modules: Vec<&str> = modules.split("::").collect();
    let of = |modules: &[&str]| {
        let path = root.join(modules.join("/"));
        [path.with_extension("rs"), path.join("mod.rs")]
    };
    let inline = modules.len().checked_sub(1).filter(|above| *above > 0);
    let inline = inline.into_iter().flat_map(|above| of(&modules[..above]));
    Some((of(&modules).into_iter().chain(inline).collect(), test))
}

/// Whether a source has a test of that name: its function, right below the attribute that makes it one.
fn has_test(source: &str, test: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
    let is_test = |at: &usize| {
        let above = lines[..*at].iter().rev().take_while(|line| line.starts_with("#["));
        above.into_iter().any(|line| line.starts_with("#[test]") || line.contains("::test]"))
    };
    let declares = |line: &str| {
        let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        name.and_then(|name| name.strip_prefix(test)).is_some_and(|rest| rest.starts_with('('))
    };
    (0..lines.len()).filter(|at| declares(lines[*at])).any(|at| is_test(&at))
}

/// What is wrong with the map.
fn faults(map: &Map) -> Vec<String> {
    let mut faults = Vec::new();
    let ids: BTreeSet<&String> = map.ids.iter().collect();
    if ids.len() != map.ids.len() {
        faults.push("an id is listed twice".to_owned());
    }
    let mapped: BTreeSet<&String> = map.requirements.keys().collect();
    faults.extend(ids.difference(&mapped).map(|id| format!("{id} has no entry")));
    faults.extend(mapped.difference(&ids).map(|id| format!("{id} is no id of the list")));
    for (id, entry) in &map.requirements {
        if entry.tests.is_empty() && entry.owed.is_none() {
            faults.push(format!("{id} has neither a test nor somebody who owes it"));
        }
        if entry.owed.as_deref().is_some_and(|owing| !OWING.contains(&owing)) {
            faults.push(format!("{id} is owed by none of {OWING:?}"));
        }
        let missing = entry.missing.as_deref().map(str::trim);
        if entry.owed.is_some() != missing.is_some_and(|missing| !missing.is_empty()) {
            faults.push(format!("{id} must say who owes what is missing, or nothing of it"));
        }
        for name in &entry.tests {
            let found = files_of(name).is_some_and(|(files, test)| {
                let sources = files.iter().filter_map(|file| fs::read_to_string(file).ok());
                sources.into_iter().any(|source| has_test(&source, test))
            });
            if !found {
                faults.push(format!("{id} names {name}, which is no test"));
            }
        }
    }
    faults
}

#[test]
fn every_requirement_has_a_test_or_somebody_who_owes_it() {
    let map = map();
    assert_eq!(map.ids.len(), 101, "100 with a till part, and LD-15");
    let faults = faults(&map);
    assert!(faults.is_empty(), "tests/requirements.toml:\n{}", faults.join("\n"));
}

#[test]
fn a_wrong_map_is_found() {
    let map: Map = toml::from_str(
        r#"
        ids = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"]
        [requirements.A-1]
        tests = ["suite::requirements::a_wrong_map_is_found", "lib::money::allocate::tests::parts_follow_weights_then_largest_remainder_then_order"]
        [requirements.A-2]
        [requirements.A-3]
        tests = ["lib::money::nowhere", "suite::requirements::faults", "bench::till::x"]
        [requirements.A-4]
        owed = "nobody"
        missing = "much"
        [requirements.A-5]
        owed = "hub"
        [requirements.A-7]
        owed = "hub"
        missing = "much"
        "#,
    )
    .expect("TOML");
    assert_eq!(
        faults(&map),
        [
            "A-6 has no entry",
            "A-7 is no id of the list",
            "A-2 has neither a test nor somebody who owes it",
            "A-3 names lib::money::nowhere, which is no test",
            "A-3 names suite::requirements::faults, which is no test",
            "A-3 names bench::till::x, which is no test",
            "A-4 is owed by none of [\"faces\", \"hub\", \"programme\"]",
            "A-5 must say who owes what is missing, or nothing of it",
        ]
    );
}
