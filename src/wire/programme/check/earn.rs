//! Earning rules.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{
    CountWindowWord, DecimalText, EarnKindWord, EarnTable, LimitScopeWord, LimitTable,
    MilestoneMeasureWord, OfferLimitTable, RepeatWord, RuleLimitTable, StepStyleWord, Threshold,
    UnknownReferrerWord, VisitsWord,
};
use super::super::limits::{
    AVERAGE_VISITS_MAX, AVERAGE_VISITS_MIN, EARN_RULES_MAX, LIMIT_USES_MAX, THRESHOLD_MAX,
    USE_LIMITS_MAX,
};
use super::super::place::Place;
use super::Check;
use super::shared_limits::Counts;
use crate::loyalty::{
    Chance, CountWindow, EarnKind, EarnRule, FlagId, LimitScope, MilestoneMeasure, MilestoneRepeat,
    OfferLimit, ReferralTerms, Reward, RuleId, RuleLimit, SharedLimit, StepStyle, TierMultiplied,
    UnknownReferrer, UseLimit, UseUnit, WINDOW_DAYS_MAX,
};
use crate::money::Points;
use crate::wire::table::Table;

impl Check<'_, '_> {
    /// The earning rules in the order of their ids.
    pub(super) fn earn_rules(
        &mut self,
        tables: &[(usize, EarnTable)],
        pending_days: Option<u16>,
    ) -> Vec<EarnRule> {
        let at = Place::Root.key("earn");
        self.count(&at, tables.len(), EARN_RULES_MAX);
        let mut ids = BTreeMap::new();
        let mut rules = Vec::new();
        for (index, table) in tables.iter().take(EARN_RULES_MAX) {
            let rule_at = at.index(*index);
            self.distinct_id(&rule_at, table.id.as_deref(), &mut ids);
            rules.extend(self.earn_rule(&rule_at, table, pending_days));
        }
        rules.sort_by(|left, right| left.id.cmp(&right.id));
        rules
    }

    fn earn_rule(
        &mut self,
        at: &Place<'_>,
        table: &EarnTable,
        pending_days: Option<u16>,
    ) -> Option<EarnRule> {
        let id = self.required_id(at, "id", table.id.as_deref(), RuleId::parse);
        let name = match table.name.as_deref().or(table.id.as_deref()) {
            Some(name) => self.name(at, Some(name)),
            None => None,
        };
        let conditions = self.conditions(at, table.conditions());
        let counts = match table.kind {
            // Its limits are of the one who referred.
            Some(EarnKindWord::Referral) => Counts::Receipts,
            _ if table.points.is_some() => Counts::PointsToo,
            _ => Counts::Receipts,
        };
        let limits = self.rule_limits(&at.key("limits"), table.limits.as_deref(), counts);
        let grants = self.grants(at, table);
        let shared = table.shared_limits.as_deref();
        let shared_limits = self.shared_limits(&at.key("shared_limits"), shared, counts);
        let chance = self.chance(at, table);
        let hands_out = table.voucher.is_some() || table.entries.is_some();
        let is_referral = matches!(table.kind, Some(EarnKindWord::Referral));
        let is_cashback = matches!(table.kind, Some(EarnKindWord::Cashback));
        let pending_days = match table.pending.as_deref() {
            None => pending_days,
            pending => self.pending_days(at, pending),
        };
        let points = match &table.points {
            None if is_cashback || hands_out && !is_referral => Some(Points::ZERO),
            points => self
                .required(at, "points", points.as_ref())
                .and_then(|points| self.points(&at.key("points"), points)),
        };
        let word = self.required(at, "kind", table.kind.as_ref())?;
        self.unused_earn_keys(at, table, *word);
        let kind = match word {
            EarnKindWord::PerAmount => {
                let amount = self.required_amount(at, "amount", table.amount.as_ref());
                EarnKind::PerAmount {
                    points: points?,
                    amount: amount?,
                    style: match table.style {
                        Some(StepStyleWord::FullSteps) => StepStyle::FullSteps,
                        Some(StepStyleWord::Proportional) | None => StepStyle::Proportional,
                    },
                }
            }
            EarnKindWord::Cashback => self.cashback_rule(at, table)?,
            EarnKindWord::PerVisit => EarnKind::PerVisit { points: points? },
            EarnKindWord::PerItem => EarnKind::PerItem { points: points? },
            EarnKindWord::Welcome => EarnKind::Welcome { points: points? },
            EarnKindWord::Referral => self.referral(at, table, points)?,
            EarnKindWord::Milestone => self.milestone(at, table, points)?,
            EarnKindWord::AboveAverage => {
                let amount = self.required_amount(at, "amount", table.amount.as_ref());
                let visits_min = table.visits_min.unwrap_or(AVERAGE_VISITS_MIN);
                let visits_min =
                    self.whole(&at.key("visits_min"), visits_min, 1..=AVERAGE_VISITS_MAX);
                EarnKind::AboveAverage { points: points?, amount: amount?, visits_min: visits_min? }
            }
        };
        self.budgets_hold_one(at, &kind, (&limits, &shared_limits));
        let by_amount = matches!(word, EarnKindWord::PerAmount | EarnKindWord::Cashback);
        let multiplied = table.tier_multiplied.unwrap_or(by_amount);
        Some(EarnRule {
            id: id?,
            name: name?,
            conditions,
            kind,
            grants,
            tier_multiplied: if multiplied { TierMultiplied::Yes } else { TierMultiplied::No },
            limits,
            shared_limits,
            chance,
            pending_days: pending_days?,
        })
    }

