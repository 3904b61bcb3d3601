//! Tests of the built agent through its public faces: the real binary, real files, real HTTP.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

/// What phones and the hub make for members to show.
mod passes;
/// Spawns agents and speaks to them.
mod support;

/// What a person types.
mod cashback;
mod commands;
/// Power and processes that end at any instant.
mod crash;
/// Decisions that never change.
mod decisions;
/// Rotating codes and signed tokens.
mod identify;
/// Offers that the customer calls for.
mod offers;
/// What an author does with a programme, and what a programme does to members.
mod programme;
/// The README keeps its word.
mod readme;
/// Every requirement is shown by a test or owed.
mod requirements;
/// The API over a Unix socket.
mod socket;
/// Disks, tokens, listeners.
mod surroundings;
/// A cashier's day through the local API.
mod till;
/// What must not be sent, and what is answered.
mod wrong_input;
