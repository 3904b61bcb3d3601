//! Requests signed by a device: HTTP message signatures (RFC 9421) over the digest of the body
//! (RFC 9530), in one form.
//!
//! Method, path, query and the body as it is sent (compressed) are covered, always all of them and
//! always in this order. Only that one form is taken, so there is nothing that a sender could leave
//! out. [`super::freshness()`] says whether a signature that fits is of now.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use crate::journal::{KeyId, PublicKey, Signature, SigningKey};

/// The header with the digest of the body.
pub const CONTENT_DIGEST: &str = "content-digest";
/// The header that says what is signed, by whom and when.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// The header with the signature.
pub const SIGNATURE: &str = "signature";
/// The header with the version of the messages, [`super::PROTOCOL`].
pub const PROTOCOL_HEADER: &str = "tillward-protocol";

/// What the signature is called in both headers.
const LABEL: &str = "tillward";
/// What is covered, as the parameters name it.
const COVERED: &str = r#"("@method" "@path" "@query" "content-digest")"#;
/// Characters of a nonce: enough that no two are alike, and not a place to store things.
const NONCE_CHARS_MIN: usize = 16;
const NONCE_CHARS_MAX: usize = 64;

/// What of a request is signed.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    body: &'a [u8],
}

impl<'a> RequestParts<'a> {
    /// Takes a request apart: the method in capitals, the path as it is sent (`/sync/v1/changes`),
    /// what follows its question mark, and the body as it is sent.
    ///
    /// # Errors
    /// [`SignatureError::Request`] where a part has characters that no request line holds: they
    /// could make the signed text read as another request's.
    pub fn new(
        method: &'a str,
        path: &'a str,
        query: Option<&'a str>,
        body: &'a [u8],
    ) -> Result<Self, SignatureError> {
        let of_a_request_line = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let sound = !method.is_empty()
            && path.starts_with('/')
            && of_a_request_line(method)
            && of_a_request_line(path)
            && query.is_none_or(of_a_request_line);
        if sound { Ok(Self { method, path, query, body }) } else { Err(SignatureError::Request) }
    }

    /// Signs it.
    #[must_use]
    pub fn sign(&self, created: DateTime<Utc>, nonce: Nonce, key: &SigningKey) -> RequestSignature {
        let signed_by = SignedBy { key_id: key.key_id(), created, nonce };
        let content_digest = content_digest(self.body);
        let parameters = signed_by.parameters();
        let signature = key.sign(self.base(&content_digest, &parameters).as_bytes());
        RequestSignature {
            content_digest,
            signature_input: format!("{LABEL}={parameters}"),
            signature: format!("{LABEL}=:{}:", STANDARD.encode(signature.as_bytes())),
        }
    }

    fn base(&self, content_digest: &str, parameters: &str) -> String {
        let query = format!("?{}", self.query.unwrap_or_default());
        let components = [
            ("@method", self.method),
            ("@path", self.path),
            ("@query", &query),
            (CONTENT_DIGEST, content_digest),
        ];
        signature_base(&components, parameters)
    }
}

/// The signature of a request: three headers to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSignature {
    content_digest: String,
    signature_input: String,
    signature: String,
}

impl RequestSignature {
    /// Names and values of the headers.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 3] {
        let SignatureHeaders { content_digest, signature_input, signature } = self.as_received();
        [
            (CONTENT_DIGEST, content_digest),
            (SIGNATURE_INPUT, signature_input),
            (SIGNATURE, signature),
        ]
    }

    /// As the other side receives them.
    #[must_use]
    pub fn as_received(&self) -> SignatureHeaders<'_> {
        SignatureHeaders {
            content_digest: &self.content_digest,
            signature_input: &self.signature_input,
            signature: &self.signature,
        }
    }
}

/// The three headers of a request as they came. One that came twice counts as missing.
#[derive(Clone, Copy, Debug)]
pub struct SignatureHeaders<'a> {
    /// The value of [`CONTENT_DIGEST`].
    pub content_digest: &'a str,
    /// The value of [`SIGNATURE_INPUT`].
    pub signature_input: &'a str,
    /// The value of [`SIGNATURE`].
    pub signature: &'a str,
}

/// What the headers of a request claim. Nothing in it is proven: it tells which key to check with.
#[derive(Clone, Debug)]
pub struct Unverified<'a> {
    content_digest: &'a str,
    claim: SignedBy,
    signature: Signature,
}