    /// Tells a budget of points that never holds what the rule gives at once.
    fn budgets_hold_one(
        &mut self,
        at: &Place<'_>,
        kind: &EarnKind,
        (limits, shared_limits): (&[RuleLimit], &[SharedLimit]),
    ) {
        let points = match kind {
            EarnKind::PerVisit { points }
            | EarnKind::PerItem { points }
            | EarnKind::Welcome { points }
            | EarnKind::Milestone { points, .. } => *points,
            EarnKind::Referral(terms) => terms.points,
            EarnKind::PerAmount { .. }
            | EarnKind::AboveAverage { .. }
            | EarnKind::Cashback { .. } => return,
        };
        let own = limits.iter().map(|limit| (limit.unit, limit.limit.uses_max));
        let shared = shared_limits.iter().map(|shared| (shared.unit, shared.of_one_agent()));
        let own = own.enumerate().map(|found| ("limits", found));
        let shared = shared.enumerate().map(|found| ("shared_limits", found));
        for (key, (index, (unit, most))) in own.chain(shared) {
            if unit == UseUnit::Points && Points::new(i64::from(most)) < points {
                let reason = format!("{most} points never hold the {points} that the rule gives");
                self.faults.add(&at.key(key).index(index), FaultCode::Contradiction, reason);
            }
        }
    }

    /// The chance of a surprise. What was promised is not drawn.
    fn chance(&mut self, at: &Place<'_>, table: &EarnTable) -> Option<Chance> {
        let (place, chance) = (at.key("chance_bp"), table.chance_bp?);
        if let Some(kind @ (EarnKindWord::Milestone | EarnKindWord::Referral)) = table.kind {
            let reason = format!("kind {} is earned, not drawn", kind.as_str());
            self.faults.add(&place, FaultCode::Contradiction, reason);
        }
        let chance = self.whole(&place, chance, 1..=Chance::CERTAIN)?;
        Chance::from_basis_points(chance)
    }

