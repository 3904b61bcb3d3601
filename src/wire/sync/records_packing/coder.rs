//! An adaptive range coder: a symbol that was common costs little, and both sides learn alike.

use std::collections::BTreeMap;

use super::Unfit;

/// Below this the range is widened by a byte.
const RANGE_MIN: u32 = 1 << 24;
/// The largest sum of a model's counts, far below [`RANGE_MIN`] so that shares stay exact.
const TOTAL_MAX: u32 = 1 << 15;

/// The most symbols that a model remembers: looking one up goes through them.
const SYMBOLS_MAX: usize = 4_096;

/// What a symbol has of the whole: everything below it, and its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    below: u32,
    own: u32,
    total: u32,
}

/// Writes symbols, or reads them. The code that uses it is the same for both: a writer is given the
/// symbol, a reader finds it.
pub(super) trait Coder {
    /// Codes one share. `known` is the writer's; `find` looks up what a place in the total is.
    fn code(
        &mut self,
        known: Option<Share>,
        total: u32,
        find: &mut dyn FnMut(u32) -> Share,
    ) -> Result<Share, Unfit>;
}

/// The writer.
pub(super) struct Writer {
    low: u64,
    range: u32,
    pending: u8,
    pending_count: usize,
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { low: 0, range: u32::MAX, pending: 0, pending_count: 0, out: Vec::new() }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift_low();
        }
        self.out
    }

    fn shift_low(&mut self) {
        let carry = (self.low >> 32) as u8;
        if self.low < 0xff00_0000 || carry != 0 {
            for place in 0..self.pending_count {
                let byte = if place == 0 { self.pending } else { 0xff };
                self.out.push(byte.wrapping_add(carry));
            }
            self.pending_count = 0;
            self.pending = (self.low >> 24) as u8;
        }
        self.pending_count += 1;
        self.low = (self.low & 0x00ff_ffff) << 8;
    }
}

impl Coder for Writer {
    fn code(
        &mut self,
        known: Option<Share>,
        _total: u32,
        _find: &mut dyn FnMut(u32) -> Share,
    ) -> Result<Share, Unfit> {
        let share = known.ok_or(Unfit)?;
        let unit = self.range / share.total;
        self.low += u64::from(unit) * u64::from(share.below);
        self.range = share.of(self.range);
        while self.range < RANGE_MIN {
            self.range <<= 8;
            self.shift_low();
        }
        Ok(share)
    }
}

/// The reader. A writer leaves nothing out, so bytes that are cut off are found missing.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    beyond: usize,
    code: u32,
    range: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { rest: bytes, beyond: 0, code: 0, range: u32::MAX };
        for _ in 0..4 {
            reader.shift();
        }
        reader
    }

    /// Whether everything was read and nothing is missing.
    pub(super) fn is_at_the_end(&self) -> bool {
        self.rest.is_empty() && self.beyond == 0
    }

    fn shift(&mut self) {
        let byte = match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => {
                self.beyond += 1;
                0
            }
        };
        self.code = (self.code << 8) | u32::from(byte);
    }
}

impl Coder for Reader<'_> {
    fn code(
        &mut self,
        _known: Option<Share>,
        total: u32,
        find: &mut dyn FnMut(u32) -> Share,
    ) -> Result<Share, Unfit> {
        let unit = self.range / total;
        let share = find((self.code / unit).min(total - 1));
        self.code = self.code.checked_sub(unit * share.below).ok_or(Unfit)?;
        self.range = share.of(self.range);
        while self.range < RANGE_MIN {
            self.range <<= 8;
            self.shift();
        }
        if self.beyond > 0 { Err(Unfit) } else { Ok(share) }
    }
}

impl Share {
    fn of(self, range: u32) -> u32 {
        let unit = range / self.total;
        if self.below + self.own == self.total {
            // The last one takes what the division leaves over.
            range - unit * self.below
        } else {
            unit * self.own
        }
    }
}

/// A byte of which nothing is known.
pub(super) fn plain_byte(coder: &mut dyn Coder, known: Option<u8>) -> Result<u8, Unfit> {
    let share = |byte: u32| Share { below: byte, own: 1, total: 256 };
    let known = known.map(|byte| share(byte.into()));
    let found = coder.code(known, 256, &mut |at| share(at))?;
    u8::try_from(found.below).map_err(|_| Unfit)
}

/// Counts of the symbols seen so far, with a way out to those that were not (PPM, method C).
#[derive(Clone, Debug)]
pub(super) struct Model<S> {
    counts: Vec<(S, u32)>,
    index: BTreeMap<S, usize>,
    sum: u32,
}

impl<S> Default for Model<S> {
    fn default() -> Self {
        Self { counts: Vec::new(), index: BTreeMap::new(), sum: 0 }
    }
}

impl<S: Ord + Clone> Model<S> {
    /// Codes a symbol that was seen before; none where it was not: then it follows otherwise, and
    /// [`Model::learn`] is told.
    pub(super) fn code(
        &mut self,
        coder: &mut dyn Coder,
        known: Option<&S>,
    ) -> Result<Option<S>, Unfit> {
        let new = u32::try_from(self.counts.len()).map_err(|_| Unfit)?.max(1);
        let total = self.sum + new;
        let escape = Share { below: self.sum, own: new, total };
        let known = known.map(|symbol| match self.index.get(symbol) {
            Some(place) => {
                let below = self.counts[..*place].iter().map(|(_, count)| count).sum();
                Share { below, own: self.counts[*place].1, total }
            }
            None => escape,
        });
        let counts = &self.counts;
        let found = coder.code(known, total, &mut |at| {
            let mut below = 0;
            for (_, count) in counts {
                if at < below + count {
                    return Share { below, own: *count, total };
                }
                below += count;
            }
            escape
        })?;
        if found.below == self.sum {
            return Ok(None);
        }
        let mut below = 0;
        let place = self.counts.iter().position(|(_, count)| {
            let here = below == found.below;
            below += count;
            here
        });
        let place = place.ok_or(Unfit)?;
        let symbol = self.counts[place].0.clone();
        self.counts[place].1 += 2;
        self.sum += 2;
        self.keep_within();
        Ok(Some(symbol))
    }

    /// Notes a symbol that was not seen before.
    pub(super) fn learn(&mut self, symbol: S) {
        if self.counts.len() >= SYMBOLS_MAX || self.index.contains_key(&symbol) {
            return;
        }
        self.index.insert(symbol.clone(), self.counts.len());
        self.counts.push((symbol, 1));
        self.sum += 1;
        self.keep_within();
    }

    fn keep_within(&mut self) {
        if self.sum <= TOTAL_MAX {
            return;
        }
        self.sum = 0;
        for (_, count) in &mut self.counts {
            *count = count.div_ceil(2);
            self.sum += *count;
        }
    }
}