impl<'a> Unverified<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] names the header that is not in the one form that is taken.
    pub fn read(headers: SignatureHeaders<'a>) -> Result<Self, SignatureError> {
        let malformed = |header| SignatureError::Malformed { header };
        let claim =
            read_input(headers.signature_input).ok_or_else(|| malformed(SIGNATURE_INPUT))?;
        let signature = read_signature(headers.signature).ok_or_else(|| malformed(SIGNATURE))?;
        Ok(Self { content_digest: headers.content_digest, claim, signature })
    }

    /// The key that is said to have signed.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.claim.key_id
    }

    /// Checks the body and the signature.
    ///
    /// # Errors
    /// [`SignatureError`] where the request is not exactly what the key's owner signed.
    pub fn verify(
        self,
        request: &RequestParts<'_>,
        key: &PublicKey,
    ) -> Result<SignedBy, SignatureError> {
        if self.content_digest != content_digest(request.body) {
            return Err(SignatureError::Digest);
        }
        if self.claim.key_id != key.key_id() {
            return Err(SignatureError::OtherKey);
        }
        let base = request.base(self.content_digest, &self.claim.parameters());
        if !key.verifies(base.as_bytes(), &self.signature) {
            return Err(SignatureError::Signature);
        }
        Ok(self.claim)
    }
}

/// Who signed a request, and when by that one's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// The name of the key.
    pub key_id: KeyId,
    /// When; whole seconds.
    pub created: DateTime<Utc>,
    /// One of the signer's own, or one that the hub gave out.
    pub nonce: Nonce,
}

impl SignedBy {
    fn parameters(&self) -> String {
        let Self { key_id, created, nonce } = self;
        let created = created.timestamp();
        format!(r#"{COVERED};created={created};keyid="{key_id}";alg="ed25519";nonce="{nonce}""#)
    }
}

/// A text that makes a signature unlike any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// One of random bytes.
    #[must_use]
    pub fn of_random(bytes: [u8; 12]) -> Self {
        Self::of_bytes(&bytes)
    }

    /// Reads one; none where it is too short, too long or has other characters than base64url.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let of_the_alphabet =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let sound = (NONCE_CHARS_MIN..=NONCE_CHARS_MAX).contains(&text.len())
            && text.bytes().all(of_the_alphabet);
        sound.then(|| Self(text.to_owned()))
    }

    /// As headers and answers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(&self.0).ok()
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 9421, 2.5.
fn signature_base(components: &[(&str, &str)], parameters: &str) -> String {
    let lines = components.iter().map(|(name, value)| format!("\"{name}\": {value}\n"));
    let mut base: String = lines.collect();
    base.push_str(&format!("\"@signature-params\": {parameters}"));
    base
}

fn content_digest(body: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, body);
    format!("sha-256=:{}:", STANDARD.encode(digest))
}

