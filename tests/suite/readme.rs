use std::path::Path;
use std::process::Command;

use crate::support::Shop;

const README: &str = include_str!("../../README.md");

/// The shell blocks of a section of the README.
fn blocks(heading: &str) -> Vec<String> {
    let section = README.split(&format!("\n## {heading}\n")).nth(1).expect("the section is there");
    let section = section.split("\n## ").next().unwrap_or(section);
    let after = section.split("```sh\n").skip(1);
    after.map(|rest| rest.split("```").next().unwrap_or(rest).to_owned()).collect()
}

/// Runs a script as a person would type it; every `# => text` must have been printed, in order.
fn run(shop: &Shop, script: &str, more: &[(&str, String)]) {
    let program = Path::new(env!("CARGO_BIN_EXE_tillward"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", path)
        .env("TILLWARD__STORE__DATA_DIR", shop.data())
        .envs(more.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("bash runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{told}\n{failed}");
    let mut rest = &told[..];
    for expected in script.lines().filter_map(|line| line.strip_prefix("# => ")) {
        let found = rest.find(expected);
        let at = found.unwrap_or_else(|| panic!("expected {expected:?} of {script}\nin {told}"));
        rest = &rest[at + expected.len()..];
    }
}

/// Everything in one shell, as a person would type it; what it left running ends with it.
#[cfg(feature = "hub")]
fn two_stores_and_a_hub(store_url: Option<String>) {
    let script = blocks("Two stores and a hub in ten minutes").join("\n");
    let shop = Shop::empty();
    let ended = "trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf $PLAY' EXIT\n";
    let store: Vec<_> =
        store_url.map(|url| ("TILLWARD_HUB__STORE__URL", url)).into_iter().collect();
    run(&shop, &format!("{ended}{script}"), &store);
}

/// One after the other, for both use the ports of the README.
#[test]
#[cfg(feature = "hub")]
fn two_stores_and_a_hub_go_word_for_word_with_sqlite_and_with_postgresql() {
    two_stores_and_a_hub(None);
    if let Some(server) = crate::postgres_server::server() {
        two_stores_and_a_hub(Some(server.new_database()));
    }
}

#[test]
fn the_limits_of_the_readme_are_those_of_the_binary() {
    let told = Shop::empty().succeed(&["limits"]);
    assert!(told.lines().count() > 100 && README.contains(&told), "{told}");
}

#[test]
fn the_examples_of_the_readme_run_as_they_stand() {
    let mut shop = Shop::empty();
    let blocks = blocks("Try it by hand");
    let (before, after) = blocks.split_first().expect("blocks");
    run(&shop, before, &[]);
    shop.start();
    let url = format!("http://{}", shop.address());
    run(&shop, &after.join("\n"), &[("TILL", url)]);
}
