//! The main job on real purchases.

mod figures;
mod habits;
mod log;
mod oracle;
