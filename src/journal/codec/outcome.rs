//! What the core decided: benefits, lots, terms.

use std::vec::IntoIter;

use ciborium::Value;

use crate::journal::cbor::{
    CborError, CborFault, Field, ListWriter, Writer, cbor_map, list, next, tagged,
};
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
    out: &mut Writer,
    applied: &Applied,
    position: impl Fn(&LineId) -> Option<usize>,
) {
    let Applied { benefit, amount, allocations } = applied;
    out.list(|list| {
        list.item(benefit).item(amount).list(|parts| {
            for Allocation { line_id, amount } in allocations {
                match position(line_id) {
                    Some(index) => parts.number(index as u64),
                    None => parts.item(line_id),
                };
                parts.item(amount);
            }
        });
    });
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
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            match self {
                Self::Offer(offer) => list.number(1).item(offer),
                Self::Voucher { voucher, voucher_type } => {
                    list.number(2).item(voucher).item(voucher_type)
                }
                Self::Points(points) => list.number(3).item(points),
                Self::Cashback => list.number(5),
                Self::Till => list.number(4),
                Self::Reward { reward, points, times } => {
                    list.number(8).item(reward).item(points).item(times)
                }
                Self::Coupon { offer, number } => list.number(6).item(offer).item(number),
                Self::Gift { offer, times } => list.number(12).item(offer).item(times),
            };
        });
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
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            match self {
                Self::Offer(offer) => list.number(1).item(offer),
                Self::Rule(rule) => list.number(2).item(rule),
                Self::Spend => list.number(3),
                Self::Cashback => list.number(5),
                Self::Reward(reward) => list.number(8).item(reward),
                Self::Voucher { voucher, voucher_type } => {
                    list.number(4).item(voucher).items(voucher_type)
                }
                Self::Code(code) => list.number(6).item(code),
                Self::Coupon(number) => list.number(7).item(number),
                Self::Conversion(conversion) => list.number(10).item(conversion),
            };
        });
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
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::Person => 1,
            Self::Household => 2,
            Self::Company => 3,
        });
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
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::DecisionMaker => 1,
            Self::Buyer => 2,
        });
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
    fn write(&self, out: &mut Writer) {
        let Self { rule, gain, usable_from } = self;
        out.list(|list| {
            match gain {
                Gain::Points(points) => list.item(rule).item(points).items(usable_from),
                Gain::Cashback(amount) => {
                    list.item(rule).item(amount).or_null(usable_from).number(2)
                }
            };
        });
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
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::Included => 1,
            Self::Added => 2,
        });
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
    fn write(&self, out: &mut Writer) {
        let Self { code, by, what } = self;
        out.list(|list| {
            list.item(code).item(by).item(what);
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        Ok(Self { code: next(&mut items)?, by: next(&mut items)?, what: next(&mut items)? })
    }
}

impl Field for IssuedBy {
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            match self {
                Self::Rule(rule) => list.number(1).item(rule),
                Self::Conversion(conversion) => list.number(2).item(conversion),
                Self::Reward(reward) => list.number(3).item(reward),
            };
        });
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
    fn write(&self, out: &mut Writer) {
        out.list(|list| {
            match self {
                Self::Voucher { voucher_type, valid_from, valid_until, cost } => {
                    list.number(1).item(voucher_type).item(valid_from).item(valid_until).items(cost)
                }
                Self::Entry => list.number(2),
            };
        });
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
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::Receipts => 1,
            Self::Units => 2,
            Self::Points => 3,
        });
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
    fn write(&self, out: &mut Writer) {
        let Self { counter, before, by } = self;
        out.list(|list| {
            match counter {
                CounterId::RuleUses(rule) => list.number(1).item(rule).item(before).item(by),
                CounterId::RuleProgress(rule) => list.number(2).item(rule).item(before).item(by),
                CounterId::RuleReached(rule) => list.number(3).item(rule).item(before).item(by),
                CounterId::RulePoints(rule) => list.number(7).item(rule).item(before).item(by),
                CounterId::RuleVisitDays(rule) => list.number(5).item(rule).item(before).item(by),
                CounterId::RewardUses(reward) => list.number(8).item(reward).item(before).item(by),
                CounterId::RuleReferrals(rule) => list.number(9).item(rule).item(before).item(by),
                CounterId::MemberRuleUses { rule, member } => {
                    list.number(10).item(rule).item(before).item(by).item(member)
                }
                CounterId::Told { what, member } => {
                    list.number(12).item(what).item(before).item(by).item(member)
                }
                CounterId::OfferUses { offer, unit, member } => {
                    list.number(4).item(offer).item(before).item(by).item(unit).items(member)
                }
            };
        });
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
    fn write(&self, out: &mut Writer) {
        let Self { conversion, points, times } = self;
        out.list(|list| {
            list.item(conversion).item(points).item(times);
        });
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
    fn write(&self, out: &mut Writer) {
        self.value().write(out);
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        Self::new(u16::from_cbor(value)?).ok_or_else(|| CborFault::OutOfRange.into())
    }
}

/// A pair.
impl<U: Field> Field for SpentPart<U> {
    fn write(&self, out: &mut Writer) {
        let Self { expires, value } = self;
        out.list(|pair| {
            pair.item(expires).item(value);
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (expires, value) = Field::from_cbor(value)?;
        Ok(Self { expires, value })
    }
}

/// A pair.
impl<U: Field> Field for PendingPart<U> {
    fn write(&self, out: &mut Writer) {
        let Self { usable_from, value } = self;
        out.list(|pair| {
            pair.item(usable_from).item(value);
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (usable_from, value) = Field::from_cbor(value)?;
        Ok(Self { usable_from, value })
    }
}

/// A day, or null for "with activity", or true for "never".
impl Field for Expires {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::On(day) => day.write(out),
            Self::WithActivity => out.null(),
            Self::Never => out.bool(true),
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
    fn write(&self, out: &mut Writer) {
        let Self { until, missing } = self;
        out.list(|list| {
            list.item(until).items(missing);
        });
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
    fn write(&self, out: &mut Writer) {
        let Self { expiry, cashback_expiry, days_kept } = self;
        out.list(|list| {
            write_expiry(list.item(days_kept), expiry);
            if *cashback_expiry != ExpiryPolicy::Never {
                write_expiry(list, cashback_expiry);
            }
        });
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

fn write_expiry(list: &mut ListWriter<'_>, expiry: &ExpiryPolicy) {
    match expiry {
        ExpiryPolicy::Sliding { days } => list.number(1).item(days),
        ExpiryPolicy::Lots { days } => list.number(2).item(days),
        ExpiryPolicy::Never => list.number(3),
    };
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
    fn write(&self, out: &mut Writer) {
        out.unsigned(match self {
            Self::Some => 1,
            Self::Nothing => 2,
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match u64::from_cbor(value)? {
            1 => Ok(Self::Some),
            2 => Ok(Self::Nothing),
            number => Err(CborFault::UnknownNumber { number }.into()),
        }
    }
}
