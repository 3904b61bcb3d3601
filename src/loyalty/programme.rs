//! The programme as data: everything that a business user may set, checked.

mod cashback;
mod catalogue;
mod discounts;
mod prices;
mod redemption;
mod reward;
mod tier;

pub use cashback::CashbackPolicy;
pub use catalogue::{CatalogueReward, Gift, REWARDS_CHOSEN_MAX};
pub use discounts::{DiscountBounds, DiscountMethod, MinimumMoment, PercentStyle, PriceFloor};
pub use prices::PricePolicy;
pub use redemption::{
    Excess, Ladder, LadderProgress, Level, LevelWorth, Oversize, PointsWorth, RedeemAs,
    RedemptionPolicy, StrengthStep, ThisSale,
};
pub use reward::{
    BUNDLE_PARTS_MAX, Bundle, BundlePart, BundleValue, BuyGet, GotUnits, QuantityStep, Reward,
};
pub use tier::{Tier, TierKept, TierMeasure, TierPolicy, TierWindow};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::account::Account;
use super::claw_back::ClawBack;
use super::conversion::Conversion;
use super::counter::{UseLimit, UseUnit};
use super::decision::{Applied, Benefit};
use super::earn_rule::{EarnKind, EarnRule};
use super::entry::{EntryTerms, Expires};
use super::gifts::GiftsBack;
use super::ids::{
    EventTypeId, GroupId, LineId, OfferId, ProgrammeId, RewardId, TierId, VariantId, VoucherId,
    VoucherTypeId,
};
use super::offer_code::{CouponOf, OfferCode};
use super::offline::OfflineSpending;
use super::personal::{PersonalPolicy, Reach};
use super::promotion::{Greeting, MessagePolicy};
use super::shared_limit::SharedLimit;
use super::spent_back::UsedPointsBack;
use super::terms::Conditions;
use crate::member_code::Strength;
use crate::money::{Amount, Currency, Factor, Percent, PointDecimals, Points, Quantity, Rounding};

/// A published version of a programme. Immutable: a change is a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Its id.
    pub id: ProgrammeId,
    /// Rises with every publication.
    pub version: u32,
    /// What customers call it; printed on receipts.
    pub name: String,
    /// The one currency of its receipts.
    pub currency: Currency,
    /// Whose midnight ends a day.
    pub zone: Tz,
    /// How many decimals points have.
    pub point_decimals: PointDecimals,
    /// What earns and how it is rounded.
    pub accrual: AccrualPolicy,
    /// How points expire.
    pub expiry: ExpiryPolicy,
    /// Tiers, if any.
    pub tiers: Option<TierPolicy>,
    /// Spending points, if the programme allows it.
    pub redemption: Option<RedemptionPolicy>,
    /// Money given back for later purchases, if the programme has it (BQ-43).
    pub cashback: Option<CashbackPolicy>,
    /// What points buy beside a discount, in the order of their ids.
    pub rewards: Vec<CatalogueReward>,
    /// What converts points into vouchers, in the order of their ids.
    pub conversions: Vec<Conversion>,
    /// Earning rules, in the order of their ids.
    pub earn: Vec<EarnRule>,
    /// Offers, in the order of their ids.
    pub offers: Vec<Offer>,
    /// What all discounts together may not exceed.
    pub discounts: DiscountBounds,
    /// How discounts are computed where engines differ.
    pub discount_method: DiscountMethod,
    /// How prices are computed.
    pub prices: PricePolicy,
    /// How offers that single members carry are handled.
    pub personal: PersonalPolicy,
    /// What is said to members of a kind, in the order of their ids.
    pub greetings: Vec<Greeting>,
    /// How much is said unasked; everything where `None`.
    pub messages: Option<MessagePolicy>,
    /// What may be spent where the hub's latest word is not known; what the balance holds where
    /// `None`.
    pub offline: Option<OfflineSpending>,
    /// What becomes of points that a return takes back and the balance does not hold.
    pub claw_back: ClawBack,
    /// When points come back that were spent on what is returned.
    pub used_points_back: UsedPointsBack,
    /// What becomes of gifts when a part of what they were given for comes back.
    pub gifts_back: GiftsBack,
    /// Kinds of vouchers.
    pub voucher_types: BTreeMap<VoucherTypeId, VoucherType>,
    /// Kinds of custom events that tills may record (CC-19).
    pub event_types: BTreeSet<EventTypeId>,
    /// How many days after a sale a member may still be assigned to it.
    pub late_member_days: u16,
}

