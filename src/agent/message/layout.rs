//! Text in columns. A character is one column wide: combining and wide letters are not expected
//! on receipts, and spaces that do not break are printed as plain ones.

use crate::wire::wording::NO_BREAK_SPACE;

/// A label on the left and a value on the right, the label wrapped where both do not fit.
pub(crate) fn pair(label: &str, value: &str, columns: usize) -> Vec<String> {
    let mut lines = wrap(label, columns);
    let value: String = printed(value).take(columns).collect();
    let width = value.chars().count();
    let used = lines.last().map_or(0, |line| line.chars().count());
    match lines.last_mut() {
        Some(last) if used + 1 + width <= columns => {
            last.extend(std::iter::repeat_n(' ', columns - used - width));
            last.push_str(&value);
        }
        _ => lines.push(format!("{value:>columns$}")),
    }
    lines
}

fn printed(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(|letter| if letter == NO_BREAK_SPACE { ' ' } else { letter })
}

/// Where a line may end; spaces inside of numbers hold.
fn breaks(letter: char) -> bool {
    letter != NO_BREAK_SPACE && (letter.is_whitespace() || letter.is_control())
}

/// Words in lines of at most so many columns; a word that is longer is cut into pieces.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    let words = text.split(breaks);
    for word in words.filter(|word| !word.is_empty()) {
        let mut rest = word;
        let mut width = rest.chars().count();
        if used > 0 {
            if used + 1 + width <= columns {
                line.push(' ');
                used += 1;
            } else {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
        }
        while width > columns {
            let cut = rest.char_indices().nth(columns).map_or(rest.len(), |(at, _)| at);
            lines.push(printed(&rest[..cut]).collect());
            rest = &rest[cut..];
            width -= columns;
        }
        line.extend(printed(rest));
        used += width;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_on_the_right_and_labels_wrap() {
        let cases: [(&str, &str, &[&str]); 6] = [
            ("Milk", "-1.00", &["Milk -1.00"]),
            ("Milky", "-1.00", &["Milky", "     -1.00"]),
            ("Mléko a rohlík", "-1.00", &["Mléko a", "rohl\u{ed}k", "     -1.00"]),
            ("Unbelievable", "-1.00", &["Unbelievab", "le   -1.00"]),
            ("", "1234567890123", &["1234567890"]),
            ("Bod 1\u{a0}234\u{a0}Kč", "1\u{a0}2", &["Bod", "1 234 Kč", "       1 2"]),
        ];
        for (label, value, lines) in cases {
            assert_eq!(pair(label, value, 10), lines, "{label}");
        }
    }

    #[test]
    fn no_line_is_ever_wider_than_the_paper() {
        let text = "Sleva členů na vše nejnepravděpodobnějšíobhospodařovávatelnější a\tb\nc";
        for columns in 1..60 {
            for line in wrap(text, columns).iter().chain(&pair(text, "-123.45", columns)) {
                assert!(line.chars().count() <= columns, "{columns}: {line:?}");
            }
        }
    }
}
