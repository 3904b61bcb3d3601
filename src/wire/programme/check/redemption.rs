//! How points are spent.

use super::super::fault::FaultCode;
use super::super::file::{
    CompanyRoleWord, DecimalText, ExcessWord, LevelTable, OversizeWord, RedeemAsWord,
    RedemptionTable, StrengthTable, StrengthWord, ThisSaleWord,
};
use super::super::limits::{LEVELS_MAX, STRENGTH_STEPS_MAX};
use super::super::place::Place;
use super::Check;
use super::policies::rounding;
use crate::loyalty::{
    Excess, Ladder, Level, LevelWorth, Oversize, PointsWorth, RedeemAs, RedemptionPolicy,
    StrengthStep, ThisSale,
};
use crate::member_code::Strength;
use crate::money::{Percent, Points, Rounding};
use crate::wire::table::Table;

/// The keys that points and cashback are spent by alike.
pub(super) struct SpendKeys<'t> {
    pub(super) share_max: Option<&'t DecimalText>,
    pub(super) excess: Option<ExcessWord>,
    pub(super) redeem_as: Option<RedeemAsWord>,
    /// Of points only.
    pub(super) this_sale: Option<ThisSaleWord>,
    pub(super) company_roles: Option<&'t [CompanyRoleWord]>,
    pub(super) strength: Option<&'t [Table<StrengthTable>]>,
}

impl Check<'_, '_> {
    pub(super) fn redemption(
        &mut self,
        table: Option<&RedemptionTable>,
    ) -> Option<RedemptionPolicy> {
        let table = table?;
        let at = Place::Root.key("redemption");
        let worth = match table.levels.as_deref() {
            Some(levels) => self.ladder(&at, table, levels),
            None => self.steps(&at, table),
        };
        let keys = SpendKeys {
            share_max: table.share_max.as_ref(),
            excess: table.excess,
            redeem_as: table.redeem_as,
            this_sale: table.this_sale,
            company_roles: table.company_roles.as_deref(),
            strength: table.strength.as_deref(),
        };
        self.spending(&at, worth, keys)
    }

    /// How a balance with such a worth and minimum is spent.
    pub(super) fn spending(
        &mut self,
        at: &Place<'_>,
        worth: Option<(PointsWorth, Points)>,
        keys: SpendKeys<'_>,
    ) -> Option<RedemptionPolicy> {
        let share_max = match keys.share_max {
            Some(text) => self.percent(&at.key("share_max"), text),
            None => Some(Percent::WHOLE),
        };
        let strength = self.strength_steps(&at.key("strength"), keys.strength);
        let (worth, minimum) = worth?;
        let roles_at = at.key("company_roles");
        let company_roles = keys.company_roles.map(|roles| self.roles(&roles_at, roles));
        Some(RedemptionPolicy {
            company_roles,
            worth,
            minimum,
            share_max: share_max?,
            excess: match keys.excess {
                Some(ExcessWord::Refuse) => Excess::Refuse,
                Some(ExcessWord::Clamp) | None => Excess::Clamp,
            },
            redeem_as: match keys.redeem_as {
                Some(RedeemAsWord::Tender) => RedeemAs::Tender,
                Some(RedeemAsWord::Discount) | None => RedeemAs::Discount,
            },
            this_sale: match keys.this_sale {
                Some(ThisSaleWord::Usable) => ThisSale::Usable,
                Some(ThisSaleWord::Later) | None => ThisSale::Later,
            },
            strength,
        })
    }

    /// What a step is worth, and the least that can be spent.
    fn steps(&mut self, at: &Place<'_>, table: &RedemptionTable) -> Option<(PointsWorth, Points)> {
        self.unused(at, "rounding", table.rounding.as_ref(), "steps");
        self.unused(at, "oversize", table.oversize.as_ref(), "steps");
        if table.step.is_none() && table.step_value.is_none() {
            let reason = "what points are worth is missing: `step` and `step_value`, or `levels`";
            self.faults.add(at, FaultCode::MissingKey, reason);
            return None;
        }
        let step = self
            .required(at, "step", table.step.as_ref())
            .and_then(|step| self.points(&at.key("step"), step));
        let value = self
            .required(at, "step_value", table.step_value.as_ref())
            .and_then(|text| self.amount(&at.key("step_value"), text));
        let minimum = self.points_minimum(at, table, step);
        if let (Some(step), Some(minimum)) = (step, minimum) {
            if minimum.value() % step.value() != 0 {
                let [step, minimum] =
                    [step, minimum].map(|points| self.point_decimals.format(points));
                let reason = format!("must be a multiple of the step {step}, found {minimum}");
                self.faults.add(&at.key("minimum"), FaultCode::NotWholeSteps, reason);
            }
        }
        Some((PointsWorth::Steps { step: step?, value: value? }, minimum?))
    }

