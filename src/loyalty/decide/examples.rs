//! Small programmes and baskets for tests.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeZone, Utc};

use super::{Explain, Occasion, SharedUses, Shopper, VoucherState};
use crate::loyalty::account::{Account, AccountFacts};
use crate::loyalty::basket::{Basket, Line, RequestedBenefits, RequestedSpend};
use crate::loyalty::birthday::Birthday;
use crate::loyalty::chance::Draws;
use crate::loyalty::claw_back::ClawBack;
use crate::loyalty::counter::Counters;
use crate::loyalty::decision::{Decision, LineOutcome, PointsOutcome};
use crate::loyalty::earn_rule::{EarnKind, EarnRule, StepStyle, TierMultiplied};
use crate::loyalty::entry::Expires;
use crate::loyalty::gifts::GiftsBack;
use crate::loyalty::ids::{
    CategoryId, FlagId, LineId, MemberRef, OfferId, ProgrammeId, RuleId, Sku, StoreId, TierId,
    VoucherId,
};
use crate::loyalty::issue::Grants;
use crate::loyalty::offline::SpendingCap;
use crate::loyalty::personal::{PersonalOffers, PersonalPolicy, Reach};
use crate::loyalty::programme::{
    AccrualPolicy, CashbackPolicy, DiscountBounds, DiscountMethod, Excess, ExpiryPolicy, Offer,
    PointsWorth, PricePolicy, Programme, RedeemAs, RedemptionPolicy, Reward, Stacking, ThisSale,
    Tier, TierKept, TierMeasure, TierPolicy, TierWindow, Trigger,
};
use crate::loyalty::referral::{Referral, Referrer};
use crate::loyalty::returns::{RewardsBack, SoldLine, SoldPoints, SoldPurse, SoldReceipt};
use crate::loyalty::spent_back::UsedPointsBack;
use crate::loyalty::standing::{AccountKind, CompanyRole};
use crate::loyalty::terms::{Conditions, Scope};
use crate::member_code::{CouponNumber, Strength};
use crate::money::{Amount, Currency, Factor, Percent, PointDecimals, Points, Quantity};

/// One point per 10.00, sliding expiry after 365 days, silver from 1,000.00 in a year at 1.5,
/// 100 points pay 10.00 up to half of the receipt.
pub(crate) fn club() -> Programme {
    Programme {
        id: ProgrammeId::parse("club").expect("plain"),
        version: 1,
        name: "Club".to_owned(),
        currency: Currency::from_code("CZK").expect("a code"),
        zone: chrono_tz::Europe::Prague,
        point_decimals: PointDecimals::WHOLE,
        accrual: AccrualPolicy::default(),
        expiry: ExpiryPolicy::Sliding { days: 365 },
        tiers: Some(TierPolicy {
            measure: TierMeasure::Spend,
            window: TierWindow::RollingDays(365),
            kept: TierKept::Measured,
            steps: vec![tier("bronze", 0, 1_000), tier("silver", 100_000, 1_500)],
        }),
        redemption: Some(RedemptionPolicy {
            worth: PointsWorth::Steps { step: Points::new(100), value: Amount::new(1_000) },
            minimum: Points::new(100),
            share_max: Percent::whole(50),
            excess: Excess::Clamp,
            redeem_as: RedeemAs::Discount,
            this_sale: ThisSale::Later,
            strength: Vec::new(),
            company_roles: None,
        }),
        earn: vec![EarnRule {
            id: RuleId::parse("base").expect("plain"),
            name: "base".to_owned(),
            conditions: Conditions::default(),
            kind: EarnKind::PerAmount {
                points: Points::new(1),
                amount: Amount::new(1_000),
                style: StepStyle::Proportional,
            },
            tier_multiplied: TierMultiplied::Yes,
            grants: Grants::default(),
            limits: Vec::new(),
            shared_limits: Vec::new(),
            chance: None,
            pending_days: 0,
        }],
        cashback: None,
        rewards: Vec::new(),
        conversions: Vec::new(),
        offers: Vec::new(),
        discounts: DiscountBounds::default(),
        prices: PricePolicy::default(),
        personal: PersonalPolicy::default(),
        greetings: Vec::new(),
        messages: None,
        offline: None,
        claw_back: ClawBack::default(),
        used_points_back: UsedPointsBack::default(),
        discount_method: DiscountMethod::default(),
        gifts_back: GiftsBack::default(),
        voucher_types: BTreeMap::new(),
        event_types: BTreeSet::new(),
        late_member_days: 14,
    }
}

pub(crate) fn tier(id: &str, threshold: i64, multiplier: u32) -> Tier {
    Tier {
        id: TierId::parse(id).expect("plain"),
        name: id.to_owned(),
        threshold,
        multiplier: Factor::from_thousandths(multiplier),
    }
}

