//! Every limit that a user, a till's vendor or an operator can meet, in one table.
//!
//! The constants stay beside the code that keeps them; the table is built from them, so a value
//! cannot be told wrong. `tillward limits` prints it and the README holds it; tests compare both
//! and look for constants that are in neither this table nor the short list of inner ones.

mod files;
mod limit;
mod requests;
mod store;
mod times;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use limit::Limit;

/// Limits that belong together.
struct Group {
    title: &'static str,
    limits: Vec<Limit>,
}

fn groups() -> Vec<Group> {
    let group = |title, limits| Group { title, limits };
    vec![
        group("Requests", requests::bodies()),
        group("Connections", requests::connections()),
        group("Codes and passes", requests::codes()),
        group("Time", times::times()),
        group("Programme file", files::programme()),
        group("Members file", files::members()),
        group("Configuration", files::configuration()),
        group("Ledger and commands", store::store()),
    ]
}

/// The whole table in Markdown.
pub(crate) fn markdown() -> String {
    let mut text = String::new();
    for Group { title, limits } in groups() {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        let head = format!("| {title} | limit | why | beyond it |\n|---|---|---|---|\n");
        text.push_str(&head);
        for limit in limits {
            writeln!(text, "{limit}").expect("a string takes every text");
        }
    }
    text
}
