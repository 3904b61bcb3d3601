//! The hub: arguments, configuration, run.

fn main() {}
