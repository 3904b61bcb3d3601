//! What a basket is worth to a member: pure, the same code at the till and at the hub.
//!
//! A [`Programme`] and the state of an [`Account`] go in with a [`Basket`]; a [`Decision`] comes
//! out, with a reason for everything that did not apply. What a decision does to the account is
//! an [`Entry`]; an account is the fold of its entries in their order.

mod account;
mod basket;
mod birthday;
mod claw_back;
mod counter;
mod decide;
mod decision;
mod earn_rule;
mod entry;
mod gain;
mod ids;
mod issue;
mod offer_code;
mod programme;
mod purse;
mod referral;
mod returns;
mod shared_limit;
mod standing;
mod tax;
mod terms;

pub use account::{Account, AccountFacts, DayTotals};
pub use basket::{
    Basket, BasketError, BasketTax, LINES_MAX, Line, LineFault, LineFlag, LineMismatch,
    RequestedBenefits, RequestedSpend, VOUCHERS_MAX,
};
pub use birthday::{BIRTHDAY_DAYS_MAX, Birthday, BirthdayWindow};
pub use claw_back::ClawBack;
pub use counter::{CountWindow, Counted, Counter, CounterId, Counters, UseLimit, UseUnit};
pub use decide::{
    Evaluator, Explain, GivenByTill, GivenReward, Occasion, POINTS_PER_RECEIPT_MAX, SharedUses,
    Shopper, VoucherStanding, VoucherState,
};
pub use decision::{
    Allocation, Applied, Benefit, Choices, Decision, LevelChoice, LineOutcome, PointsOutcome,
    Reason, Redeemable, Refusal, RewardOption, Subject, TierOutcome, TierValidity, Totals,
};
pub use earn_rule::{
    EarnKind, EarnRule, MilestoneMeasure, MilestoneRepeat, StepStyle, TierMultiplied,
};
pub use entry::{Change, Entry, EntryKey, EntryTerms, Expires, RemainingSale};
pub use gain::{CashbackOutcome, EarnedBy, Gain};
pub use ids::{
    AccountRef, CategoryId, DeviceId, EventTypeId, FlagId, GroupId, ID_BYTES_MAX, IdError, LineId,
    MemberRef, OfferId, OperatorRef, ProgrammeId, ReceiptUid, RecruiterRef, RewardId, RuleId, Sku,
    StoreId, TierId, TillId, VariantId, VoucherId, VoucherTypeId,
};
pub use issue::{
    Grants, ISSUED_PER_RECEIPT_MAX, Issue, IssueState, Issued, IssuedBy, IssuedKind, SoldIssue,
    VoucherGrant, VoucherTerm,
};
pub use offer_code::{
    CouponOf, OFFER_CODE_CHARS_MAX, OFFER_CODE_CHARS_MIN, OFFER_CODES_MAX, OfferCode,
    OfferCodeError, PresentedCode, PresentedCodeError,
};
pub use programme::{
    AccrualBase, AccrualMoment, AccrualPolicy, BUNDLE_PARTS_MAX, Bundle, BundlePart, BundleValue,
    BuyGet, CashbackPolicy, CatalogueReward, DAYS_KEPT_MIN, DiscountBounds, Excess, Expiries,
    ExpiryPolicy, Gift, GotUnits, Ladder, LadderProgress, Level, LevelWorth, LimitScope, Offer,
    OfferLimit, Oversize, PointsWorth, PricePolicy, Programme, QuantityStep, REWARDS_CHOSEN_MAX,
    RedeemAs, RedemptionPolicy, Reward, Stacking, StrengthStep, TaxBase, Tier, TierKept,
    TierMeasure, TierPolicy, TierWindow, Trigger, VoucherType, VoucherValue, WINDOW_DAYS_MAX,
};
pub use purse::{Gained, PendingPart, Purse, PurseTotals, SpentPart, Undone, Unit, balance_after};
pub use referral::{Referral, ReferralTerms, Referrer, ReferrerGain, UnknownReferrer};
pub use returns::{
    EarnedLate, ReturnError, ReturnLine, ReturnOutcome, Returned, RewardsBack, SoldLine,
    SoldPoints, SoldPurse, SoldReceipt,
};
pub use shared_limit::{CountedDays, SharedLimit, SharedOffline, SharedScope};
pub use standing::{AccountKind, CompanyRole, Standing};
pub use tax::{TaxMode, TaxRefund, TaxSum, TaxedLine, tendered};
pub use terms::{Audience, Conditions, Membership, Minimum, MinimumOf, PointsRange, Scope, Window};
