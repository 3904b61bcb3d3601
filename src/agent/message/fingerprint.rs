//! What makes two requests the same.

use ring::digest::{SHA256, digest};
use serde::Serialize;

/// SHA-256 of a request: its path and its body as understood. The body is written again in the
/// order of its fields, so spaces, the order of keys and fields that nobody reads do not count;
/// how the answer is to look (columns, style) does not count either.
pub(crate) fn fingerprint(path: &str, body: &impl Serialize, bytes_expected: usize) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(path.len() + 1 + bytes_expected);
    bytes.extend_from_slice(path.as_bytes());
    bytes.push(b'\n');
    serde_json::to_writer(&mut bytes, body)
        .expect("bodies have text keys only and a vector takes every byte");
    digest(&SHA256, &bytes).as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::message::request::VoidBody;

    fn of(path: &str, body: &str) -> [u8; 32] {
        let body: VoidBody = serde_json::from_str(body).expect("a body");
        fingerprint(path, &body, 0)
    }

    #[test]
    fn spelling_does_not_count_but_content_and_path_do() {
        let one = of("/v1/receipts/a/void", r#"{"till":"1","void_uid":"v"}"#);
        let same =
            of("/v1/receipts/a/void", r#"{ "void_uid":"\u0076", "till":"1", "screen":{"x":1.5}}"#);
        assert_eq!(one, same);
        assert_ne!(one, of("/v1/receipts/b/void", r#"{"till":"1","void_uid":"v"}"#));
        assert_ne!(one, of("/v1/receipts/a/void", r#"{"till":"1","void_uid":"w"}"#));
    }
}
