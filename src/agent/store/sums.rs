//! What records add up to: over the device's life, and by local day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ledger::days::Day;
use crate::journal::{Body, Record, RunningTotals, TakenBack, Undo, UndoneKind};
use crate::money::Amount;

/// Sums of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DaySums {
    pub(crate) totals: RunningTotals,
    pub(crate) identified_receipts: u64,
    pub(crate) identified_value: Amount,
    pub(crate) taken_back: TakenBack,
}

impl DaySums {
    /// With what a record adds.
    #[must_use]
    pub(crate) fn plus(self, more: &Self) -> Self {
        let (a, b) = (self.totals, more.totals);
        let (c, d) = (self.taken_back, more.taken_back);
        Self {
            totals: RunningTotals {
                receipts: a.receipts + b.receipts,
                gross: a.gross + b.gross,
                discount: a.discount + b.discount,
                redeemed: a.redeemed + b.redeemed,
                points_issued: a.points_issued + b.points_issued,
                points_spent: a.points_spent + b.points_spent,
                cashback_issued: a.cashback_issued + b.cashback_issued,
                cashback_spent: a.cashback_spent + b.cashback_spent,
            },
            identified_receipts: self.identified_receipts + more.identified_receipts,
            identified_value: self.identified_value + more.identified_value,
            taken_back: TakenBack {
                voids: c.voids + d.voids,
                returns: c.returns + d.returns,
                refunded: c.refunded + d.refunded,
                points_clawed_back: c.points_clawed_back + d.points_clawed_back,
                points_restored: c.points_restored + d.points_restored,
                cashback_clawed_back: c.cashback_clawed_back + d.cashback_clawed_back,
                cashback_restored: c.cashback_restored + d.cashback_restored,
            },
        }
    }
}

/// The running totals after a record: they only grow.
pub(crate) fn totals_after(before: RunningTotals, body: &Body) -> RunningTotals {
    let mut after = before;
    match body {
        Body::Sale(sale) => {
            after.receipts += 1;
            for line in &sale.lines {
                after.gross += line.line.amount;
                after.discount += line.discount;
                after.redeemed += line.redeemed;
            }
            if let Some(member) = &sale.member {
                after.points_issued += member.earned;
                after.points_spent += member.spent + member.converted.points();
                if let Some(cashback) = &member.cashback {
                    after.cashback_issued += cashback.earned;
                    after.cashback_spent += cashback.spent;
                }
            }
        }
        Body::Assign(assign) => {
            after.points_issued += assign.earned;
            after.points_spent += assign.converted.points();
            let cashback = assign.cashback.as_ref();
            after.cashback_issued += cashback.map(|part| part.earned).unwrap_or_default();
        }
        _ => {}
    }
    after
}

/// What a record adds to which local day's sums: the day on which it was recorded, whenever the
/// receipt was closed or sold, so that a closing seldom needs a supplement.
pub(crate) fn day_sums(record: &Record) -> Option<(NaiveDate, DaySums)> {
    let mut sums = DaySums {
        totals: totals_after(RunningTotals::default(), &record.body),
        ..DaySums::default()
    };
    match &record.body {
        Body::Sale(sale) if sale.member.is_some() => {
            sums.identified_receipts = 1;
            sums.identified_value = sale.payable;
        }
        // The receipt was counted on its own day, as nobody's.
        Body::Assign(assign) => {
            sums.identified_receipts = 1;
            sums.identified_value = assign.spend;
        }
        Body::Sale(_) => {}
        Body::Void(undo) => sums.taken_back = TakenBack { voids: 1, ..taken_back(undo)? },
        Body::Return(undo) => sums.taken_back = TakenBack { returns: 1, ..taken_back(undo)? },
        _ => return None,
    }
    let header = &record.header;
    Some((header.clock.local_day(header.decided_at()), sums))
}

fn taken_back(undo: &Undo) -> Option<TakenBack> {
    let account = undo.account.as_ref();
    let restored = account.into_iter().flat_map(|account| &account.restored);
    (undo.of_kind == UndoneKind::Sale).then(|| TakenBack {
        refunded: undo.refund,
        points_clawed_back: account.map(|account| account.taken()).unwrap_or_default(),
        points_restored: restored.map(|part| part.value).sum(),
        cashback_clawed_back: account.map(|account| account.cashback.taken()).unwrap_or_default(),
        cashback_restored: account.map(|account| account.cashback.given_back()).unwrap_or_default(),
        ..TakenBack::default()
    })
}

/// Days, as the records that were taken in their order leave them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Days(pub(crate) BTreeMap<NaiveDate, Day>);

impl Days {
    /// Takes the next record.
    pub(crate) fn take(&mut self, record: &Record) {
        if let Some((day, sums)) = day_sums(record) {
            self.0.entry(day).or_insert_with(|| Day::new(day)).add(&sums);
        }
        if let Body::DailyClosing(closing) = &record.body {
            // A closing whose receipts were all lost closes nothing.
            self.0.entry(closing.day).and_modify(Day::close);
        }
    }
}
