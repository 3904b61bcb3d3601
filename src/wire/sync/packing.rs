//! Bodies are compressed with zstd (RFC 8878), and unpacked within a bound: a small body that would
//! fill the memory is refused as soon as it is beyond it.

use std::io::{self, Read};

use zstd::stream::read::Decoder;

/// The value of `content-encoding`.
pub const CONTENT_ENCODING: &str = "zstd";

/// The level of zstd: a batch of a hundred receipts packs in a few milliseconds, even at a small
/// till, and higher levels gain little on it.
const LEVEL: i32 = 9;

/// The largest window of a frame that is unpacked, as a power of two: 8 MiB, as RFC 8878 (3.1.1.1.2)
/// recommends, which bounds the memory whatever a frame asks for.
const WINDOW_LOG_MAX: u32 = 23;

/// Packs bytes.
#[must_use]
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, LEVEL).expect("compressing to memory does not fail")
}

/// Unpacks bytes that are at most so many.
///
/// # Errors
/// [`PackingError`] where they are no single whole frame, or more: the sender's fault.
pub fn unpack(packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, PackingError> {
    let mut decoder = Decoder::with_buffer(packed).map_err(PackingError::of)?.single_frame();
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(PackingError::of)?;
    let mut bytes = Vec::new();
    let beyond = bytes_max as u64 + 1;
    decoder.by_ref().take(beyond).read_to_end(&mut bytes).map_err(PackingError::of)?;
    if bytes.len() > bytes_max {
        return Err(PackingError::TooLarge { bytes_max });
    }
    if decoder.finish().is_empty() { Ok(bytes) } else { Err(PackingError::TrailingBytes) }
}

/// Why a body cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackingError {
    /// No zstd, cut, changed, or made for a larger window.
    #[error("the body is not zstd or is damaged: {reason}")]
    Damaged {
        /// What zstd says.
        reason: String,
    },
    /// It unpacks to more than it may.
    #[error("the body unpacks to more than {bytes_max} bytes")]
    TooLarge {
        /// The most.
        bytes_max: usize,
    },
    /// Something follows the frame.
    #[error("bytes follow the compressed body")]
    TrailingBytes,
}

impl PackingError {
    fn of(error: io::Error) -> Self {
        Self::Damaged { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> Vec<u8> {
        (0..2_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        for bytes in [Vec::new(), vec![7], text()] {
            assert_eq!(unpack(&pack(&bytes), bytes.len()), Ok(bytes));
        }
    }

    #[test]
    fn a_bomb_is_refused_at_the_bound() {
        let bomb = pack(&vec![0; 64 * 1024 * 1024]);
        assert!(bomb.len() < 16 * 1024, "{} bytes", bomb.len());
        for bytes_max in [0, 1, 1024 * 1024] {
            assert_eq!(unpack(&bomb, bytes_max), Err(PackingError::TooLarge { bytes_max }));
        }
        let packed = pack(&text());
        let bytes_max = text().len() - 1;
        assert_eq!(unpack(&packed, bytes_max), Err(PackingError::TooLarge { bytes_max }));
    }

    #[test]
    fn a_frame_that_asks_for_a_large_window_is_refused() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).expect("an encoder");
        encoder.window_log(27).expect("a window");
        io::Write::write_all(&mut encoder, &text()).expect("written");
        let packed = encoder.finish().expect("packed");
        let refused = unpack(&packed, text().len());
        assert!(matches!(refused, Err(PackingError::Damaged { .. })), "{refused:?}");
    }

    #[test]
    fn what_is_cut_or_followed_or_no_frame_is_refused() {
        let packed = pack(&text());
        for bytes in 0..packed.len() {
            assert!(unpack(&packed[..bytes], text().len()).is_err(), "{bytes} bytes");
        }
        let followed = [packed.as_slice(), b"x"].concat();
        assert_eq!(unpack(&followed, text().len()), Err(PackingError::TrailingBytes));
        let twice = [packed.as_slice(), &packed].concat();
        assert_eq!(unpack(&twice, 2 * text().len()), Err(PackingError::TrailingBytes));
        for bytes in [b"<!doctype html>".as_slice(), b"{}", &[0x28, 0xb5, 0x2f, 0xfd]] {
            assert!(matches!(unpack(bytes, 1_000), Err(PackingError::Damaged { .. })));
        }
    }
}
