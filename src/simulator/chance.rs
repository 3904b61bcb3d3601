//! Numbers that a seed gives, always the same.

/// SplitMix64: small, and any seed is as good as another.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to one less than `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// From `first` to `last`.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + (self.number() % (last - first + 1).unsigned_abs()) as i64
    }

    /// A place in a list that is not empty.
    pub(super) fn place_in<T>(&mut self, list: &[T]) -> usize {
        self.below(list.len() as u64) as usize
    }

    /// So many times in a hundred.
    pub(super) fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// The seed of a key.
    pub(super) fn key_seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        for part in seed.chunks_mut(8) {
            part.copy_from_slice(&self.number().to_be_bytes());
        }
        seed
    }
}
