//! Values whose written form matters.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A decimal number written as text: "12.50". A bare number is refused, because a TOML float has
/// lost what the author wrote.
#[derive(Clone, Debug)]
pub(crate) struct DecimalText(pub(crate) String);

/// The threshold of a tier: money as text, or a count as a whole number.
#[derive(Clone, Debug)]
pub(crate) enum Threshold {
    /// Text.
    Text(String),
    /// A bare whole number.
    Whole(i64),
}

/// Points: a whole number, or with decimals as text where the programme has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PointsNumber {
    /// Text, "1.5".
    Text(String),
    /// A bare whole number.
    Whole(i64),
}

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DecimalVisitor)
    }
}

impl JsonSchema for DecimalText {
    fn schema_name() -> Cow<'static, str> {
        "DecimalText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A decimal number as text, such as \"12.50\".",
            "type": "string",
            "pattern": "^[0-9]+(\\.[0-9]{1,3})?$",
        })
    }
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = DecimalText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number as text, like \"12.50\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DecimalText, E> {
        Ok(DecimalText(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<DecimalText, E> {
        Err(bare_number(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<DecimalText, E> {
        Err(bare_number(number))
    }
}

impl<'de> Deserialize<'de> for PointsNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PointsVisitor)
    }
}

impl JsonSchema for PointsNumber {
    fn schema_name() -> Cow<'static, str> {
        "PointsNumber".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A whole number of points, or text such as \"1.5\" where points have decimals.",
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": 1_000_000_000,
            "pattern": "^[0-9]+(\\.[0-9]{1,3})?$",
        })
    }
}

struct PointsVisitor;

impl Visitor<'_> for PointsVisitor {
    type Value = PointsNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number without quotes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PointsNumber, E> {
        Ok(PointsNumber::Text(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<PointsNumber, E> {
        Ok(PointsNumber::Whole(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<PointsNumber, E> {
        Err(E::custom(format_args!(
            "expected a whole number, or text where points have decimals: \"{number}\""
        )))
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ThresholdVisitor)
    }
}

impl JsonSchema for Threshold {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Money as text where spend is measured, else a whole number.",
            "type": ["string", "integer"],
        })
    }
}

struct ThresholdVisitor;

impl Visitor<'_> for ThresholdVisitor {
    type Value = Threshold;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount as text, like \"5000.00\", or a whole number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Threshold, E> {
        Ok(Threshold::Text(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Threshold, E> {
        Ok(Threshold::Whole(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Threshold, E> {
        Err(bare_number(number))
    }
}

fn bare_number<E: de::Error>(number: impl fmt::Display) -> E {
    E::custom(format_args!("a bare number may be rounded; write it as text: \"{number}\""))
}
