//! The rows of the ledger, one file for each table or pair of tables. Every function takes the
//! connection of its transaction; none begins or ends one.

pub(crate) mod accounts;
pub(crate) mod codes_used;
pub(crate) mod days;
pub(crate) mod facts;
pub(crate) mod holds;
pub(crate) mod holds_live;
pub(crate) mod journal;
pub(crate) mod outbox;
pub(crate) mod programmes;
pub(crate) mod programmes_to_come;
pub(crate) mod pulled;
pub(crate) mod requests;
pub(crate) mod set_aside;
pub(crate) mod shared_uses;
pub(crate) mod sync_state;
pub(crate) mod vouchers_issued;
pub(crate) mod vouchers_used;

use crate::agent::store::checksum::CheckedTable;
use crate::shell::migrate::Migration;

/// Marks a ledger file among SQLite files: "Till".
pub(crate) const LEDGER_APPLICATION_ID: i32 = 0x5469_6c6c;

/// Marks a base file: "Tilb".
pub(crate) const BASE_APPLICATION_ID: i32 = 0x5469_6c62;

/// The steps from an empty file to the ledger of this software.
pub(crate) const LEDGER_MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "ledger", sql: include_str!("../sql/ledger_0001.sql") },
    Migration {
        number: 2,
        name: "checksums and programmes",
        sql: include_str!("../sql/ledger_0002.sql"),
    },
    Migration { number: 3, name: "day sums", sql: include_str!("../sql/ledger_0003.sql") },
    Migration { number: 4, name: "shared uses", sql: include_str!("../sql/ledger_0004.sql") },
    Migration {
        number: 5,
        name: "vouchers of receipts",
        sql: include_str!("../sql/ledger_0005.sql"),
    },
    Migration {
        number: 6,
        name: "vouchers of several receipts",
        sql: include_str!("../sql/ledger_0006.sql"),
    },
    Migration { number: 7, name: "cashback", sql: include_str!("../sql/ledger_0007.sql") },
    Migration { number: 8, name: "hub", sql: include_str!("../sql/ledger_0008.sql") },
];

/// The steps from an empty file to the base of this software.
pub(crate) const BASE_MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "base", sql: include_str!("../sql/base_0001.sql") },
    Migration { number: 2, name: "checksums", sql: include_str!("../sql/base_0002.sql") },
    Migration { number: 3, name: "birthdays", sql: include_str!("../sql/base_0003.sql") },
    Migration { number: 4, name: "places in accounts", sql: include_str!("../sql/base_0004.sql") },
    Migration { number: 5, name: "offers of members", sql: include_str!("../sql/base_0005.sql") },
    Migration { number: 6, name: "what the hub had", sql: include_str!("../sql/base_0006.sql") },
];

/// The tables of the ledger whose rows say themselves whether they are whole. Accounts do too, and
/// are compared with the journal.
pub(crate) const LEDGER_CHECKED: [CheckedTable; 14] = [
    requests::REQUESTS,
    requests::IDEMPOTENCY,
    holds::HOLDS,
    codes_used::CODES_USED,
    vouchers_used::VOUCHERS_USED,
    shared_uses::SHARED_USES,
    vouchers_issued::VOUCHERS_ISSUED,
    pulled::MEMBERS,
    pulled::CODES,
    pulled::WALLETS,
    pulled::ACCOUNTS,
    pulled::VOUCHERS,
    sync_state::SYNC_STATE,
    programmes_to_come::PROGRAMMES_TO_COME,
];

#[cfg(test)]
mod tests;