    fn unused_earn_keys(&mut self, at: &Place<'_>, table: &EarnTable, word: EarnKindWord) {
        use EarnKindWord as Kind;
        let by = format!("kind {}", word.as_str());
        if !matches!(word, Kind::PerAmount | Kind::AboveAverage) {
            self.unused(at, "amount", table.amount.as_ref(), &by);
        }
        if matches!(word, Kind::Cashback) {
            self.unused(at, "points", table.points.as_ref(), &by);
        } else {
            self.unused(at, "percent", table.percent.as_ref(), &by);
        }
        if !matches!(word, Kind::PerAmount) {
            self.unused(at, "style", table.style.as_ref(), &by);
        }
        if !matches!(word, Kind::Milestone) {
            self.unused(at, "measure", table.measure.as_ref(), &by);
            self.unused(at, "visits", table.visits.as_ref(), &by);
            self.unused(at, "at", table.at.as_ref(), &by);
            self.unused(at, "repeat", table.repeat.as_ref(), &by);
        }
        if !matches!(word, Kind::Referral) {
            self.unused(at, "referrer_points", table.referrer_points.as_ref(), &by);
            let flags = table.referrer_excluded_flags.as_ref();
            self.unused(at, "referrer_excluded_flags", flags, &by);
            self.unused(at, "unknown_referrer", table.unknown_referrer.as_ref(), &by);
        }
        if !matches!(word, Kind::AboveAverage) {
            self.unused(at, "visits_min", table.visits_min.as_ref(), &by);
        }
    }

    fn referral(
        &mut self,
        rule: &Place<'_>,
        table: &EarnTable,
        points: Option<Points>,
    ) -> Option<EarnKind> {
        let referrer_points = self
            .required(rule, "referrer_points", table.referrer_points.as_ref())
            .and_then(|points| self.points(&rule.key("referrer_points"), points));
        let flags_at = rule.key("referrer_excluded_flags");
        let flags = self.choice(&flags_at, table.referrer_excluded_flags.as_deref(), FlagId::parse);
        Some(EarnKind::Referral(ReferralTerms {
            points: points?,
            referrer_points: referrer_points?,
            referrer_excluded_flags: flags.unwrap_or_default(),
            unknown_referrer: match table.unknown_referrer {
                Some(UnknownReferrerWord::Earn) => UnknownReferrer::Earn,
                Some(UnknownReferrerWord::Wait) | None => UnknownReferrer::Wait,
            },
        }))
    }

    fn milestone(
        &mut self,
        rule: &Place<'_>,
        table: &EarnTable,
        points: Option<Points>,
    ) -> Option<EarnKind> {
        let measure = match self.required(rule, "measure", table.measure.as_ref())? {
            MilestoneMeasureWord::Visits => match table.visits {
                Some(VisitsWord::Days) => MilestoneMeasure::VisitDays,
                Some(VisitsWord::Receipts) | None => MilestoneMeasure::Visits,
            },
            MilestoneMeasureWord::Spend => MilestoneMeasure::Spend,
            MilestoneMeasureWord::Items => MilestoneMeasure::Items,
        };
        if matches!(measure, MilestoneMeasure::Spend | MilestoneMeasure::Items) {
            self.unused(rule, "visits", table.visits.as_ref(), "this measure");
        }
        let (mark, at) = (self.required(rule, "at", table.at.as_ref())?, rule.key("at"));
        let at = match (measure, mark) {
            (MilestoneMeasure::Spend, Threshold::Text(text)) => {
                self.amount(&at, &DecimalText(text.clone())).map(|amount| amount.value())
            }
            (MilestoneMeasure::Spend, Threshold::Whole(number)) => {
                let reason = format!("an amount of money is written as text: \"{number}.00\"");
                self.faults.add(&at, FaultCode::WrongType, reason);
                None
            }
            (_, Threshold::Whole(number)) => self.whole(&at, *number, 1..=THRESHOLD_MAX),
            (_, Threshold::Text(_)) => {
                let reason = "a count is written as a whole number without quotes";
                self.faults.add(&at, FaultCode::WrongType, reason);
                None
            }
        };
        let repeat = match table.repeat {
            Some(RepeatWord::Every) => MilestoneRepeat::Every,
            Some(RepeatWord::Once) | None => MilestoneRepeat::Once,
        };
        Some(EarnKind::Milestone { points: points?, measure, at: at?, repeat })
    }

