//! Stage 5: vouchers presented.

use super::offers::{
    at_or_above_unit_price, by_percent_base, by_what_is_left, check_minimum, of_claims,
    refuse_circumstances,
};
use super::{Work, cost};
use crate::loyalty::decision::{Benefit, Reason, Refusal, Subject};
use crate::loyalty::ids::{VoucherId, VoucherTypeId};
use crate::loyalty::programme::{VoucherType, VoucherValue};
use crate::money::Amount;

/// Applies the vouchers presented: percentages first, on all that the offers left, then amounts, of
/// each the kinds in the order of their ids. Codes are made at random and decide nothing but which
/// of several vouchers of one kind goes first. The minimum order is measured once, on what the
/// offers left, before any voucher (requirements 8, note 13).
pub(super) fn apply(work: &mut Work<'_>) {
    let presented: Vec<&VoucherId> = work.basket.benefits().vouchers.iter().collect();
    let mut examined: Vec<_> =
        presented.into_iter().map(|voucher| (voucher, examine(work, voucher))).collect();
    examined.sort_by_key(|(_, examined)| examined.as_ref().ok().map(|(kind, _)| turn(kind)));
    for (voucher, examined) in examined {
        let given = examined.and_then(|(kind, lines)| give(work, voucher, kind, &lines));
        if let Err(reason) = given {
            let state = work.occasion.vouchers.get(voucher);
            let voucher_type = state.map(|state| state.voucher_type.clone());
            let subject = Subject::Voucher { voucher: voucher.clone(), voucher_type };
            work.refused.push(Refusal { subject, reason });
        }
    }
}

/// When a kind has its turn among the vouchers of a basket. Percentages take most, and the
/// customer pays least, while nothing else was taken yet.
fn turn(kind: &VoucherType) -> (u8, &VoucherTypeId) {
    let turn = match kind.value {
        VoucherValue::Percent(_) => 0,
        VoucherValue::Amount(_) => 1,
    };
    (turn, &kind.id)
}

/// Whether a voucher may be used by this shopper, here and now, on a basket that its kind is for.
pub(super) fn check<'a>(work: &Work<'a>, voucher: &VoucherId) -> Result<&'a VoucherType, Reason> {
    let programme = work.programme;
    let state = work.occasion.vouchers.get(voucher).ok_or(Reason::VoucherUnknown)?;
    let kind = programme.voucher_types.get(&state.voucher_type).ok_or(Reason::VoucherUnknown)?;
    state.check(work.today)?;
    refuse_circumstances(work, &kind.conditions).map_or(Ok(kind), Err)
}

fn examine<'a>(
    work: &Work<'a>,
    voucher: &VoucherId,
) -> Result<(&'a VoucherType, Vec<usize>), Reason> {
    let kind = check(work, voucher)?;
    let covered = |at: &usize| {
        let heap = work.slate.heap(*at);
        heap.may_be_discounted() && kind.conditions.scope.covers(heap.line)
    };
    work.slate.look(work.slate.heaps().len() * cost::OF_VOUCHER);
    let lines: Vec<usize> = (0..work.slate.heaps().len()).filter(covered).collect();
    let lines = at_or_above_unit_price(&work.slate, lines, &kind.conditions.minimum);
    if lines.is_empty() {
        return Err(Reason::NoEligibleLine);
    }
    check_minimum(&work.slate, &lines, &kind.conditions.minimum)?;
    Ok((kind, lines))
}

fn give(
    work: &mut Work<'_>,
    voucher: &VoucherId,
    kind: &VoucherType,
    lines: &[usize],
) -> Result<(), Reason> {
    let benefit = Benefit::Voucher { voucher: voucher.clone(), voucher_type: kind.id.clone() };
    let within = |worth: Amount| worth.min(kind.cap.unwrap_or(worth));
    let applied = match kind.value {
        VoucherValue::Amount(amount) => {
            let claims = by_what_is_left(&work.slate, lines);
            let total = within(amount).min(work.slate.room(&claims)?);
            work.slate.take(benefit, total, &claims)
        }
        VoucherValue::Percent(percent) => {
            let claims = by_percent_base(&work.slate, lines);
            let total = within(of_claims(percent, &claims)).min(work.slate.room(&claims)?);
            work.slate.take_percent(benefit, total, &claims)
        }
    };
    let applied = applied.ok_or(Reason::NothingLeft)?;
    work.applied.push(applied);
    Ok(())
}
