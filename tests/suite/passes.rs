//! What a phone and the hub make: rotating codes (RFC 6238) and signed tokens (RFC 9052, RFC 8392,
//! RFC 9285). Written for the tests alone, so that a mistake of the agent's does not cancel out.

use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// How long a rotating code is shown, in seconds.
pub(crate) const PERIOD_S: i64 = 30;

/// What token and signed context are marked with.
const TOKEN_KIND: &str = "tillward/token/v1";

/// Unix seconds by this machine's clock.
pub(crate) fn now_s() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("it fits")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A pass in somebody's wallet.
pub(crate) struct Wallet {
    /// Its owner, 32 hexadecimal digits.
    pub(crate) member: String,
    pub(crate) id: String,
    secret: [u8; 20],
}

impl Wallet {
    /// The pass of the n-th member with one; ref, id and secret follow from the number.
    pub(crate) fn new(number: u32) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, &number.to_be_bytes());
        let secret = digest.as_ref()[..20].try_into().expect("20 bytes");
        Self { member: format!("77{number:030x}"), id: format!("W{number:015}"), secret }
    }

    /// The member's line in the file that is imported.
    pub(crate) fn member_line(&self, points: i64) -> String {
        serde_json::json!({
            "member": self.member, "codes": [], "points": points,
            "wallet": { "id": self.id, "secret": hex(&self.secret) },
        })
        .to_string()
            + "\n"
    }

    /// The code that the phone shows when its clock says `unix_s`, with the time in it.
    pub(crate) fn shows(&self, unix_s: i64) -> String {
        format!("LY1-{}-{unix_s}-{}", self.id, self.digits(unix_s))
    }

    /// The same without the time.
    pub(crate) fn shows_untimed(&self, unix_s: i64) -> String {
        format!("LY1.{}.{}", self.id, self.digits(unix_s))
    }

    fn digits(&self, unix_s: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = hmac::sign(&key, &(unix_s / PERIOD_S).to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes(tag[at..at + 4].try_into().expect("four bytes"));
        format!("{:08}", (word & 0x7fff_ffff) % 100_000_000)
    }
}

/// A key of the hub's.
pub(crate) struct TokenKey {
    pub(crate) id: [u8; 4],
    pair: Ed25519KeyPair,
}

/// What a token says, and what its headers say of it.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) member: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) token_id: [u8; 8],
    pub(crate) programme: &'static str,
    pub(crate) algorithm: i64,
    pub(crate) kind: &'static str,
}

impl Token {
    /// A token of the programme `club` that was made now and lives two minutes.
    pub(crate) fn of(member: &str, number: u8) -> Self {
        let now = now_s();
        Self {
            member: member.to_owned(),
            issued_at: now,
            expires_at: now + 120,
            token_id: [number; 8],
            programme: "club",
            algorithm: -19,
            kind: TOKEN_KIND,
        }
    }
}

impl TokenKey {
    pub(crate) fn new(id: [u8; 4]) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("randomness");
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("its own form");
        Self { id, pair }
    }

    /// The table of the configuration by which a till trusts it.
    pub(crate) fn trusted(&self) -> String {
        let public_key = hex(self.pair.public_key().as_ref());
        format!(
            "[[codes.token_keys]]\nkey_id = \"{}\"\npublic_key = \"{public_key}\"\n",
            hex(&self.id)
        )
    }

    /// The token's text as a QR code carries it.
    pub(crate) fn sign(&self, token: &Token) -> String {
        let protected = cbor_map(&[
            (1, cbor_integer(token.algorithm)),
            (4, cbor_bytes(&self.id)),
            (16, cbor_text(token.kind)),
        ]);
        let claims = cbor_map(&[
            (2, cbor_bytes(&from_hex(&token.member))),
            (4, cbor_integer(token.expires_at)),
            (6, cbor_integer(token.issued_at)),
            (7, cbor_bytes(&token.token_id)),
            (-70_001, cbor_text(token.programme)),
        ]);
        let signed = cbor_list(&[
            cbor_text("Signature1"),
            cbor_bytes(&protected),
            cbor_bytes(TOKEN_KIND.as_bytes()),
            cbor_bytes(&claims),
        ]);
        let signature = self.pair.sign(&signed);
        let sealed = cbor_list(&[
            cbor_bytes(&protected),
            cbor_map(&[]),
            cbor_bytes(&claims),
            cbor_bytes(signature.as_ref()),
        ]);
        format!("LYT1:{}", base45(&sealed))
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn base45(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut text = String::new();
    for pair in bytes.chunks(2) {
        let value = pair.iter().fold(0_usize, |value, byte| value * 256 + usize::from(*byte));
        let digits = [value % 45, value / 45 % 45, value / 45 / 45];
        text.extend(digits[..=pair.len()].iter().map(|digit| char::from(ALPHABET[*digit])));
    }
    text
}

fn cbor_head(major: u8, value: u64) -> Vec<u8> {
    let major = major << 5;
    let bytes = value.to_be_bytes();
    match value {
        0..=23 => vec![major | bytes[7]],
        24..=0xff => vec![major | 24, bytes[7]],
        0x100..=0xffff => [&[major | 25], &bytes[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[major | 26], &bytes[4..]].concat(),
        _ => [&[major | 27], &bytes[..]].concat(),
    }
}

fn cbor_integer(value: i64) -> Vec<u8> {
    match u64::try_from(value) {
        Ok(value) => cbor_head(0, value),
        Err(_) => cbor_head(1, (-1 - value).unsigned_abs()),
    }
}

fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    [&cbor_head(2, bytes.len() as u64), bytes].concat()
}

fn cbor_text(text: &str) -> Vec<u8> {
    [&cbor_head(3, text.len() as u64), text.as_bytes()].concat()
}

fn cbor_list(items: &[Vec<u8>]) -> Vec<u8> {
    [cbor_head(4, items.len() as u64), items.concat()].concat()
}

fn cbor_map(pairs: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let pairs_of = pairs.iter().map(|(key, value)| [cbor_integer(*key), value.clone()].concat());
    [cbor_head(5, pairs.len() as u64), pairs_of.collect::<Vec<_>>().concat()].concat()
}
