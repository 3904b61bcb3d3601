//! Identifications and quotes as opaque texts that the agent recognises as its own. They carry
//! what they say and a MAC, so nothing need be kept and a restart forgets none.

use chrono::{DateTime, Utc};
use ring::hmac;

use crate::loyalty::{MemberRef, TillId};
use crate::member_code::Strength;

/// What an identification text begins with.
const IDENTIFICATION_PREFIX: &str = "id1-";

/// What a quote text begins with.
const QUOTE_PREFIX: &str = "q1-";

/// Bytes of the MAC that are kept: guessing one takes 2^63 tries on average.
const MAC_BYTES: usize = 8;

/// Makes and recognises the agent's texts.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    key: hmac::Key,
}

/// Who was identified, how surely and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identification {
    pub(crate) member: MemberRef,
    pub(crate) strength: Strength,
    pub(crate) issued_at: DateTime<Utc>,
}

/// When a basket was quoted and under which programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuoteStamp {
    pub(crate) programme_version: u32,
    pub(crate) decided_at: DateTime<Utc>,
}

impl Tokens {
    /// Uses a key of the agent's own.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key) }
    }

    /// The text of an identification.
    pub(crate) fn identification(&self, identification: &Identification) -> String {
        let mut bytes = Vec::with_capacity(33);
        bytes.extend(identification.member.as_bytes());
        bytes.push(strength_number(identification.strength));
        bytes.extend(identification.issued_at.timestamp_millis().to_be_bytes());
        self.seal(IDENTIFICATION_PREFIX, &[], bytes)
    }

    /// Reads an identification; `None` for anything this agent did not write.
    pub(crate) fn read_identification(&self, text: &str) -> Option<Identification> {
        let bytes = self.open(IDENTIFICATION_PREFIX, &[], text)?;
        let (member, rest) = bytes.split_first_chunk::<16>()?;
        let (strength, millis) = rest.split_first()?;
        Some(Identification {
            member: MemberRef::from_bytes(*member),
            strength: strength_from(*strength)?,
            issued_at: instant(millis)?,
        })
    }

    /// The text of a quote for a till.
    pub(crate) fn quote(&self, stamp: &QuoteStamp, till: &TillId) -> String {
        let mut bytes = Vec::with_capacity(12);
        bytes.extend(stamp.programme_version.to_be_bytes());
        bytes.extend(stamp.decided_at.timestamp_millis().to_be_bytes());
        self.seal(QUOTE_PREFIX, till.as_str().as_bytes(), bytes)
    }

    /// Reads a quote of a till; `None` for anything this agent did not write for it.
    pub(crate) fn read_quote(&self, text: &str, till: &TillId) -> Option<QuoteStamp> {
        let bytes = self.open(QUOTE_PREFIX, till.as_str().as_bytes(), text)?;
        let (version, millis) = bytes.split_first_chunk::<4>()?;
        Some(QuoteStamp {
            programme_version: u32::from_be_bytes(*version),
            decided_at: instant(millis)?,
        })
    }

    fn seal(&self, prefix: &str, context: &[u8], mut bytes: Vec<u8>) -> String {
        let mac = self.mac(prefix, context, &bytes);
        bytes.extend(mac);
        let mut text = String::with_capacity(prefix.len() + bytes.len() * 2);
        text.push_str(prefix);
        for byte in bytes {
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
        text
    }

    fn open(&self, prefix: &str, context: &[u8], text: &str) -> Option<Vec<u8>> {
        let mut bytes = from_hex(text.strip_prefix(prefix)?)?;
        let mac = bytes.split_off(bytes.len().checked_sub(MAC_BYTES)?);
        let expected = self.mac(prefix, context, &bytes);
        // Every byte is looked at, so that time tells nothing of where they differ.
        let differing = mac.iter().zip(expected).fold(0, |sum, (a, b)| sum | (a ^ b));
        (std::hint::black_box(differing) == 0).then_some(bytes)
    }

    fn mac(&self, prefix: &str, context: &[u8], bytes: &[u8]) -> [u8; MAC_BYTES] {
        let mut signing = hmac::Context::with_key(&self.key);
        signing.update(prefix.as_bytes());
        signing.update(&(context.len() as u64).to_be_bytes());
        signing.update(context);
        signing.update(bytes);
        signing.sign().as_ref()[..MAC_BYTES]
            .try_into()
            .expect("an HMAC-SHA-256 is longer than its kept part")
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() % 2 != 0 {
        return None;
    }
    let nibble = |digit: u8| HEX.iter().position(|hex| *hex == digit);
    let byte = |pair: &[u8]| Some((nibble(pair[0])? * 16 + nibble(pair[1])?) as u8);
    digits.chunks_exact(2).map(byte).collect()
}

fn instant(millis: &[u8]) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(i64::from_be_bytes(millis.try_into().ok()?))
}

fn strength_number(strength: Strength) -> u8 {
    match strength {
        Strength::Static => 1,
        Strength::Totp => 2,
        Strength::Token => 3,
    }
}

fn strength_from(number: u8) -> Option<Strength> {
    [Strength::Static, Strength::Totp, Strength::Token]
        .into_iter()
        .find(|strength| strength_number(*strength) == number)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 10, 9, 30, 0).single().expect("an instant")
    }

    fn till(id: &str) -> TillId {
        TillId::parse(id).expect("plain")
    }

    #[test]
    fn texts_are_recognised_unless_altered_or_anothers() {
        let (own, other) = (Tokens::new([1; 32]), Tokens::new([2; 32]));
        let identification = Identification {
            member: MemberRef::from_bytes([9; 16]),
            strength: Strength::Totp,
            issued_at: now(),
        };
        let text = own.identification(&identification);
        assert_eq!(own.read_identification(&text), Some(identification));
        assert_eq!(other.read_identification(&text), None);
        let stamp = QuoteStamp { programme_version: 7, decided_at: now() };
        let quote = own.quote(&stamp, &till("1"));
        assert_eq!(own.read_quote(&quote, &till("1")), Some(stamp));
        assert_eq!(own.read_quote(&quote, &till("2")), None, "another till's quote");
        assert_eq!(own.read_identification(&quote), None);
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'0' { b'1' } else { b'0' };
            let altered = String::from_utf8(altered).expect("ASCII");
            assert_eq!(own.read_identification(&altered), None, "altered at {at}");
        }
        for garbage in ["", "id1-", "id1-00", "id1-zz", "q1-é", &text[..text.len() - 2]] {
            assert_eq!(own.read_identification(garbage), None, "{garbage}");
        }
    }
}
