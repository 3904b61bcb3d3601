//! What the core decided: benefits, lots, terms.

use std::vec::IntoIter;

use ciborium::Value;

use crate::journal::cbor::{CborError, CborFault, Field, cbor_map, list, next, tagged};
use crate::journal::refused::RefusedBenefit;
use crate::loyalty::{
    AccountKind, Allocation, Applied, Benefit, CompanyRole, Converted, ConvertedBy, Counted,
    CounterId, DrawnNumber, EarnedBy, EntryTerms, Expires, ExpiryPolicy, Gain, Issued, IssuedBy,
    IssuedKind, LineId, PendingPart, RemainingSale, SpentPart, Standing, Subject, TaxMode,
    TaxRefund, TierValidity, UseUnit,
};
use crate::money::{Amount, Points};

/// A benefit, its sum, and pairs of line and part. A line of the sale is written as its position:
/// till line ids may be long, and a basket discount names every line.
pub(super) fn write_applied(
    applied: &Applied,
    position: impl Fn(&LineId) -> Option<usize>,
) -> Value {
    let Applied { benefit, amount, allocations } = applied;
    let mut parts = Vec::with_capacity(allocations.len() * 2);
    for Allocation { line_id, amount } in allocations {
        parts.push(match position(line_id) {
            Some(index) => (index as u64).into(),
            None => line_id.to_cbor(),
        });
        parts.push(amount.to_cbor());
    }
    Value::Array(vec![benefit.to_cbor(), amount.to_cbor(), Value::Array(parts)])
}

pub(super) fn read_applied(
    value: Value,
    line_at: impl Fn(usize) -> Option<LineId>,
) -> Result<Applied, CborError> {
    let mut items = list(value)?.into_iter();
    let benefit = next(&mut items)?;
    let amount = next(&mut items)?;
    let Some(parts) = items.next() else {
        return Err(CborFault::expected("a longer list"));
    };
    let mut parts = list(parts)?.into_iter();
    let mut allocations = Vec::with_capacity(parts.len() / 2);
    while let Some(line) = parts.next() {
        let line_id = match line {
            Value::Integer(_) => usize::try_from(u64::from_cbor(line)?)
                .ok()
                .and_then(&line_at)
                .ok_or(CborFault::OutOfRange)?,
            named => LineId::from_cbor(named)?,
        };
        let amount: Amount = next(&mut parts)?;
        allocations.push(Allocation { line_id, amount });
    }
    Ok(Applied { benefit, amount, allocations })
}