pub(crate) fn offer(id: &str, reward: Reward) -> Offer {
    Offer {
        id: OfferId::parse(id).expect("plain"),
        name: id.to_owned(),
        variant: None,
        priority: 0,
        group: None,
        reach: Reach::Open,
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

pub(crate) fn on_skus(skus: &[&str]) -> Conditions {
    let skus = skus.iter().map(|sku| Sku::parse(sku).expect("plain")).collect();
    Conditions { scope: Scope { skus, ..Scope::default() }, ..Conditions::default() }
}

/// A line of whole units.
pub(crate) fn line(id: &str, sku: &str, units: i64, unit_price: i64) -> Line {
    Line {
        line_id: LineId::parse(id).expect("plain"),
        sku: Sku::parse(sku).expect("plain"),
        category: Some(CategoryId::parse("food/dairy").expect("plain")),
        quantity: Quantity::units(units),
        unit_price: Amount::new(unit_price),
        amount: Amount::new(units * unit_price),
        tax_rate: Percent::whole(21),
        flags: BTreeSet::new(),
        unit_price_min: None,
        lowest_30d_price: None,
        cost: None,
    }
}

pub(crate) fn basket(lines: Vec<Line>) -> Basket {
    Basket::parse(lines, RequestedBenefits::default()).expect("a sound basket")
}

pub(crate) fn spending(lines: Vec<Line>, points: i64) -> Basket {
    let spend = RequestedSpend::Exactly(Points::new(points));
    Basket::parse(lines, RequestedBenefits { spend, ..RequestedBenefits::default() })
        .expect("a sound basket")
}

pub(crate) fn paying(lines: Vec<Line>, points: i64, cashback: i64) -> Basket {
    let spend = RequestedSpend::Exactly(Points::new(points));
    let cashback = Amount::new(cashback);
    Basket::parse(lines, RequestedBenefits { spend, cashback, ..RequestedBenefits::default() })
        .expect("a sound basket")
}

/// Cashback of any amount, as a discount on all that is left.
pub(crate) fn cashback_policy() -> CashbackPolicy {
    CashbackPolicy {
        expiry: ExpiryPolicy::Sliding { days: 100 },
        redemption: RedemptionPolicy {
            worth: PointsWorth::Steps { step: Points::new(1), value: Amount::new(1) },
            minimum: Points::new(1),
            share_max: Percent::WHOLE,
            excess: Excess::Clamp,
            redeem_as: RedeemAs::Discount,
            this_sale: ThisSale::Later,
            strength: Vec::new(),
            company_roles: None,
        },
    }
}

/// A rule that gives two percent back.
pub(crate) fn two_percent() -> EarnRule {
    EarnRule {
        id: RuleId::parse("two-percent").expect("plain"),
        name: "two-percent".to_owned(),
        conditions: Conditions::default(),
        kind: EarnKind::Cashback { percent: Percent::whole(2) },
        tier_multiplied: TierMultiplied::No,
        grants: Grants::default(),
        limits: Vec::new(),
        shared_limits: Vec::new(),
        chance: None,
        pending_days: 0,
    }
}

/// The club with cashback beside its points.
pub(crate) fn club_with_cashback() -> Programme {
    let mut programme = club();
    programme.cashback = Some(cashback_policy());
    programme.earn.push(two_percent());
    programme
}

/// An account that holds cashback beside its points.
pub(crate) fn with_cashback(account: Account, minor: i64) -> Account {
    let mut facts = account.facts().clone();
    facts.cashback.lots.insert(Expires::WithActivity, Amount::new(minor));
    facts.cashback.totals.adjusted = Amount::new(minor);
    Account::from_facts(facts)
}

pub(crate) fn presenting(lines: Vec<Line>, vouchers: &[&str]) -> Basket {
    let vouchers = vouchers.iter().map(|v| VoucherId::parse(v).expect("plain")).collect();
    Basket::parse(lines, RequestedBenefits { vouchers, ..RequestedBenefits::default() })
        .expect("a sound basket")
}

/// A receipt that was sold as decided in a scene, nothing of it brought back.
pub(crate) fn sold_receipt<'a>(
    programme: &Programme,
    lines: &'a [Line],
    decision: &'a Decision,
    scene: &'a Scene,
) -> SoldReceipt<'a> {
    let sold_line = |(line, out): (&'a Line, &LineOutcome)| SoldLine {
        line,
        discount: out.discount,
        redeemed: out.redeemed,
        tax: out.tax,
    };
    SoldReceipt {
        lines: lines.iter().zip(&decision.lines).map(sold_line).collect(),
        decided_at: scene.now,
        day: programme.day_of(scene.now),
        store: &scene.store,
        applied: &decision.applied,
        tax: programme.prices.tax,
        rewards_back: RewardsBack::new(),
        points: decision.points.as_ref().map(|points| SoldPoints {
            tier: decision.tier.as_ref().map(|tier| &tier.before),
            flags: &scene.flags,
            points: sold_points(points),
            cashback: sold_cashback(points),
            earned_by: &points.earned_by,
            counted: &points.counted,
            shared: &[],
            average_basket: points.average_basket,
            converted: &points.converted,
            issued: &[],
        }),
    }
}

