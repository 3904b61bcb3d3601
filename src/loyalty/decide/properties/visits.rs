//! Random visits: who comes, when and where, and what is brought and asked for beside the goods.

use chrono::TimeDelta;

use super::*;
use crate::loyalty::account::Account;
use crate::loyalty::birthday::Birthday;
use crate::loyalty::entry::Expires;
use crate::loyalty::offer_code::{CouponOf, OfferCode};
use crate::loyalty::standing::{AccountKind, CompanyRole};
use crate::member_code::{Coupon, CouponNumber, CouponWorth};

/// Codes of leaflets.
pub(super) const CODES: [&str; 3] = ["LEAF-0", "LEAF-1", "LEAF-2"];

/// Points that an account begins with.
pub(super) const POINTS: i64 = 5_000;

/// A coupon, by the number of the offer that it calls for.
#[derive(Clone, Debug)]
pub(super) struct BroughtCoupon {
    offer: usize,
    worth: Option<CouponWorth>,
    was_used: bool,
    lapsed: bool,
}

/// Who comes, and when and where.
#[derive(Clone, Debug)]
pub(super) struct Coming {
    after: TimeDelta,
    store: StoreId,
    flags: BTreeSet<FlagId>,
    birthday: Option<Birthday>,
    kind: AccountKind,
    role: Option<CompanyRole>,
    /// Who referred a newcomer; others have bought before.
    newcomer: Option<Option<Referred>>,
}

/// What a basket is decided with.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) coming: Coming,
    /// Points, and as much cashback in minor units: any amount between nothing and more than there is.
    pub(super) spend: i64,
    pub(super) codes: BTreeSet<usize>,
    pub(super) coupons: Vec<BroughtCoupon>,
    pub(super) rewards: BTreeMap<usize, u32>,
    /// Which of the account's vouchers, of each kind one.
    pub(super) vouchers: BTreeSet<usize>,
}

fn any_worth() -> impl Strategy<Value = Option<CouponWorth>> {
    prop_oneof![
        (0_u64..9_000).prop_map(|value| Some(CouponWorth::Amount { value, decimals: 2 })),
        (0_u64..=100).prop_map(|value| Some(CouponWorth::Percent { value, decimals: 0 })),
        Just(Some(CouponWorth::FreeGoods)),
        Just(Some(CouponWorth::Points(5))),
        Just(None),
    ]
}

