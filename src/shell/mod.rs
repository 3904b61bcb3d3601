//! What both daemons do with the machine they run on: files that survive a power cut, SQLite files
//! that only move forward, keys in files that only their owner reads.

pub(crate) mod durable_file;
pub(crate) mod keys;
pub(crate) mod migrate;
