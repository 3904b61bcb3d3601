//! Ids, sums, instants and small enums.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use ciborium::Value;

use crate::journal::cbor::{CborError, CborFault, Field, Writer};
use crate::journal::events::OutageCause;
use crate::journal::hash::{ContentHash, RecordHash};
use crate::journal::header::{BootId, ClockTrust};
use crate::journal::key::PublicKey;
use crate::journal::reaction::Reaction;
use crate::journal::record::Kind;
use crate::journal::refused::RefusalCode;
use crate::journal::sale::Flag;
use crate::journal::text::{AttributeName, AttributeValue, Attributes, Text};
use crate::journal::undo::UndoneKind;
use crate::loyalty::{
    AccountRef, CategoryId, ConversionId, DeviceId, EventTypeId, FlagId, GreetingId, LINES_MAX,
    LineFlag, LineId, MemberRef, OfferCode, OfferId, OperatorRef, ProgrammeId, ReceiptUid,
    RecruiterRef, RewardId, RuleId, Sku, StoreId, TierId, TillId, VariantId, VoucherId,
    VoucherTypeId,
};
use crate::member_code::{CouponNumber, Strength};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Currency, Percent, Points, Quantity};

/// The largest sum, in its smallest unit, that is read from a record: a whole basket of the
/// largest lines. It leaves room to add up hundreds without an overflow.
const SUM_MAX: i64 = AMOUNT_MINOR_MAX * LINES_MAX as i64;

macro_rules! sum_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            fn write(&self, out: &mut Writer) {
                out.integer(self.value());
            }

            fn from_cbor(value: Value) -> Result<Self, CborError> {
                let sum = i64::from_cbor(value)?;
                if (-SUM_MAX..=SUM_MAX).contains(&sum) {
                    Ok(Self::new(sum))
                } else {
                    Err(CborFault::OutOfRange.into())
                }
            }
        }
    )+};
}

sum_field!(Amount, Points, Quantity);

macro_rules! text_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            fn write(&self, out: &mut Writer) {
                out.text(self.as_str());
            }

            fn from_cbor(value: Value) -> Result<Self, CborError> {
                parsed(value, Self::parse)
            }
        }
    )+};
}

text_field!(
    CategoryId,
    ConversionId,
    EventTypeId,
    FlagId,
    GreetingId,
    LineId,
    OfferCode,
    OfferId,
    OperatorRef,
    ProgrammeId,
    ReceiptUid,
    RecruiterRef,
    RewardId,
    RuleId,
    Sku,
    StoreId,
    TierId,
    TillId,
    VariantId,
    VoucherId,
    VoucherTypeId
);

impl<const BYTES_MAX: usize> Field for Text<BYTES_MAX> {
    fn write(&self, out: &mut Writer) {
        out.text(self.as_str());
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        parsed(value, Self::parse)
    }
}

impl Field for CouponNumber {
    fn write(&self, out: &mut Writer) {
        out.text(self.as_str());
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        parsed(value, |text| Self::parse(text).ok_or("not the number of a coupon"))
    }
}

impl Field for Currency {
    fn write(&self, out: &mut Writer) {
        out.text(self.code());
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        parsed(value, Self::from_code)
    }
}

fn parsed<T, E: ToString>(
    value: Value,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, CborError> {
    let Value::Text(text) = value else {
        return Err(CborFault::expected("a text"));
    };
    parse(&text).map_err(|error| {
        let reason = error.to_string();
        CborFault::Text { reason }.into()
    })
}

impl Field for Attributes {
    fn write(&self, out: &mut Writer) {
        self.values().write(out);
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let pairs: Vec<(AttributeName, AttributeValue)> = Field::from_cbor(value)?;
        Self::parse(pairs.into_iter().collect()).map_err(|_| CborFault::TooLarge.into())
    }
}

macro_rules! bytes_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            fn write(&self, out: &mut Writer) {
                out.bytes(self.as_bytes());
            }

            fn from_cbor(value: Value) -> Result<Self, CborError> {
                Field::from_cbor(value).map(Self::from_bytes)
            }
        }
    )+};
}

bytes_field!(AccountRef, DeviceId, MemberRef, RecordHash, ContentHash);

impl Field for BootId {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        Field::from_cbor(value).map(Self)
    }
}

impl Field for PublicKey {
    fn write(&self, out: &mut Writer) {
        out.bytes(self.as_bytes());
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let bytes = Field::from_cbor(value)?;
        Self::parse(bytes).map_err(|error| {
            let reason = error.to_string();
            CborFault::Text { reason }.into()
        })
    }
}

/// Milliseconds since 1970.
impl Field for DateTime<Utc> {
    fn write(&self, out: &mut Writer) {
        out.integer(self.timestamp_millis());
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        Self::from_timestamp_millis(i64::from_cbor(value)?).ok_or(CborFault::OutOfRange.into())
    }
}

/// Days since 1970.
impl Field for NaiveDate {
    fn write(&self, out: &mut Writer) {
        (self.num_days_from_ce() - EPOCH_DAYS_FROM_CE).write(out);
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        i32::from_cbor(value)?
            .checked_add(EPOCH_DAYS_FROM_CE)
            .and_then(Self::from_num_days_from_ce_opt)
            .ok_or(CborFault::OutOfRange.into())
    }
}

/// 1970-01-01 counted from the first day of the year 1.
const EPOCH_DAYS_FROM_CE: i32 = 719_163;

impl Field for Percent {
    fn write(&self, out: &mut Writer) {
        self.thousandths().write(out);
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        u32::from_cbor(value).map(Self::from_thousandths)
    }
}

macro_rules! numbered_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            fn write(&self, out: &mut Writer) {
                self.number().write(out);
            }

            fn from_cbor(value: Value) -> Result<Self, CborError> {
                let number = u64::from_cbor(value)?;
                u8::try_from(number)
                    .ok()
                    .and_then(Self::from_number)
                    .ok_or(CborFault::UnknownNumber { number }.into())
            }
        }
    )+};
}

numbered_field!(ClockTrust, Flag, Kind, OutageCause, Reaction, RefusalCode, UndoneKind);

impl Field for Strength {
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::Static => 1,
            Self::Totp => 2,
            Self::Token => 3,
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::Static),
            2 => Ok(Self::Totp),
            3 => Ok(Self::Token),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

impl Field for LineFlag {
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::NoDiscount => 1,
            Self::NoPoints => 2,
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::NoDiscount),
            2 => Ok(Self::NoPoints),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

/// A map is its pairs in their order.
impl<K: Field + Ord, V: Field> Field for BTreeMap<K, V> {
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            for (key, value) in self {
                list.list(|pair| {
                    pair.item(key).item(value);
                });
            }
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        Vec::from_cbor(value).map(|pairs| pairs.into_iter().collect())
    }
}

/// A set is its members in their order.
impl<T: Field + Ord> Field for BTreeSet<T> {
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            list.items(self);
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        Vec::from_cbor(value).map(|members| members.into_iter().collect())
    }
}