impl Field for Benefit {
    fn to_cbor(&self) -> Value {
        Value::Array(match self {
            Self::Offer(offer) => vec![1.into(), offer.to_cbor()],
            Self::Voucher { voucher, voucher_type } => {
                vec![2.into(), voucher.to_cbor(), voucher_type.to_cbor()]
            }
            Self::Points(points) => vec![3.into(), points.to_cbor()],
            Self::Cashback => vec![5.into()],
            Self::Till => vec![4.into()],
            Self::Reward { reward, points, times } => {
                vec![8.into(), reward.to_cbor(), points.to_cbor(), times.to_cbor()]
            }
            Self::Coupon { offer, number } => vec![6.into(), offer.to_cbor(), number.to_cbor()],
            Self::Gift { offer, times } => vec![12.into(), offer.to_cbor(), times.to_cbor()],
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        Ok(match number {
            1 => Self::Offer(next(&mut items)?),
            12 => Self::Gift { offer: next(&mut items)?, times: next(&mut items)? },
            2 => Self::Voucher { voucher: next(&mut items)?, voucher_type: next(&mut items)? },
            3 => Self::Points(next(&mut items)?),
            4 => Self::Till,
            5 => Self::Cashback,
            8 => Self::Reward {
                reward: next(&mut items)?,
                points: next(&mut items)?,
                times: next(&mut items)?,
            },
            6 => Self::Coupon { offer: next(&mut items)?, number: next(&mut items)? },
            number => return Err(CborFault::UnknownNumber { number }.into()),
        })
    }
}

impl Field for Subject {
    fn to_cbor(&self) -> Value {
        Value::Array(match self {
            Self::Offer(offer) => vec![1.into(), offer.to_cbor()],
            Self::Rule(rule) => vec![2.into(), rule.to_cbor()],
            Self::Spend => vec![3.into()],
            Self::Cashback => vec![5.into()],
            Self::Reward(reward) => vec![8.into(), reward.to_cbor()],
            Self::Voucher { voucher, voucher_type } => {
                let mut items = vec![4.into(), voucher.to_cbor()];
                items.extend(voucher_type.as_ref().map(Field::to_cbor));
                items
            }
            Self::Code(code) => vec![6.into(), code.to_cbor()],
            Self::Coupon(number) => vec![7.into(), number.to_cbor()],
            Self::Conversion(conversion) => vec![10.into(), conversion.to_cbor()],
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        Ok(match number {
            1 => Self::Offer(next(&mut items)?),
            2 => Self::Rule(next(&mut items)?),
            3 => Self::Spend,
            5 => Self::Cashback,
            8 => Self::Reward(next(&mut items)?),
            4 => Self::Voucher {
                voucher: next(&mut items)?,
                voucher_type: items.next().map(Field::from_cbor).transpose()?,
            },
            6 => Self::Code(next(&mut items)?),
            7 => Self::Coupon(next(&mut items)?),
            10 => Self::Conversion(next(&mut items)?),
            number => return Err(CborFault::UnknownNumber { number }.into()),
        })
    }
}

cbor_map!(Standing {
    1 kind or_default,
    2 role optional,
    3 recruiter optional,
});

/// By number; the first is the default.
impl Field for AccountKind {
    fn to_cbor(&self) -> Value {
        match self {
            Self::Person => 1,
            Self::Household => 2,
            Self::Company => 3,
        }
        .into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::Person),
            2 => Ok(Self::Household),
            3 => Ok(Self::Company),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

impl Field for CompanyRole {
    fn to_cbor(&self) -> Value {
        match self {
            Self::DecisionMaker => 1,
            Self::Buyer => 2,
        }
        .into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::DecisionMaker),
            2 => Ok(Self::Buyer),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

cbor_map!(RefusedBenefit {
    1 subject required,
    2 code required,
    3 missing optional,
});

/// The rule and how much; where it is pending or no points, the first day on which it may be spent
/// or null; of cashback a 2 at the end.
impl Field for EarnedBy {
    fn to_cbor(&self) -> Value {
        let Self { rule, gain, usable_from } = self;
        let day = usable_from.as_ref().map(Field::to_cbor);
        Value::Array(match gain {
            Gain::Points(points) => {
                let mut items = vec![rule.to_cbor(), points.to_cbor()];
                items.extend(day);
                items
            }
            Gain::Cashback(amount) => {
                let day = day.unwrap_or(Value::Null);
                vec![rule.to_cbor(), amount.to_cbor(), day, 2.into()]
            }
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        let rule = next(&mut items)?;
        let value: i64 = next(&mut items)?;
        let usable_from = match items.next() {
            None | Some(Value::Null) => None,
            Some(day) => Some(Field::from_cbor(day)?),
        };
        let gain = match items.next().map(u64::from_cbor).transpose()? {
            None => Gain::Points(Points::from_cbor(value.into())?),
            Some(2) => Gain::Cashback(Amount::from_cbor(value.into())?),
            Some(number) => return Err(CborFault::UnknownNumber { number }.into()),
        };
        Ok(Self { rule, gain, usable_from })
    }
}

/// By number; the first is the default.
impl Field for TaxMode {
    fn to_cbor(&self) -> Value {
        match self {
            Self::Included => 1,
            Self::Added => 2,
        }
        .into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::Included),
            2 => Ok(Self::Added),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

/// The code, what handed it out, and what it is.
impl Field for Issued {
    fn to_cbor(&self) -> Value {
        let Self { code, by, what } = self;
        Value::Array(vec![code.to_cbor(), by.to_cbor(), what.to_cbor()])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        Ok(Self { code: next(&mut items)?, by: next(&mut items)?, what: next(&mut items)? })
    }
}

impl Field for IssuedBy {
    fn to_cbor(&self) -> Value {
        Value::Array(match self {
            Self::Rule(rule) => vec![1.into(), rule.to_cbor()],
            Self::Conversion(conversion) => vec![2.into(), conversion.to_cbor()],
            Self::Reward(reward) => vec![3.into(), reward.to_cbor()],
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        match number {
            1 => Ok(Self::Rule(next(&mut items)?)),
            2 => Ok(Self::Conversion(next(&mut items)?)),
            3 => Ok(Self::Reward(next(&mut items)?)),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

cbor_map!(TaxRefund {
    1 rate or_default,
    2 total required,
    3 tax or_default,
});

impl Field for IssuedKind {
    fn to_cbor(&self) -> Value {
        Value::Array(match self {
            Self::Voucher { voucher_type, valid_from, valid_until, cost } => {
                let days = [valid_from.to_cbor(), valid_until.to_cbor()];
                let mut items = vec![1.into(), voucher_type.to_cbor()];
                items.extend(days.into_iter().chain(cost.as_ref().map(Field::to_cbor)));
                items
            }
            Self::Entry => vec![2.into()],
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        Ok(match number {
            1 => Self::Voucher {
                voucher_type: next(&mut items)?,
                valid_from: next(&mut items)?,
                valid_until: next(&mut items)?,
                cost: items.next().map(Field::from_cbor).transpose()?,
            },
            2 => Self::Entry,
            number => return Err(CborFault::UnknownNumber { number }.into()),
        })
    }
}

impl Field for UseUnit {
    fn to_cbor(&self) -> Value {
        match self {
            Self::Receipts => 1,
            Self::Units => 2,
            Self::Points => 3,
        }
        .into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::Receipts),
            2 => Ok(Self::Units),
            3 => Ok(Self::Points),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}

/// Kind and id of the counter, its count before, the change; of an offer the unit and, where it is
/// one's own, the member.
impl Field for Counted {
    fn to_cbor(&self) -> Value {
        let Self { counter, before, by } = self;
        let items = |kind: u64, id: Value| vec![kind.into(), id, before.to_cbor(), by.to_cbor()];
        Value::Array(match counter {
            CounterId::RuleUses(rule) => items(1, rule.to_cbor()),
            CounterId::RuleProgress(rule) => items(2, rule.to_cbor()),
            CounterId::RuleReached(rule) => items(3, rule.to_cbor()),
            CounterId::RulePoints(rule) => items(7, rule.to_cbor()),
            CounterId::RuleVisitDays(rule) => items(5, rule.to_cbor()),
            CounterId::RewardUses(reward) => items(8, reward.to_cbor()),
            CounterId::RuleReferrals(rule) => items(9, rule.to_cbor()),
            CounterId::MemberRuleUses { rule, member } => {
                let mut items = items(10, rule.to_cbor());
                items.push(member.to_cbor());
                items
            }
            CounterId::Told { what, member } => {
                let mut items = items(12, what.to_cbor());
                items.push(member.to_cbor());
                items
            }
            CounterId::OfferUses { offer, unit, member } => {
                let mut items = items(4, offer.to_cbor());
                items.push(unit.to_cbor());
                items.extend(member.as_ref().map(Field::to_cbor));
                items
            }
        })
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        let counter = match number {
            1 => CounterId::RuleUses(next(&mut items)?),
            2 => CounterId::RuleProgress(next(&mut items)?),
            3 => CounterId::RuleReached(next(&mut items)?),
            7 => CounterId::RulePoints(next(&mut items)?),
            5 => CounterId::RuleVisitDays(next(&mut items)?),
            8 => CounterId::RewardUses(next(&mut items)?),
            9 => CounterId::RuleReferrals(next(&mut items)?),
            10 => {
                let (rule, before, by) = (next(&mut items)?, next(&mut items)?, next(&mut items)?);
                let counter = CounterId::MemberRuleUses { rule, member: next(&mut items)? };
                return Ok(Self { counter, before, by });
            }
            12 => {
                let (what, before, by) = (next(&mut items)?, next(&mut items)?, next(&mut items)?);
                let counter = CounterId::Told { what, member: next(&mut items)? };
                return Ok(Self { counter, before, by });
            }
            4 => {
                let (offer, before, by) = (next(&mut items)?, next(&mut items)?, next(&mut items)?);
                let unit = next(&mut items)?;
                let member = items.next().map(Field::from_cbor).transpose()?;
                let counter = CounterId::OfferUses { offer, unit, member };
                return Ok(Self { counter, before, by });
            }
            number => return Err(CborFault::UnknownNumber { number }.into()),
        };
        Ok(Self { counter, before: next(&mut items)?, by: next(&mut items)? })
    }
}

cbor_map!(Converted {
    1 balance or_default,
    2 by or_default,
    3 from or_default,
});

/// The rule, what one cost, and how many.
impl Field for ConvertedBy {
    fn to_cbor(&self) -> Value {
        let Self { conversion, points, times } = self;
        Value::Array(vec![conversion.to_cbor(), points.to_cbor(), times.to_cbor()])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        Ok(Self {
            conversion: next(&mut items)?,
            points: next(&mut items)?,
            times: next(&mut items)?,
        })
    }
}

impl Field for DrawnNumber {
    fn to_cbor(&self) -> Value {
        self.value().to_cbor()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        Self::new(u16::from_cbor(value)?).ok_or_else(|| CborFault::OutOfRange.into())
    }
}

/// A pair.
impl<U: Field> Field for SpentPart<U> {
    fn to_cbor(&self) -> Value {
        let Self { expires, value } = self;
        Value::Array(vec![expires.to_cbor(), value.to_cbor()])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (expires, value) = Field::from_cbor(value)?;
        Ok(Self { expires, value })
    }
}

/// A pair.
impl<U: Field> Field for PendingPart<U> {
    fn to_cbor(&self) -> Value {
        let Self { usable_from, value } = self;
        Value::Array(vec![usable_from.to_cbor(), value.to_cbor()])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (usable_from, value) = Field::from_cbor(value)?;
        Ok(Self { usable_from, value })
    }
}

/// A day, or null for "with activity", or true for "never".
impl Field for Expires {
    fn to_cbor(&self) -> Value {
        match self {
            Self::On(day) => day.to_cbor(),
            Self::WithActivity => Value::Null,
            Self::Never => Value::Bool(true),
        }
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match value {
            Value::Null => Ok(Self::WithActivity),
            Value::Bool(true) => Ok(Self::Never),
            day => Field::from_cbor(day).map(Self::On),
        }
    }
}

/// The last day, then what is missing where it is known.
impl Field for TierValidity {
    fn to_cbor(&self) -> Value {
        let Self { until, missing } = self;
        let mut items = vec![until.to_cbor()];
        items.extend(missing.as_ref().map(Field::to_cbor));
        Value::Array(items)
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        Ok(Self {
            until: next(&mut items)?,
            missing: items.next().map(Field::from_cbor).transpose()?,
        })
    }
}

/// Days kept, then the kind of expiry and its days; the same of cashback, where it expires.
impl Field for EntryTerms {
    fn to_cbor(&self) -> Value {
        let Self { expiry, cashback_expiry, days_kept } = self;
        let written = |expiry: &ExpiryPolicy| match expiry {
            ExpiryPolicy::Sliding { days } => vec![1.into(), days.to_cbor()],
            ExpiryPolicy::Lots { days } => vec![2.into(), days.to_cbor()],
            ExpiryPolicy::Never => vec![3.into()],
        };
        let mut items = vec![days_kept.to_cbor()];
        items.extend(written(expiry));
        if *cashback_expiry != ExpiryPolicy::Never {
            items.extend(written(cashback_expiry));
        }
        Value::Array(items)
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        let days_kept = next(&mut items)?;
        let expiry = read_expiry(&mut items)?;
        let cashback_expiry = match items.as_slice() {
            [] => ExpiryPolicy::Never,
            _ => read_expiry(&mut items)?,
        };
        Ok(Self { expiry, cashback_expiry, days_kept })
    }
}

fn read_expiry(items: &mut IntoIter<Value>) -> Result<ExpiryPolicy, CborError> {
    Ok(match next::<u64>(items)? {
        1 => ExpiryPolicy::Sliding { days: next(items)? },
        2 => ExpiryPolicy::Lots { days: next(items)? },
        3 => ExpiryPolicy::Never,
        number => return Err(CborFault::UnknownNumber { number }.into()),
    })
}

impl Field for RemainingSale {
    fn to_cbor(&self) -> Value {
        match self {
            Self::Some => 1,
            Self::Nothing => 2,
        }
        .into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::Some),
            2 => Ok(Self::Nothing),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}