fn any_coupon() -> impl Strategy<Value = BroughtCoupon> {
    let (was_used, lapsed) = (prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (0_usize..12, any_worth(), was_used, lapsed).prop_map(|(offer, worth, was_used, lapsed)| {
        BroughtCoupon { offer, worth, was_used, lapsed }
    })
}

fn any_referred() -> impl Strategy<Value = Option<Referred>> {
    let by = (prop::collection::btree_set(prop::sample::select(&FLAGS[..]), 0..2), 0_i64..100);
    let by = by.prop_map(|(flags, points)| {
        Referred::By(flags.into_iter().map(flag).collect(), Box::new(account(points)))
    });
    prop_oneof![
        1 => Just(None),
        3 => by.prop_map(Some),
        1 => Just(Some(Referred::Unknown)),
        1 => Just(Some(Referred::OwnAccount)),
    ]
}

fn any_coming() -> impl Strategy<Value = Coming> {
    let kinds = [
        (AccountKind::Person, None),
        (AccountKind::Person, None),
        (AccountKind::Household, None),
        (AccountKind::Company, Some(CompanyRole::Buyer)),
        (AccountKind::Company, Some(CompanyRole::DecisionMaker)),
    ];
    (
        -72_i64..72,
        prop::sample::select(&STORES[..]),
        prop::collection::btree_set(prop::sample::select(&FLAGS[..]), 0..=2),
        prop::option::of(1_u8..29),
        prop::sample::select(kinds.to_vec()),
        prop::option::weighted(0.4, any_referred()),
    )
        .prop_map(|(hours, at, flags, birthday, (kind, role), newcomer)| Coming {
            after: TimeDelta::hours(hours),
            store: store(at),
            flags: flags.into_iter().map(flag).collect(),
            birthday: birthday.and_then(|day| Birthday::new(3, day)),
            kind,
            role,
            newcomer,
        })
}

pub(super) fn any_visit() -> impl Strategy<Value = Visit> {
    (
        any_coming(),
        0_i64..30,
        prop::collection::btree_set(0..CODES.len(), 0..3),
        prop::collection::vec(any_coupon(), 0..7),
        prop_oneof![
            1 => Just(BTreeMap::new()),
            1 => prop::collection::btree_map(0_usize..4, 1_u32..4, 1..4),
        ],
        prop::collection::btree_set(0..VOUCHERS.len(), 0..=VOUCHERS.len()),
    )
        .prop_map(|(coming, spend, codes, coupons, rewards, vouchers)| Visit {
            coming,
            spend: spend * 100,
            codes,
            coupons,
            rewards,
            vouchers,
        })
}

impl BroughtCoupon {
    /// Whether it says a worth that can be given.
    fn says_money(&self) -> bool {
        match self.worth {
            Some(CouponWorth::Amount { value, .. } | CouponWorth::Percent { value, .. }) => {
                value > 0
            }
            Some(CouponWorth::FreeGoods) => true,
            Some(CouponWorth::Points(_)) | None => false,
        }
    }
}

impl Visit {
    /// Nothing brought, nothing asked for.
    pub(super) fn plain() -> Self {
        let coming = Coming {
            after: TimeDelta::zero(),
            store: store("S1"),
            flags: BTreeSet::new(),
            birthday: None,
            kind: AccountKind::Person,
            role: None,
            newcomer: None,
        };
        let (codes, coupons, rewards, vouchers) = Default::default();
        Self { coming, spend: 0, codes, coupons, rewards, vouchers }
    }

    /// With nothing asked for but what offers give.
    pub(super) fn for_offers(self) -> Self {
        let (rewards, vouchers) = Default::default();
        Self { spend: 0, rewards, vouchers, ..self }
    }

    /// Whether what was brought lets an offer come.
    pub(super) fn calls_for(&self, offer: &Offer) -> bool {
        match &offer.trigger {
            Trigger::Itself => true,
            Trigger::Codes(codes) => self.codes.iter().any(|at| codes.contains(&offer_code(*at))),
            Trigger::Coupon(of) => {
                // Of several with one number the last is in the basket.
                let mut brought = self.coupons.iter().rev();
                let own = brought.find(|coupon| of.covers(&coupon_number(coupon.offer)));
                let says_itself = offer.reward == Reward::CouponValue;
                own.is_some_and(|coupon| {
                    let was_used = self.coupons_used().any(|at| at == coupon.offer);
                    !was_used && !coupon.lapsed && (!says_itself || coupon.says_money())
                })
            }
        }
    }

    /// The numbers of the offers whose coupons were used before.
    fn coupons_used(&self) -> impl Iterator<Item = usize> + '_ {
        self.coupons.iter().filter(|coupon| coupon.was_used).map(|coupon| coupon.offer)
    }

    /// What it is decided under.
    pub(super) fn scene(&self, programme: &Programme) -> Scene {
        let coming = &self.coming;
        let account = match coming.newcomer {
            Some(_) => newcomer(POINTS),
            None => account(POINTS),
        };
        let vouchers = programme.voucher_types.keys().map(|kind| {
            let state = VoucherState {
                voucher_type: kind.clone(),
                standing: VoucherStanding::Usable,
                valid_from: None,
                valid_until: None,
            };
            (VoucherId::parse(kind.as_str()).expect("plain"), state)
        });
        Scene {
            now: tuesday() + coming.after,
            store: coming.store.clone(),
            account: Some(with_cashback(account, CASHBACK)),
            flags: coming.flags.clone(),
            birthday: coming.birthday,
            kind: coming.kind,
            role: coming.role,
            referred: coming.newcomer.clone().flatten(),
            vouchers: vouchers.collect(),
            coupons_used: self.coupons_used().map(coupon_number).collect(),
            personal: carried(programme),
            draws: drawn(),
            ..Scene::anonymous()
        }
    }

    /// A basket of these lines.
    pub(super) fn basket(&self, programme: &Programme, lines: Vec<Line>) -> Basket {
        Basket::parse(lines, self.benefits(programme)).expect("a sound basket")
    }

    /// What is asked for.
    pub(super) fn benefits(&self, programme: &Programme) -> RequestedBenefits {
        let voucher = |at: &usize| VoucherId::parse(VOUCHERS[*at]).expect("plain");
        let known = |at: &&usize| {
            programme.voucher_types.keys().any(|kind| kind.as_str() == VOUCHERS[**at])
        };
        let coupon = |brought: &BroughtCoupon| {
            let number = coupon_number(brought.offer);
            let lapsed = brought.lapsed.then(|| tuesday().date_naive() - TimeDelta::days(9));
            (number.clone(), Coupon { number, worth: brought.worth, expires_on: lapsed })
        };
        let reward = |(at, times): (&usize, &u32)| (reward_id(*at), *times);
        RequestedBenefits {
            vouchers: self.vouchers.iter().filter(known).map(voucher).collect(),
            codes: self.codes.iter().map(|at| offer_code(*at)).collect(),
            coupons: self.coupons.iter().map(coupon).collect(),
            spend: RequestedSpend::Exactly(Points::new(self.spend)),
            cashback: Amount::new(self.spend),
            rewards: self.rewards.iter().map(reward).collect(),
            ..RequestedBenefits::default()
        }
    }
}

/// An account that never bought, with points that do not need it to.
fn newcomer(points: i64) -> Account {
    let mut facts = account(0).facts().clone();
    facts.last_purchase = None;
    facts.points.lots.insert(Expires::Never, Points::new(points));
    facts.points.totals.adjusted = Points::new(points);
    Account::from_facts(facts)
}

pub(super) fn offer_code(at: usize) -> OfferCode {
    OfferCode::parse(CODES[at]).expect("a code")
}

pub(super) fn reward_id(at: usize) -> RewardId {
    RewardId::parse(&format!("r{at}")).expect("plain")
}

/// The coupons that call for the offer of a number: of an issuer, or a GS1 number.
pub(super) fn coupon_of(offer: usize) -> CouponOf {
    let two_digits = format!("{offer:02}");
    match offer % 2 {
        0 => CouponOf::Number(format!("95011015300{two_digits}")),
        _ => CouponOf::Issuer { issuer: "3765".to_owned(), offer: two_digits },
    }
}

/// The coupon that calls for the offer of a number.
fn coupon_number(offer: usize) -> CouponNumber {
    let digits = match offer % 2 {
        // With a serial.
        0 => format!("95011015300{offer:02}77"),
        _ => format!("9813765{offer:02}0011"),
    };
    CouponNumber::parse(&digits).expect("digits")
}
