//! What a programme file may hold at most. The limits bound the time of a quote and the memory
//! of a till, whatever an author publishes.

use crate::money::{AMOUNT_MINOR_MAX, Factor};

/// The version of the file format that is read.
pub const FORMAT: i64 = 1;

/// Bytes of a programme file: ten times the largest programme thought of (2,000 offers).
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Offers: four times the load that a quote is measured under.
pub const OFFERS_MAX: usize = 2_000;

/// Rewards for points: a page of a catalogue; each is looked at on each quote.
pub const REWARDS_MAX: usize = 100;

/// Conversions of points: more than any customer could foresee.
pub const CONVERSIONS_MAX: usize = 20;

/// Earning rules: each is tried on each receipt.
pub const EARN_RULES_MAX: usize = 200;

/// Limits of use of one rule: one for each window that people think in.
pub const USE_LIMITS_MAX: usize = 5;

/// Limits over all customers in a programme: each is looked up in the ledger on each quote.
pub const SHARED_LIMITS_MAX: usize = 100;

/// Uses that a limit may allow: beyond a million it is none.
pub const LIMIT_USES_MAX: u32 = 1_000_000;

/// Baskets before an account has an average, where the file does not say: two could be chance.
pub(super) const AVERAGE_VISITS_MIN: i64 = 3;

/// The most baskets that an average may ask for.
pub const AVERAGE_VISITS_MAX: u32 = 1_000;

/// Kinds of vouchers: only those on the counter are tried, so there may be more of them.
pub const VOUCHER_TYPES_MAX: usize = 500;

/// Steps of a voucher by earlier purchases: more than any shop prints leaflets of.
pub const VOUCHER_STEPS_MAX: usize = 20;

/// Earlier purchases that a voucher may ask for: nobody buys a million times.
pub const VOUCHER_PURCHASES_MAX: u32 = 1_000_000;

/// Price floors: one for each department; each is looked at for each line.
pub const PRICE_FLOORS_MAX: usize = 100;

/// Tiers: more than any customer can tell apart.
pub const TIERS_MAX: usize = 20;

/// Levels of a discount ladder: more than any progress bar shows.
pub const LEVELS_MAX: usize = 20;

/// Steps of identification strength: there are three strengths.
pub const STRENGTH_STEPS_MAX: usize = 10;

/// Kinds of custom events.
pub const EVENT_TYPES_MAX: usize = 200;

/// Codes of one offer: one for each print run of a leaflet.
pub const CODES_OF_OFFER_MAX: usize = 100;

/// Units that an offer on units asks for at once: beyond a pallet it is a slip of the pen.
pub const UNITS_MAX: u32 = 1_000;

/// Times that an offer on units may apply to one receipt, where it says: as many as a line has
/// units.
pub const TIMES_MAX: u32 = 1_000_000;

/// Steps of a percentage by quantity: more than any shelf label has room for.
pub const QUANTITY_STEPS_MAX: usize = 20;

/// Entries of one list of products, prices, categories, stores, tiers or flags: a large assortment.
pub const LIST_ENTRIES_MAX: usize = 10_000;

/// Greetings: one for each kind of member that anybody thinks of.
pub const GREETINGS_MAX: usize = 50;

/// Characters of a text: a sentence or two on a display.
pub const TEXT_CHARS_MAX: usize = 200;

/// Characters of a name: two lines of a narrow receipt.
pub const NAME_CHARS_MAX: usize = 80;

/// Points in one rule or step, so that sums over a receipt's lines fit with room to spare.
pub const POINTS_MAX: i64 = 1_000_000_000;

/// The highest tier threshold: as large as an amount may be.
pub const THRESHOLD_MAX: i64 = AMOUNT_MINOR_MAX;

/// The largest tier multiplier: beyond a hundred times it is a slip of the pen.
pub const MULTIPLIER_MAX: Factor = Factor::from_thousandths(100_000);

/// Days after a sale in which a member may still be assigned: within the shortest time that a
/// till keeps its records.
pub const LATE_MEMBER_DAYS_MAX: u16 = 90;

/// Days after a sale in which a member may still be assigned, where the file does not say.
pub(super) const LATE_MEMBER_DAYS: u16 = 14;

/// Days for which what a sale earns may be pending: a year, longer than any time to bring goods back.
pub const PENDING_DAYS_MAX: u16 = 366;

/// Days of expiry, where the file does not say (BR-1).
pub(super) const EXPIRY_DAYS: u16 = 365;
