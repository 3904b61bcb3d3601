//! Records with cashback and with what is pending.

use super::*;
use crate::journal::CashbackPart;
use crate::loyalty::{EarnedBy, Expires, ExpiryPolicy, Gain, PendingPart, SpentPart, Undone};

fn part() -> CashbackPart {
    CashbackPart {
        before: Amount::new(1_550),
        debt: Amount::new(3),
        earned: Amount::new(245),
        expires: Expires::On(day("2026-09-01")),
        spent: Amount::new(500),
        spent_from: vec![SpentPart { expires: Expires::WithActivity, value: Amount::new(500) }],
        pending_after: vec![PendingPart {
            usable_from: day("2026-03-14"),
            value: Amount::new(245),
        }],
    }
}

fn earned_by() -> Vec<EarnedBy> {
    let rule = |id| RuleId::parse(id).expect("an id");
    let later = Some(day("2026-03-14"));
    let by = |id, gain, usable_from| EarnedBy { rule: rule(id), gain, usable_from };
    vec![
        by("base", Gain::Points(Points::new(14)), None),
        by("later", Gain::Points(Points::new(3)), later),
        by("back", Gain::Cashback(Amount::new(200)), None),
        by("garden", Gain::Cashback(Amount::new(45)), later),
    ]
}

/// A record of each kind that knows cashback.
fn records() -> Vec<Record> {
    let mut sold = record_of(Kind::Sale);
    let Body::Sale(sale) = &mut sold.body else { panic!("a sale") };
    let refused = |code, missing| RefusedBenefit { subject: Subject::Cashback, code, missing };
    sale.refused = vec![
        refused(RefusalCode::NoCashback, None),
        refused(RefusalCode::BelowCashbackMinimum, Some(100)),
        refused(RefusalCode::NotEnoughCashback, Some(1_550)),
        refused(RefusalCode::CashbackOverShare, Some(700)),
    ];
    let allocations =
        vec![Allocation { line_id: sale.lines[0].line.line_id.clone(), amount: Amount::new(500) }];
    let amount = Amount::new(500);
    sale.applied.push(Applied { benefit: Benefit::Cashback, amount, allocations });
    let member = sale.member.as_mut().expect("a member");
    member.earned_by = earned_by();
    member.pending_after =
        vec![PendingPart { usable_from: day("2026-03-14"), value: Points::new(3) }];
    member.cashback = Some(part());
    member.terms.cashback_expiry = ExpiryPolicy::Lots { days: 180 };
    sold.header.totals.cashback_issued = Amount::new(9_000);
    let mut back = record_of(Kind::Return);
    let Body::Return(undo) = &mut back.body else { panic!("a return") };
    let account = undo.account.as_mut().expect("a member");
    account.pending = vec![PendingPart { usable_from: day("2026-03-14"), value: Points::new(1) }];
    account.terms.cashback_expiry = ExpiryPolicy::Sliding { days: 90 };
    account.cashback = Undone {
        clawed_back: Amount::new(80),
        forgiven: Amount::new(-5),
        expires: Expires::On(day("2026-09-01")),
        pending: part().pending_after,
        restored: part().spent_from,
        taken_from: part().spent_from,
    };
    account.taken_from = vec![SpentPart { expires: Expires::Never, value: Points::new(2) }];
    let mut late = record_of(Kind::Assign);
    let Body::Assign(assign) = &mut late.body else { panic!("a late member") };
    (assign.earned_by, assign.cashback) = (earned_by(), Some(part()));
    let mut by_hand = record_of(Kind::Adjustment);
    let Body::Adjustment(adjustment) = &mut by_hand.body else { panic!("an adjustment") };
    (adjustment.cashback, adjustment.cashback_expires) =
        (Amount::new(-700), Expires::On(day("2026-09-01")));
    let mut closing = record_of(Kind::DailyClosing);
    let Body::DailyClosing(sums) = &mut closing.body else { panic!("a closing") };
    sums.day_totals.cashback_spent = Amount::new(500);
    sums.taken_back.cashback_clawed_back = Amount::new(80);
    sums.taken_back.cashback_restored = Amount::new(20);
    vec![sold, back, late, by_hand, closing]
}

#[test]
fn bq_43_cashback_and_what_is_pending_are_read_as_they_were_written() {
    for record in records() {
        let read = Record::from_payload(&record.to_payload());
        assert_eq!(read.as_ref(), Ok(&record), "{}", record.body.kind());
        let entries = [read.as_ref().ok(), Some(&record)].map(|r| r.map(crate::journal::entry));
        assert_eq!(entries[0], entries[1], "the same entry before and after it was written");
    }
}

#[test]
fn bq_43_the_entry_of_a_sale_has_what_is_pending_of_both() {
    let record = &records()[0];
    let (_, entry) = crate::journal::entry(record).expect("a member");
    let crate::loyalty::Change::Sale { points, cashback, .. } = entry.change else {
        panic!("a sale")
    };
    let later = day("2026-03-14");
    assert_eq!(points.pending, [PendingPart { usable_from: later, value: Points::new(3) }]);
    assert_eq!(cashback.pending, [PendingPart { usable_from: later, value: Amount::new(45) }]);
    assert_eq!((cashback.earned, cashback.spent), (Amount::new(245), Amount::new(500)));
}