    /// Limits of use, in the order of the file.
    pub(super) fn use_limits(
        &mut self,
        at: &Place<'_>,
        tables: Option<&[Table<LimitTable>]>,
    ) -> Vec<UseLimit> {
        let tables = tables.unwrap_or_default();
        self.count(at, tables.len(), USE_LIMITS_MAX);
        let tables = tables.iter().take(USE_LIMITS_MAX).enumerate();
        tables.filter_map(|(index, table)| self.use_limit(&at.index(index), table)).collect()
    }

    /// An earning rule's limits, in the order of the file.
    fn rule_limits(
        &mut self,
        at: &Place<'_>,
        tables: Option<&[Table<RuleLimitTable>]>,
        counts: Counts,
    ) -> Vec<RuleLimit> {
        let tables = tables.unwrap_or_default();
        self.count(at, tables.len(), USE_LIMITS_MAX);
        let tables = tables.iter().take(USE_LIMITS_MAX).enumerate();
        tables
            .filter_map(|(index, table)| {
                let at = at.index(index);
                let RuleLimitTable { count, window, days, uses } = **table;
                let unit = self.use_unit(&at, count, counts);
                let limit = self.use_limit(&at, &LimitTable { window, days, uses })?;
                Some(RuleLimit { unit, limit })
            })
            .collect()
    }

    /// An offer's limits, in the order of the file.
    pub(super) fn offer_limits(
        &mut self,
        at: &Place<'_>,
        tables: Option<&[Table<OfferLimitTable>]>,
        reward: Option<&Reward>,
    ) -> Vec<OfferLimit> {
        let tables = tables.unwrap_or_default();
        self.count(at, tables.len(), USE_LIMITS_MAX);
        let tables = tables.iter().take(USE_LIMITS_MAX).enumerate();
        tables
            .filter_map(|(index, table)| self.offer_limit(&at.index(index), table, reward))
            .collect()
    }

    fn offer_limit(
        &mut self,
        at: &Place<'_>,
        table: &OfferLimitTable,
        reward: Option<&Reward>,
    ) -> Option<OfferLimit> {
        let OfferLimitTable { per, count, window, days, uses } = table;
        let unit = self.use_unit(at, *count, Counts::of_offer(reward));
        let limit = LimitTable { window: *window, days: *days, uses: *uses };
        Some(OfferLimit {
            per: match per {
                Some(LimitScopeWord::Member) => LimitScope::Member,
                Some(LimitScopeWord::Account) | None => LimitScope::Account,
            },
            unit,
            limit: self.use_limit(at, &limit)?,
        })
    }

    pub(super) fn use_limit(&mut self, at: &Place<'_>, table: &LimitTable) -> Option<UseLimit> {
        let uses = self.required(at, "uses", table.uses.as_ref());
        let uses_max = uses.and_then(|uses| self.whole(&at.key("uses"), *uses, 1..=LIMIT_USES_MAX));
        let word = self.required(at, "window", table.window.as_ref())?;
        if !matches!(word, CountWindowWord::Days) {
            self.unused(at, "days", table.days.as_ref(), "this window");
        }
        let window = match word {
            CountWindowWord::Day => CountWindow::Day,
            CountWindowWord::Week => CountWindow::Week,
            CountWindowWord::Month => CountWindow::Month,
            CountWindowWord::Year => CountWindow::Year,
            CountWindowWord::Ever => CountWindow::Ever,
            CountWindowWord::Days => {
                let days = self.required(at, "days", table.days.as_ref())?;
                CountWindow::Days(self.whole(&at.key("days"), *days, 1..=WINDOW_DAYS_MAX)?)
            }
        };
        Some(UseLimit { window, uses_max: uses_max? })
    }
}