    /// What the levels are worth, and the least that can be spent.
    fn ladder(
        &mut self,
        at: &Place<'_>,
        table: &RedemptionTable,
        levels: &[Table<LevelTable>],
    ) -> Option<(PointsWorth, Points)> {
        self.unused(at, "step", table.step.as_ref(), "levels");
        self.unused(at, "step_value", table.step_value.as_ref(), "levels");
        let levels = self.levels(&at.key("levels"), levels);
        let lowest = levels.as_ref().and_then(|levels| levels.first()).map(|level| level.points);
        let minimum = self.points_minimum(at, table, lowest);
        if let (Some(levels), Some(minimum)) = (&levels, minimum) {
            if levels.iter().all(|level| level.points != minimum) {
                let minimum = self.point_decimals.format(minimum);
                let reason = format!("must be the points of a level, found {minimum}");
                self.faults.add(&at.key("minimum"), FaultCode::NotWholeSteps, reason);
            }
        }
        let ladder = Ladder {
            levels: levels?,
            rounding: table.rounding.map_or(Rounding::HalfUp, rounding),
            oversize: match table.oversize {
                Some(OversizeWord::Capped) => Oversize::Capped,
                Some(OversizeWord::NotOffered) | None => Oversize::NotOffered,
            },
        };
        Some((PointsWorth::Levels(ladder), minimum?))
    }

    fn points_minimum(
        &mut self,
        at: &Place<'_>,
        table: &RedemptionTable,
        least: Option<Points>,
    ) -> Option<Points> {
        match &table.minimum {
            Some(minimum) => self.points(&at.key("minimum"), minimum),
            None => least,
        }
    }

    /// The levels, if all of them could be read.
    fn levels(&mut self, at: &Place<'_>, tables: &[Table<LevelTable>]) -> Option<Vec<Level>> {
        self.count(at, tables.len(), LEVELS_MAX);
        if tables.is_empty() {
            let reason = "there is no level in it; leave [redemption] out to have none";
            self.faults.add(at, FaultCode::EmptyList, reason);
            return None;
        }
        let mut levels: Vec<Level> = Vec::new();
        for (index, table) in tables.iter().enumerate().take(LEVELS_MAX) {
            let level_at = at.index(index);
            let points = self
                .required(&level_at, "points", table.points.as_ref())
                .and_then(|points| self.points(&level_at.key("points"), points));
            let worth = self.level_worth(&level_at, table);
            let (Some(points), Some(worth)) = (points, worth) else {
                continue;
            };
            let level = Level { points, worth };
            if let Some(below) = levels.last() {
                self.rising_level(&level_at, *below, level);
            }
            levels.push(level);
        }
        (levels.len() == tables.len()).then_some(levels)
    }

    fn level_worth(&mut self, at: &Place<'_>, table: &LevelTable) -> Option<LevelWorth> {
        match (&table.amount, &table.percent) {
            (Some(text), None) => self.amount(&at.key("amount"), text).map(LevelWorth::Amount),
            (None, Some(text)) => self.percent(&at.key("percent"), text).map(LevelWorth::Percent),
            (None, None) => {
                let reason = "what the level gives is missing: `amount` or `percent`";
                self.faults.add(at, FaultCode::MissingKey, reason);
                None
            }
            (Some(_), Some(percent)) => {
                self.unused(at, "percent", Some(percent), "a level with an amount");
                None
            }
        }
    }

    /// More points, and no less for them: else nobody should climb.
    fn rising_level(&mut self, at: &Place<'_>, below: Level, level: Level) {
        if level.points <= below.points {
            let reason = "must be more than the level before";
            self.faults.add(&at.key("points"), FaultCode::LevelsNotRising, reason);
        }
        let (key, falls) = match (below.worth, level.worth) {
            (LevelWorth::Amount(before), LevelWorth::Amount(amount)) => ("amount", amount < before),
            (LevelWorth::Percent(before), LevelWorth::Percent(percent)) => {
                ("percent", percent < before)
            }
            (_, worth) => {
                let key = match worth {
                    LevelWorth::Amount(_) => "amount",
                    LevelWorth::Percent(_) => "percent",
                };
                let reason = "either all levels give an amount or all give a percentage: else it \
                              depends on the basket which is worth more";
                self.faults.add(&at.key(key), FaultCode::Contradiction, reason);
                return;
            }
        };
        if falls {
            let reason = "must not be less than on the level before";
            self.faults.add(&at.key(key), FaultCode::LevelsNotRising, reason);
        }
    }

    fn strength_steps(
        &mut self,
        at: &Place<'_>,
        tables: Option<&[Table<StrengthTable>]>,
    ) -> Vec<StrengthStep> {
        let tables = tables.unwrap_or_default();
        self.count(at, tables.len(), STRENGTH_STEPS_MAX);
        let mut steps: Vec<StrengthStep> = Vec::new();
        for (index, table) in tables.iter().enumerate().take(STRENGTH_STEPS_MAX) {
            let step_at = at.index(index);
            let from = self
                .required(&step_at, "from", table.from.as_ref())
                .and_then(|text| self.amount_or_zero(&step_at.key("from"), &text.0));
            let strength = self.required(&step_at, "strength", table.strength.as_ref());
            let (Some(from), Some(word)) = (from, strength) else {
                continue;
            };
            let strength = match word {
                StrengthWord::Static => Strength::Static,
                StrengthWord::Totp => Strength::Totp,
                StrengthWord::SignedToken => Strength::Token,
            };
            if let Some(before) = steps.last() {
                if from <= before.from || strength <= before.strength {
                    let reason = "value and strength must both be more than in the step before";
                    self.faults.add(&step_at, FaultCode::StrengthNotRising, reason);
                }
            }
            steps.push(StrengthStep { from, strength });
        }
        steps
    }
}
