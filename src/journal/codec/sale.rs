//! Sales and trainings.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use ciborium::Value;

use super::outcome::{read_applied, write_applied};
use crate::journal::cbor::{CborError, CborFault, Field, MapReader, Writer, cbor_map, list};
use crate::journal::reaction::OfferReaction;
use crate::journal::sale::{
    CashbackPart, Inputs, MemberPart, Payment, ReferralPart, Sale, SaleLine,
};
use crate::loyalty::{Line, LineId};

const KEY_APPLIED: u64 = 7;

/// `decided_at` is written as milliseconds after `closed_at`: a second's distance is two bytes.
impl Field for Sale {
    fn write(&self, out: &mut Writer) {
        let Self {
            uid,
            receipt_number,
            closed_at,
            decided_at,
            currency,
            lines,
            applied,
            refused,
            payments,
            rounding,
            payable,
            member,
            flags,
            offer_codes,
            reactions,
            tax,
            shared,
            draws,
            voucher_costs,
            told,
            vouchers_unknown,
        } = self;
        out.map(|map| {
            map.required(1, uid);
            map.optional(2, receipt_number);
            map.required(3, closed_at);
            map.or_default(4, &(decided_at.timestamp_millis() - closed_at.timestamp_millis()));
            map.required(5, currency);
            map.required(6, lines);
            if !applied.is_empty() {
                let lines = lines.iter().enumerate();
                let positions: BTreeMap<&LineId, usize> =
                    lines.map(|(index, line)| (&line.line.line_id, index)).collect();
                map.key(KEY_APPLIED).list(|list| {
                    for one in applied {
                        write_applied(list.next(), one, |line| positions.get(line).copied());
                    }
                });
            }
            map.or_default(8, refused);
            map.or_default(9, payments);
            map.or_default(10, rounding);
            map.required(11, payable);
            map.optional(12, member);
            map.or_default(13, flags);
            map.or_default(14, tax);
            map.or_default(17, voucher_costs);
            map.or_default(18, draws);
            map.or_default(19, shared);
            map.or_default(22, offer_codes);
            map.or_default(23, reactions);
            map.optional(24, told);
            map.or_default(60, vouchers_unknown);
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut map = MapReader::open(value)?;
        let lines: Vec<SaleLine> = map.required(6, "lines")?;
        let mut applied = Vec::new();
        if let Some(value) = map.take(KEY_APPLIED) {
            let line_at = |index: usize| Some(lines.get(index)?.line.line_id.clone());
            let benefits = list(value).map_err(|fault| fault.within("applied"))?;
            applied.reserve(benefits.len());
            for (index, benefit) in benefits.into_iter().enumerate() {
                let read = read_applied(benefit, line_at);
                applied.push(read.map_err(|fault| fault.within(&format!("applied[{index}]")))?);
            }
        }
        let closed_at: DateTime<Utc> = map.required(3, "closed_at")?;
        let waited_ms: i64 = map.or_default(4, "decided_at")?;
        let decided_at = TimeDelta::try_milliseconds(waited_ms)
            .and_then(|waited| closed_at.checked_add_signed(waited))
            .ok_or_else(|| CborError::from(CborFault::OutOfRange).within("decided_at"))?;
        Ok(Self {
            uid: map.required(1, "uid")?,
            receipt_number: map.optional(2, "receipt_number")?,
            closed_at,
            decided_at,
            currency: map.required(5, "currency")?,
            lines,
            applied,
            refused: map.or_default(8, "refused")?,
            payments: map.or_default(9, "payments")?,
            rounding: map.or_default(10, "rounding")?,
            payable: map.required(11, "payable")?,
            member: map.optional(12, "member")?,
            flags: map.or_default(13, "flags")?,
            voucher_costs: map.or_default(17, "voucher_costs")?,
            offer_codes: map.or_default(22, "offer_codes")?,
            reactions: map.or_default(23, "reactions")?,
            told: map.optional(24, "told")?,
            tax: map.or_default(14, "tax")?,
            shared: map.or_default(19, "shared")?,
            vouchers_unknown: map.or_default(60, "vouchers_unknown")?,
            draws: map.or_default(18, "draws")?,
        })
    }
}

/// A line and what was taken off it share a map.
impl Field for SaleLine {
    fn write(&self, out: &mut Writer) {
        let Self { line, discount, redeemed, tax } = self;
        let Line {
            line_id,
            sku,
            category,
            quantity,
            unit_price,
            amount,
            tax_rate,
            flags,
            unit_price_min,
            lowest_30d_price,
            cost,
        } = line;
        out.map(|map| {
            map.required(1, line_id);
            map.required(2, sku);
            map.optional(3, category);
            map.required(4, quantity);
            map.required(5, unit_price);
            map.required(6, amount);
            map.or_default(7, tax_rate);
            map.or_default(8, flags);
            map.optional(9, unit_price_min);
            map.or_default(10, discount);
            map.or_default(11, redeemed);
            map.or_default(12, tax);
            map.optional(13, cost);
            map.optional(16, lowest_30d_price);
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut map = MapReader::open(value)?;
        Ok(Self {
            line: Line {
                line_id: map.required(1, "line_id")?,
                sku: map.required(2, "sku")?,
                category: map.optional(3, "category")?,
                quantity: map.required(4, "quantity")?,
                unit_price: map.required(5, "unit_price")?,
                amount: map.required(6, "amount")?,
                tax_rate: map.or_default(7, "tax_rate")?,
                flags: map.or_default(8, "flags")?,
                unit_price_min: map.optional(9, "unit_price_min")?,
                lowest_30d_price: map.optional(16, "lowest_30d_price")?,
                cost: map.optional(13, "cost")?,
            },
            discount: map.or_default(10, "discount")?,
            redeemed: map.or_default(11, "redeemed")?,
            tax: map.or_default(12, "tax")?,
        })
    }
}

cbor_map!(Payment {
    1 kind required,
    2 amount required,
});

cbor_map!(OfferReaction {
    1 offer required,
    2 variant optional,
    3 reaction required,
});

cbor_map!(MemberPart {
    1 member required,
    2 account required,
    3 strength optional,
    4 inputs or_default,
    5 earned or_default,
    6 earned_by or_default,
    7 expires required,
    8 spent or_default,
    9 spent_from or_default,
    10 tier_after optional,
    11 terms required,
    12 counted or_default,
    13 converted or_default,
    14 issued or_default,
    16 tier_validity optional,
    18 pending_after or_default,
    19 cashback optional,
    20 personal or_default,
    22 referral optional,
    23 standing or_default,
});

cbor_map!(CashbackPart {
    1 before or_default,
    2 debt or_default,
    3 earned or_default,
    4 expires required,
    5 spent or_default,
    6 spent_from or_default,
    7 pending_after or_default,
});

cbor_map!(ReferralPart {
    1 referrer optional,
    2 code optional,
});

cbor_map!(Inputs {
    1 balance or_default,
    2 debt or_default,
    3 tier optional,
    4 measure or_default,
    5 flags or_default,
    6 average_basket optional,
});
