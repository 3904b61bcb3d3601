//! The loyalty part of a receipt as plain lines of text. Nothing personal is on it.

use super::layout::{pair, wrap};
use super::presentation::Presentation;
use super::reply::{
    Counts, EffectKind, EffectReply, MeasureName, MessageReply, NextReward, PointsReply, SaleReply,
    TierReply,
};
use crate::loyalty::Programme;
use crate::money::{Amount, Currency, Points};
use crate::wire::wording::{self, Language, Sentence};

/// Lays out a recorded receipt in the columns and the language that are asked for.
pub(crate) fn lines(
    sale: &SaleReply<'_>,
    programme: &Programme,
    counts: Counts,
    presentation: Presentation,
) -> Vec<String> {
    let Presentation { columns, language, .. } = presentation;
    let currency = programme.currency;
    let mut text = Text { lines: Vec::with_capacity(20), columns, currency, language };
    text.rule();
    if counts == Counts::Training {
        text.words(&Sentence::LabelTraining {}.say(language));
    }
    match &sale.tier {
        Some(tier) => text.pair(&programme.name, tier.name),
        None => text.words(&programme.name),
    }
    for message in sale.messages.iter().filter(|message| message.is_celebration()) {
        text.message(message);
    }
    text.discounts(&sale.effects);
    text.cash_rounding(sale.rounding);
    if let Some(points) = &sale.points {
        text.points(points);
        text.way_to_next_reward(points, programme);
    }
    if let Some(tier) = &sale.tier {
        text.way_to_next_tier(tier);
        text.tier_validity(tier);
    }
    if let Some(points) = &sale.points {
        text.expiry(points);
    }
    text.label(Sentence::LabelReceiptCode {}, &sale.record.code);
    text.rule();
    text.lines
}

struct Text {
    lines: Vec<String>,
    columns: usize,
    currency: Currency,
    language: Language,
}

impl Text {
    fn rule(&mut self) {
        self.lines.push("-".repeat(self.columns));
    }

    fn words(&mut self, text: &str) {
        self.lines.extend(wrap(text, self.columns));
    }

    fn message(&mut self, message: &MessageReply) {
        self.words(&message.text);
    }

    fn pair(&mut self, label: &str, value: &str) {
        self.lines.extend(pair(label, value, self.columns));
    }

    fn label(&mut self, label: Sentence<'_>, value: &str) {
        self.pair(&label.say(self.language), value);
    }

    fn money(&self, minor: i64) -> String {
        wording::money(self.language, Amount::new(minor), self.currency)
    }

    fn count(&self, points: i64) -> String {
        Sentence::CountPoints { points: Points::new(points) }.say(self.language).into_owned()
    }

    fn discounts(&mut self, effects: &[EffectReply<'_>]) {
        let is_given =
            |effect: &&EffectReply<'_>| effect.amount != 0 || effect.kind == EffectKind::Reward;
        let mut given = effects.iter().filter(is_given).peekable();
        if given.peek().is_none() {
            return;
        }
        let mut saved = 0;
        for effect in given {
            saved += effect.amount;
            let amount = self.money(-effect.amount);
            match effect.points.map(Points::new) {
                Some(points) if effect.kind == EffectKind::Reward => {
                    let reward = Sentence::RewardGiven { label: &effect.label, points };
                    if effect.amount == 0 {
                        self.words(&reward.say(self.language));
                    } else {
                        self.label(reward, &amount);
                    }
                }
                Some(points) => self.label(Sentence::LabelPaidWithPoints { points }, &amount),
                None => self.pair(&effect.label, &amount),
            }
        }
        if saved != 0 {
            let saved = self.money(saved);
            self.label(Sentence::LabelSaved {}, &saved);
        }
    }

    fn cash_rounding(&mut self, rounding: i64) {
        if rounding != 0 {
            let rounding = self.money(rounding);
            self.label(Sentence::LabelCashRounding {}, &rounding);
        }
    }

    fn points(&mut self, points: &PointsReply) {
        let language = self.language;
        let earned = wording::signed(language, points.earned);
        self.label(Sentence::LabelPointsEarned {}, &earned);
        if points.spent != 0 {
            let spent = wording::whole(language, -points.spent);
            self.label(Sentence::LabelPointsSpent {}, &spent);
        }
        let after = wording::whole(language, points.after);
        self.label(Sentence::LabelPointsBalance {}, &after);
        if points.debt_after != 0 {
            let owed = wording::whole(language, points.debt_after);
            self.label(Sentence::LabelPointsOwed {}, &owed);
        }
    }

    fn way_to_next_reward(&mut self, points: &PointsReply, programme: &Programme) {
        if let Some(next) = NextReward::first(points, programme) {
            let missing = self.count(next.missing.value());
            self.label(Sentence::LabelToNextReward {}, &missing);
        }
    }

    fn way_to_next_tier(&mut self, tier: &TierReply<'_>) {
        let (Some(name), Some(missing)) = (tier.next_name, tier.missing) else {
            return;
        };
        let (label, missing) = match tier.measure {
            Some(MeasureName::Spend) => (Sentence::LabelToTier { tier: name }, self.money(missing)),
            Some(MeasureName::Visits) => {
                let missing = wording::whole(self.language, missing);
                (Sentence::LabelVisitsToTier { tier: name }, missing)
            }
            Some(MeasureName::PointsEarned) | None => {
                (Sentence::LabelToTier { tier: name }, self.count(missing))
            }
        };
        self.label(label, &missing);
    }

    fn tier_validity(&mut self, tier: &TierReply<'_>) {
        let Some(date) = tier.valid_until else { return };
        let valid = Sentence::TierValidUntil { tier: tier.name, date: date.0 };
        let sentence = tier.keep(self.currency).unwrap_or(valid);
        self.words(&sentence.say(self.language));
    }

    fn expiry(&mut self, points: &PointsReply) {
        let sentence = match (&points.next_expiry, points.earned_expire_on) {
            (Some(next), _) => {
                let (points, date) = (Points::new(next.points), next.date.0);
                Sentence::ReceiptPointsExpire { points, date }
            }
            (None, Some(day)) => Sentence::ReceiptEarnedExpire { date: day.0 },
            (None, None) => return,
        };
        self.words(&sentence.say(self.language));
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
