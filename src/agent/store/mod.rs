//! The till's own files: how they are opened, migrated, written by one writer and read by many.
//!
//! `ledger` and `base` are the rows; everything else is how files are kept safe.

pub(crate) mod backup;
pub(crate) mod base;
pub(crate) mod base_files;
pub(crate) mod checkpoint;
pub(crate) mod checksum;
pub(crate) mod error;
pub(crate) mod import;
pub(crate) mod ledger;
pub(crate) mod open;
pub(crate) mod readers;
pub(crate) mod rebuild;
pub(crate) mod recover;
pub(crate) mod snapshot;
pub(crate) mod sums;
pub(crate) mod verify;
pub(crate) mod writer;