/// What a sale did to the points, nothing owed before.
pub(crate) fn sold_points(points: &PointsOutcome) -> SoldPurse<'_, Points> {
    SoldPurse {
        earned: points.earned,
        expires: points.earned_expires,
        spent: points.spent,
        spent_from: &points.spent_from,
        ..SoldPurse::default()
    }
}

/// What a sale did to the cashback, nothing owed before.
pub(crate) fn sold_cashback(points: &PointsOutcome) -> SoldPurse<'_, Amount> {
    points.cashback.as_ref().map_or_else(SoldPurse::default, |cashback| SoldPurse {
        earned: cashback.gained.earned,
        expires: cashback.gained.expires,
        spent: cashback.gained.spent,
        spent_from: &cashback.spent_from,
        ..SoldPurse::default()
    })
}

/// An account with points that live with its activity, last active on 1 March 2026.
pub(crate) fn account(points: i64) -> Account {
    let mut facts = AccountFacts {
        last_purchase: chrono::NaiveDate::from_ymd_opt(2026, 3, 1),
        ..AccountFacts::default()
    };
    if points > 0 {
        facts.points.lots.insert(Expires::WithActivity, Points::new(points));
    }
    facts.points.totals.adjusted = Points::new(points);
    Account::from_facts(facts)
}

/// Tuesday, 10 March 2026, 9:30 UTC, 10:30 in Prague.
pub(crate) fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 10, 9, 30, 0).single().expect("an instant")
}

/// What an [`Occasion`] borrows.
pub(crate) struct Scene {
    pub(crate) now: DateTime<Utc>,
    pub(crate) store: StoreId,
    pub(crate) account: Option<Account>,
    pub(crate) flags: BTreeSet<FlagId>,
    pub(crate) birthday: Option<Birthday>,
    pub(crate) vouchers: BTreeMap<VoucherId, VoucherState>,
    pub(crate) coupons_used: BTreeSet<CouponNumber>,
    pub(crate) shared_uses: Counters,
    pub(crate) draws: Draws,
    pub(crate) held: Points,
    pub(crate) held_cashback: Amount,
    pub(crate) offline_cap: SpendingCap,
    pub(crate) kind: AccountKind,
    pub(crate) role: Option<CompanyRole>,
    pub(crate) personal: PersonalOffers,
    pub(crate) referred: Option<Referred>,
}

/// Who referred the shopper of a [`Scene`].
#[derive(Clone, Debug)]
pub(crate) enum Referred {
    /// A member with these flags, of this account.
    By(BTreeSet<FlagId>, Box<Account>),
    OwnAccount,
    Unknown,
}

impl Referred {
    fn referral(&self) -> Referral<'_> {
        match self {
            Self::By(flags, account) => Referral::By(Referrer { flags, account }),
            Self::OwnAccount => Referral::OwnAccount,
            Self::Unknown => Referral::Unknown,
        }
    }
}

impl Scene {
    pub(crate) fn anonymous() -> Self {
        Self {
            now: tuesday(),
            store: StoreId::parse("S1").expect("plain"),
            account: None,
            flags: BTreeSet::new(),
            birthday: None,
            vouchers: BTreeMap::new(),
            coupons_used: BTreeSet::new(),
            shared_uses: Counters::default(),
            draws: Draws::new(),
            held: Points::ZERO,
            held_cashback: Amount::ZERO,
            offline_cap: SpendingCap::NONE,
            kind: AccountKind::Person,
            role: None,
            personal: PersonalOffers::new(),
            referred: None,
        }
    }

    pub(crate) fn member(points: i64) -> Self {
        Self { account: Some(account(points)), ..Self::anonymous() }
    }

    pub(crate) fn occasion(&self) -> Occasion<'_> {
        let shopper = self.account.as_ref().map(|account| Shopper {
            member: MemberRef::from_bytes([1; 16]),
            flags: &self.flags,
            birthday: self.birthday,
            kind: self.kind,
            role: self.role,
            account,
            strength: Some(Strength::Static),
            held: self.held,
            held_cashback: self.held_cashback,
            offline_cap: self.offline_cap,
            referral: self.referred.as_ref().map(Referred::referral),
            personal: &self.personal,
        });
        Occasion {
            now: self.now,
            store: &self.store,
            shopper,
            vouchers: &self.vouchers,
            coupons_used: &self.coupons_used,
            shared_uses: SharedUses::Within(&self.shared_uses),
            draws: &self.draws,
            explain: Explain::Relevant,
        }
    }
}
