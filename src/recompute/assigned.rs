//! A late member computed again: what the sale earns for whoever was named afterwards.

use std::collections::BTreeMap;

use super::compare::{Difference, Differences, Differing};
use super::sale::{due, handed_out};
use super::sold::Sold;
use super::{Explained, Explanation, Known, NotRecomputed, Recomputed, check_engine, inputs};
use crate::journal::{Assign, Header};
use crate::loyalty::{
    Account, Budgets, Counter, Counters, EarnedLate, Evaluator, Referral, Referrer, Shopper,
    SpendingCap,
};
use crate::money::{Amount, Points};

/// Decides a recorded late member again and compares. `sold` is the sale with what came back of it
/// before, `evaluator` of the version that the sale names.
#[must_use]
pub fn assigned(
    header: &Header,
    assign: &Assign,
    sold: Option<&Sold<'_>>,
    evaluator: Option<&Evaluator>,
    known: &Known<'_>,
) -> Recomputed {
    if let Err(reason) = check_engine(header) {
        return Recomputed::NotRecomputed(reason);
    }
    let Some(sold) = sold else {
        return Recomputed::NotRecomputed(NotRecomputed::SaleUnknown);
    };
    let version = sold.record().header.programme_version;
    let Some(evaluator) = evaluator.filter(|known| known.programme().version == version) else {
        return Recomputed::NotRecomputed(NotRecomputed::ProgrammeUnknown { version });
    };
    let late = decide(assign, sold, evaluator, known);
    let differences = differences(assign, sold, &late);
    if differences.is_empty() {
        return Recomputed::Same;
    }
    let side = |payable, earned_by: &Vec<_>| Explanation {
        payable,
        earned_by: earned_by.clone(),
        ..Explanation::default()
    };
    let recorded = side(assign.spend, &assign.earned_by);
    let computed = side(sold.still_paid(&sold.returned()), &late.earned_by);
    let explained = Box::new(Explained { recorded, computed, differences });
    let inputs = inputs::of_late_member(assign, evaluator.programme(), known.account);
    if inputs.is_empty() {
        return Recomputed::Different { inputs, explained };
    }
    // Other points of the account's past may have been known than those that a record names.
    Recomputed::InputsDiffer { inputs, explained }
}

fn decide(
    assign: &Assign,
    sold: &Sold<'_>,
    evaluator: &Evaluator,
    known: &Known<'_>,
) -> EarnedLate {
    let nothing = Account::default();
    let account = known.account.unwrap_or(&nothing);
    let part = assign.referral.as_ref();
    let referral = part.map(|part| match known.referrer.filter(|_| part.referrer.is_some()) {
        None => Referral::Unknown,
        Some(by) if by.account_ref == assign.account => Referral::OwnAccount,
        Some(by) => Referral::By(Referrer { flags: by.flags, account: by.account }),
    });
    let shopper = Shopper {
        member: assign.member,
        flags: &assign.flags,
        birthday: known.birthday,
        kind: assign.standing.kind,
        role: assign.standing.role,
        account,
        strength: None,
        held: Points::ZERO,
        held_cashback: Amount::ZERO,
        offline_cap: SpendingCap::NONE,
        referral,
        personal: known.personal,
    };
    let day = evaluator.programme().day_of(assign.sale_at);
    let used = assign.shared.iter().map(|used| {
        let days = BTreeMap::from([(day, used.before)]);
        (used.counter.clone(), Counter { earlier: 0, days })
    });
    let shared_uses = Counters::from_parts(used.collect());
    let budgets = Budgets { shared_uses: &shared_uses, draws: &assign.draws };
    let receipt = sold.receipt(&[]);
    let tier = assign.tier.as_ref();
    evaluator.earned_afterwards(&receipt, &sold.returned(), tier, &shopper, budgets)
}

fn differences(assign: &Assign, sold: &Sold<'_>, late: &EarnedLate) -> Vec<Difference> {
    let mut found = Differences::default();
    let sum = Differing::Sum;
    found.number(sum("earned"), assign.earned.value(), late.earned.value());
    found.rules(&assign.earned_by, &late.earned_by);
    found.counted(&assign.counted, &late.counted);
    found.shared(&assign.shared, &late.shared);
    found.issued(&handed_out(&assign.issued), &due(&late.issues));
    let converted = [&assign.converted, &late.converted].map(|side| side.points().value());
    found.number(sum("converted"), converted[0], converted[1]);
    found.amount(sum("spend"), assign.spend, sold.still_paid(&sold.returned()));
    let cashback = assign.cashback.as_ref().map(|part| part.earned).unwrap_or_default();
    found.amount(sum("cashback_earned"), cashback, late.cashback);
    found.0
}
