//! Keeps up with the hub, beside the tills and never in their way.
//!
//! [`driver`] runs the machine of [`crate::sync`], which decides; `work` does what it asks for:
//! requests over the `line`, which knows the hub by its key (`tls`), reads of the journal on a read
//! connection, and small jobs for the writer. `enrol` makes the two known to one another once.
//! `report` says how it fares.

pub(crate) mod driver;
pub(crate) mod enrol;
pub(crate) mod line;
pub(crate) mod report;
pub(crate) mod tls;
pub(crate) mod work;

#[cfg(test)]
mod tests;
