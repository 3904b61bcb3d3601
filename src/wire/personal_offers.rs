//! The offers that a member carries, as a column of the member's row: JSON, the same text for the
//! same offers.

use chrono::NaiveDateTime;

use crate::loyalty::{OfferId, PersonalOffer, PersonalOffers, PersonalWindow, Score, VariantId};

/// How a time is written.
const TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// Offer, from, until, score, variant.
type Stored = (String, Option<String>, Option<String>, u16, Option<String>);

/// Writes what a member carries; `None` where that is nothing.
pub(crate) fn encode(offers: &PersonalOffers) -> Option<String> {
    let stored = |(offer, carried): (&OfferId, &PersonalOffer)| -> Stored {
        let PersonalOffer { window: PersonalWindow { from, until }, score, variant } = carried;
        let variant = variant.as_ref().map(|variant| variant.to_string());
        let time = |at: &Option<NaiveDateTime>| at.map(|at| at.format(TIME).to_string());
        (offer.to_string(), time(from), time(until), score.value(), variant)
    };
    let rows: Vec<Stored> = offers.iter().map(stored).collect();
    (!rows.is_empty()).then(|| serde_json::to_string(&rows).expect("texts and numbers are JSON"))
}

/// Reads it; `None` for anything that [`encode`] does not write.
pub(crate) fn decode(text: Option<&str>) -> Option<PersonalOffers> {
    let Some(text) = text else { return Some(PersonalOffers::new()) };
    let rows: Vec<Stored> = serde_json::from_str(text).ok()?;
    let time = |text: Option<String>| {
        text.map(|text| NaiveDateTime::parse_from_str(&text, TIME)).transpose().ok()
    };
    let offer = |(offer, from, until, score, variant): Stored| {
        let variant = variant.map(|text| VariantId::parse(&text)).transpose().ok()?;
        let window = PersonalWindow { from: time(from)?, until: time(until)? };
        let carried = PersonalOffer { window, score: Score::new(score)?, variant };
        Some((OfferId::parse(&offer).ok()?, carried))
    };
    rows.into_iter().map(offer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_member_carries_is_read_as_written() {
        let at = |text: &str| text.parse().expect("a local time");
        let window = PersonalWindow {
            from: Some(at("2026-03-10T14:00:00")),
            until: Some(at("2026-03-12T00:00:00")),
        };
        let variant = VariantId::parse("B").ok();
        let score = Score::new(870).expect("within the scale");
        let id = |text| OfferId::parse(text).expect("an id");
        let offers = PersonalOffers::from([
            (id("spring"), PersonalOffer { window, score, variant }),
            (id("coffee"), PersonalOffer::default()),
        ]);
        let text = encode(&offers).expect("something");
        assert_eq!(
            text,
            r#"[["coffee",null,null,0,null],["spring","2026-03-10T14:00:00","2026-03-12T00:00:00",870,"B"]]"#
        );
        assert_eq!(decode(Some(&text)), Some(offers));
        assert_eq!(encode(&PersonalOffers::new()), None);
        assert_eq!(decode(None), Some(PersonalOffers::new()));
    }

    #[test]
    fn what_is_damaged_is_nothing() {
        for text in [
            "",
            "[",
            r#"[["a",null,null,1001,null]]"#,
            r#"[["",null,null,1,null]]"#,
            r#"[["a","x",null,1,null]]"#,
        ] {
            assert_eq!(decode(Some(text)), None, "{text}");
        }
    }
}
