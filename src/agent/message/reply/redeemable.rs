//! What points could buy on a basket.

use serde::Serialize;
use utoipa::ToSchema;

use super::rejected::code_of;
use crate::loyalty::{Choices, LadderProgress, LevelChoice, Redeemable};
use crate::money::Amount;

/// What could be spent, so that the cashier can ask "use now or keep".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RedeemableReply {
    /// At most so many points.
    #[schema(example = 600)]
    pub(crate) points_max: i64,
    /// What they are worth, in minor units.
    #[schema(example = 6000)]
    pub(crate) value_max: i64,
    /// In steps of. Only where points are spent in steps.
    #[schema(example = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<i64>,
    /// What a step is worth, in minor units. Only where points are spent in steps.
    #[schema(example = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step_value: Option<i64>,
    /// The levels to choose from. Only where points are spent level by level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ladder: Option<LadderReply>,
}

/// Discounts by balance: `spend_points` is the points of one level, or nothing to keep them all
/// and grow to a better one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LadderReply {
    /// Every level, the lowest first.
    pub(crate) levels: Vec<LevelReply>,
    /// How far the balance before this sale is.
    pub(crate) before: LadderProgressReply,
    /// How far the balance after this sale is, as it was priced.
    pub(crate) after: LadderProgressReply,
}

/// One level on this basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LevelReply {
    /// What it costs.
    #[schema(example = 200)]
    pub(crate) points: i64,
    /// What it gives on this basket, in minor units; where it cannot be spent, what it would give.
    #[schema(example = 2500)]
    pub(crate) value: i64,
    /// Whether it may be spent now.
    pub(crate) available: bool,
    /// Why not: `not_enough_points`, `over_share` (the basket does not take all that it is
    /// worth), `below_spend_minimum`, `identify_better`.
    #[schema(value_type = Vec<String>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) obstacles: Vec<&'static str>,
}

/// How far up the ladder a balance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LadderProgressReply {
    /// The points of the highest level that the balance pays for; absent below the lowest.
    #[schema(example = 200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reached: Option<i64>,
    /// The points of the next level; absent at the top.
    #[schema(example = 400)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<i64>,
    /// The points missing to it.
    #[schema(example = 150)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    /// How far from the level reached, or from nothing, to the next, 0 to 100; 100 at the top.
    #[schema(example = 25)]
    pub(crate) progress_percent: u8,
    /// Only after: for how much more on this basket, in minor units with tax, the next level is
    /// reached, at the rate at which any goods earn now. About: goods with offers on them bring
    /// less, rules for single products more. Absent where no rule counts any goods.
    #[schema(example = 1500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing_amount: Option<i64>,
}

impl RedeemableReply {
    pub(super) fn of(redeemable: &Redeemable) -> Self {
        let (step, step_value, ladder) = match &redeemable.choices {
            Choices::Steps { step, step_value } => {
                (Some(step.value()), Some(step_value.value()), None)
            }
            Choices::Levels { levels, before, after, amount_ahead } => {
                let after = LadderProgressReply {
                    missing_amount: amount_ahead.map(Amount::value),
                    ..LadderProgressReply::of(*after)
                };
                let ladder = LadderReply {
                    levels: levels.iter().map(LevelReply::of).collect(),
                    before: LadderProgressReply::of(*before),
                    after,
                };
                (None, None, Some(ladder))
            }
        };
        Self {
            points_max: redeemable.points_max.value(),
            value_max: redeemable.value_max.value(),
            step,
            step_value,
            ladder,
        }
    }
}

impl LevelReply {
    fn of(level: &LevelChoice) -> Self {
        Self {
            points: level.points.value(),
            value: level.value.value(),
            available: level.obstacles.is_empty(),
            obstacles: level.obstacles.iter().map(code_of).collect(),
        }
    }
}

impl LadderProgressReply {
    pub(super) fn of(progress: LadderProgress) -> Self {
        Self {
            reached: progress.reached.map(|level| level.value()),
            next: progress.next.map(|(level, _)| level.value()),
            missing: progress.next.map(|(_, missing)| missing.value()),
            progress_percent: progress.percent(),
            missing_amount: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::loyalty::Reason;
    use crate::money::Points;

    #[test]
    fn steps_are_told_as_ever() {
        let choices = Choices::Steps { step: Points::new(100), step_value: Amount::new(1_000) };
        let redeemable =
            Redeemable { points_max: Points::new(600), value_max: Amount::new(6_000), choices };
        let told = to_value(RedeemableReply::of(&redeemable)).expect("JSON");
        let expected =
            json!({"points_max": 600, "value_max": 6000, "step": 100, "step_value": 1000});
        assert_eq!(told, expected);
    }

    #[test]
    fn br_14_levels_are_told_with_obstacles_and_progress() {
        let available = Points::new(250);
        let level = |points, value, obstacles| LevelChoice {
            points: Points::new(points),
            value: Amount::new(value),
            obstacles,
        };
        let progress = |reached, next: Option<(i64, i64)>| LadderProgress {
            reached: Some(Points::new(reached)),
            next: next.map(|(next, missing)| (Points::new(next), Points::new(missing))),
        };
        let redeemable = Redeemable {
            points_max: Points::new(200),
            value_max: Amount::new(2_500),
            choices: Choices::Levels {
                levels: vec![
                    level(200, 2_500, vec![]),
                    level(400, 6_000, vec![Reason::NotEnoughPoints { available }]),
                ],
                before: progress(200, Some((400, 150))),
                after: progress(200, Some((400, 50))),
                amount_ahead: Some(Amount::new(50_000)),
            },
        };
        let told = to_value(RedeemableReply::of(&redeemable)).expect("JSON");
        let expected = json!({
            "points_max": 200,
            "value_max": 2500,
            "ladder": {
                "levels": [
                    {"points": 200, "value": 2500, "available": true},
                    {
                        "points": 400,
                        "value": 6000,
                        "available": false,
                        "obstacles": ["not_enough_points"],
                    },
                ],
                "before": {"reached": 200, "next": 400, "missing": 150, "progress_percent": 25},
                "after": {
                    "reached": 200, "next": 400, "missing": 50, "progress_percent": 75,
                    "missing_amount": 50_000,
                },
            },
        });
        assert_eq!(told, expected);
    }
}
