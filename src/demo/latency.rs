//! How long requests took, as their callers saw it.

use std::time::Duration;

/// Times of one kind of request. Each is kept: a hundred thousand of them are no memory to speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    micros: Vec<u32>,
}

/// What a person wants to know of many times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Percentiles {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) max: Duration,
}

impl Latencies {
    /// Adds a time.
    pub(crate) fn note(&mut self, time: Duration) {
        self.micros.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds the times of another.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.micros.extend_from_slice(&other.micros);
    }

    /// Nearest-rank percentiles; nothing where nothing was measured.
    pub(crate) fn percentiles(&self) -> Percentiles {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let rank = |percent: usize| {
            let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            let micros = sorted.get(at).copied().unwrap_or_default();
            Duration::from_micros(u64::from(micros))
        };
        Percentiles { p50: rank(50), p99: rank(99), max: rank(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        assert_eq!(Latencies::default().percentiles(), Percentiles::default());
        let mut latencies = Latencies::default();
        for micros in (1..=200).rev() {
            latencies.note(Duration::from_micros(micros));
        }
        let of = Duration::from_micros;
        let expected = Percentiles { p50: of(100), p99: of(198), max: of(200) };
        assert_eq!(latencies.percentiles(), expected);
    }
}
