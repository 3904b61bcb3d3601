//! What programme, members and configuration files may hold.

use super::limit::Beyond::{FileFault, Then, WrongConfiguration};
use super::limit::Unit::{Bytes, Days, MinorUnits, Of};
use super::limit::{Limit, limit};
use crate::advice;
use crate::agent::{config, store};
use crate::loyalty;
use crate::member_code::token;
use crate::money;
use crate::wire::{members, programme};

#[rustfmt::skip]
pub(super) fn programme() -> Vec<Limit> {
    vec![
        limit!(Most "file", programme::FILE_BYTES_MAX, Bytes, "ten times the largest programme thought of", FileFault("file_too_large")),
        limit!(Most "`offers`", programme::OFFERS_MAX, Of("offers"), "four times the load that a quote is measured under", FileFault("too_many")),
        limit!(Most "`earn`", programme::EARN_RULES_MAX, Of("rules"), "each is tried on each receipt", FileFault("too_many")),
        limit!(Most "`rewards`", programme::REWARDS_MAX, Of("rewards"), "a page of a catalogue", FileFault("too_many")),
        limit!(Most "`conversions`", programme::CONVERSIONS_MAX, Of("conversions"), "more than any customer could foresee", FileFault("too_many")),
        limit!(Most "`voucher_types`", programme::VOUCHER_TYPES_MAX, Of("types"), "only those on the counter are tried", FileFault("too_many")),
        limit!(Most "`by_purchases` of a voucher", programme::VOUCHER_STEPS_MAX, Of("steps"), "more than any shop prints leaflets of", FileFault("too_many")),
        limit!(Most "`from` of such a step", programme::VOUCHER_PURCHASES_MAX, Of("purchases"), "nobody buys a million times", FileFault("out_of_range")),
        limit!(Most "`discounts.price_floors`", programme::PRICE_FLOORS_MAX, Of("floors"), "one for each department", FileFault("too_many")),
        limit!(Most "`tiers.steps`", programme::TIERS_MAX, Of("tiers"), "more than any customer can tell apart", FileFault("too_many")),
        limit!(Most "`redemption.levels`", programme::LEVELS_MAX, Of("levels"), "more than any progress bar shows", FileFault("too_many")),
        limit!(Most "steps of identification strength", programme::STRENGTH_STEPS_MAX, Of("steps"), "there are three strengths", FileFault("too_many")),
        limit!(Most "`event_types`", programme::EVENT_TYPES_MAX, Of("types"), "more than anybody reports on", FileFault("too_many")),
        limit!(Most "entries of one list of products, stores, tiers or flags", programme::LIST_ENTRIES_MAX, Of("entries"), "a large assortment", FileFault("too_many")),
        limit!(Most "`greetings`", programme::GREETINGS_MAX, Of("greetings"), "one for each kind of member that anybody thinks of", FileFault("too_many")),
        limit!(Most "a text", programme::TEXT_CHARS_MAX, Of("characters"), "a sentence or two on a display", FileFault("bad_text")),
        limit!(Most "a name", programme::NAME_CHARS_MAX, Of("characters"), "two lines of a narrow receipt", FileFault("bad_name")),
        limit!(Most "points of one rule or step", programme::POINTS_MAX, Of("points"), "sums over a receipt fit with room to spare", FileFault("out_of_range")),
        limit!(Most "decimals of points", money::POINT_DECIMALS_MAX, Of("decimals"), "as many as quantities", FileFault("out_of_range")),
        limit!(Most "threshold of a tier", programme::THRESHOLD_MAX, MinorUnits, "as large as an amount may be", FileFault("out_of_range")),
        limit!(Most "multiplier of a tier", programme::MULTIPLIER_MAX = programme::MULTIPLIER_MAX.thousandths() / 1_000, Of("times"), "beyond a hundred times it is a slip of the pen", FileFault("bad_multiplier")),
        limit!(Most "`pending.days`", programme::PENDING_DAYS_MAX, Days, "longer than any time to bring goods back", FileFault("out_of_range")),
        limit!(Most "`late_member_days`", programme::LATE_MEMBER_DAYS_MAX, Days, "within the shortest time that records are kept", FileFault("out_of_range")),
        limit!(Most "expiry, lot validity, rolling tier window", loyalty::WINDOW_DAYS_MAX, Days, "ten years; bounds what an account carries", FileFault("out_of_range")),
        limit!(Most "limits over all customers", programme::SHARED_LIMITS_MAX, Of("limits"), "each is looked up in the ledger on each quote", FileFault("too_many")),
        limit!(Most "`limits` of one rule", programme::USE_LIMITS_MAX, Of("limits"), "one for each window that people think in", FileFault("too_many")),
        limit!(Most "`uses` of a limit", programme::LIMIT_USES_MAX, Of("uses"), "beyond a million it is none", FileFault("out_of_range")),
        limit!(Most "`visits_min` of an average", programme::AVERAGE_VISITS_MAX, Of("visits"), "an average is known long before", FileFault("out_of_range")),
        limit!(Most "days before or after a birthday", loyalty::BIRTHDAY_DAYS_MAX, Days, "two windows of one member never meet", FileFault("out_of_range")),
        limit!(Most "units of one set, bundle part or step", programme::UNITS_MAX, Of("units"), "more is a quantity price", FileFault("out_of_range")),
        limit!(Most "`times_max` of an offer", programme::TIMES_MAX, Of("times"), "beyond a million it is none", FileFault("out_of_range")),
        limit!(Most "`codes` of one offer", programme::CODES_OF_OFFER_MAX, Of("codes"), "one for each print run of a leaflet", FileFault("too_many")),
        limit!(Most "`steps` of one offer", programme::QUANTITY_STEPS_MAX, Of("steps"), "more than any price tag shows", FileFault("too_many")),
        limit!(Most "`parts` of a bundle", loyalty::BUNDLE_PARTS_MAX, Of("parts"), "bounds the search where parts overlap", FileFault("too_many")),
        limit!(Most "looks at a line of the dearest goods", loyalty::LOOKS_PER_LINE_MAX, Of("looks"), "bounds the time of every decision; see `Bounded work`", FileFault("too_costly")),
        limit!(Most "pairs of baskets that a check compares", advice::PROBES_MAX, Of("pairs"), "a second of the slowest programme", Then("the check says so")),
        limit!(Most "such pairs for one offer or kind of voucher", advice::PROBES_PER_BENEFIT_MAX, Of("pairs"), "its prices times its numbers of units", Then("the check says so")),
        limit!(Most "advice on one file", advice::ADVICE_MAX, Of("pieces"), "an author reads these first", Then("the others are left out")),
        limit!(Most "faults told of one file", programme::FAULTS_MAX, Of("faults"), "an author mends these first", Then("the others are left out")),
    ]
}

