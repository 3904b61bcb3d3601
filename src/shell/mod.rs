//! What both daemons do with the machine they run on: files that survive a power cut, SQLite files
//! that only move forward, keys in files that only their owner reads, a configuration from several
//! sources, the log, how a command ends, and what every HTTP server does (`http`).

pub(crate) mod config;
pub(crate) mod durable_file;
pub(crate) mod exit;
pub(crate) mod http;
pub(crate) mod keys;
pub(crate) mod logging;
pub(crate) mod migrate;
pub(crate) mod process;
