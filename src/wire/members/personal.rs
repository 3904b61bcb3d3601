//! The offers that a member carries.

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::fault::ImportFaultCode;
use super::line::OfferObject;
use super::parse::{Line, Outcome};
use crate::loyalty::{
    OfferId, PERSONAL_OFFERS_MAX, PersonalOffer, PersonalOffers, PersonalWindow, SCORE_MAX, Score,
    VariantId,
};
use crate::wire::table::Table;

/// How a time is written: local, in the programme's zone.
const TIME: &str = "%Y-%m-%dT%H:%M";

/// The offers of a member line, each once.
pub(crate) fn personal_offers(
    line: Line,
    objects: &[Table<OfferObject>],
) -> Outcome<PersonalOffers> {
    line.count("offers", objects.len(), PERSONAL_OFFERS_MAX)?;
    let mut offers = PersonalOffers::new();
    for (index, object) in objects.iter().enumerate() {
        let at = |key: &str| format!("offers[{index}].{key}");
        let offer = line.id(&at("offer"), &object.offer, OfferId::parse)?;
        let variant = object.variant.as_deref();
        let variant =
            variant.map(|text| line.id(&at("variant"), text, VariantId::parse)).transpose()?;
        let score = u16::try_from(object.score).ok().and_then(Score::new).ok_or_else(|| {
            let reason = format!("expected a whole number from 0 to {SCORE_MAX}");
            line.fault(&at("score"), ImportFaultCode::BadValue, reason)
        })?;
        let window = window(line, object, at)?;
        if offers.insert(offer, PersonalOffer { window, score, variant }).is_some() {
            let reason = "the member has this offer already";
            return Err(line.fault(&at("offer"), ImportFaultCode::Duplicate, reason));
        }
    }
    Ok(offers)
}

/// A day alone is meant from its first instant or through its last.
fn window(
    line: Line,
    object: &OfferObject,
    at: impl Fn(&str) -> String,
) -> Outcome<PersonalWindow> {
    let from = object.from.as_deref().map(|text| time(line, &at("from"), text, 0)).transpose()?;
    let until =
        object.until.as_deref().map(|text| time(line, &at("until"), text, 1)).transpose()?;
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        let reason = "it ends before it begins";
        return Err(line.fault(&at("until"), ImportFaultCode::Contradiction, reason));
    }
    Ok(PersonalWindow { from, until })
}

/// A time, or the midnight so many days after the one that a day begins with.
fn time(line: Line, path: &str, text: &str, days_after: u64) -> Outcome<NaiveDateTime> {
    let of_day = |day: NaiveDate| {
        let day = day.checked_add_days(Days::new(days_after))?;
        day.and_hms_opt(0, 0, 0)
    };
    let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == text);
    let read = day.and_then(of_day).or_else(|| {
        let time = NaiveDateTime::parse_from_str(text, TIME).ok()?;
        (time.format(TIME).to_string() == text).then_some(time)
    });
    read.ok_or_else(|| {
        let reason =
            "expected a day like \"2026-03-10\", or day and time like \"2026-03-10T14:00\"";
        line.fault(path, ImportFaultCode::BadValue, reason)
    })
}
