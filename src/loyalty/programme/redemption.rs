//! How points are spent: in whole steps, or by the levels of a ladder.

use std::collections::BTreeSet;

use crate::loyalty::standing::{AccountKind, CompanyRole};
use crate::member_code::Strength;
use crate::money::{AMOUNT_MINOR_MAX, Amount, Percent, Points, Rounding, mul_div};

/// How points are spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedemptionPolicy {
    /// What points are worth.
    pub worth: PointsWorth,
    /// At least so many points at once.
    pub minimum: Points,
    /// At most this share of what remains to be paid.
    pub share_max: Percent,
    /// What happens to a request beyond a limit.
    pub excess: Excess,
    /// Lowers prices or pays.
    pub redeem_as: RedeemAs,
    /// Whether points of a sale may be spent on it.
    pub this_sale: ThisSale,
    /// How sure the till must be of the member, by value: the last step whose amount is reached.
    pub strength: Vec<StrengthStep>,
    /// Who may spend a company's points; anybody of it where `None` (LD-26).
    pub company_roles: Option<BTreeSet<CompanyRole>>,
}

/// What points are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointsWorth {
    /// Any number of whole steps, each worth the same.
    Steps {
        /// Points of a step, at least 1.
        step: Points,
        /// What one step is worth.
        value: Amount,
    },
    /// One level of a ladder (BR-4).
    Levels(Ladder),
}

/// Discounts by balance: a customer spends exactly the points of one level, or keeps them all and
/// grows to a better one (BR-4, BR-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// At least one; points rise, and what they are worth never falls: either all are amounts or
    /// all are percentages.
    pub levels: Vec<Level>,
    /// How a percentage becomes an amount.
    pub rounding: Rounding,
    /// What becomes of a level that is worth more than the basket takes.
    pub oversize: Oversize,
}

/// One level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// What it costs.
    pub points: Points,
    /// What it gives.
    pub worth: LevelWorth,
}

/// What a level gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelWorth {
    /// So much.
    Amount(Amount),
    /// A share of what remains to be paid for what points may pay, taken once on the sum.
    Percent(Percent),
}

/// What becomes of a level that is worth more than the basket takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Oversize {
    /// It is not offered: points never go for less than they are worth. The default.
    #[default]
    NotOffered,
    /// It gives what the basket takes, and the rest is lost.
    Capped,
}

/// How far up the ladder a balance is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LadderProgress {
    /// The highest level that the balance pays for.
    pub reached: Option<Points>,
    /// The level after it, and how many points it still needs; none at the top.
    pub next: Option<(Points, Points)>,
}

/// From a value on, a strength is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrengthStep {
    /// Value of the points from which this holds.
    pub from: Amount,
    /// The least strength.
    pub strength: Strength,
}

/// Whether points that a sale earns may be spent on it. Rewards of the catalogue are always paid
/// with points from before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThisSale {
    /// Only on later ones. The default.
    #[default]
    Later,
    /// At once, as far as the sale still earns them when they are spent.
    Usable,
}

/// What happens to a request for more points than may be spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Excess {
    /// Spend what may be spent and say so. The default.
    #[default]
    Clamp,
    /// Spend nothing and say why.
    Refuse,
}

/// What spent points are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedeemAs {
    /// A discount split over the lines that may be discounted. The default.
    #[default]
    Discount,
    /// A means of payment for every line.
    Tender,
}

impl LadderProgress {
    /// How far from the level reached, or from nothing, to the next, 0 to 100; 100 at the top.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let Some((next, missing)) = self.next else { return 100 };
        let floor = self.reached.unwrap_or_default();
        let whole = (next - floor).value().max(1);
        let done = mul_div((whole - missing.value()).max(0), 100, whole, Rounding::Floor);
        u8::try_from(done.unwrap_or_default().min(100)).unwrap_or(100)
    }
}

impl RedemptionPolicy {
    /// Whether somebody may spend the account's points, by what the account stands for.
    #[must_use]
    pub fn may_spend(&self, kind: AccountKind, role: Option<CompanyRole>) -> bool {
        let bound = self.company_roles.as_ref().filter(|_| kind == AccountKind::Company);
        bound.is_none_or(|roles| role.is_some_and(|role| roles.contains(&role)))
    }

    /// The points of a step and what one is worth; `None` where points are spent by levels.
    #[must_use]
    pub fn step(&self) -> Option<(Points, Amount)> {
        match self.worth {
            PointsWorth::Steps { step, value } => Some((step, value)),
            PointsWorth::Levels(_) => None,
        }
    }