#[rustfmt::skip]
pub(super) fn members() -> Vec<Limit> {
    vec![
        limit!(Most "a line", members::LINE_BYTES_MAX, Bytes, "a member with ten years of days fits", FileFault("too_long")),
        limit!(Most "`codes` or `referral_codes` of a member", members::CODES_MAX, Of("codes"), "a card, a few replacements, a phone", FileFault("too_many")),
        limit!(Most "a code", members::CODE_BYTES_MAX, Bytes, "the longest GS1 string of a member, and room", FileFault("bad_value")),
        limit!(Most "`lots` of an account", members::LOTS_MAX, Of("lots"), "one a day for the longest window", FileFault("too_many")),
        limit!(Most "`days` of an account", members::DAYS_MAX, Of("days"), "as long as the longest window", FileFault("too_many")),
        limit!(Most "`flags` of a member", members::FLAGS_MAX, Of("flags"), "more than any programme asks for", FileFault("too_many")),
        limit!(Most "`vouchers` of a member", members::VOUCHERS_MAX, Of("vouchers"), "more than anybody holds", FileFault("too_many")),
        limit!(Most "`offers` of a member", loyalty::PERSONAL_OFFERS_MAX, Of("offers"), "more than anybody was ever sent at once", FileFault("too_many")),
        limit!(Most "`score` of such an offer", loyalty::SCORE_MAX, Of("(the best)"), "a scale for all who make lists", FileFault("bad_value")),
        limit!(Most "points of one lot, day or life", members::POINTS_MAX, Of("points"), "sums over an account fit with room to spare", FileFault("bad_value")),
        limit!(Most "visits of one day or life", members::VISITS_MAX, Of("visits"), "the days of an account sum up within their type", FileFault("bad_value")),
        limit!(Exactly "`wallet.id`", members::WALLET_ID_CHARS, Of("characters"), "80 bits in base 32", FileFault("bad_value")),
        limit!(Least "`wallet.secret`", members::SECRET_BYTES_MIN, Bytes, "RFC 4226 section 4 asks for 128 bits", FileFault("bad_value")),
        limit!(Most "`wallet.secret`", members::SECRET_BYTES_MAX, Bytes, "the block of SHA-1", FileFault("bad_value")),
        limit!(Most "faults told of one file", store::import::FAULTS_TOLD_MAX, Of("faults"), "the same mistake is in every line", Then("the rest is not looked at")),
    ]
}

#[rustfmt::skip]
pub(super) fn configuration() -> Vec<Limit> {
    vec![
        limit!(Most "a file", config::FILE_BYTES_MAX, Bytes, "a larger one is some other file", WrongConfiguration),
        limit!(Most "faults told", config::FAULTS_MAX, Of("faults"), "more than anybody reads at once", Then("the others are left out")),
        limit!(Most "path of a Unix socket", config::UNIX_PATH_BYTES_MAX, Bytes, "what Linux has room for", WrongConfiguration),
        limit!(Least "`api.connections_max`", config::CONNECTIONS_MAX_RANGE = *config::CONNECTIONS_MAX_RANGE.start(), Of("connections"), "one is of use", WrongConfiguration),
        limit!(Most "`api.connections_max`", config::CONNECTIONS_MAX_RANGE = *config::CONNECTIONS_MAX_RANGE.end(), Of("connections"), "what the memory budget has room for", WrongConfiguration),
        limit!(Least "`retention.journal_days`", config::JOURNAL_DAYS_RANGE = *config::JOURNAL_DAYS_RANGE.start(), Days, "the longest a returned receipt is commonly taken", WrongConfiguration),
        limit!(Most "`retention.journal_days`", config::JOURNAL_DAYS_RANGE = *config::JOURNAL_DAYS_RANGE.end(), Days, "ten years", WrongConfiguration),
        limit!(Least "`receipt.columns`", config::RECEIPT_COLUMNS_RANGE = *config::RECEIPT_COLUMNS_RANGE.start(), Of("columns"), "the narrowest roll in use", WrongConfiguration),
        limit!(Most "`receipt.columns`", config::RECEIPT_COLUMNS_RANGE = *config::RECEIPT_COLUMNS_RANGE.end(), Of("columns"), "wider than any receipt printer", WrongConfiguration),
        limit!(Least "`codes.token_keys[].key_id`", token::KEY_ID_BYTES = *token::KEY_ID_BYTES.start(), Bytes, "enough not to collide in one list", WrongConfiguration),
        limit!(Most "`codes.token_keys[].key_id`", token::KEY_ID_BYTES = *token::KEY_ID_BYTES.end(), Bytes, "few enough for a QR code", WrongConfiguration),
    ]
}
