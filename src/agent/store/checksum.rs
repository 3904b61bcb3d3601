//! Checksums of rows that decide money: SQLite's own checks miss most flipped bits in a page.

use ring::digest::{Context, SHA256};

/// The first eight bytes of the SHA-256 over the parts, each with its length before it.
pub(crate) fn checksum(parts: &[&[u8]]) -> i64 {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let digest = context.finish();
    let first: [u8; 8] =
        digest.as_ref()[..8].try_into().expect("a SHA-256 has more than eight bytes");
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn a_changed_moved_or_missing_byte_changes_the_checksum() {
        let whole = checksum(&[b"ab", b"c"]);
        for other in [checksum(&[b"ab", b"d"]), checksum(&[b"a", b"bc"]), checksum(&[b"ab"])] {
            assert_ne!(whole, other);
        }
        assert_eq!(whole, checksum(&[b"ab", b"c"]));
    }
}
