//! One record as a line that a person reads.

use std::fmt::Write;

use crate::journal::{Body, DailyClosing, Flag, Header, Record, RecordRef, Sale, TakenBack, Undo};
use crate::loyalty::MemberRef;

/// What is printed where a record has none.
const NONE: &str = "-";

/// Epoch/sequence, local time, kind, till, and what the kind is about.
pub(super) fn line(record: &Record) -> String {
    let header = &record.header;
    let till = header.till.as_ref().map_or(NONE, |till| till.as_str());
    let about = about(&record.body);
    format!(
        "{}/{} {} {} {till} {about}",
        header.epoch,
        header.sequence,
        local_time(header),
        record.body.kind()
    )
}

fn local_time(header: &Header) -> String {
    let offset_minutes = i32::from(header.clock.offset_minutes);
    let wall = header.clock.wall;
    match chrono::FixedOffset::east_opt(offset_minutes * 60) {
        Some(offset) => wall.with_timezone(&offset).format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        None => wall.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

fn about(body: &Body) -> String {
    match body {
        Body::Sale(sale) | Body::Training(sale) => sale_line(sale),
        Body::Void(undo) | Body::Return(undo) => undo_line(undo),
        Body::Assign(assign) => format!(
            "of {} member {} earned {}",
            of(&assign.of),
            short(assign.member),
            assign.earned
        ),
        Body::Adjustment(adjustment) => format!(
            "{} member {} points {} ({})",
            adjustment.uid,
            short(adjustment.member),
            adjustment.points,
            adjustment.reason.as_str()
        ),
        Body::Event(event) => format!(
            "{} {} member {}",
            event.event_type,
            event.event_uid,
            event.member.map_or_else(|| NONE.to_owned(), short)
        ),
        Body::Import(import) => {
            format!("members {} points {} base {}", import.members, import.points, import.cursor)
        }
        Body::BaseChange(change) => format!("base {}", change.cursor),
        Body::ProgrammeChange(change) => format!("{} version {}", change.id, change.version),
        Body::LeaseChange(change) => format!(
            "{}; holds dropped {} leases dropped {}",
            change.reason.as_str(),
            change.dropped_holds,
            change.dropped_leases
        ),
        Body::OutageBegin(outage) => format!("{} since {:.0}", outage.cause, outage.since),
        Body::OutageEnd(outage) => format!("{} begun {:.0}", outage.cause, outage.begun),
        Body::ClockJump(jump) => format!("from {:.0} to {:.0}", jump.from, jump.to),
        Body::SoftwareChange(change) => format!(
            "{} to {} engine {}",
            change.from.as_ref().map_or(NONE, |from| from.as_str()),
            change.to.as_str(),
            change.engine
        ),
        Body::KeyChange(change) => {
            format!("key {} ({})", change.public_key.key_id(), change.reason.as_str())
        }
        Body::Gap(gap) => format!(
            "records {} to {} of epoch {}: {}",
            gap.first_sequence,
            gap.last_sequence,
            gap.epoch,
            gap.reason.as_str()
        ),
        Body::DailyClosing(closing) => closing_line(closing),
    }
}

fn closing_line(closing: &DailyClosing) -> String {
    let sums = &closing.day_totals;
    let mut line = format!(
        "{} receipts {} gross {} discount {} points {} spent {}",
        closing.day,
        sums.receipts,
        sums.gross,
        sums.discount,
        sums.points_issued,
        sums.points_spent
    );
    if !sums.cashback_issued.is_zero() || !sums.cashback_spent.is_zero() {
        let _ = write!(line, " cashback {} spent {}", sums.cashback_issued, sums.cashback_spent);
    }
    let back = &closing.taken_back;
    if *back != TakenBack::default() {
        let _ = write!(
            line,
            " voids {} returns {} refunded {} taken back {} given back {}",
            back.voids, back.returns, back.refunded, back.points_clawed_back, back.points_restored
        );
        if !back.cashback_clawed_back.is_zero() || !back.cashback_restored.is_zero() {
            let (taken, given) = (back.cashback_clawed_back, back.cashback_restored);
            let _ = write!(line, " cashback taken back {taken} given back {given}");
        }
    }
    if closing.closed_before > 0 {
        let _ = write!(line, " supplement {}", closing.closed_before);
    }
    line
}

fn sale_line(sale: &Sale) -> String {
    let mut line = format!("{} lines {} payable {}", sale.uid, sale.lines.len(), money(sale));
    match &sale.member {
        Some(member) => {
            let _ = write!(
                line,
                " member {} earned {} spent {}",
                short(member.member),
                member.earned,
                member.spent
            );
            if member.converted.points().is_positive() {
                let _ = write!(line, " converted {}", member.converted.points());
            }
        }
        None => line.push_str(" member -"),
    }
    push_flags(&mut line, sale.flags.iter());
    line
}

fn undo_line(undo: &Undo) -> String {
    let mut line = format!("{} of {} refund {}", undo.undo_uid, of(&undo.of), undo.refund);
    if let Some(account) = &undo.account {
        let _ = write!(line, " member {} taken back {}", short(account.member), account.taken());
    }
    push_flags(&mut line, undo.flags.iter());
    line
}

fn push_flags<'a>(line: &mut String, flags: impl Iterator<Item = &'a Flag>) {
    let names: Vec<&str> = flags.map(|flag| flag.name()).collect();
    if !names.is_empty() {
        let _ = write!(line, " flags {}", names.join(","));
    }
}

fn money(sale: &Sale) -> String {
    format!("{} {}", sale.payable, sale.currency)
}

fn of(record: &RecordRef) -> String {
    format!("{} ({}/{})", record.uid, record.epoch, record.sequence)
}

/// Enough of a ref to tell members apart, not to look anybody up.
fn short(member: MemberRef) -> String {
    let text = member.to_string();
    text[text.len() - 8..].to_owned()
}
