//! The programme file: TOML in, a checked [`crate::loyalty::Programme`] or every fault at once out.
//!
//! `file` has the format as it is written, `document` where things stand in the text (`parts` reads
//! it element by element), `repair` reads past what does not fit the format, `check` turns the rest
//! into the programme, `fault` is how faults are told, `schema` the JSON schema for editors.

mod check;
mod document;
mod fault;
mod file;
mod limits;
mod parts;
mod place;
mod repair;
mod schema;
#[cfg(test)]
mod tests;

pub use fault::{FAULTS_MAX, FaultCode, ProgrammeFault};
pub use file::ProgrammeFile;
pub use limits::{
    AVERAGE_VISITS_MAX, CODES_OF_OFFER_MAX, CONVERSIONS_MAX, EARN_RULES_MAX, EVENT_TYPES_MAX,
    FILE_BYTES_MAX, FORMAT, GREETINGS_MAX, LATE_MEMBER_DAYS_MAX, LEVELS_MAX, LIMIT_USES_MAX,
    LIST_ENTRIES_MAX, MULTIPLIER_MAX, NAME_CHARS_MAX, OFFERS_MAX, PENDING_DAYS_MAX, POINTS_MAX,
    PRICE_FLOORS_MAX, QUANTITY_STEPS_MAX, REWARDS_MAX, SHARED_LIMITS_MAX, STRENGTH_STEPS_MAX,
    TEXT_CHARS_MAX, THRESHOLD_MAX, TIERS_MAX, TIMES_MAX, UNITS_MAX, USE_LIMITS_MAX,
    VOUCHER_PURCHASES_MAX, VOUCHER_STEPS_MAX, VOUCHER_TYPES_MAX,
};
pub use schema::json_schema;

use ring::digest::{SHA256, digest};

/// The content hash of a programme file: SHA-256 of its exact bytes. A journal names by it the
/// file that a decision was made under.
#[must_use]
pub fn content_hash(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