/// Reads what [`SignedBy::parameters`] writes, and only that: what is read must write itself the
/// same way.
fn read_input(text: &str) -> Option<SignedBy> {
    let parameters = text.strip_prefix(LABEL)?.strip_prefix('=')?;
    let rest = parameters.strip_prefix(COVERED)?.strip_prefix(";created=")?;
    let (created, rest) = rest.split_once(r#";keyid=""#)?;
    let (key_id, rest) = rest.split_once(r#"";alg="ed25519";nonce=""#)?;
    let read = SignedBy {
        key_id: key_id.parse().ok()?,
        created: DateTime::from_timestamp(created.parse().ok()?, 0)?,
        nonce: Nonce::parse(rest.strip_suffix('"')?)?,
    };
    (read.parameters() == parameters).then_some(read)
}

fn read_signature(text: &str) -> Option<Signature> {
    let encoded = text.strip_prefix(LABEL)?.strip_prefix("=:")?.strip_suffix(':')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    Some(Signature::from_bytes(bytes.try_into().ok()?))
}

/// Why a request is not a device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request line has characters that none holds.
    #[error("method, path or query have characters that cannot be signed")]
    Request,
    /// A header is not in the form that is taken.
    #[error("the header {header} is not in the form that is taken")]
    Malformed {
        /// Its name.
        header: &'static str,
    },
    /// The body is not the one that was signed.
    #[error("the body does not fit its digest: it was changed or cut")]
    Digest,
    /// Another key is named.
    #[error("the signature names another key")]
    OtherKey,
    /// Changed after it was signed, or never signed by this key.
    #[error("the signature of the request does not fit")]
    Signature,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};

    fn nonce() -> Nonce {
        Nonce::of_random([9; 12])
    }

    fn push() -> RequestParts<'static> {
        RequestParts::new("POST", "/sync/v1/records", None, b"records").expect("a request")
    }

    fn signed() -> RequestSignature {
        push().sign(instant(0), nonce(), &device_key())
    }

    fn verify(
        headers: SignatureHeaders<'_>,
        request: &RequestParts<'_>,
    ) -> Result<SignedBy, SignatureError> {
        Unverified::read(headers)?.verify(request, &device_key().public_key())
    }

    #[test]
    fn the_example_of_rfc_9421_verifies() {
        // RFC 9421, B.2.6, with the key of B.1.4.
        let components = [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@method", "POST"),
            ("@path", "/foo"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
            ("content-length", "18"),
        ];
        let parameters = r#"("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#;
        let base = signature_base(&components, parameters);
        let key = URL_SAFE_NO_PAD.decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs");
        let key = PublicKey::parse(key.expect("base64").try_into().expect("32 bytes"));
        let signature = read_signature(
            "tillward=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
        );
        assert!(
            key.expect("a sound key").verifies(base.as_bytes(), &signature.expect("64 bytes")),
            "{base}"
        );
    }

    #[test]
    fn the_digest_is_that_of_rfc_9530() {
        // The example of RFC 9530, 2.
        assert_eq!(
            content_digest(b"{\"hello\": \"world\"}\n"),
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
        );
    }

    #[test]
    fn a_request_says_who_signed_it_and_when() {
        let signed = signed();
        assert_eq!(
            signed.signature_input,
            format!(
                r#"tillward=("@method" "@path" "@query" "content-digest");created=1772271015;keyid="{}";alg="ed25519";nonce="CQkJCQkJCQkJCQkJ""#,
                device_key().key_id()
            )
        );
        let read = verify(signed.as_received(), &push()).expect("it is the device's");
        assert_eq!((read.key_id, read.nonce), (device_key().key_id(), nonce()));
        assert_eq!(read.created, instant(-250), "whole seconds");
    }

    #[test]
    fn a_clock_before_1970_signs_as_well() {
        let created = DateTime::from_timestamp(-86_400, 0).expect("an instant");
        let signed = push().sign(created, nonce(), &device_key());
        assert_eq!(verify(signed.as_received(), &push()).map(|read| read.created), Ok(created));
    }

    #[test]
    fn no_query_is_an_empty_one() {
        let plain = RequestParts::new("GET", "/a", None, b"").expect("a request");
        let empty = RequestParts::new("GET", "/a", Some(""), b"").expect("a request");
        let signed = plain.sign(instant(0), nonce(), &device_key());
        assert!(verify(signed.as_received(), &empty).is_ok());
    }

    #[test]
    fn a_signature_fits_no_other_request() {
        let signed = signed();
        for (method, path, query, body, fault) in [
            ("PUT", "/sync/v1/records", None, "records", SignatureError::Signature),
            ("POST", "/sync/v1/recordss", None, "records", SignatureError::Signature),
            ("POST", "/sync/v1/records/", None, "records", SignatureError::Signature),
            ("POST", "/sync/v1/records", Some("a=1"), "records", SignatureError::Signature),
            ("POST", "/sync/v1/records", None, "recordz", SignatureError::Digest),
            ("POST", "/sync/v1/records", None, "record", SignatureError::Digest),
            ("POST", "/sync/v1/records", None, "", SignatureError::Digest),
        ] {
            let request = RequestParts::new(method, path, query, body.as_bytes());
            let verified = verify(signed.as_received(), &request.expect("a request"));
            assert_eq!(verified, Err(fault), "{method} {path} {query:?} {body}");
        }
    }

    #[test]
    fn a_request_line_that_could_read_as_another_is_refused() {
        for (method, path, query) in [
            ("POST", "/a\n\"@query\": ?b", None),
            ("POST", "/a b", None),
            ("POST", "/ä", None),
            ("POST", "", None),
            ("POST", "a", None),
            ("", "/a", None),
            ("PO\nST", "/a", None),
            ("POST", "/a", Some("b\r\n")),
        ] {
            let refused = RequestParts::new(method, path, query, b"").err();
            assert_eq!(refused, Some(SignatureError::Request), "{method:?} {path:?} {query:?}");
        }
    }

    #[test]
    fn another_key_is_refused_whatever_it_calls_itself() {
        let signed = push().sign(instant(0), nonce(), &hub_key());
        assert_eq!(verify(signed.as_received(), &push()), Err(SignatureError::OtherKey));
        let pretended = signed
            .signature_input
            .replace(&hub_key().key_id().to_string(), &device_key().key_id().to_string());
        let headers = SignatureHeaders { signature_input: &pretended, ..signed.as_received() };
        assert_eq!(verify(headers, &push()), Err(SignatureError::Signature));
    }

    #[test]
    fn only_the_one_form_is_taken() {
        let signed = signed();
        let input = signed.signature_input.as_str();
        let key_id = device_key().key_id().to_string();
        for (changed, why) in [
            (String::new(), "nothing"),
            (input.replace("tillward=", "sig1="), "another label"),
            (input.replace("\"@query\" ", ""), "a part left out"),
            (input.replace(" \"content-digest\"", ""), "the body left out"),
            (input.replace("\"@method\" \"@path\"", "\"@path\" \"@method\""), "another order"),
            (input.replace("ed25519", "hmac-sha256"), "another algorithm"),
            (input.replace(";alg=\"ed25519\"", ""), "no algorithm"),
            (input.replace("created=", "created=0"), "a leading zero"),
            (input.replace("created=", "created=+"), "a plus"),
            (input.replace("created=1772271015", "created="), "no time"),
            (input.replace("created=1772271015", "created=1772271015.5"), "a fraction"),
            (input.replace("created=1772271015", "created=9223372036854775807"), "no such year"),
            (input.replace(&key_id, &key_id.to_uppercase()), "capitals"),
            (input.replace(&key_id, &key_id[1..]), "a short key"),
            (input.replace("CQkJCQkJCQkJCQkJ", "short"), "a short nonce"),
            (input.replace("CQkJCQkJCQkJCQkJ", &"a".repeat(65)), "a long nonce"),
            (input.replace("CQkJCQkJCQkJCQkJ", "CQkJCQkJCQkJ\\\"kJ"), "a quoted quote"),
            (format!("{input};expires=1"), "a parameter more"),
            (format!("{input}, sig2=()"), "a signature more"),
            (format!(" {input}"), "a space before"),
            (format!("{input} "), "a space behind"),
        ] {
            assert_ne!(changed, input, "{why}");
            let headers = SignatureHeaders { signature_input: &changed, ..signed.as_received() };
            let refused = SignatureError::Malformed { header: SIGNATURE_INPUT };
            assert_eq!(verify(headers, &push()), Err(refused), "{why}");
        }
        for changed in ["", "tillward=::", "tillward=:AA==:", "sig1=:AA==:", "tillward=:!:"] {
            let headers = SignatureHeaders { signature: changed, ..signed.as_received() };
            let refused = SignatureError::Malformed { header: SIGNATURE };
            assert_eq!(verify(headers, &push()), Err(refused), "{changed}");
        }
        for changed in ["", "sha-256=::", "sha-512=:AA==:"] {
            let headers = SignatureHeaders { content_digest: changed, ..signed.as_received() };
            assert_eq!(verify(headers, &push()), Err(SignatureError::Digest), "{changed}");
        }
    }

    #[test]
    fn a_flipped_bit_of_any_header_is_refused() {
        let signed = signed();
        let headers = signed.as_received();
        for (which, (name, value)) in signed.headers().into_iter().enumerate() {
            for place in 0..value.len() {
                let mut bytes = value.as_bytes().to_vec();
                bytes[place] ^= 1;
                let changed = String::from_utf8(bytes).expect("it stays ASCII");
                let mut headers = headers;
                match which {
                    0 => headers.content_digest = &changed,
                    1 => headers.signature_input = &changed,
                    _ => headers.signature = &changed,
                }
                assert!(verify(headers, &push()).is_err(), "{name}, byte {place}: {changed}");
            }
        }
    }
}
