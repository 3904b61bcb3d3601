//! The loyalty part of a receipt as plain lines of text. Nothing personal is on it.

use super::layout::{pair, wrap};
use super::presentation::Presentation;
use super::reply::{
    CashbackReply, Counts, EffectKind, EffectReply, IssuedReply, LineReply, MeasureName,
    MessageReply, NextReward, PointsReply, SaleReply, TaxReply, TierReply,
};
use crate::loyalty::Programme;
use crate::money::{Amount, Currency, Points};
use crate::wire::wording::{self, Locale, Sentence};

/// Lays out a recorded receipt in the columns and the language that are asked for.
pub(crate) fn lines(
    sale: &SaleReply<'_>,
    programme: &Programme,
    counts: Counts,
    presentation: Presentation,
) -> Vec<String> {
    let Presentation { columns, language, .. } = presentation;
    let locale = presentation.locale(programme);
    let currency = programme.currency;
    let mut text = Text { lines: Vec::with_capacity(20), columns, currency, locale };
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
    text.lowest_prices(&sale.lines);
    text.discounts_by_rate(&sale.taxes);
    if sale.totals.tax != 0 {
        text.tax_added(&sale.taxes);
    }
    text.cash_rounding(sale.rounding);
    if let Some(points) = &sale.points {
        text.points(points);
        text.way_to_next_reward(points, programme);
    }
    if let Some(cashback) = &sale.cashback {
        text.cashback(cashback);
    }
    for message in sale.messages.iter().filter(|message| message.is_about_waiting()) {
        text.message(message);
    }
    if let Some(tier) = &sale.tier {
        text.way_to_next_tier(tier);
        text.tier_validity(tier);
    }
    if let Some(points) = &sale.points {
        text.expiry(points);
    }
    text.issued(&sale.issued);
    text.label(Sentence::LabelReceiptCode {}, &sale.record.code);
    text.rule();
    text.lines
}