/// Days kept beyond the longest window of the programme, for receipts that arrive late.
const DAYS_KEPT_BEYOND: u16 = 31;

/// The shortest history kept, so that a new programme version with a longer window finds it.
pub const DAYS_KEPT_MIN: u16 = 400;

/// The longest sliding expiry, lot validity or rolling tier window: ten years. It bounds the
/// history that an account carries.
pub const WINDOW_DAYS_MAX: u16 = 3_660;

impl Programme {
    /// What folding an entry needs of this programme.
    #[must_use]
    pub fn entry_terms(&self) -> EntryTerms {
        let Expiries { points: expiry, cashback: cashback_expiry } = self.expiries();
        let expiry_days = expiry.days_kept().max(cashback_expiry.days_kept());
        let tier_days = self.tiers.as_ref().map_or(0, TierPolicy::days_kept);
        let limits = self.earn.iter().flat_map(|rule| &rule.limits).map(|by| &by.limit);
        let of_offers = self.offers.iter().flat_map(|offer| &offer.limits).map(|by| &by.limit);
        let of_rewards = self.rewards.iter().flat_map(|reward| &reward.limits);
        let of_greetings = self.greetings.iter().flat_map(|greeting| &greeting.frequency);
        let of_messages = self.messages.iter().flat_map(|policy| &policy.frequency);
        let of_words = of_greetings.chain(of_messages);
        let limits = limits.chain(of_offers).chain(of_rewards).chain(of_words);
        let limit_days = limits.map(|limit| limit.window.days()).max().unwrap_or_default();
        let longest = DAYS_KEPT_MIN.max(expiry_days).max(tier_days).max(limit_days);
        let days_kept = longest.saturating_add(DAYS_KEPT_BEYOND);
        EntryTerms { expiry, cashback_expiry, days_kept }
    }

    /// How points and cashback expire.
    #[must_use]
    pub fn expiries(&self) -> Expiries {
        let cashback = self.cashback.as_ref().map_or(ExpiryPolicy::Never, |policy| policy.expiry);
        Expiries { points: self.expiry, cashback }
    }

    /// The account's average basket, where a rule looks at it.
    #[must_use]
    pub fn average_of(&self, account: &Account) -> Option<Amount> {
        let looks = |rule: &EarnRule| matches!(rule.kind, EarnKind::AboveAverage { .. });
        self.earn.iter().any(looks).then(|| account.average_basket(1)).flatten()
    }

    /// The lot that points earned on a day go to.
    #[must_use]
    pub fn lot_of(&self, day: NaiveDate) -> Expires {
        self.expiry.lot_of(day)
    }

    /// The lot that points given by hand on a day go to: in a sliding programme they live as if
    /// bought that day, until a purchase renews them with the rest.
    #[must_use]
    pub fn lot_of_adjustment(&self, day: NaiveDate) -> Expires {
        self.expiry.lot_by_hand(day)
    }

    /// The local day of an instant.
    #[must_use]
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// An offer by its id.
    #[must_use]
    pub fn offer(&self, id: &OfferId) -> Option<&Offer> {
        let found = self.offers.binary_search_by(|offer| offer.id.cmp(id)).ok()?;
        self.offers.get(found)
    }

