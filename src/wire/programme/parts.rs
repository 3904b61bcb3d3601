//! A programme text read element by element. Parsed whole, the nodes of a large file lie between
//! the programme that is made of them and what is allocated later, and most of a till's memory
//! would be gaps between the two.

use std::collections::BTreeSet;

use toml::Value;
use toml::de::DeTable;

use super::document::table_value;

/// The values of a text; `None` where it has to be parsed whole: it has a fault, whose place counts
/// in the whole text, or its parts do not add up.
pub(super) fn read(text: &str) -> Option<toml::Table> {
    let mut table = toml::Table::new();
    let mut begun = BTreeSet::new();
    for part in split(text) {
        let (root, errors) = DeTable::parse_recoverable(part.text);
        if !errors.is_empty() {
            return None;
        }
        add(&mut table, &mut begun, table_value(root.into_inner()), part.list)?;
    }
    Some(table)
}

/// A stretch of a text.
struct Part<'t> {
    /// The list that its first line adds an element to.
    list: Option<&'t str>,
    text: &'t str,
}

/// Cuts a text before each line that begins an element of a list at its top. A cut inside of a
/// text or list of several lines leaves the part before it unfinished, which is a fault there.
fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![Part { list: None, text: "" }];
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if let Some(list) = list_begun(line) {
            if let Some(before) = parts.last_mut() {
                before.text = &text[start..at];
            }
            parts.push(Part { list: Some(list), text: "" });
            start = at;
        }
        at += line.len();
    }
    if let Some(last) = parts.last_mut() {
        last.text = &text[start..];
    }
    parts
}

/// The list that a line `[[list]]` adds an element to.
fn list_begun(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("[[")?.strip_suffix("]]")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}

/// Adds what a part has. Only the list that it begins an element of may be there already, and only
/// where it was begun in the same way: a list in brackets is closed.
fn add<'t>(
    table: &mut toml::Table,
    begun: &mut BTreeSet<&'t str>,
    part: toml::Table,
    list: Option<&'t str>,
) -> Option<()> {
    let first = list.is_some_and(|list| begun.insert(list));
    for (key, value) in part {
        match (table.get_mut(&key), value) {
            (None, value) => {
                table.insert(key, value);
            }
            (Some(Value::Array(elements)), Value::Array(more))
                if Some(key.as_str()) == list && !first =>
            {
                elements.extend(more);
            }
            (Some(_), _) => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> toml::Table {
        let (root, errors) = DeTable::parse_recoverable(text);
        assert!(errors.is_empty(), "{errors:?}");
        table_value(root.into_inner())
    }

    #[test]
    fn a_text_in_parts_is_the_text_as_a_whole() {
        let texts = [
            "",
            "a = 1\n",
            "a = 1\r\n[[b]]\r\nc = 2\r\n[[b]]\r\nc = 3\r\n",
            "[[b]]\nc = 2\n[b.d]\ne = 3\n[[b.f]]\ng = 4\n[[b.f]]\ng = 5\n[[b]]\n[h]\ni = 6",
            "[[b]]\nc = 2\n[[d]]\n[[b]]\n[x]\ny = '[[b]]'\n",
            "a = [\n  1,\n]\n[[b]]\nc = [\n [1],\n]\n",
        ];
        for text in texts {
            assert_eq!(read(text), Some(whole(text)), "{text:?}");
        }
    }

    #[test]
    fn the_documented_files_are_read_in_parts() {
        let files = [
            include_str!("../../../tests/data/programmes/full.toml"),
            include_str!("../../../tests/data/programmes/ladder.toml"),
            include_str!("../../../tests/data/programmes/cashback.toml"),
            include_str!("../../../tests/data/example/club.toml"),
        ];
        for text in files {
            assert_eq!(read(text), Some(whole(text)));
        }
    }

    #[test]
    fn what_does_not_add_up_in_parts_is_parsed_whole() {
        let texts = [
            "a = \"\"\"\n[[b]]\n\"\"\"\n",
            "a = [\n[[1]]\n]\n",
            "[t]\na = 1\n[[b]]\n[[t.c]]\nd = 1\n",
            "[[b]]\nc = 1\n[[d]]\n[b.e]\nf = 1\n",
            "b = []\n[[b]]\n",
            "a = 1\n[[b]]\na = 2\n[a]\n",
        ];
        for text in texts {
            let read = read(text);
            let same = DeTable::parse_recoverable(text).1.is_empty()
                && read.as_ref().is_none_or(|read| *read == whole(text));
            assert!(read.is_none() || same, "{text:?} {read:?}");
        }
        assert_eq!(read("a = \"\"\"\n[[b]]\n\"\"\"\n"), None);
        assert_eq!(read("[t]\na = 1\n[[b]]\n[[t.c]]\nd = 1\n"), None);
    }
}
