use super::gs1::{Element, Elements, Gs1Error, check_value};
use super::gs1_table::{Format, format_of};

/// Identifiers that may be the key of a link, with the digits a short value is padded to.
const KEYS: [(&str, Option<usize>); 5] =
    [("01", Some(14)), ("255", None), ("8003", None), ("8017", None), ("8018", None)];

/// Whether `text` is a web address, in any case.
pub fn is_link(text: &str) -> bool {
    after_scheme(text).is_some()
}

/// The elements of a GS1 Digital Link: `https://host[/path]/8018/<18>/8019/<srin>?17=YYMMDD`.
///
/// The key, then qualifiers in pairs, then the query; keys of the query that are not understood
/// are skipped. GTINs of 8, 12 or 13 digits are padded to 14.
///
/// # Errors
/// [`Gs1Error::Nothing`] for any other web address, else what is wrong with the element.
pub fn parse_digital_link(text: &str) -> Result<Vec<Element>, Gs1Error> {
    let rest = after_scheme(text).ok_or(Gs1Error::Nothing)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = location.split_once('/').ok_or(Gs1Error::Nothing)?;
    if host.is_empty() {
        return Err(Gs1Error::Nothing);
    }
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let mut elements = Elements::default();
    for pair in segments[key_position(&segments)?..].chunks(2) {
        let &[ai, value] = pair else {
            // A lone segment is named only if it is an identifier: it might be part of a code.
            let known = pair.first().filter(|ai| format_of(ai).is_some());
            let ai = known.ok_or(Gs1Error::NoIdentifier)?;
            return Err(Gs1Error::Length { ai: (*ai).to_owned() });
        };
        match format_of(ai) {
            Some(format) => elements.add(format, ai, &padded(ai, percent_decode(value)?))?,
            None if is_identifier(ai) => {}
            None => return Err(Gs1Error::NoIdentifier),
        }
    }
    for (ai, value) in query.split(['&', ';']).filter_map(|pair| pair.split_once('=')) {
        if let Some(format) = format_of(ai) {
            elements.add(format, ai, &percent_decode(value)?)?;
        }
    }
    elements.done()
}

fn after_scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    })
}

/// Where the key is: the first segment that names one and is followed by a fitting value, so that
/// a folder called `01` in front does no harm; if none fits, what is wrong with the first.
fn key_position(segments: &[&str]) -> Result<usize, Gs1Error> {
    let mut first_error = None;
    for (at, pair) in segments.windows(2).enumerate() {
        let Some(format) = key_format(pair[0]) else {
            continue;
        };
        let fits = percent_decode(pair[1])
            .and_then(|value| check_value(format, pair[0], &padded(pair[0], value)));
        match fits {
            Ok(()) => return Ok(at),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(Gs1Error::Nothing))
}

fn key_format(ai: &str) -> Option<&'static Format> {
    KEYS.iter().any(|(key, _)| *key == ai).then(|| format_of(ai)).flatten()
}

fn padded(ai: &str, value: String) -> String {
    match KEYS.iter().find(|(key, _)| *key == ai) {
        Some((_, Some(digits))) if [8, 12, 13].contains(&value.len()) => {
            format!("{value:0>width$}", width = *digits)
        }
        _ => value,
    }
}

/// Whether a segment may be a qualifier's identifier, known or not.
fn is_identifier(ai: &str) -> bool {
    (2..=4).contains(&ai.len()) && ai.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 3986 percent-decoding to printable ASCII.
fn percent_decode(text: &str) -> Result<String, Gs1Error> {
    let mut decoded = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => hex(bytes.next())? << 4 | hex(bytes.next())?,
            other => other,
        };
        if !(byte == b' ' || byte.is_ascii_graphic()) {
            return Err(Gs1Error::Encoding);
        }
        decoded.push(char::from(byte));
    }
    Ok(decoded)
}

fn hex(byte: Option<u8>) -> Result<u8, Gs1Error> {
    byte.and_then(|byte| char::from(byte).to_digit(16))
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or(Gs1Error::Encoding)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_give_their_elements() {
        for (link, wanted) in [
            (
                "https://id.gs1.org/8018/950110153001000013/8019/3",
                &[("8018", "950110153001000013"), ("8019", "3")][..],
            ),
            (
                "HTTPS://shop.example/a/01/x/8018/950110153001000013/",
                &[("8018", "950110153001000013")],
            ),
            (
                "http://shop.example/club/255/9501101530003123?3900=000&utm=x#top",
                &[("255", "9501101530003123"), ("3900", "000")],
            ),
            (
                "https://id.gs1.org/01/9501101530003/10/A%2FB?17=261231&linkType=all",
                &[("01", "09501101530003"), ("10", "A/B"), ("17", "261231")],
            ),
            ("https://id.gs1.org/01/9501101530003/235/X", &[("01", "09501101530003")]),
        ] {
            let found = parse_digital_link(link).unwrap();
            let found: Vec<_> = found.iter().map(|e| (&e.ai[..], &e.value[..])).collect();
            assert_eq!(found, wanted, "{link}");
        }
    }

    #[test]
    fn other_links_say_what_is_wrong() {
        let ai = |ai: &str| ai.to_owned();
        for (link, error) in [
            ("ftp://id.gs1.org/8018/950110153001000013", Gs1Error::Nothing),
            ("https://shop.example", Gs1Error::Nothing),
            ("https:///8018/950110153001000013", Gs1Error::Nothing),
            ("https://shop.example/menu", Gs1Error::Nothing),
            (
                "https://id.gs1.org/8018/950110153001000018",
                Gs1Error::CheckDigit { ai: ai("8018"), expected: 3 },
            ),
            ("https://id.gs1.org/8018/95011", Gs1Error::Length { ai: ai("8018") }),
            ("https://id.gs1.org/8018/9501%1", Gs1Error::Encoding),
            ("https://id.gs1.org/8018/950110153001000013/8019/%00", Gs1Error::Encoding),
            (
                "https://id.gs1.org/8018/950110153001000013/8019",
                Gs1Error::Length { ai: ai("8019") },
            ),
            ("https://id.gs1.org/8018/950110153001000013/x/1", Gs1Error::NoIdentifier),
            ("https://id.gs1.org/8018/950110153001000013/4321", Gs1Error::NoIdentifier),
        ] {
            assert_eq!(parse_digital_link(link), Err(error), "{link}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in any::<String>(), path in "[/0-9%a?=&é]{0,60}") {
            let _ = (parse_digital_link(&text), parse_digital_link(&format!("http://a/{path}")));
        }

        #[test]
        fn what_is_percent_encoded_is_decoded(text in "[ -~]{0,40}") {
            let encoded: String = text.bytes().map(|b| format!("%{b:02x}")).collect();
            prop_assert_eq!(percent_decode(&encoded), Ok(text));
        }
    }
}
