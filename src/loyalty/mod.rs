//! What a basket is worth to a member: pure, the same code at the till and at the hub.
//!
//! A [`Programme`] and the state of an [`Account`] go in with a [`Basket`]; a [`Decision`] comes
//! out, with a reason for everything that did not apply. What a decision does to the account is
//! an [`Entry`]; an account is the fold of its entries in their order.

mod account;
mod basket;
mod decide;
mod decision;
mod entry;
mod ids;
mod programme;
mod returns;
mod terms;

pub use account::{Account, AccountFacts, DayTotals, PointTotals};
pub use basket::{
    Basket, BasketError, LINES_MAX, Line, LineFault, LineFlag, LineMismatch, RequestedBenefits,
    RequestedSpend,
};
pub use decide::{
    Evaluator, Explain, GivenByTill, Occasion, Shopper, VoucherStanding, VoucherState,
};
pub use decision::{
    Allocation, Applied, Benefit, Decision, EarnedBy, LineOutcome, PointsOutcome, Reason,
    Redeemable, Refusal, SpentPart, Subject, TierOutcome, Totals,
};
pub use entry::{Change, Entry, EntryKey, EntryTerms, Expires, RemainingSale};
pub use ids::{
    AccountRef, CategoryId, DeviceId, EventTypeId, FlagId, GroupId, IdError, LineId, MemberRef,
    OfferId, OperatorRef, ProgrammeId, ReceiptUid, RuleId, Sku, StoreId, TierId, TillId, VoucherId,
    VoucherTypeId,
};
pub use programme::{
    AccrualBase, AccrualMoment, AccrualPolicy, BUNDLE_PARTS_MAX, Bundle, BundlePart, BundleValue,
    BuyGet, DiscountBounds, EarnKind, EarnRule, Excess, ExpiryPolicy, GotUnits, Offer, Programme,
    QuantityStep, RedeemAs, RedemptionPolicy, Reward, Stacking, StepStyle, StrengthStep, TaxBase,
    Tier, TierMeasure, TierMultiplied, TierPolicy, TierWindow, VoucherType, VoucherValue,
    WINDOW_DAYS_MAX,
};
pub use returns::{
    ReturnError, ReturnLine, ReturnOutcome, Returned, SoldLine, SoldPoints, SoldReceipt,
};
pub use terms::{Audience, Conditions, Membership, Minimum, Scope, Window};
