//! The centre: knows the devices, takes in their signed journals, computes every receipt again and
//! tells the tills what it knows.
//!
//! `store` is what it keeps, behind a trait with two implementations. `ingest` takes journals in;
//! `keys`, `enrolment`, `programmes`, `import`, `changes` and `snapshot` are what else it does; `api`
//! is how devices ask for it, `command` how a person does, with `cli` and `config`.

pub(crate) mod api;
pub(crate) mod changes;
pub mod cli;
pub(crate) mod command;
pub mod config;
pub(crate) mod enrolment;
pub(crate) mod import;
pub(crate) mod ingest;
pub(crate) mod keys;
pub(crate) mod programmes;
pub(crate) mod snapshot;
pub(crate) mod store;
