//! The centre: knows the devices, takes in their signed journals, computes every receipt again and
//! tells the tills what it knows.
//!
//! `ingest` takes journals in; `store` is what it keeps, behind a trait with two implementations.

#![allow(dead_code)]

pub(crate) mod ingest;
pub(crate) mod store;
