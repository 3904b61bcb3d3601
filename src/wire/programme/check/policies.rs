//! What a programme has once: accrual, expiry, tiers, discounts, personal offers.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{
    AccrualTable, ClawBackWord, DiscountsTable, ExpiryMode, ExpiryTable, GiftsBackWord,
    LeftOverWord, MeasureWord, MomentWord, PercentsWord, PersonalTable, PointsNumber, PointsTable,
    PriceFloorTable, ReturnsTable, RoundingWord, TaxWord, Threshold, TierKeptWord, TierTable,
    TierWindowWord, TiersTable, UsedPointsWord,
};
use super::super::limits::{EXPIRY_DAYS, PRICE_FLOORS_MAX, THRESHOLD_MAX, TIERS_MAX};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{
    AccrualBase, AccrualMoment, AccrualPolicy, ClawBack, DiscountBounds, DiscountMethod,
    ExpiryPolicy, GiftsBack, MinimumMoment, Offer, PERSONAL_OFFERS_MAX, PercentStyle,
    PersonalPolicy, PriceFloor, Reach, TaxBase, Tier, TierId, TierKept, TierMeasure, TierPolicy,
    TierWindow, UsedPointsBack, WINDOW_DAYS_MAX,
};
use crate::money::{Factor, LeftOver, POINT_DECIMALS_MAX, PointDecimals, Points, Rounding};
use crate::wire::table::Table;

impl Check<'_, '_> {
    pub(super) fn points_policy(&mut self, table: Option<&PointsTable>) -> PointDecimals {
        let points = Place::Root.key("points");
        let at = points.key("decimals");
        let decimals = table.and_then(|table| table.decimals);
        let Some(decimals) = decimals else {
            return PointDecimals::WHOLE;
        };
        // Where they cannot be read, no number of points is told for decimals that may be meant.
        let decimals = self.whole(&at, decimals, 0..=POINT_DECIMALS_MAX);
        PointDecimals::new(decimals.unwrap_or(POINT_DECIMALS_MAX)).unwrap_or_default()
    }

    pub(super) fn accrual(&mut self, table: Option<&AccrualTable>) -> AccrualPolicy {
        let Some(table) = table else {
            return AccrualPolicy::default();
        };
        let moment = |word: Option<MomentWord>| match word {
            Some(MomentWord::Before) => AccrualMoment::Before,
            Some(MomentWord::After) | None => AccrualMoment::After,
        };
        AccrualPolicy {
            tax: match table.tax {
                Some(TaxWord::Net) => TaxBase::Net,
                Some(TaxWord::Gross) | None => TaxBase::Gross,
            },
            base: AccrualBase {
                discounts: moment(table.discounts),
                redemption: moment(table.redemption),
            },
            rounding: table.rounding.map_or(Rounding::Floor, rounding),
        }
    }

    pub(super) fn expiry(
        &mut self,
        at: &Place<'_>,
        table: Option<&ExpiryTable>,
    ) -> Option<ExpiryPolicy> {
        let mode = table.and_then(|table| table.mode);
        let days = table.and_then(|table| table.days);
        let days_read = match days {
            Some(days) => self.whole(&at.key("days"), days, 1..=WINDOW_DAYS_MAX),
            None => Some(EXPIRY_DAYS),
        };
        match mode.unwrap_or(ExpiryMode::Sliding) {
            ExpiryMode::Sliding => days_read.map(|days| ExpiryPolicy::Sliding { days }),
            ExpiryMode::Lots => days_read.map(|days| ExpiryPolicy::Lots { days }),
            ExpiryMode::Never => {
                self.unused(at, "days", days.as_ref(), "mode never");
                Some(ExpiryPolicy::Never)
            }
        }
    }

    pub(super) fn personal_policy(
        &mut self,
        table: Option<&PersonalTable>,
        offers: &[Offer],
    ) -> PersonalPolicy {
        let at = Place::Root.key("personal");
        let none_is = offers.iter().all(|offer| offer.reach == Reach::Open);
        if none_is && table.is_some() && !self.faults.has_unread_under(&Place::Root.key("offers")) {
            let reason = "no offer is personal: write personal = true in those that are";
            self.faults.add(&at, FaultCode::UnusedKey, reason);
        }
        let most = u32::try_from(PERSONAL_OFFERS_MAX).unwrap_or(u32::MAX);
        let shown_max = table.and_then(|table| table.shown_max);
        let shown_max =
            shown_max.and_then(|shown| self.whole(&at.key("shown_max"), shown, 1..=most));
        PersonalPolicy { shown_max }
    }