struct Text {
    lines: Vec<String>,
    columns: usize,
    currency: Currency,
    locale: Locale,
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
        self.pair(&label.say(self.locale), value);
    }

    fn money(&self, minor: i64) -> String {
        wording::money(self.locale.language, Amount::new(minor), self.currency)
    }

    fn count(&self, points: i64) -> String {
        Sentence::CountPoints { points: Points::new(points) }.say(self.locale).into_owned()
    }

    fn discounts(&mut self, effects: &[EffectReply<'_>]) {
        let is_given =
            |effect: &&EffectReply<'_>| effect.amount != 0 || effect.kind == EffectKind::Reward;
        self.gifts(effects);
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
                        self.words(&reward.say(self.locale));
                    } else {
                        self.label(reward, &amount);
                    }
                }
                Some(points) => self.label(Sentence::LabelPaidWithPoints { points }, &amount),
                None if effect.kind == EffectKind::CashbackBurn => {
                    self.label(Sentence::LabelPaidWithCashback {}, &amount);
                }
                None => self.pair(&effect.label, &amount),
            }
        }
        if saved != 0 {
            let saved = self.money(saved);
            self.label(Sentence::LabelSaved {}, &saved);
        }
    }

    /// What the law wants beside an announced reduction.
    fn lowest_prices(&mut self, lines: &[LineReply<'_>]) {
        for line in lines {
            if let Some(price) = line.lowest_30d_price {
                let price = self.money(price);
                self.label(Sentence::LabelLowestPrice { line: line.line_id }, &price);
            }
        }
    }

    fn gifts(&mut self, effects: &[EffectReply<'_>]) {
        for gift in effects.iter().filter(|effect| effect.kind == EffectKind::Gift) {
            let units = i64::from(gift.times.unwrap_or(1));
            let sentence = Sentence::GiftGiven { label: &gift.label, units };
            self.words(&sentence.say(self.locale));
        }
    }

    /// Where goods of several rates got cheaper, what that is at each.
    fn discounts_by_rate(&mut self, taxes: &[TaxReply]) {
        let lowered = || taxes.iter().filter(|sum| sum.discount != 0);
        if lowered().count() < 2 {
            return;
        }
        for sum in lowered() {
            let amount = self.money(sum.discount);
            let rate = wording::percent(self.locale.language, sum.rate);
            self.label(Sentence::LabelDiscountAtRate { rate: &rate }, &amount);
        }
    }

    fn tax_added(&mut self, taxes: &[TaxReply]) {
        for sum in taxes.iter().filter(|sum| sum.tax != 0) {
            let amount = self.money(sum.tax);
            let rate = wording::percent(self.locale.language, sum.rate);
            self.label(Sentence::LabelTaxAdded { rate: &rate }, &amount);
        }
    }

    fn cash_rounding(&mut self, rounding: i64) {
        if rounding != 0 {
            let rounding = self.money(rounding);
            self.label(Sentence::LabelCashRounding {}, &rounding);
        }
    }

    fn points(&mut self, points: &PointsReply) {
        let locale = self.locale;
        let earned = wording::points_signed(locale, Points::new(points.earned));
        self.label(Sentence::LabelPointsEarned {}, &earned);
        if points.spent != 0 {
            let spent = wording::points(locale, Points::new(-points.spent));
            self.label(Sentence::LabelPointsSpent {}, &spent);
        }
        if points.converted != 0 {
            let converted = wording::points(locale, Points::new(-points.converted));
            self.label(Sentence::LabelPointsConverted {}, &converted);
        }
        let after = wording::points(locale, Points::new(points.after));
        self.label(Sentence::LabelPointsBalance {}, &after);
        if points.debt_after != 0 {
            let owed = wording::points(locale, Points::new(points.debt_after));
            self.label(Sentence::LabelPointsOwed {}, &owed);
        }
    }

    fn cashback(&mut self, cashback: &CashbackReply) {
        let earned = self.money(cashback.earned);
        self.label(Sentence::LabelCashbackEarned {}, &earned);
        if cashback.spent != 0 {
            let spent = self.money(-cashback.spent);
            self.label(Sentence::LabelCashbackSpent {}, &spent);
        }
        let after = self.money(cashback.after);
        self.label(Sentence::LabelCashbackBalance {}, &after);
        if cashback.debt_after != 0 {
            let owed = self.money(cashback.debt_after);
            self.label(Sentence::LabelCashbackOwed {}, &owed);
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
                let missing = wording::whole(self.locale.language, missing);
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
        self.words(&sentence.say(self.locale));
    }

    /// Vouchers with their last day and code; entries of a contest under its name.
    fn issued(&mut self, issued: &[IssuedReply<'_>]) {
        let mut contest = None;
        for one in issued {
            let is_voucher = one.valid_until.is_some();
            if is_voucher {
                self.words(&one.sentence().say(self.locale));
            } else if contest != Some(one.label) {
                contest = Some(one.label);
                self.words(one.label);
            }
            let code = one.code.unwrap_or_default();
            if is_voucher {
                self.label(Sentence::LabelVoucherCode {}, code);
            } else {
                self.label(Sentence::LabelEntryCode {}, code);
            }
        }
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
        self.words(&sentence.say(self.locale));
    }
}

#[cfg(test)]
mod tests {
    use crate::agent::message::presentation::Presentation;
    use crate::agent::message::reply::RecordReply;
    use crate::agent::message::reply::examples::{programme, recorded};
    use crate::journal::{Body, Kind};
    use crate::loyalty::TaxMode;
    use crate::money::{Amount, Percent};
    use crate::wire::wording::Language;

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
    fn a_receipt_with_two_tax_rates_says_what_got_cheaper_at_each_and_what_tax_is_added() {
        let (mut recorded, programme) = (recorded(Kind::Sale), programme());
        let Body::Sale(sale) = &mut recorded.record.body else {
            panic!("a sale");
        };
        sale.lines[0].line.tax_rate = Percent::from_thousandths(12_500);
        let presentation = Presentation { language: Language::Czech, ..Presentation::default() };
        let mut printed = |tax| {
            let Body::Sale(sale) = &mut recorded.record.body else { unreachable!() };
            (sale.tax, sale.lines[0].tax) = tax;
            match RecordReply::of(&recorded, &programme, presentation) {
                RecordReply::Sale(sale) => sale.receipt_lines,
                other => panic!("{other:?}"),
            }
        };
        let inside = printed((TaxMode::Included, Amount::ZERO));
        let of_rates: Vec<_> = inside.iter().filter(|line| line.contains("sazbě")).collect();
        assert_eq!(of_rates.len(), 2, "{inside:?}");
        assert!(of_rates[1].starts_with("z toho v sazbě 12,5 % "), "{of_rates:?}");
        assert!(!inside.iter().any(|line| line.contains("DPH")), "{inside:?}");
        let on_top = printed((TaxMode::Added, Amount::new(773)));
        let added: Vec<_> = on_top.iter().filter(|line| line.starts_with("DPH")).collect();
        assert_eq!(added.len(), 1, "{on_top:?}");
        assert!(added[0].starts_with("DPH 12,5 % ") && added[0].ends_with("7,73 Kč"), "{added:?}");
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
