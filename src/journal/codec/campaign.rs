//! What a member carries and is told.

use chrono::{DateTime, NaiveDateTime};
use ciborium::Value;

use crate::journal::cbor::{CborError, CborFault, Field, Writer, list, next, tagged};
use crate::loyalty::{CarriedOffer, PersonalOffer, PersonalWindow, Promotion, Score};

/// The offer, its score, from and until in seconds of the local clock or null, then the variant where
/// there is one.
impl Field for CarriedOffer {
    fn write(&self, out: &mut Writer) {
        let Self { offer, as_carried: PersonalOffer { window, score, variant } } = self;
        let seconds = |at: &Option<NaiveDateTime>| at.map(|at| at.and_utc().timestamp());
        out.list(|list| {
            list.item(offer).item(&score.value());
            list.or_null(&seconds(&window.from)).or_null(&seconds(&window.until)).items(variant);
        });
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
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            match self {
                Self::Greeting(greeting) => list.number(1).item(greeting),
                Self::Offer(offer) => list.number(2).item(offer),
                Self::Rule(rule) => list.number(3).item(rule),
                Self::Reward(reward) => list.number(4).item(reward),
            };
        });
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