    pub(super) fn tiers(&mut self, table: Option<&TiersTable>) -> Option<TierPolicy> {
        let table = table?;
        let at = Place::Root.key("tiers");
        let measure = self.required(&at, "measure", table.measure.as_ref());
        let measure = measure.map(|word| match word {
            MeasureWord::Spend => TierMeasure::Spend,
            MeasureWord::Points => TierMeasure::PointsEarned,
            MeasureWord::Visits => TierMeasure::Visits,
        });
        let window = self.tier_window(&at, table);
        let kept = self.tier_kept(&at, table, window);
        let steps = self.required(&at, "steps", table.steps.as_deref())?;
        let steps_at = at.key("steps");
        self.count(&steps_at, steps.len(), TIERS_MAX);
        if steps.is_empty() {
            let reason = "there is no tier in it; leave [tiers] out to have none";
            self.faults.add(&steps_at, FaultCode::EmptyList, reason);
        }
        let mut tiers = Vec::new();
        let mut ids = BTreeMap::new();
        let mut below = None;
        for (index, step) in steps.iter().enumerate().take(TIERS_MAX) {
            let step_at = steps_at.index(index);
            self.distinct_id(&step_at, step.id.as_deref(), &mut ids);
            let threshold = self.threshold(&step_at, step, measure);
            if let Some(threshold) = threshold {
                self.rising_threshold(&step_at.key("threshold"), index, threshold, below);
            }
            below = threshold.or(below);
            tiers.extend(self.tier(&step_at, step, threshold));
        }
        Some(TierPolicy { measure: measure?, window: window?, kept: kept?, steps: tiers })
    }

    fn tier_kept(
        &mut self,
        at: &Place<'_>,
        table: &TiersTable,
        window: Option<TierWindow>,
    ) -> Option<TierKept> {
        if window == Some(TierWindow::Lifetime) {
            self.unused(at, "grace_days", table.grace_days.as_ref(), "window lifetime");
        }
        match (table.kept, table.grace_days) {
            (Some(TierKeptWord::YearAfter), grace_days) => {
                self.unused(at, "grace_days", grace_days.as_ref(), "kept year_after");
                if window.is_some_and(|window| window != TierWindow::CalendarYear) {
                    let reason = "\"year_after\" asks for window \"calendar_year\"";
                    self.faults.add(&at.key("kept"), FaultCode::Contradiction, reason);
                }
                Some(TierKept::YearAfter)
            }
            (Some(TierKeptWord::Measured), grace_days) => {
                self.unused(at, "grace_days", grace_days.as_ref(), "kept measured");
                Some(TierKept::Measured)
            }
            (None, None) => Some(TierKept::Measured),
            (None, Some(days)) => self
                .whole(&at.key("grace_days"), days, 1..=WINDOW_DAYS_MAX)
                .map(TierKept::DaysAfter),
        }
    }

    fn tier_window(&mut self, at: &Place<'_>, table: &TiersTable) -> Option<TierWindow> {
        let word = self.required(at, "window", table.window.as_ref())?;
        match word {
            TierWindowWord::Lifetime => {
                self.unused(at, "days", table.days.as_ref(), "window lifetime");
                Some(TierWindow::Lifetime)
            }
            TierWindowWord::CalendarYear => {
                self.unused(at, "days", table.days.as_ref(), "window calendar_year");
                Some(TierWindow::CalendarYear)
            }
            TierWindowWord::RollingDays => {
                let days = self.required(at, "days", table.days.as_ref())?;
                self.whole(&at.key("days"), *days, 1..=WINDOW_DAYS_MAX).map(TierWindow::RollingDays)
            }
        }
    }

    fn tier(&mut self, at: &Place<'_>, table: &TierTable, threshold: Option<i64>) -> Option<Tier> {
        let id = self.required_id(at, "id", table.id.as_deref(), TierId::parse);
        let name = self.name(at, table.name.as_deref());
        let multiplier = match &table.multiplier {
            Some(text) => self.multiplier(&at.key("multiplier"), text),
            None => Some(Factor::ONE),
        };
        Some(Tier { id: id?, name: name?, threshold: threshold?, multiplier: multiplier? })
    }

    fn threshold(
        &mut self,
        tier: &Place<'_>,
        table: &TierTable,
        measure: Option<TierMeasure>,
    ) -> Option<i64> {
        let threshold = self.required(tier, "threshold", table.threshold.as_ref())?;
        let at = tier.key("threshold");
        let reason = match (measure?, threshold) {
            (TierMeasure::Spend, Threshold::Text(text)) => {
                return self.amount_or_zero(&at, text).map(|amount| amount.value());
            }
            (TierMeasure::Spend, Threshold::Whole(number)) => {
                format!("an amount of money is written as text: \"{number}.00\"")
            }
            (TierMeasure::PointsEarned, Threshold::Whole(number)) => {
                return self.points_threshold(&at, &PointsNumber::Whole(*number));
            }
            (TierMeasure::PointsEarned, Threshold::Text(text))
                if self.point_decimals != PointDecimals::WHOLE =>
            {
                return self.points_threshold(&at, &PointsNumber::Text(text.clone()));
            }
            (TierMeasure::Visits, Threshold::Whole(number)) => {
                return self.whole(&at, *number, 0..=THRESHOLD_MAX);
            }
            (TierMeasure::PointsEarned | TierMeasure::Visits, Threshold::Text(_)) => {
                "a count is written as a whole number without quotes".to_owned()
            }
        };
        self.faults.add(&at, FaultCode::WrongType, reason);
        None
    }

