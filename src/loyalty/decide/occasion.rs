//! Who buys, where and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use crate::loyalty::account::Account;
use crate::loyalty::birthday::Birthday;
use crate::loyalty::chance::Draws;
use crate::loyalty::counter::Counters;
use crate::loyalty::decision::Reason;
use crate::loyalty::ids::{FlagId, MemberRef, StoreId, VoucherId, VoucherTypeId};
use crate::loyalty::offline::SpendingCap;
use crate::loyalty::personal::PersonalOffers;
use crate::loyalty::referral::Referral;
use crate::loyalty::standing::{AccountKind, CompanyRole};
use crate::loyalty::terms::Person;
use crate::member_code::{CouponNumber, Strength};
use crate::money::{Amount, Points};

/// The circumstances of a basket.
#[derive(Clone, Debug)]
pub struct Occasion<'a> {
    /// The instant that decides what is in force.
    pub now: DateTime<Utc>,
    /// The shop.
    pub store: &'a StoreId,
    /// The member, if one was identified.
    pub shopper: Option<Shopper<'a>>,
    /// What is known of the vouchers presented; one that is missing here is unknown.
    pub vouchers: &'a BTreeMap<VoucherId, VoucherState>,
    /// Of the coupons presented, those that were used before.
    pub coupons_used: &'a BTreeSet<CouponNumber>,
    /// What all customers together used of offers and rules.
    pub shared_uses: SharedUses<'a>,
    /// What was drawn for surprises; empty before the receipt is paid.
    pub draws: &'a Draws,
    /// How much to explain.
    pub explain: Explain,
}

/// What was used of offers and rules with limits over all customers, as far as it is known here, and
/// whether those limits hold.
#[derive(Clone, Copy, Debug)]
pub enum SharedUses<'a> {
    /// Nothing goes beyond a limit.
    Within(&'a Counters),
    /// What a till gave that had been quoted before the others used it up: it counts beyond the
    /// limit. Limits of rules hold all the same: what they give comes with the receipt.
    Beyond(&'a Counters),
}

impl<'a> SharedUses<'a> {
    /// What was used.
    pub(crate) fn counters(self) -> &'a Counters {
        let (Self::Within(uses) | Self::Beyond(uses)) = self;
        uses
    }
}

/// A member at the till.
#[derive(Clone, Debug)]
pub struct Shopper<'a> {
    /// Who.
    pub member: MemberRef,
    /// The member's flags.
    pub flags: &'a BTreeSet<FlagId>,
    /// The member's birthday, where it is known.
    pub birthday: Option<Birthday>,
    /// What the account stands for.
    pub kind: AccountKind,
    /// What the member is in a company.
    pub role: Option<CompanyRole>,
    /// The account that owns the points.
    pub account: &'a Account,
    /// How surely the member was identified; `None` where one was only named, who spends nothing.
    pub strength: Option<Strength>,
    /// Points on hold for other baskets.
    pub held: Points,
    /// Cashback on hold for other baskets.
    pub held_cashback: Amount,
    /// The most that this device may spend of the account until it hears of the hub, what is on hold
    /// for other baskets included.
    pub offline_cap: SpendingCap,
    /// Who referred the member, where a code was brought.
    pub referral: Option<Referral<'a>>,
    /// Offers that the member carries.
    pub personal: &'a PersonalOffers,
}

impl<'a> Shopper<'a> {
    /// What a condition may ask about the member, who has so many points to spend.
    pub(crate) fn person(&self, balance: Points) -> Person<'a> {
        Person {
            flags: self.flags,
            birthday: self.birthday,
            kind: self.kind,
            role: self.role,
            balance,
            member: Some(self.member),
        }
    }
}

/// How much to explain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Explain {
    /// What concerns the lines of the basket. The default at the till.
    #[default]
    Relevant,
    /// Every offer of the programme.
    Everything,
}

/// A voucher as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherState {
    /// Its kind.
    pub voucher_type: VoucherTypeId,
    /// Whether this shopper may use it.
    pub standing: VoucherStanding,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day, through its last instant (CC-15).
    pub valid_until: Option<NaiveDate>,
}

impl VoucherState {
    /// Whether this shopper may use it on a day.
    ///
    /// # Errors
    /// Why not: what became of it comes before its own dates.
    pub fn check(&self, today: NaiveDate) -> Result<(), Reason> {
        match self.standing {
            VoucherStanding::Usable => {}
            VoucherStanding::Used => return Err(Reason::VoucherUsed),
            VoucherStanding::Held => return Err(Reason::VoucherHeld),
            VoucherStanding::OfOther => return Err(Reason::VoucherOfOther),
            VoucherStanding::Cancelled => return Err(Reason::VoucherCancelled),
        }
        if let Some(from) = self.valid_from.filter(|from| today < *from) {
            return Err(Reason::NotYet { from });
        }
        if let Some(until) = self.valid_until.filter(|until| today > *until) {
            return Err(Reason::Over { until });
        }
        Ok(())
    }
}

/// Whether a voucher may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherStanding {
    /// It may.
    Usable,
    /// It was.
    Used,
    /// It is on hold for another basket.
    Held,
    /// It is another account's.
    OfOther,
    /// What it was given for was taken back.
    Cancelled,
}
