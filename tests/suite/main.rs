//! Tests of the built agent through its public faces: the real binary, real files, real HTTP.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

/// A PostgreSQL of the tests' own.
#[cfg(feature = "hub")]
#[path = "../common/postgres.rs"]
mod postgres_server;

/// What phones and the hub make for members to show.
mod passes;
/// Spawns agents and speaks to them.
mod support;

/// What a person types.
mod cashback;
mod commands;
/// Vouchers that points become, and surprises.
mod conversions;
/// Power and processes that end at any instant.
mod crash;
/// Decisions that never change.
mod decisions;
/// Goods for other goods, goods without a receipt.
mod exchanges;
/// Gifts that nobody has to ask for.
mod gifts;
/// What a till says unasked.
mod greetings;
/// Vouchers and offers that come from elsewhere.
mod handed_out;
/// The hub's binary: keys, enrolment, programmes, a till that pulls.
#[cfg(feature = "hub")]
mod hub;
/// Rotating codes and signed tokens.
mod identify;
mod large;
/// The way to the next discount level or tier.
mod levels;
/// Offers that the customer calls for.
mod offers;
/// Offers that single members carry.
mod personal;
/// What an author does with a programme, and what a programme does to members.
mod programme;
/// What is quoted is what is sold.
mod quote_is_commit;
/// The README keeps its word.
mod readme;
/// Ledgers that lost something, and receipts that are sent again.
mod recovery;
/// Every requirement is shown by a test or owed.
mod requirements;
/// The API over a Unix socket.
mod socket;
/// Disks, tokens, listeners.
mod surroundings;
/// A till and its hub.
#[cfg(feature = "hub")]
mod sync;
/// A cashier's day through the local API.
mod till;
/// Vouchers that several receipts want.
mod vouchers;
/// What must not be sent, and what is answered.
mod wrong_input;