    fn points_threshold(&mut self, at: &Place<'_>, number: &PointsNumber) -> Option<i64> {
        self.points_up_to(at, number, Points::ZERO..=Points::new(THRESHOLD_MAX)).map(Points::value)
    }

    fn rising_threshold(
        &mut self,
        at: &Place<'_>,
        index: usize,
        threshold: i64,
        below: Option<i64>,
    ) {
        let reason = match below {
            _ if index == 0 && threshold != 0 => "the first tier begins at 0",
            Some(below) if threshold <= below => "must be more than the tier before",
            _ => return,
        };
        self.faults.add(at, FaultCode::ThresholdsNotRising, reason);
    }

    pub(super) fn discounts(&mut self, table: Option<&DiscountsTable>) -> DiscountBounds {
        let Some(table) = table else {
            return DiscountBounds::default();
        };
        let at = Place::Root.key("discounts");
        let receipt = table.receipt_percent_max.as_ref();
        let line = table.line_percent_max.as_ref();
        DiscountBounds {
            receipt_percent_max: receipt
                .and_then(|text| self.percent(&at.key("receipt_percent_max"), text)),
            line_percent_max: line.and_then(|text| self.percent(&at.key("line_percent_max"), text)),
            receipt_amount_max: self.optional_amount(
                &at,
                "receipt_amount_max",
                table.receipt_amount_max.as_ref(),
            ),
            price_floors: self.price_floors(&at.key("price_floors"), table),
            excluded_categories: self
                .categories(&at.key("excluded_categories"), &table.excluded_categories),
        }
    }
}

impl Check<'_, '_> {
    fn price_floors(&mut self, at: &Place<'_>, table: &DiscountsTable) -> Vec<PriceFloor> {
        let floors = table.price_floors.as_deref().unwrap_or_default();
        self.count(at, floors.len(), PRICE_FLOORS_MAX);
        let floors = floors.iter().take(PRICE_FLOORS_MAX).enumerate();
        let floor = |(index, table): (usize, &Table<PriceFloorTable>)| {
            let floor_at = at.index(index);
            let scope = table.scope.as_deref();
            let scope = scope.map(|scope| self.scope(&floor_at.key("scope"), scope));
            let price = table.unit_price_min.as_ref();
            let unit_price_min = self.required_amount(&floor_at, "unit_price_min", price);
            Some(PriceFloor { scope: scope.unwrap_or_default(), unit_price_min: unit_price_min? })
        };
        floors.filter_map(floor).collect()
    }
}

pub(super) fn claw_back(table: Option<&ReturnsTable>) -> ClawBack {
    match table.and_then(|table| table.claw_back) {
        Some(ClawBackWord::WithinBalance) => ClawBack::WithinBalance,
        Some(ClawBackWord::PendingOnly) => ClawBack::PendingOnly,
        Some(ClawBackWord::NegativeAllowed) | None => ClawBack::NegativeAllowed,
    }
}

pub(super) fn used_points_back(table: Option<&ReturnsTable>) -> UsedPointsBack {
    match table.and_then(|table| table.used_points) {
        Some(UsedPointsWord::FullReturnOnly) => UsedPointsBack::FullReturnOnly,
        Some(UsedPointsWord::ProRata) | None => UsedPointsBack::ProRata,
    }
}

pub(super) fn discount_method(table: Option<&DiscountsTable>) -> DiscountMethod {
    let Some(table) = table else {
        return DiscountMethod::default();
    };
    DiscountMethod {
        minimum: match table.minimums {
            Some(MomentWord::Before) => MinimumMoment::BeforeStages,
            Some(MomentWord::After) | None => MinimumMoment::AfterStages,
        },
        percents: match table.percents {
            Some(PercentsWord::Additive) => PercentStyle::Additive,
            Some(PercentsWord::Sequential) | None => PercentStyle::Sequential,
        },
        left_over: match table.left_over {
            Some(LeftOverWord::FirstLines) => LeftOver::FirstLines,
            Some(LeftOverWord::LargestRemainder) | None => LeftOver::LargestRemainder,
        },
    }
}

/// What becomes of gifts when a part of the goods comes back.
pub(super) fn gifts_back(table: Option<&ReturnsTable>) -> GiftsBack {
    match table.and_then(|table| table.gifts) {
        Some(GiftsBackWord::Kept) => GiftsBack::Kept,
        Some(GiftsBackWord::Claimed) | None => GiftsBack::Claimed,
    }
}

pub(super) fn rounding(word: RoundingWord) -> Rounding {
    match word {
        RoundingWord::Floor => Rounding::Floor,
        RoundingWord::HalfUp => Rounding::HalfUp,
        RoundingWord::Ceil => Rounding::Ceil,
    }
}
