//! The version in a programme's text.

/// The text with another version; `None` where it has no line with the present one. Every other
/// byte stays, comments too, for people read these files.
pub(super) fn with_version(text: &str, present: u32, next: u32) -> Option<String> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        // Keys of the file itself stand before its first table.
        if line.trim_start().starts_with('[') {
            return None;
        }
        if let Some(place) = number_of(line, present) {
            let (before, after) = (&text[..offset + place.start], &text[offset + place.end..]);
            return Some(format!("{before}{next}{after}"));
        }
        offset += line.len();
    }
    None
}

/// Where the number stands in a line `version = 12  # a comment`.
fn number_of(line: &str, present: u32) -> Option<std::ops::Range<usize>> {
    let (key, value) = line.split_once('=')?;
    if key.trim() != "version" {
        return None;
    }
    let number = value.split('#').next().unwrap_or("").trim();
    if number.replace('_', "").parse() != Ok(present) {
        return None;
    }
    let start = key.len() + 1 + value.find(number)?;
    Some(start..start + number.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_of_the_files_own_version_changes() {
        for (text, expected) in [
            ("version = 3\n", Some("version = 12\n")),
            ("# version = 3\nid = \"x\"\nversion=3", Some("# version = 3\nid = \"x\"\nversion=12")),
            (
                "  version  =  3  # third of 3\r\n[a]\n",
                Some("  version  =  12  # third of 3\r\n[a]\n"),
            ),
            ("format_version = 3\nversion = 3\n", Some("format_version = 3\nversion = 12\n")),
            ("version = 4\n", None),
            ("version = 33\n", None),
            ("[a]\nversion = 3\n", None),
            ("", None),
        ] {
            assert_eq!(with_version(text, 3, 12).as_deref(), expected, "{text}");
        }
        assert_eq!(with_version("version = 1_000\n", 1_000, 7).as_deref(), Some("version = 7\n"));
    }
}
