//! What a basket is worth to a member: pure, the same code at the till and at the hub.
//!
//! A [`Programme`] and the state of an [`Account`] go in with a [`Basket`]; a [`Decision`] comes
//! out, with a reason for everything that did not apply. What a decision does to the account is
//! an [`Entry`]; an account is the fold of its entries in their order.

mod account;
mod basket;
mod birthday;
mod chance;
mod claw_back;
mod conversion;
mod counter;
mod decide;
mod decision;
mod earn_rule;
mod entry;
mod gain;
mod gifts;
mod ids;
mod issue;
mod offer_code;
mod offline;
mod personal;
mod programme;
mod promotion;
mod purse;
mod referral;
mod returns;
mod shared_limit;
mod spent_back;
mod standing;
mod tax;
mod terms;

pub use account::{Account, AccountFacts, DayTotals};
pub use basket::{
    Basket, BasketError, BasketTax, LINES_MAX, Line, LineFault, LineFlag, LineMismatch,
    RequestedBenefits, RequestedSpend, VOUCHERS_MAX,
};
pub use birthday::{BIRTHDAY_DAYS_MAX, Birthday, BirthdayWindow};
pub use chance::{Chance, DrawnNumber, Draws};
pub use claw_back::ClawBack;
pub use conversion::{Conversion, Converted, ConvertedBy};
pub use counter::{CountWindow, Counted, Counter, CounterId, Counters, UseLimit, UseUnit};
pub use decide::{
    ALLOCATIONS_MAX, Budgets, Evaluator, Explain, GivenByTill, GivenReward, LOOKS_ANEW_MAX,
    LOOKS_PER_LINE_MAX, LineCost, Occasion, POINTS_PER_RECEIPT_MAX, SharedUses, Shopper,
    VoucherStanding, VoucherState,
};
pub use decision::{
    Allocation, Applied, Benefit, Choices, Decision, LevelChoice, LineOutcome, PointsOutcome,
    Reason, Redeemable, Refusal, RewardOption, Subject, TierOutcome, TierValidity, Totals,
};
pub use earn_rule::{
    EarnKind, EarnRule, MilestoneMeasure, MilestoneRepeat, RuleLimit, StepStyle, TierMultiplied,
};
pub use entry::{Change, Entry, EntryKey, EntryTerms, Expires, RemainingSale};
pub use gain::{CashbackOutcome, EarnedBy, Gain};
pub use gifts::{GIFTS_GIVEN_MAX, GiftTerms, Gifts, GiftsBack};
pub use ids::{
    AccountRef, CategoryId, ConversionId, DeviceId, EventTypeId, FlagId, GreetingId, GroupId,
    ID_BYTES_MAX, IdError, LineId, MemberRef, OfferId, OperatorRef, ProgrammeId, ReceiptUid,
    RecruiterRef, RewardId, RuleId, Sku, StoreId, TierId, TillId, VariantId, VoucherId,
    VoucherTypeId,
};
pub use issue::{
    Grants, ISSUED_PER_RECEIPT_MAX, Issue, IssueState, Issued, IssuedBy, IssuedKind, SoldIssue,
    VoucherGrant, VoucherTerm,
};
pub use offer_code::{
    CouponOf, OFFER_CODE_CHARS_MAX, OFFER_CODE_CHARS_MIN, OFFER_CODES_MAX, OfferCode,
    OfferCodeError, PresentedCode, PresentedCodeError,
};
pub use offline::{HUB_WORD_MS_MAX, HubWord, OfflineSpending, SpendingCap, Unconfirmed};
pub use personal::{
    CarriedOffer, NOTHING_PERSONAL, PERSONAL_OFFERS_MAX, PersonalOffer, PersonalOffers,
    PersonalPolicy, PersonalWindow, Reach, SCORE_MAX, Score,
};
pub use programme::{
    AccrualBase, AccrualMoment, AccrualPolicy, BUNDLE_PARTS_MAX, Bundle, BundlePart, BundleValue,
    BuyGet, CashbackPolicy, CatalogueReward, DAYS_KEPT_MIN, DiscountBounds, DiscountMethod, Excess,
    Expiries, ExpiryPolicy, Gift, GotUnits, Ladder, LadderProgress, Level, LevelWorth, LimitScope,
    MinimumMoment, Offer, OfferLimit, Oversize, PercentStyle, PointsWorth, PriceFloor, PricePolicy,
    Programme, QuantityStep, REWARDS_CHOSEN_MAX, RedeemAs, RedemptionPolicy, Reward, Stacking,
    StrengthStep, TaxBase, ThisSale, Tier, TierKept, TierMeasure, TierPolicy, TierWindow, Trigger,
    VoucherType, VoucherValue, WINDOW_DAYS_MAX,
};
pub use promotion::{
    Greeting, MessagePolicy, PROMOTIONS_TOLD_MAX, Promotion, REWARDS_TOLD_MAX, ShownTo, Texts,
    VOUCHER_DAYS_BEFORE, rewards_told,
};
pub use purse::{
    Gained, PendingPart, Purse, PurseTotals, SpentBack, SpentPart, Undone, UndoneSoFar, Unit,
    balance_after,
};
pub use referral::{Referral, ReferralTerms, Referrer, ReferrerGain, UnknownReferrer};
pub use returns::{
    EarnedLate, LotsBack, ReturnError, ReturnLine, ReturnOutcome, Returned, RewardsBack, SoldLine,
    SoldPoints, SoldPurse, SoldReceipt,
};
pub use shared_limit::{CountedDays, SharedLimit, SharedOffline, SharedScope};
pub use spent_back::UsedPointsBack;
pub use standing::{AccountKind, CompanyRole, Standing};
pub use tax::{TaxMode, TaxRefund, TaxSum, TaxedLine, tendered};
pub use terms::{Audience, Conditions, Membership, Minimum, MinimumOf, PointsRange, Scope, Window};
