//! The loyalty part of a receipt as plain lines of text. Nothing personal is on it.

use super::layout::{pair, wrap};
use super::reply::{Counts, EffectReply, MeasureName, PointsReply, SaleReply, TierReply};
use super::wording::Phrase;
use crate::money::{Amount, Currency};

/// Lays out a recorded receipt in so many columns.
pub(crate) fn lines(
    sale: &SaleReply<'_>,
    programme_name: &str,
    currency: Currency,
    counts: Counts,
    columns: usize,
) -> Vec<String> {
    let mut text = Text { lines: Vec::with_capacity(16), columns, currency };
    text.rule();
    if counts == Counts::Training {
        text.words(Phrase::Training.english());
    }
    match &sale.tier {
        Some(tier) => text.pair(programme_name, tier.name),
        None => text.words(programme_name),
    }
    text.discounts(&sale.effects);
    if let Some(points) = &sale.points {
        text.points(points);
    }
    if let Some(tier) = &sale.tier {
        text.way_to_next_tier(tier);
    }
    if let Some(points) = &sale.points {
        text.expiry(points);
    }
    text.pair(Phrase::ReceiptCode.english(), &sale.record.code);
    text.rule();
    text.lines
}

struct Text {
    lines: Vec<String>,
    columns: usize,
    currency: Currency,
}

impl Text {
    fn rule(&mut self) {
        self.lines.push("-".repeat(self.columns));
    }

    fn words(&mut self, text: &str) {
        self.lines.extend(wrap(text, self.columns));
    }

    fn pair(&mut self, label: &str, value: &str) {
        self.lines.extend(pair(label, value, self.columns));
    }

    fn discounts(&mut self, effects: &[EffectReply<'_>]) {
        let mut given = effects.iter().filter(|effect| effect.amount != 0).peekable();
        if given.peek().is_none() {
            return;
        }
        let mut saved = 0;
        for effect in given {
            saved += effect.amount;
            let amount = self.currency.format(Amount::new(-effect.amount));
            match effect.points {
                Some(points) => {
                    let points = points.to_string();
                    let label = Phrase::PaidWithPoints.fill(&[("points", &points)]);
                    self.pair(&label, &amount);
                }
                None => self.pair(effect.label, &amount),
            }
        }
        let saved = self.currency.format(Amount::new(saved));
        self.pair(Phrase::Saved.english(), &saved);
    }

    fn points(&mut self, points: &PointsReply) {
        self.pair(Phrase::PointsEarned.english(), &format!("{:+}", points.earned));
        if points.spent != 0 {
            self.pair(Phrase::PointsSpent.english(), &format!("-{}", points.spent));
        }
        self.pair(Phrase::PointsBalance.english(), &points.after.to_string());
        if points.debt_after != 0 {
            self.pair(Phrase::PointsOwed.english(), &points.debt_after.to_string());
        }
    }

    fn way_to_next_tier(&mut self, tier: &TierReply<'_>) {
        let (Some(name), Some(missing)) = (tier.next_name, tier.missing) else {
            return;
        };
        let (phrase, missing) = match tier.measure {
            Some(MeasureName::Spend) => {
                (Phrase::ToNextTier, self.currency.format(Amount::new(missing)))
            }
            Some(MeasureName::Visits) => (Phrase::VisitsToNextTier, missing.to_string()),
            Some(MeasureName::PointsEarned) | None => (Phrase::ToNextTier, missing.to_string()),
        };
        self.pair(&phrase.fill(&[("tier", name)]), &missing);
    }

    fn expiry(&mut self, points: &PointsReply) {
        if let Some(next) = &points.next_expiry {
            let count = next.points.to_string();
            let places = [("points", count.as_str()), ("date", next.date.as_str())];
            self.words(&Phrase::PointsExpire.fill(&places));
        } else if let Some(date) = &points.earned_expire_on {
            self.words(&Phrase::EarnedExpire.fill(&[("date", date)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::agent::message::presentation::Presentation;
    use crate::agent::message::reply::RecordReply;
    use crate::agent::message::reply::examples::{programme, recorded};
    use crate::journal::{Body, Kind};

    fn printed(kind: Kind, columns: usize) -> Vec<String> {
        let (recorded, programme) = (recorded(kind), programme());
        let presentation = Presentation { columns, ..Presentation::default() };
        match RecordReply::of(&recorded, &programme, presentation) {
            RecordReply::Sale(sale) | RecordReply::Training(sale) => sale.receipt_lines,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_receipt_on_42_columns() {
        assert_eq!(
            printed(Kind::Sale, 42),
            [
                "------------------------------------------",
                "Sunday Club                         Silver",
                "Everything from the dairy -20 %     -15.96",
                "Paid with 10 points                 -10.00",
                "You saved                            25.96",
                "Points earned                          +14",
                "Points spent                           -10",
                "Points balance                        1244",
                "To Gold                            7374.24",
                "1244 points expire after 2027-02-28",
                "Code                                1-0000",
                "------------------------------------------",
            ]
        );
    }

    #[test]
    fn a_receipt_on_32_columns() {
        assert_eq!(
            printed(Kind::Sale, 32),
            [
                "--------------------------------",
                "Sunday Club               Silver",
                "Everything from the dairy -20 %",
                "                          -15.96",
                "Paid with 10 points       -10.00",
                "You saved                  25.96",
                "Points earned                +14",
                "Points spent                 -10",
                "Points balance              1244",
                "To Gold                  7374.24",
                "1244 points expire after",
                "2027-02-28",
                "Code                      1-0000",
                "--------------------------------",
            ]
        );
    }

    #[test]
    fn a_training_on_48_columns_says_so_first() {
        let printed = printed(Kind::Training, 48);
        assert_eq!(printed[0], "-".repeat(48));
        assert_eq!(printed[1], "TRAINING - NOT A RECEIPT");
        assert_eq!(printed[2], "Sunday Club                               Silver");
        assert_eq!(printed[3], "Everything from the dairy -20 %           -15.96");
    }

    #[test]
    fn a_receipt_without_a_member_or_discount_has_the_name_and_the_code() {
        let (mut recorded, programme) = (recorded(Kind::Sale), programme());
        let Body::Sale(sale) = &mut recorded.record.body else {
            panic!("a sale");
        };
        (sale.member, sale.applied) = (None, Vec::new());
        let RecordReply::Sale(sale) =
            RecordReply::of(&recorded, &programme, Presentation::default())
        else {
            panic!("a sale");
        };
        let rule = "-".repeat(42);
        let code = format!("Code{:>38}", "1-0000");
        assert_eq!(sale.receipt_lines, [&rule, "Sunday Club", &code, &rule]);
    }

    #[test]
    fn no_line_is_wider_than_the_paper_at_any_width() {
        for columns in 20..=80 {
            for line in printed(Kind::Sale, columns) {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
        }
    }
}
