//! What a record does to an account.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};

use super::header::Header;
use super::record::{Body, Record};
use super::undo::AccountPart;
use crate::loyalty::{
    AccountRef, Change, Counted, Entry, EntryKey, EntryTerms, Gained, PendingPart,
};

/// The account that a record changes, and how; `None` where it changes none. Trainings never do.
///
/// A sale takes effect when it was decided, a late member's points at the sale's own instant,
/// everything else when the record was decided.
/// Its day is the local one by the record's offset from UTC. Instants are cut to whole
/// milliseconds, so that a record gives the same entry before and after it was written.
#[must_use]
pub fn entry(record: &Record) -> Option<(AccountRef, Entry)> {
    let header = &record.header;
    let now = header.decided_at();
    match &record.body {
        Body::Sale(sale) => {
            let member = sale.member.as_ref()?;
            let points = Gained {
                earned: member.earned,
                expires: member.expires,
                pending: PendingPart::of(&member.earned_by, member.earned),
                spent: member.spent,
            };
            let cashback = member.cashback.as_ref();
            let cashback = cashback.map(|part| part.gained(&member.earned_by)).unwrap_or_default();
            let counted = member.counted.clone();
            let change = Change::Sale {
                points,
                cashback,
                converted: member.converted.points(),
                spend: sale.payable,
                counted,
            };
            Some((member.account, placed(header, sale.decided_at, member.terms, change)))
        }
        Body::Void(undo) | Body::Return(undo) => {
            let part = undo.account.as_ref()?;
            Some((part.account, placed(header, now, part.terms, undone(part))))
        }
        Body::Assign(assign) => {
            let points = Gained {
                earned: assign.earned,
                expires: assign.expires,
                pending: PendingPart::of(&assign.earned_by, assign.earned),
                spent: Default::default(),
            };
            let cashback = assign.cashback.as_ref();
            let cashback = cashback.map(|part| part.gained(&assign.earned_by)).unwrap_or_default();
            let counted = assign.counted.clone();
            let change = Change::Sale {
                points,
                cashback,
                converted: assign.converted.points(),
                spend: assign.spend,
                counted,
            };
            let entry = placed(header, assign.sale_at, assign.terms, change);
            Some((assign.account, entry))
        }
        Body::Adjustment(adjustment) => {
            let change = Change::Adjust {
                points: adjustment.points,
                expires: adjustment.expires,
                cashback: adjustment.cashback,
                cashback_expires: adjustment.cashback_expires,
                counted: adjustment.counted_on.map(|day| (day, adjustment.counted.clone())),
            };
            let entry = placed(header, now, adjustment.terms, change);
            Some((adjustment.account, entry))
        }
        Body::Event(_)
        | Body::Import(_)
        | Body::BaseChange(_)
        | Body::ProgrammeChange(_)
        | Body::LeaseChange(_)
        | Body::Training(_)
        | Body::OutageBegin(_)
        | Body::OutageEnd(_)
        | Body::ClockJump(_)
        | Body::SoftwareChange(_)
        | Body::KeyChange(_)
        | Body::Gap(_)
        | Body::DailyClosing(_) => None,
    }
}

/// What a record uses of limits over all customers, or gives back, and the local day that it counts
/// on. Trainings use nothing.
pub fn shared_uses(record: &Record) -> impl Iterator<Item = (NaiveDate, &Counted)> {
    let (day, counted) = match &record.body {
        Body::Sale(sale) => {
            let day = record.header.clock.local_day(sale.decided_at.trunc_subsecs(3));
            (Some(day), sale.shared.as_slice())
        }
        Body::Assign(assign) => {
            let day = record.header.clock.local_day(assign.sale_at.trunc_subsecs(3));
            (Some(day), assign.shared.as_slice())
        }
        Body::Void(undo) | Body::Return(undo) => (undo.shared_on, undo.shared.as_slice()),
        _ => (None, [].as_slice()),
    };
    day.into_iter().flat_map(move |day| counted.iter().map(move |one| (day, one)))
}

fn undone(part: &AccountPart) -> Change {
    Change::Undo {
        sale_day: part.sale_day,
        remaining: part.remaining,
        points: part.points(),
        cashback: part.cashback.clone(),
        spend: part.spend,
        counted: part.counted.clone(),
    }
}

fn placed(header: &Header, at: DateTime<Utc>, terms: EntryTerms, change: Change) -> Entry {
    let effective_at = at.trunc_subsecs(3);
    Entry {
        key: EntryKey {
            effective_at,
            device: header.device,
            epoch: header.epoch,
            sequence: header.sequence,
        },
        day: header.clock.local_day(effective_at),
        terms,
        change,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::journal::record::Kind;
    use crate::journal::testing::{day, instant, record_of};
    use crate::money::{Amount, Points};

    #[test]
    fn only_sales_undos_late_members_and_adjustments_change_an_account() {
        for kind in Kind::ALL {
            let changes = matches!(
                kind,
                Kind::Sale | Kind::Void | Kind::Return | Kind::Assign | Kind::Adjustment
            );
            assert_eq!(entry(&record_of(*kind)).is_some(), changes, "{kind}");
        }
    }

    #[test]
    fn a_receipt_without_a_member_changes_no_account() {
        let mut record = record_of(Kind::Sale);
        let Body::Sale(sale) = &mut record.body else {
            panic!("a sale");
        };
        sale.member = None;
        assert_eq!(entry(&record), None);
    }

    #[test]
    fn an_entry_takes_effect_at_the_records_wall_time_on_the_local_day() {
        let mut record = record_of(Kind::Adjustment);
        record.header.clock.wall = "2026-03-01T22:59:59.999999Z".parse().expect("an instant");
        let cases = [
            (0, day("2026-03-01")),
            (60, day("2026-03-01")),
            (61, day("2026-03-02")),
            (-1_400, day("2026-02-28")),
        ];
        for (offset_minutes, expected) in cases {
            record.header.clock.offset_minutes = offset_minutes;
            let (_, entry) = entry(&record).expect("an adjustment changes an account");
            assert_eq!(entry.day, expected, "{offset_minutes}");
            assert_eq!(entry.key.effective_at.timestamp_subsec_nanos(), 999_000_000);
            assert_eq!(entry.key.sequence, record.header.sequence);
        }
    }

    #[test]
    fn where_the_wall_time_was_not_believed_what_was_taken_for_it_counts() {
        let mut record = record_of(Kind::Return);
        record.header.clock.wall = DateTime::UNIX_EPOCH;
        record.header.believed_at = Some(instant(0));
        let (_, entry) = entry(&record).expect("a return changes an account");
        assert_eq!((entry.key.effective_at, entry.day), (instant(0), day("2026-02-28")));
    }

    #[test]
    fn a_late_member_counts_from_the_sale_and_spends_nothing() {
        let mut record = record_of(Kind::Assign);
        let sale_at = instant(0) - TimeDelta::days(3);
        let Body::Assign(assign) = &mut record.body else {
            panic!("a late member");
        };
        assign.sale_at = sale_at;
        let (_, entry) = entry(&record).expect("a late member changes an account");
        assert_eq!(entry.key.effective_at, sale_at);
        assert_eq!(entry.day, record.header.clock.local_day(sale_at));
        let Change::Sale { points, cashback, .. } = entry.change else { panic!("a sale") };
        assert_eq!((points.spent, cashback.spent), (Points::ZERO, Amount::ZERO));
    }
}