    /// The lines on which an offer is announced as a reduction.
    #[must_use]
    pub fn announced_on<'a>(&self, applied: &'a [Applied]) -> BTreeSet<&'a LineId> {
        let announced = |applied: &&Applied| match &applied.benefit {
            Benefit::Offer(id) => self.offer(id).is_some_and(|offer| offer.announced),
            _ => false,
        };
        let parts = applied.iter().filter(announced).flat_map(|applied| &applied.allocations);
        parts.map(|part| &part.line_id).collect()
    }

    /// What one voucher of a kind will cost the shop when it is used, as far as that can be known
    /// before: what its kind says, else the amount that it is worth (CC-28).
    #[must_use]
    pub fn voucher_cost(&self, voucher_type: &VoucherTypeId) -> Option<Amount> {
        let kind = self.voucher_types.get(voucher_type)?;
        kind.cost.or(match kind.value {
            VoucherValue::Amount(amount) => Some(amount.min(kind.cap.unwrap_or(amount))),
            VoucherValue::Percent(_) => None,
        })
    }

    /// What each voucher among benefits costs the shop: what its kind says, else its discount.
    #[must_use]
    pub fn voucher_costs(&self, applied: &[Applied]) -> Vec<(VoucherId, Amount)> {
        let cost = |applied: &Applied| match &applied.benefit {
            Benefit::Voucher { voucher, voucher_type } => {
                let said = self.voucher_types.get(voucher_type).and_then(|kind| kind.cost);
                Some((voucher.clone(), said.unwrap_or(applied.amount)))
            }
            _ => None,
        };
        applied.iter().filter_map(cost).collect()
    }

    /// A reward of the catalogue by its id.
    #[must_use]
    pub fn reward(&self, id: &RewardId) -> Option<&CatalogueReward> {
        let found = self.rewards.binary_search_by(|reward| reward.id.cmp(id)).ok()?;
        self.rewards.get(found)
    }

    /// How surely the member must be known to spend so many points: as for the money that they
    /// are worth; by a scanned code where they are worth none.
    #[must_use]
    pub fn strength_to_spend(&self, points: Points) -> Strength {
        self.redemption
            .as_ref()
            .map_or(Strength::Static, |policy| policy.strength_for(policy.value_at_most(points)))
    }

    /// The highest multiplier of its tiers.
    #[must_use]
    pub fn highest_multiplier(&self) -> Factor {
        let steps = self.tiers.iter().flat_map(|tiers| &tiers.steps);
        steps.map(|tier| tier.multiplier).max().unwrap_or(Factor::ONE)
    }

    /// A tier by its id.
    #[must_use]
    pub fn tier(&self, id: &TierId) -> Option<&Tier> {
        self.tiers.as_ref().and_then(|policy| policy.steps.iter().find(|tier| tier.id == *id))
    }
}

/// What earns points and how it is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccrualPolicy {
    /// With or without tax.
    pub tax: TaxBase,
    /// Before or after discounts and redemption.
    pub base: AccrualBase,
    /// How points per amount become whole; once per rule and receipt.
    pub rounding: Rounding,
}

/// Whether tax earns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaxBase {
    /// With tax, whether it is inside the prices or added to them. The default: it is what the customer sees.
    #[default]
    Gross,
    /// Without tax, per tax rate, rounded half up once.
    Net,
}

/// Which sum earns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccrualBase {
    /// Offers and vouchers.
    pub discounts: AccrualMoment,
    /// Points spent.
    pub redemption: AccrualMoment,
}

/// Before or after a deduction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccrualMoment {
    /// The deduction lowers what earns. The default.
    #[default]
    After,
    /// The deduction does not matter.
    Before,
}

/// How points expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryPolicy {
    /// The whole balance, at the end of the local day so many days after the last purchase
    /// (BR-1, BR-2).
    Sliding {
        /// 365 in the seed.
        days: u16,
    },
    /// Each award, at the end of the local day so many days after it was earned; soonest first.
    Lots {
        /// Days of validity.
        days: u16,
    },
    /// Points stay.
    Never,
}

/// How points and cashback expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiries {
    /// Points.
    pub points: ExpiryPolicy,
    /// Cashback.
    pub cashback: ExpiryPolicy,
}

