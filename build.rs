//! What the linker is told for the build that ships, profile `dist`.

#![allow(clippy::print_stdout, reason = "how a build script tells cargo")]

use std::env;

/// The optimisation level that only profile `dist` has; cargo does not tell a profile's name.
const SHIPPED_OPT_LEVEL: &str = "s";

/// Which functions run, so that they lie together; see `cross/order/trace.py`.
const FUNCTION_ORDER: &str = "cross/order/functions.ld";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={FUNCTION_ORDER}");
    let of = |name: &str| env::var(name).unwrap_or_default();
    if of("OPT_LEVEL") != SHIPPED_OPT_LEVEL || of("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    // A position-independent program has a relocation of 24 bytes for each address in its tables,
    // read into memory at every start and kept there: 0.92 MB for the 38,000 of a shipped agent,
    // 0.02 MB when packed. The program then needs glibc 2.36 or musl 1.2.4, so that other profiles,
    // which people run where they build, go without. An older linker warns and packs nothing.
    println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/{FUNCTION_ORDER}", of("CARGO_MANIFEST_DIR"));
}
