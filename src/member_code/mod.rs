//! What a scan says.

mod strength;

pub use strength::Strength;
