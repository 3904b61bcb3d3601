//! What a member carries and is told.

use chrono::{DateTime, NaiveDateTime};
use ciborium::Value;

use crate::journal::cbor::{CborError, CborFault, Field, list, next, tagged};
use crate::loyalty::{CarriedOffer, PersonalOffer, PersonalWindow, Promotion, Score};

/// The offer, its score, from and until in seconds of the local clock or null, then the variant where
/// there is one.
impl Field for CarriedOffer {
    fn to_cbor(&self) -> Value {
        let Self { offer, as_carried: PersonalOffer { window, score, variant } } = self;
        let time = |at: Option<NaiveDateTime>| {
            at.map_or(Value::Null, |at| at.and_utc().timestamp().to_cbor())
        };
        let score = u64::from(score.value()).into();
        let mut items = vec![offer.to_cbor(), score, time(window.from), time(window.until)];
        items.extend(variant.as_ref().map(Field::to_cbor));
        Value::Array(items)
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        let offer = next(&mut items)?;
        let score = u16::try_from(next::<u64>(&mut items)?).ok().and_then(Score::new);
        let mut time = || match items.next() {
            None => Err(CborFault::expected("a longer list")),
            Some(Value::Null) => Ok(None),
            Some(seconds) => {
                let at = DateTime::from_timestamp(i64::from_cbor(seconds)?, 0);
                Ok(Some(at.ok_or(CborFault::OutOfRange)?.naive_utc()))
            }
        };
        let window = PersonalWindow { from: time()?, until: time()? };
        let variant = items.next().map(Field::from_cbor).transpose()?;
        let score = score.ok_or(CborFault::OutOfRange)?;
        Ok(Self { offer, as_carried: PersonalOffer { window, score, variant } })
    }
}

/// What it is, and its id.
impl Field for Promotion {
    fn to_cbor(&self) -> Value {
        Value::Array(match self {
            Self::Greeting(greeting) => vec![1.into(), greeting.to_cbor()],
            Self::Offer(offer) => vec![2.into(), offer.to_cbor()],
            Self::Rule(rule) => vec![3.into(), rule.to_cbor()],
            Self::Reward(reward) => vec![4.into(), reward.to_cbor()],
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        Ok(match number {
            1 => Self::Greeting(next(&mut items)?),
            2 => Self::Offer(next(&mut items)?),
            3 => Self::Rule(next(&mut items)?),
            4 => Self::Reward(next(&mut items)?),
            number => return Err(CborFault::UnknownNumber { number }.into()),
        })
    }
}
