//! A programme and its records, for tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::agent::till::answer::{Novelty, Recorded};
use crate::journal::testing::record_of;
use crate::journal::{Kind, Signature};
use crate::loyalty::{
    AccrualPolicy, ClawBack, Conditions, DiscountBounds, DiscountMethod, ExpiryPolicy, Offer,
    OfferId, PricePolicy, Programme, ProgrammeId, Reward, Stacking, Tier, TierId, TierKept,
    TierMeasure, TierPolicy, TierWindow, Trigger, UsedPointsBack,
};
use crate::money::{Amount, Currency, Factor, Percent, PointDecimals};

/// The programme of the journal's example records.
pub(crate) fn programme() -> Programme {
    Programme {
        id: ProgrammeId::parse("club").expect("an id"),
        version: 12,
        name: "Sunday Club".to_owned(),
        currency: Currency::from_code("CZK").expect("a code"),
        zone: chrono_tz::Europe::Prague,
        point_decimals: PointDecimals::WHOLE,
        accrual: AccrualPolicy::default(),
        expiry: ExpiryPolicy::Sliding { days: 365 },
        tiers: Some(TierPolicy {
            measure: TierMeasure::Spend,
            window: TierWindow::RollingDays(365),
            kept: TierKept::Measured,
            steps: vec![
                tier("bronze", "Bronze", 0),
                tier("silver", "Silver", 1_000_000),
                tier("gold", "Gold", 2_000_000),
            ],
        }),
        redemption: None,
        cashback: None,
        rewards: Vec::new(),
        conversions: Vec::new(),
        earn: Vec::new(),
        offers: vec![
            offer(
                "dairy-20",
                "Everything from the dairy -20 %",
                Reward::LinePercent(Percent::whole(20)),
            ),
            offer("over-500", "50 off from 500", Reward::BasketAmount(Amount::new(5_000))),
        ],
        discounts: DiscountBounds::default(),
        prices: PricePolicy::default(),
        personal: Default::default(),
        greetings: Vec::new(),
        messages: None,
        offline: None,
        gifts_back: Default::default(),
        claw_back: ClawBack::default(),
        used_points_back: UsedPointsBack::default(),
        discount_method: DiscountMethod::default(),
        voucher_types: BTreeMap::new(),
        event_types: BTreeSet::new(),
        late_member_days: 14,
    }
}

/// The example record of a kind, with an empty signature.
pub(crate) fn recorded(kind: Kind) -> Recorded {
    Recorded {
        id: 1,
        record: record_of(kind),
        signature: Signature::from_bytes([0; 64]),
        novelty: Novelty::Fresh,
    }
}

fn tier(id: &str, name: &str, threshold: i64) -> Tier {
    Tier {
        id: TierId::parse(id).expect("an id"),
        name: name.to_owned(),
        threshold,
        multiplier: Factor::ONE,
    }
}

fn offer(id: &str, name: &str, reward: Reward) -> Offer {
    Offer {
        id: OfferId::parse(id).expect("an id"),
        name: name.to_owned(),
        variant: None,
        priority: 0,
        group: None,
        reach: Default::default(),
        trigger: Trigger::Itself,
        announced: false,
        stacking: Stacking::Stackable,
        conditions: Conditions::default(),
        reward,
        cap: None,
        quantity_max: None,
        limits: Vec::new(),
        shared_limits: Vec::new(),
    }
}
