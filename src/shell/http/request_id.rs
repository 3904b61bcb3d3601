//! Names of requests, for the log and for whoever asks about one.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom as _, SystemRandom};

/// Gives each request a name of 16 hexadecimal digits: no two alike in one run of a daemon, and
/// hardly in two.
#[derive(Debug)]
pub(crate) struct RequestIds {
    next: AtomicU64,
}

impl RequestIds {
    /// Begins at random.
    pub(crate) fn new() -> Self {
        let mut seed = [0; 8];
        // Without randomness ids begin at nothing: they only have to differ.
        let _ = SystemRandom::new().fill(&mut seed);
        Self { next: AtomicU64::new(u64::from_be_bytes(seed)) }
    }

    /// The next name.
    pub(crate) fn next(&self) -> String {
        format!("{:016x}", mixed(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// A permutation of all numbers that looks random (the finaliser of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_differ() {
        let ids = RequestIds::new();
        let names: BTreeSet<String> = (0..1_000).map(|_| ids.next()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.len() == 16));
    }
}
