//! Single values: each reader tells what is wrong and gives `None` then.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::super::fault::FaultCode;
use super::super::file::{DecimalText, PointsNumber};
use super::super::limits::{LIST_ENTRIES_MAX, MULTIPLIER_MAX, NAME_CHARS_MAX, POINTS_MAX};
use super::super::place::Place;
use super::Check;
use crate::loyalty::IdError;
use crate::money::{Amount, Currency, Factor, Percent, Points, QUANTITY_MILLI_MAX, Quantity};

/// Stands for a currency that could not be read: three decimals, so that no amount is refused for
/// decimals that the meant currency may have.
const CURRENCY_UNREAD: &str = "KWD";

impl Check<'_, '_> {
    /// A key that must be there.
    pub(super) fn required<'f, T: ?Sized>(
        &mut self,
        table: &Place<'_>,
        key: &'static str,
        value: Option<&'f T>,
    ) -> Option<&'f T> {
        if value.is_none() {
            let reason = format!("`{key}` is missing");
            self.faults.add(&table.key(key), FaultCode::MissingKey, reason);
        }
        value
    }

    /// A key that must not be there, because another key says so.
    pub(super) fn unused<T>(
        &mut self,
        table: &Place<'_>,
        key: &'static str,
        value: Option<&T>,
        by: &str,
    ) {
        if value.is_some() {
            let reason = format!("`{key}` is not used by {by}");
            self.faults.add(&table.key(key), FaultCode::UnusedKey, reason);
        }
    }

    /// A whole number in a range.
    pub(super) fn whole<T>(
        &mut self,
        at: &Place<'_>,
        number: i64,
        range: RangeInclusive<T>,
    ) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let fitting = T::try_from(number).ok().filter(|n| range.contains(n));
        if fitting.is_none() {
            let reason = format!(
                "expected a whole number from {} to {}, found {number}",
                range.start(),
                range.end()
            );
            self.faults.add(at, FaultCode::OutOfRange, reason);
        }
        fitting
    }

    /// Points, more than none.
    pub(super) fn points(&mut self, at: &Place<'_>, number: &PointsNumber) -> Option<Points> {
        self.points_up_to(at, number, Points::new(1)..=Points::new(POINTS_MAX))
    }

    /// Points in a range.
    pub(super) fn points_up_to(
        &mut self,
        at: &Place<'_>,
        number: &PointsNumber,
        range: RangeInclusive<Points>,
    ) -> Option<Points> {
        let parts = self.point_decimals.parts();
        let points = match number {
            PointsNumber::Whole(points) => points.checked_mul(parts).map(Points::new),
            PointsNumber::Text(_) if parts == 1 => {
                let reason = "points are whole here: write a number without quotes, or see [points] decimals";
                self.faults.add(at, FaultCode::WrongType, reason);
                return None;
            }
            PointsNumber::Text(text) => match self.point_decimals.parse(text) {
                Ok(points) => Some(points),
                Err(error) => {
                    self.faults.add(at, FaultCode::BadPoints, error.to_string());
                    return None;
                }
            },
        };
        let fitting = points.filter(|points| range.contains(points));
        if fitting.is_none() {
            let [from, to] =
                [range.start(), range.end()].map(|end| self.point_decimals.format(*end));
            let found = match number {
                PointsNumber::Whole(number) => number.to_string(),
                PointsNumber::Text(text) => text.clone(),
            };
            let reason = format!("expected a whole number from {from} to {to}, found {found}");
            self.faults.add(at, FaultCode::OutOfRange, reason);
        }
        fitting
    }

    /// An id that must be there.
    pub(super) fn required_id<T>(
        &mut self,
        table: &Place<'_>,
        key: &'static str,
        text: Option<&str>,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        let text = self.required(table, key, text)?;
        self.id(&table.key(key), text, parse)
    }

    /// An id.
    pub(super) fn id<T>(
        &mut self,
        at: &Place<'_>,
        text: &str,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        parse(text).map_err(|error| self.faults.add(at, FaultCode::BadId, error.to_string())).ok()
    }

    /// An element's id against those before it.
    pub(super) fn distinct_id<'f>(
        &mut self,
        element: &Place<'_>,
        id: Option<&'f str>,
        seen: &mut BTreeMap<&'f str, usize>,
    ) {
        let (Some(id), Place::Index(_, index)) = (id, element) else {
            return;
        };
        if let Some(first) = seen.get(id) {
            let reason = format!("element [{first}] has the same id");
            self.faults.add(&element.key("id"), FaultCode::DuplicateId, reason);
        } else {
            seen.insert(id, *index);
        }
    }

    /// A list of ids.
    pub(super) fn id_set<T: Ord>(
        &mut self,
        at: &Place<'_>,
        texts: &[String],
        entries_max: usize,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> BTreeSet<T> {
        self.count(at, texts.len(), entries_max);
        let ids = texts.iter().enumerate();
        ids.take(entries_max)
            .filter_map(|(index, text)| self.id(&at.index(index), text, parse))
            .collect()
    }

    /// A list of ids of which one must hold; every one where there is no list.
    pub(super) fn choice<T: Ord>(
        &mut self,
        at: &Place<'_>,
        texts: Option<&[String]>,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Option<BTreeSet<T>> {
        let texts = texts?;
        if texts.is_empty() {
            let reason = "an empty list never applies; leave it out to mean all";
            self.faults.add(at, FaultCode::EmptyList, reason);
        }
        Some(self.id_set(at, texts, LIST_ENTRIES_MAX, parse))
    }

    /// A count of elements.
    pub(super) fn count(&mut self, at: &Place<'_>, count: usize, count_max: usize) {
        if count > count_max {
            let reason = format!("at most {count_max} are allowed, found {count}");
            self.faults.add(at, FaultCode::TooMany, reason);
        }
    }

    /// The name that customers read.
    pub(super) fn name(&mut self, table: &Place<'_>, text: Option<&str>) -> Option<String> {
        let text = self.required(table, "name", text)?;
        let reason = if text.trim().is_empty() {
            "the name is empty".to_owned()
        } else if text.chars().count() > NAME_CHARS_MAX {
            format!("the name is longer than {NAME_CHARS_MAX} characters")
        } else if text.trim() != text || text.chars().any(char::is_control) {
            "the name has control characters or white space around it".to_owned()
        } else {
            return Some(text.to_owned());
        };
        self.faults.add(&table.key("name"), FaultCode::BadName, reason);
        None
    }

    /// An amount of money, zero included.
    pub(super) fn amount_or_zero(&mut self, at: &Place<'_>, text: &str) -> Option<Amount> {
        let currency = self.currency.or_else(|| {
            // Only the decimals matter here; that the currency is wrong is told elsewhere.
            Currency::from_code(CURRENCY_UNREAD).ok()
        })?;
        match currency.parse(text) {
            Ok(amount) if amount >= Amount::ZERO => Some(amount),
            Ok(_) => {
                self.faults.add(at, FaultCode::NotPositive, "must not be negative");
                None
            }
            Err(error) => {
                match currency_in(text) {
                    Some(other) => {
                        let reason = format!(
                            "the programme has one currency, its `currency`: write the amount \
                             without `{other}`"
                        );
                        self.faults.add(at, FaultCode::CurrenciesMixed, reason);
                    }
                    None => self.faults.add(at, FaultCode::BadAmount, error.to_string()),
                }
                None
            }
        }
    }

    /// An amount of money, more than nothing.
    pub(super) fn amount(&mut self, at: &Place<'_>, text: &DecimalText) -> Option<Amount> {
        let amount = self.amount_or_zero(at, &text.0)?;
        if amount.is_positive() {
            return Some(amount);
        }
        self.not_positive(at);
        None
    }

    /// A percentage, more than nothing and at most the whole.
    pub(super) fn percent(&mut self, at: &Place<'_>, text: &DecimalText) -> Option<Percent> {
        match text.0.parse::<Percent>() {
            Ok(percent) if percent > Percent::WHOLE => {
                let reason = format!("{percent} is more than 100 %");
                self.faults.add(at, FaultCode::PercentOver100, reason);
                None
            }
            Ok(percent) if percent > Percent::default() => Some(percent),
            Ok(_) => {
                self.not_positive(at);
                None
            }
            Err(error) => {
                self.faults.add(at, FaultCode::BadPercent, error.to_string());
                None
            }
        }
    }

    /// A tier's multiplier.
    pub(super) fn multiplier(&mut self, at: &Place<'_>, text: &DecimalText) -> Option<Factor> {
        let reason = match text.0.parse::<Factor>() {
            Ok(factor) if factor > MULTIPLIER_MAX => format!("must be at most {MULTIPLIER_MAX}"),
            Ok(factor) if factor.thousandths() > 0 => return Some(factor),
            Ok(_) => "must be more than 0".to_owned(),
            Err(error) => error.to_string(),
        };
        self.faults.add(at, FaultCode::BadMultiplier, reason);
        None
    }

    /// A quantity in thousandths, more than nothing.
    pub(super) fn quantity(&mut self, at: &Place<'_>, text: &DecimalText) -> Option<Quantity> {
        // A factor is written like a quantity: at most three decimals.
        let reason = match text.0.parse::<Factor>().map(Factor::thousandths) {
            Ok(0) => "must be more than 0".to_owned(),
            Ok(milli) if i64::from(milli) <= QUANTITY_MILLI_MAX => {
                return Some(Quantity::new(i64::from(milli)));
            }
            Ok(_) => format!("must be at most {}", QUANTITY_MILLI_MAX / 1_000),
            Err(error) => error.to_string(),
        };
        self.faults.add(at, FaultCode::BadQuantity, reason);
        None
    }

    fn not_positive(&mut self, at: &Place<'_>) {
        self.faults.add(at, FaultCode::NotPositive, "must be more than 0");
    }
}

/// The currency that is written beside an amount: "10.00 EUR", "EUR10".
fn currency_in(text: &str) -> Option<Currency> {
    let letters = text.trim_matches(|c: char| !c.is_ascii_alphabetic());
    Currency::from_code(letters).ok()
}
