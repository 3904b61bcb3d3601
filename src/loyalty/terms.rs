//! Under what conditions an offer, an earning rule or a voucher applies.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::basket::Line;
use super::birthday::{Birthday, BirthdayWindow};
use super::decision::Reason;
use super::ids::{CategoryId, FlagId, MemberRef, Sku, StoreId, TierId};
use super::standing::{AccountKind, CompanyRole};
use crate::money::{Amount, Points, Quantity};

/// Everything that must hold before a benefit applies (LD-8: products, groups, stores, times,
/// limits).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Who.
    pub audience: Audience,
    /// When.
    pub window: Window,
    /// Where; every store where `None`.
    pub stores: Option<BTreeSet<StoreId>>,
    /// Which products.
    pub scope: Scope,
    /// How much at least.
    pub minimum: Minimum,
}

/// Whose basket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Members or everyone.
    pub membership: Membership,
    /// Only these tiers; any where `None`.
    pub tiers: Option<BTreeSet<TierId>>,
    /// Only members who carry one of these flags; any where `None` (BQ-17).
    pub flags: Option<BTreeSet<FlagId>>,
    /// No members who carry one of these flags, such as staff (LD-17).
    pub excluded_flags: BTreeSet<FlagId>,
    /// Only around the member's birthday; at any time where `None` (BQ-18, BC-15).
    pub birthday: Option<BirthdayWindow>,
    /// Only accounts of these kinds; any where `None`.
    pub account_kinds: Option<BTreeSet<AccountKind>>,
    /// Only people who are this in a company; any where `None` (LD-26).
    pub roles: Option<BTreeSet<CompanyRole>>,
    /// Only while the account's balance is in this range; at any balance where `None` (BR-16).
    pub points: Option<PointsRange>,
}

/// A range of balances: what can be spent before this sale, lapsed points gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointsRange {
    /// At least so many.
    pub min: Option<Points>,
    /// At most so many.
    pub max: Option<Points>,
}

/// Whether a benefit asks for a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Membership {
    /// Members only (LD-12). The default.
    #[default]
    Members,
    /// Receipts without a member too.
    Everyone,
}

/// When a benefit is in force, in the programme's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub until: Option<NaiveDate>,
    /// Days of the week; every day where `None`.
    pub weekdays: Option<BTreeSet<u8>>,
    /// Hours of the day, from inclusive to exclusive; a window over midnight has from > to.
    pub hours: Option<(NaiveTime, NaiveTime)>,
}

/// Which products a benefit counts. Empty sets of inclusion mean everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// These products.
    pub skus: BTreeSet<Sku>,
    /// These categories and what is below them.
    pub categories: BTreeSet<CategoryId>,
    /// Not these products.
    pub excluded_skus: BTreeSet<Sku>,
    /// Not these categories.
    pub excluded_categories: BTreeSet<CategoryId>,
}

/// What the eligible lines, or the whole basket, must come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minimum {
    /// Sum after earlier stages (CC-7; requirements 8, note 13).
    pub amount: Option<Amount>,
    /// Quantity (CC-13).
    pub quantity: Option<Quantity>,
    /// Lines whose price per unit is below this are not eligible (CC-13).
    pub unit_price: Option<Amount>,
    /// Of what the sum and the quantity are.
    pub of: MinimumOf,
}

/// What must come to a minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinimumOf {
    /// The lines that the benefit is for. The default.
    #[default]
    Eligible,
    /// Every line, also of goods that nothing is given on: a product for 0.01 with any purchase
    /// of so much (LD-11).
    Basket,
}

