//! Batches of tills that decide as real ones do, on a real store.

mod batches;
mod history;
mod orders;
mod tills;
