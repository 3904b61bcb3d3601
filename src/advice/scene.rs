//! A shopper, a shop and an instant under which given conditions hold.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::loyalty::{
    Account, AccountFacts, AccountKind, Birthday, CompanyRole, Conditions, Counters, DayTotals,
    Draws, Expires, Explain, FlagId, MemberRef, Membership, Occasion, Offer, OfferCode,
    PersonalOffer, PersonalOffers, Programme, Purse, Reach, RequestedBenefits, Score, SharedUses,
    Shopper, SpendingCap, StoreId, TierMeasure, Trigger, VoucherId, VoucherStanding, VoucherState,
    VoucherTypeId, Window,
};
use crate::member_code::{CouponNumber, Strength};
use crate::money::{Amount, Points};

/// Days after the first possible one in which a window must open: each day of the week comes.
const DAYS_TRIED: u64 = 14;

/// The voucher presented where one is examined.
const VOUCHER: &str = "voucher";

/// What an [`Occasion`] borrows.
pub(super) struct Scene {
    now: DateTime<Utc>,
    store: StoreId,
    account: Option<Account>,
    flags: BTreeSet<FlagId>,
    birthday: Option<Birthday>,
    vouchers: BTreeMap<VoucherId, VoucherState>,
    kind: AccountKind,
    role: Option<CompanyRole>,
    codes: BTreeSet<OfferCode>,
    personal: PersonalOffers,
    coupons_used: BTreeSet<CouponNumber>,
    shared_uses: Counters,
    /// Nothing: no surprise comes.
    draws: Draws,
}

impl Scene {
    /// From a day on; `None` where the conditions never hold then.
    pub(super) fn of(
        programme: &Programme,
        conditions: &Conditions,
        today: NaiveDate,
    ) -> Option<Self> {
        let now = open_instant(&conditions.window, programme.zone, today)?;
        let day = programme.day_of(now);
        let audience = &conditions.audience;
        let store = conditions.stores.iter().flatten().next().cloned();
        let account = match audience.membership {
            Membership::Everyone => None,
            Membership::Members => Some(account_of(programme, conditions, day)),
        };
        Some(Self {
            now,
            store: store.or_else(|| StoreId::parse("store").ok())?,
            account,
            flags: audience.flags.iter().flatten().take(1).cloned().collect(),
            birthday: audience
                .birthday
                .and_then(|_| Birthday::new(day.month() as u8, day.day() as u8)),
            vouchers: BTreeMap::new(),
            kind: audience.account_kinds.iter().flatten().next().copied().unwrap_or_default(),
            role: audience.roles.iter().flatten().next().copied(),
            codes: BTreeSet::new(),
            personal: PersonalOffers::new(),
            coupons_used: BTreeSet::new(),
            shared_uses: Counters::default(),
            draws: Draws::new(),
        })
    }

    /// With a voucher on the counter.
    pub(super) fn presenting(mut self, voucher_type: &VoucherTypeId) -> Self {
        let state = VoucherState {
            voucher_type: voucher_type.clone(),
            standing: VoucherStanding::Usable,
            valid_from: None,
            valid_until: None,
        };
        self.vouchers.extend(VoucherId::parse(VOUCHER).ok().map(|id| (id, state)));
        self
    }

    /// With a code that calls for an offer, where it has to be called for, and carrying the offer,
    /// where it is personal, with a better score than those before. Coupons are not tried: what they
    /// give may stand in their own code.
    pub(super) fn bringing(mut self, offer: &Offer) -> Self {
        if let Trigger::Codes(codes) = &offer.trigger {
            self.codes.extend(codes.first().cloned());
        }
        if offer.reach == Reach::Personal {
            let score = u16::try_from(self.personal.len()).ok().and_then(Score::new);
            let carried = PersonalOffer { score: score.unwrap_or_default(), ..Default::default() };
            self.personal.insert(offer.id.clone(), carried);
        }
        self
    }

    /// What the customer brings and asks for.
    pub(super) fn benefits(&self) -> RequestedBenefits {
        RequestedBenefits {
            vouchers: self.vouchers(),
            codes: self.codes.clone(),
            ..RequestedBenefits::default()
        }
    }

    /// The vouchers on the counter.
    fn vouchers(&self) -> BTreeSet<VoucherId> {
        self.vouchers.keys().cloned().collect()
    }

    pub(super) fn occasion(&self) -> Occasion<'_> {
        let shopper = self.account.as_ref().map(|account| Shopper {
            member: MemberRef::from_bytes([0; 16]),
            flags: &self.flags,
            birthday: self.birthday,
            kind: self.kind,
            role: self.role,
            account,
            strength: Some(Strength::Static),
            held: Points::ZERO,
            held_cashback: Amount::ZERO,
            offline_cap: SpendingCap::NONE,
            referral: None,
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

/// The first instant from a day on in which a window is open, to the hour.
fn open_instant(window: &Window, zone: Tz, today: NaiveDate) -> Option<DateTime<Utc>> {
    let first = window.from.map_or(today, |from| from.max(today));
    let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
    let times = window.hours.map_or(vec![noon], |(from, to)| {
        // The clock may skip the first hour.
        vec![from, to.overflowing_sub_signed(TimeDelta::minutes(1)).0]
    });
    (0..DAYS_TRIED)
        .filter_map(|ahead| first.checked_add_days(Days::new(ahead)))
        .flat_map(|day| times.iter().map(move |time| day.and_time(*time)))
        .filter(|local| window.refuse(*local).is_none())
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|instant| instant.with_timezone(&Utc))
}

/// An account in the lowest tier and with the least points that the conditions ask for.
fn account_of(programme: &Programme, conditions: &Conditions, day: NaiveDate) -> Account {
    let wanted = conditions.audience.tiers.as_ref();
    let policy = programme.tiers.as_ref();
    let tier = wanted.zip(policy).and_then(|(wanted, policy)| {
        policy.steps.iter().find(|tier| wanted.contains(&tier.id)).map(|tier| (policy, tier))
    });
    let mut totals = DayTotals::default();
    if let Some((policy, tier)) = tier {
        match policy.measure {
            TierMeasure::Spend => totals.spend = Amount::new(tier.threshold),
            TierMeasure::PointsEarned => totals.earned = Points::new(tier.threshold),
            TierMeasure::Visits => {
                totals.visits = u32::try_from(tier.threshold).unwrap_or(u32::MAX)
            }
        }
    }
    let days = BTreeMap::from([(day, totals)]);
    let points = conditions.audience.points.and_then(|range| range.min);
    let lots = points.into_iter().map(|points| (Expires::Never, points)).collect();
    let points = Purse { lots, ..Purse::default() };
    Account::from_facts(AccountFacts { points, days, lifetime: totals, ..AccountFacts::default() })
}
