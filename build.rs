//! What the linker is told for the build that ships, profile `dist`.

#![allow(clippy::print_stdout, reason = "how a build script tells cargo")]

use std::env;

/// The optimisation level that only profile `dist` has; cargo does not tell a profile's name.
const SHIPPED_OPT_LEVEL: &str = "s";

/// A position-independent program has a relocation of 24 bytes for each address in its tables, read
/// into memory at every start and kept there: 0.92 MB for the 38,000 of a shipped agent, 0.02 MB
/// when packed. The program then needs glibc 2.36 or musl 1.2.4, so that other profiles, which
/// people run where they build, go without. A linker before binutils 2.38 warns and packs nothing.
const PACK_RELOCATIONS: &str = "-Wl,-z,pack-relative-relocs";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("OPT_LEVEL", SHIPPED_OPT_LEVEL) && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-bins={PACK_RELOCATIONS}");
    }
}
