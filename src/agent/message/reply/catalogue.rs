//! The rewards that a member could choose on a basket.

use serde::Serialize;
use utoipa::ToSchema;

use super::rejected::code_of;
use crate::loyalty::{Gift, Programme, Reason, RewardOption};

/// A reward that is open to the member now. Those that can be had come first to mind; the others
/// say what is in their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RewardReply<'a> {
    /// The reward; `rewards` of a quote or receipt names it.
    #[schema(example = "coffee")]
    pub(crate) reward: &'a str,
    /// What customers call it.
    #[schema(example = "Coffee")]
    pub(crate) label: &'a str,
    /// What it is.
    pub(crate) kind: GiftName,
    /// What it costs.
    #[schema(example = 80)]
    pub(crate) points: i64,
    /// Whether it can be had on this basket, beside what was chosen already.
    pub(crate) available: bool,
    /// Points that are missing for it.
    #[schema(example = 12)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    /// Why it cannot be had: `points_missing`, `limit_reached`, `identify_better`,
    /// `no_eligible_line`, `below_minimum_amount`, `below_minimum_quantity`, `nothing_left`.
    #[schema(value_type = Vec<String>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) obstacles: Vec<&'static str>,
}

/// What a reward is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GiftName {
    /// A unit of the basket, free or at a price.
    Item,
    /// Something that the till hands out and that is no line.
    Service,
    /// A voucher for a later purchase; its code comes with the receipt.
    Voucher,
}

impl<'a> RewardReply<'a> {
    /// Renders an option; `None` of a reward that the programme does not have.
    pub(super) fn of(option: &RewardOption, programme: &'a Programme) -> Option<Self> {
        let reward = programme.reward(&option.reward)?;
        Some(Self {
            reward: reward.id.as_str(),
            label: &reward.name,
            kind: match reward.gift {
                Gift::Item { .. } => GiftName::Item,
                Gift::Service { .. } => GiftName::Service,
                Gift::Voucher(_) => GiftName::Voucher,
            },
            points: option.points.value(),
            available: option.obstacles.is_empty(),
            missing: option.obstacles.iter().find_map(|reason| match reason {
                Reason::PointsMissing { missing } => Some(missing.value()),
                _ => None,
            }),
            obstacles: option.obstacles.iter().map(code_of).collect(),
        })
    }
}