    /// The most that can be spent of so many points, whatever the basket: whole steps, or the
    /// highest level at or below them; nothing below the minimum.
    #[must_use]
    pub fn spendable(&self, points: Points) -> Points {
        let whole = match &self.worth {
            PointsWorth::Steps { step, .. } => whole_steps(points, *step),
            PointsWorth::Levels(ladder) => {
                ladder.at_or_below(points).map_or(Points::ZERO, |level| level.points)
            }
        };
        if whole < self.minimum { Points::ZERO } else { whole }
    }

    /// What so many points are worth at most; whole steps and whole levels only. Exact but for a
    /// level that is a percentage: its worth is known on a basket only and taken to be as large
    /// as any amount, so that whoever asks for a strength by it asks for the surest.
    #[must_use]
    pub fn value_of(&self, points: Points) -> Amount {
        match &self.worth {
            PointsWorth::Steps { step, value } => steps_value(points, *step, *value),
            PointsWorth::Levels(ladder) => match ladder.at_or_below(points) {
                None => Amount::ZERO,
                Some(Level { worth: LevelWorth::Amount(amount), .. }) => amount,
                Some(Level { worth: LevelWorth::Percent(_), .. }) => Amount::new(AMOUNT_MINOR_MAX),
            },
        }
    }

    /// What any number of points is worth at most, whole steps or not.
    #[must_use]
    pub fn value_at_most(&self, points: Points) -> Amount {
        match &self.worth {
            PointsWorth::Steps { step, value } => {
                let worth = mul_div(points.value(), value.value(), step.value(), Rounding::Ceil);
                Amount::new(worth.unwrap_or(AMOUNT_MINOR_MAX))
            }
            PointsWorth::Levels(_) => self.value_of(points),
        }
    }

    /// What so many points paid on a receipt of which so much was left to be paid in money, where
    /// only a till's own figures are known. Of a percentage: as if every line could take it.
    #[must_use]
    pub fn value_beside(&self, points: Points, paid: Amount) -> Amount {
        let level = match &self.worth {
            PointsWorth::Steps { .. } => None,
            PointsWorth::Levels(ladder) => ladder.at_or_below(points).zip(Some(ladder.rounding)),
        };
        let Some((Level { worth: LevelWorth::Percent(percent), .. }, rounding)) = level else {
            return self.value_of(points);
        };
        let taken = i64::from(percent.thousandths());
        let left = i64::from(Percent::WHOLE.thousandths()) - taken;
        let value = mul_div(paid.value(), taken, left, rounding);
        Amount::new(value.unwrap_or(AMOUNT_MINOR_MAX))
    }

    /// How surely the member must be known to spend this much; at least by a scanned code.
    #[must_use]
    pub fn strength_for(&self, value: Amount) -> Strength {
        let reached = self.strength.iter().rev().find(|step| step.from <= value);
        reached.map_or(Strength::Static, |step| step.strength)
    }

    /// How far up the ladder a balance is; `None` where points are spent in steps.
    #[must_use]
    pub fn progress(&self, balance: Points) -> Option<LadderProgress> {
        match &self.worth {
            PointsWorth::Steps { .. } => None,
            PointsWorth::Levels(ladder) => Some(ladder.progress(balance)),
        }
    }
}

impl Ladder {
    /// The highest level that costs no more.
    #[must_use]
    pub fn at_or_below(&self, points: Points) -> Option<Level> {
        self.levels.iter().rev().find(|level| level.points <= points).copied()
    }

    /// The lowest level that costs more.
    #[must_use]
    pub fn above(&self, points: Points) -> Option<Level> {
        self.levels.iter().find(|level| level.points > points).copied()
    }

    /// How far up a balance is.
    #[must_use]
    pub fn progress(&self, balance: Points) -> LadderProgress {
        LadderProgress {
            reached: self.at_or_below(balance).map(|level| level.points),
            next: self.above(balance).map(|level| (level.points, level.points - balance)),
        }
    }

    /// What a level gives where so much remains to be paid.
    pub(crate) fn value_on(&self, level: Level, remaining: Amount) -> Amount {
        match level.worth {
            LevelWorth::Amount(amount) => amount,
            LevelWorth::Percent(percent) => {
                let value = percent.of(remaining.value(), self.rounding);
                Amount::new(value.expect("a share of at most 100 % of a sum fits"))
            }
        }
    }
}

fn whole_steps(points: Points, step: Points) -> Points {
    Points::new(points.value() / step.value() * step.value())
}

fn steps_value(points: Points, step: Points, value: Amount) -> Amount {
    let steps = points.value() / step.value();
    Amount::new(steps.saturating_mul(value.value()))
}