impl Audience {
    /// Why this shopper is not meant, if not.
    pub(crate) fn refuse(
        &self,
        tier: Option<&TierId>,
        person: Option<Person<'_>>,
        today: NaiveDate,
    ) -> Option<Reason> {
        let Some(Person { flags, birthday, kind, role, balance, .. }) = person else {
            let open = self.membership == Membership::Everyone
                && self.tiers.is_none()
                && self.flags.is_none()
                && self.birthday.is_none()
                && self.account_kinds.is_none()
                && self.roles.is_none()
                && self.points.is_none();
            return (!open).then_some(Reason::MembersOnly);
        };
        if let Some(tiers) = &self.tiers {
            if !tier.is_some_and(|tier| tiers.contains(tier)) {
                return Some(Reason::OtherTier { needs: tiers.iter().cloned().collect() });
            }
        }
        if let Some(wanted) = &self.flags {
            if wanted.is_disjoint(flags) {
                return Some(Reason::NotInSegment);
            }
        }
        if !self.excluded_flags.is_disjoint(flags) {
            return Some(Reason::NotInSegment);
        }
        if self.account_kinds.as_ref().is_some_and(|kinds| !kinds.contains(&kind)) {
            return Some(Reason::OtherAccountKind);
        }
        if let Some(roles) = &self.roles {
            if !role.is_some_and(|role| roles.contains(&role)) {
                return Some(Reason::OtherRole);
            }
        }
        if let Some(reason) = self.points.and_then(|range| range.refuse(balance)) {
            return Some(reason);
        }
        if let Some(window) = self.birthday {
            if birthday.and_then(|birthday| birthday.window_around(today, window)).is_none() {
                return Some(Reason::NotBirthday);
            }
        }
        None
    }
}

/// What a condition may ask about a member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person<'a> {
    pub(crate) flags: &'a BTreeSet<FlagId>,
    pub(crate) birthday: Option<Birthday>,
    pub(crate) kind: AccountKind,
    pub(crate) role: Option<CompanyRole>,
    /// What can be spent before this sale, lapsed points gone.
    pub(crate) balance: Points,
    /// Who; `None` where only what is left of a sale is looked at.
    pub(crate) member: Option<MemberRef>,
}

impl PointsRange {
    /// Why a balance is not in it, if not.
    fn refuse(self, balance: Points) -> Option<Reason> {
        let missing = self.min.filter(|min| balance < *min).map(|min| min - balance);
        let above = self.max.is_some_and(|max| balance > max);
        (missing.is_some() || above).then_some(Reason::OtherBalance { missing })
    }
}

impl Window {
    /// Why it is not open at this local time, if not.
    pub(crate) fn refuse(&self, local: NaiveDateTime) -> Option<Reason> {
        if let Some(from) = self.from.filter(|from| local.date() < *from) {
            return Some(Reason::NotYet { from });
        }
        if let Some(until) = self.until.filter(|until| local.date() > *until) {
            return Some(Reason::Over { until });
        }
        if let Some(weekdays) = &self.weekdays {
            if !weekdays.contains(&weekday_number(local.weekday())) {
                return Some(Reason::OtherWeekday);
            }
        }
        if let Some((from, to)) = self.hours {
            let time = local.time();
            let inside =
                if from <= to { from <= time && time < to } else { from <= time || time < to };
            if !inside {
                return Some(Reason::OtherHours { from, to });
            }
        }
        None
    }
}

/// Monday is 1, Sunday is 7 (ISO 8601).
pub(crate) fn weekday_number(weekday: Weekday) -> u8 {
    weekday.number_from_monday() as u8
}

impl Minimum {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Scope {
    /// Whether goods that nobody knows yet are covered, unless they are excluded.
    pub(crate) fn includes_any(&self) -> bool {
        self.skus.is_empty() && self.categories.is_empty()
    }

    /// Whether every product is in it.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.skus.is_empty()
            && self.categories.is_empty()
            && self.excluded_skus.is_empty()
            && self.excluded_categories.is_empty()
    }

    /// Whether a line's product is in it.
    pub(crate) fn covers(&self, line: &Line) -> bool {
        let in_category = |set: &BTreeSet<CategoryId>| {
            !set.is_empty() && line.category_path().any(|path| set.contains(path))
        };
        let included = (self.skus.is_empty() && self.categories.is_empty())
            || self.skus.contains(&line.sku)
            || in_category(&self.categories);
        included
            && !self.excluded_skus.contains(&line.sku)
            && !in_category(&self.excluded_categories)
    }
}
