//! The agent: arguments, configuration, run.

fn main() {}