impl ExpiryPolicy {
    /// The lot that what is earned on a day goes to.
    #[must_use]
    pub fn lot_of(self, day: NaiveDate) -> Expires {
        match self {
            Self::Sliding { .. } => Expires::WithActivity,
            Self::Lots { days } => Expires::On(day + Days::new(u64::from(days))),
            Self::Never => Expires::Never,
        }
    }

    /// The lot that what is given by hand on a day goes to: it lives as if earned that day.
    #[must_use]
    pub fn lot_by_hand(self, day: NaiveDate) -> Expires {
        match self {
            Self::Sliding { days } | Self::Lots { days } => {
                Expires::On(day + Days::new(u64::from(days)))
            }
            Self::Never => Expires::Never,
        }
    }

    /// The days of its window on past purchases.
    const fn days_kept(self) -> u16 {
        match self {
            Self::Sliding { days } => days,
            Self::Lots { .. } | Self::Never => 0,
        }
    }
}

/// Something given on a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// What customers call it; printed on receipts.
    pub name: String,
    /// Which of several variants that are compared it is (BQ-41); only told and recorded.
    pub variant: Option<VariantId>,
    /// Higher goes first within its stage; ties by id.
    pub priority: i32,
    /// Of a group, only the best for the customer applies, of those that come to something in
    /// their turn.
    pub group: Option<GroupId>,
    /// Whom it is for, among those whom its conditions let in.
    pub reach: Reach,
    /// What makes it come.
    pub trigger: Trigger,
    /// Whether it is announced to everybody as a reduction, so that the lowest price of the last
    /// 30 days is told beside it.
    pub announced: bool,
    /// Whether it shares lines with other offers.
    pub stacking: Stacking,
    /// When it counts.
    pub conditions: Conditions,
    /// What it gives.
    pub reward: Reward,
    /// At most so much discount on one receipt.
    pub cap: Option<Amount>,
    /// Of a percentage or an amount off lines: on at most so much of a receipt, dearest units
    /// first.
    pub quantity_max: Option<Quantity>,
    /// How often it may be used (LD-9); all of them must hold. An offer with limits is for members.
    pub limits: Vec<OfferLimit>,
    /// How often all customers together may use it (LD-9); all of them must hold.
    pub shared_limits: Vec<SharedLimit>,
}

/// What makes an offer come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trigger {
    /// It comes by itself. The default.
    #[default]
    Itself,
    /// The customer gives one of these codes, as from a leaflet (LD-18).
    Codes(BTreeSet<OfferCode>),
    /// The customer brings a coupon; one with a serial number counts once.
    Coupon(CouponOf),
}

/// How often an offer may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferLimit {
    /// By whom.
    pub per: LimitScope,
    /// What counts as a use.
    pub unit: UseUnit,
    /// Over which time, and how often.
    pub limit: UseLimit,
}

/// Whose uses a limit counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitScope {
    /// All members of an account together. The default.
    #[default]
    Account,
    /// Each member of an account for itself.
    Member,
}

/// Whether an offer shares lines with other offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stacking {
    /// It applies to what earlier offers left. The default.
    #[default]
    Stackable,
    /// It takes only lines that no offer touched, and closes them to later offers.
    Alone,
}

/// A kind of voucher: what every voucher of it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherType {
    /// Its id.
    pub id: VoucherTypeId,
    /// What customers call it; printed on receipts.
    pub name: String,
    /// When it counts: window, stores, eligible products, minimum order.
    pub conditions: Conditions,
    /// What it is worth.
    pub value: VoucherValue,
    /// At most so much discount.
    pub cap: Option<Amount>,
    /// What one that is used costs the shop, where that is another sum than its discount (CC-28).
    pub cost: Option<Amount>,
}

/// What a voucher is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherValue {
    /// An amount; what the basket cannot take is lost.
    Amount(Amount),
    /// A share of the eligible lines.
    Percent(Percent),
}
