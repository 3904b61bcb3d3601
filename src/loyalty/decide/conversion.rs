//! After everything else: what is left of the balance becomes vouchers (LD-41), those that ask for
//! the highest balance first, then by id.

use std::cmp::Reverse;

use super::accrual::EarnCircumstances;
use super::{Explain, Work};
use crate::loyalty::account::Account;
use crate::loyalty::conversion::{Conversion, Converted, ConvertedBy};
use crate::loyalty::decision::{Reason, Refusal, Subject};
use crate::loyalty::entry::Change;
use crate::loyalty::issue::{ISSUED_PER_RECEIPT_MAX, Issue, IssuedBy};
use crate::loyalty::programme::Programme;
use crate::money::Points;

/// What was converted, and what comes of it.
#[derive(Default)]
pub(crate) struct Conversions {
    pub(crate) converted: Converted,
    pub(crate) issues: Vec<Issue>,
    pub(crate) refused: Vec<Refusal>,
}

/// What a sale hands out beside points, and what that leaves of the account.
pub(super) struct HandedOut {
    pub(super) converted: Converted,
    /// Chosen vouchers, those that points became, and what rules give.
    pub(super) issues: Vec<Issue>,
    pub(super) after: Account,
    /// What points are missing for; why all others do not convert, where everything is asked for.
    pub(super) refused: Vec<Refusal>,
}

impl Work<'_> {
    /// Hands out what was chosen for points, what they become, and what rules give, as far as the
    /// receipt has paper: nothing is left out that points pay for. `change` is the sale that
    /// converts so many points.
    pub(super) fn hand_out(
        &self,
        account: &Account,
        circumstances: &EarnCircumstances<'_>,
        of_rules: Vec<Issue>,
        change: impl Fn(Points) -> Change,
    ) -> HandedOut {
        let after = |converted| account.after(self.today, self.terms, &change(converted));
        let mut issues = self.chosen_vouchers(account);
        let chosen: u32 = issues.iter().map(|issue| issue.count).sum();
        let room = ISSUED_PER_RECEIPT_MAX.saturating_sub(chosen);
        let held = self.occasion.shopper.as_ref().map_or(Points::ZERO, |shopper| shopper.held);
        let before = after(Points::ZERO);
        let Conversions { converted, issues: of_points, mut refused } =
            convert(self.programme, &before, held, circumstances, room);
        issues.extend(of_points.into_iter().chain(of_rules));
        if self.occasion.explain == Explain::Relevant {
            refused.retain(Refusal::is_within_reach);
        }
        let after = if converted.by.is_empty() { before } else { after(converted.points()) };
        HandedOut { converted, issues: Issue::bounded(issues), after, refused }
    }
}

/// Converts what an account has after a sale, but for points on hold. `room` is how many codes the
/// receipt has paper for: points are converted for none that is not handed out.
pub(crate) fn convert(
    programme: &Programme,
    account: &Account,
    held: Points,
    circumstances: &EarnCircumstances<'_>,
    room: u32,
) -> Conversions {
    let mut found = Conversions::default();
    let balance = (account.balance() - held).or_zero();
    let (mut left, mut room) = (balance, room);
    let mut conversions: Vec<&Conversion> = programme.conversions.iter().collect();
    conversions.sort_by_key(|conversion| (Reverse(conversion.at), &conversion.id));
    let mut open = Vec::new();
    for conversion in conversions {
        match circumstances.convert(conversion, left, room) {
            Ok(None) => open.push(conversion),
            Ok(Some((by, issue))) => {
                left -= Points::new(by.points.value().saturating_mul(i64::from(by.times)));
                room -= issue.count;
                found.issues.push(issue.priced(programme));
                found.converted.by.push(by);
                open.push(conversion);
            }
            Err(reason) => found.refused.push(refusal(conversion, reason)),
        }
    }
    // What is owed is settled before a balance grows.
    let has = left - account.debt();
    let ahead = open.into_iter().filter(|conversion| conversion.at > has);
    let nearest = ahead.min_by_key(|conversion| conversion.at);
    let nearest = nearest.and_then(|conversion| Some((conversion.missing(has)?, conversion)));
    found.refused.extend(nearest.map(|(reason, conversion)| refusal(conversion, reason)));
    if !found.converted.by.is_empty() {
        found.converted.balance = balance;
        found.converted.from = account.points().consumption(found.converted.points());
    }
    found
}

fn refusal(conversion: &Conversion, reason: Reason) -> Refusal {
    Refusal { subject: Subject::Conversion(conversion.id.clone()), reason }
}

impl EarnCircumstances<'_> {
    /// What a rule converts of a balance, and the vouchers that it becomes.
    fn convert(
        &self,
        conversion: &Conversion,
        balance: Points,
        room: u32,
    ) -> Result<Option<(ConvertedBy, Issue)>, Reason> {
        let today = self.local.date();
        let refused = self.refuse(&conversion.conditions);
        if let Some(reason) = refused.or_else(|| conversion.voucher.refuse(today)) {
            return Err(reason);
        }
        let times = conversion.times(balance, room);
        let purchases = self.history.purchases();
        let what = conversion.voucher.voucher_on(today, purchases).filter(|_| times > 0);
        Ok(what.map(|what| {
            let (id, points) = (conversion.id.clone(), conversion.points);
            let by = IssuedBy::Conversion(id.clone());
            (ConvertedBy { conversion: id, points, times }, Issue { by, what, count: times })
        }))
    }
}
