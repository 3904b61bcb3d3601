//! What is said to customers and cashiers, in one table by message, so that a language is a
//! column to be added. Places in braces are filled in.

use crate::journal::RefusalCode;

/// Something that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    // On receipts.
    Training,
    Points,
    TillDiscount,
    PaidWithPoints,
    Saved,
    PointsEarned,
    PointsSpent,
    PointsBalance,
    PointsOwed,
    ToNextTier,
    VisitsToNextTier,
    PointsExpire,
    EarnedExpire,
    ReceiptCode,
    // Why a benefit did not apply, with its particulars.
    BeginsOn,
    EndedOn,
    AppliesBetween,
    ForTiers,
    OtherIsBetter,
    // Why a benefit did not apply, in short.
    Refused(RefusalCode),
}

impl Phrase {
    /// The English words.
    pub(crate) const fn english(self) -> &'static str {
        match self {
            Self::Training => "TRAINING - NOT A RECEIPT",
            Self::Points => "Points",
            Self::TillDiscount => "Discount at the till",
            Self::PaidWithPoints => "Paid with {points} points",
            Self::Saved => "You saved",
            Self::PointsEarned => "Points earned",
            Self::PointsSpent => "Points spent",
            Self::PointsBalance => "Points balance",
            Self::PointsOwed => "Points owed",
            Self::ToNextTier => "To {tier}",
            Self::VisitsToNextTier => "Visits to {tier}",
            Self::PointsExpire => "{points} points expire after {date}",
            Self::EarnedExpire => "Points of today expire after {date}",
            Self::ReceiptCode => "Code",
            Self::BeginsOn => "{label} begins on {date}",
            Self::EndedOn => "{label} ended on {date}",
            Self::AppliesBetween => "{label} applies from {from} to {to}",
            Self::ForTiers => "{label} is for {tiers}",
            Self::OtherIsBetter => "{other} is better for the customer than {label}",
            Self::Refused(code) => refused(code),
        }
    }

    /// The words with their places filled in.
    pub(crate) fn fill(self, places: &[(&str, &str)]) -> String {
        let template = self.english();
        let mut filled = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            if let Some((_, value)) = places.iter().find(|(place, _)| *place == name) {
                filled.push_str(value);
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

const fn refused(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NotYet => "{label} has not begun yet",
        RefusalCode::Over => "{label} is over by now",
        RefusalCode::OtherWeekday => "{label} does not apply on this day of the week",
        RefusalCode::OtherHours => "{label} does not apply at this hour",
        RefusalCode::OtherStore => "{label} does not apply in this store",
        RefusalCode::MembersOnly => "{label} is for members",
        RefusalCode::OtherTier => "{label} is for other tiers",
        RefusalCode::NotInSegment => "{label} is not meant for this member",
        RefusalCode::NoEligibleLine => "nothing in the basket is eligible for {label}",
        RefusalCode::BelowMinimumAmount => "{missing} more and {label} applies",
        RefusalCode::BelowMinimumQuantity => {
            "{missing} more of the eligible products and {label} applies"
        }
        RefusalCode::NothingLeft => {
            "{label} does not apply: what is eligible is at its lowest price already"
        }
        RefusalCode::DiscountLimit => {
            "{label} does not apply: the discounts together are at their limit already"
        }
        RefusalCode::GroupBestIs => "another offer is better for the customer than {label}",
        RefusalCode::DoesNotStack => "{label} cannot be combined with what applies already",
        RefusalCode::VoucherUnknown => "voucher {label} is not known",
        RefusalCode::VoucherUsed => "voucher {label} was used before",
        RefusalCode::VoucherHeld => "voucher {label} is on hold for another basket",
        RefusalCode::VoucherOfOther => "voucher {label} belongs to another member",
        RefusalCode::NoRedemption => "points cannot be spent here",
        RefusalCode::BelowSpendMinimum => "at least {missing} points are spent at once",
        RefusalCode::NotWholeSteps => "points are spent in steps of {missing}",
        RefusalCode::NotALevel => "points are spent level by level; nearest: {missing}",
        RefusalCode::NotEnoughPoints => "only {missing} points may be spent",
        RefusalCode::OverShare => "this basket takes at most {missing} points",
        RefusalCode::LimitReached => "{label} was used as often as it may be",
        RefusalCode::NotFirstPurchase => "{label} is for the first purchase",
        RefusalCode::MilestoneAhead => "{missing} more until {label}",
        RefusalCode::MilestoneAheadAmount | RefusalCode::BelowOwnAverage => {
            "{missing} more and {label} applies"
        }
        RefusalCode::NoAverageYet => "{label} begins after a few purchases",
        RefusalCode::NotBirthday => "{label} is for birthdays",
        RefusalCode::BirthdayUsed => "{label} was given for this birthday already",
        RefusalCode::IdentifyBetter => {
            "spending this much needs a better identification: scan the code in the member's app"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_and_unknown_ones_are_left_empty() {
        let places = [("points", "10"), ("date", "2027-02-28")];
        let cases = [
            (Phrase::PointsExpire, "10 points expire after 2027-02-28"),
            (Phrase::Saved, "You saved"),
            (Phrase::ToNextTier, "To "),
        ];
        for (phrase, filled) in cases {
            assert_eq!(phrase.fill(&places), filled);
        }
    }

    #[test]
    fn every_refusal_has_words_without_stray_braces() {
        for code in RefusalCode::ALL {
            let said = Phrase::Refused(*code).fill(&[("label", "L"), ("missing", "1")]);
            assert!(!said.contains(['{', '}']) && said.len() > 8, "{code}: {said}");
        }
    }
}
