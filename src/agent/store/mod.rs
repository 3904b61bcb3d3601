//! The till's own files: how they are opened, migrated, written by one writer and read by many.

pub(crate) mod checkpoint;
pub(crate) mod durable_file;
pub(crate) mod migrate;
pub(crate) mod open;
pub(crate) mod readers;
pub(crate) mod writer;
