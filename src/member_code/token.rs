//! Member tokens that the hub signs: `LYT1:` and base 45 of a COSE_Sign1 (RFC 9052) over CWT
//! claims (RFC 8392), after the model of the EU health certificate.
//!
//! Only Ed25519 by its own number, alg -19 (RFC 9864). The older -8 says "EdDSA" of any curve; the
//! hub is the only signer and never wrote it, so taking it would only add a second way to say the
//! same. The key id counts in the protected header only, and the unprotected header must be empty.

use chrono::{DateTime, Utc};
use coset::iana::Algorithm;
use coset::{
    CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, Label,
    RegisteredLabelWithPrivate, TaggedCborSerializable,
};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

use super::base45;
use super::clock_trust::{ClockTrust, LikelyCause};
use super::code::{TOKEN_PREFIX, TokenText};
pub use super::token_claims::{ClaimsError, ID_BYTES_MAX, LIFETIME_S_MAX, TIME_S_MAX, TokenClaims};
pub use super::token_keys::{KEY_ID_BYTES, TokenKeyError, TokenKeys};

/// What kind of object this is: in the protected header and in the signed context, so that no
/// signature over another kind can pass for a token.
const TOKEN_KIND: &str = "tillward/token/v1";
/// The header parameter `typ` (RFC 9596).
const TYP: i64 = 16;
/// The first byte of a COSE_Sign1 with its tag, 18.
const TAG_18: u8 = 0xd2;
/// How far hub and till may be apart, in seconds, while both clocks are right.
pub const SKEW_S: i64 = 60;
/// The same while nobody has confirmed the till's clock: five rotating codes' time.
pub const SKEW_UNTRUSTED_S: i64 = 150;

/// A token that was signed by the hub, for this programme, and is in its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberToken {
    /// What the hub says.
    pub claims: TokenClaims,
    /// The trust in the clock that judged it.
    pub clock: ClockTrust,
}

impl MemberToken {
    /// Until when its id must be remembered as used, in Unix seconds: later than it expires,
    /// because a clock in doubt takes it a little longer.
    pub const fn remember_until(&self) -> i64 {
        self.claims.expires_at + SKEW_UNTRUSTED_S
    }
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Not the form of a token.
    #[error("the token is damaged ({0}): ask the customer to show it again")]
    Malformed(&'static str),
    /// Signed another way than by Ed25519, alg -19.
    #[error("the token is signed in a way this till does not know: use another card")]
    WrongAlgorithm,
    /// Signed by the right people, for something else.
    #[error("this is signed but no member's token: use another card")]
    WrongKind,
    /// A key that this till does not have (yet).
    #[error("this till does not know the key of the token yet: use another card")]
    UnknownKey,
    /// Changed or forged.
    #[error("the signature of the token is wrong: do not accept it, use another card")]
    BadSignature,
    /// Too old.
    #[error("the token expired {behind_s} s ago: {likely}")]
    Expired {
        /// Seconds since it ended.
        behind_s: i64,
        /// What most likely went wrong.
        likely: LikelyCause,
    },
    /// Made later than this till believes it is now.
    #[error("the token is {ahead_s} s ahead of the till: {likely}")]
    NotYetValid {
        /// Seconds until it was made.
        ahead_s: i64,
        /// What most likely went wrong: the hub has the better clock.
        likely: LikelyCause,
    },
    /// Another programme of the same hub.
    #[error("the token is for another programme: ask for the card of this one")]
    OtherProgramme,
}

impl TokenRefusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "token_malformed",
            Self::WrongAlgorithm => "token_wrong_algorithm",
            Self::WrongKind => "token_wrong_kind",
            Self::UnknownKey => "token_unknown_key",
            Self::BadSignature => "token_bad_signature",
            Self::Expired { .. } => "token_expired",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::OtherProgramme => "token_other_programme",
        }
    }
}

/// Why a token cannot be signed: the hub's own mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenSignError {
    /// A claim is out of its limits.
    #[error("signing a token: {0}")]
    Claims(#[from] ClaimsError),
    /// The key id is too short or too long.
    #[error("signing a token: a key id must have 4 to 8 bytes")]
    KeyIdLength,
}

/// Checks a token: form, key, signature, programme and time, in this order.
///
/// Whether it was used before is the caller's to know: store `claims.token_id` until
/// [`MemberToken::remember_until`].
///
/// # Errors
/// [`TokenRefusal`].
pub fn verify(
    text: &TokenText,
    keys: &TokenKeys,
    programme: &str,
    now: DateTime<Utc>,
    clock: ClockTrust,
) -> Result<MemberToken, TokenRefusal> {
    let bytes = base45::decode(text.body()).map_err(|_| TokenRefusal::Malformed("base 45"))?;
    let signed = match bytes.first() {
        Some(&TAG_18) => CoseSign1::from_tagged_slice(&bytes),
        _ => CoseSign1::from_slice(&bytes),
    }
    .map_err(|_| TokenRefusal::Malformed("COSE"))?;
    let key_id = check_headers(&signed)?;
    let payload = signed.payload.as_deref().ok_or(TokenRefusal::Malformed("no claims"))?;
    let key = keys.key(key_id).ok_or(TokenRefusal::UnknownKey)?;
    signed
        .verify_signature(TOKEN_KIND.as_bytes(), |signature, message| {
            UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
        })
        .map_err(|_| TokenRefusal::BadSignature)?;
    let claims = TokenClaims::from_cbor(payload).map_err(|e| TokenRefusal::Malformed(e.0))?;
    if claims.programme != programme {
        return Err(TokenRefusal::OtherProgramme);
    }
    check_time(&claims, now.timestamp(), clock)?;
    Ok(MemberToken { claims, clock })
}

/// Signs `claims` with the key that tills know as `key_id`.
///
/// # Errors
/// Claims out of their limits, or a key id of another length than 4 to 8 bytes.
pub fn sign(
    claims: &TokenClaims,
    key_id: &[u8],
    key: &Ed25519KeyPair,
) -> Result<TokenText, TokenSignError> {
    claims.check()?;
    if !KEY_ID_BYTES.contains(&key_id.len()) {
        return Err(TokenSignError::KeyIdLength);
    }
    let protected = HeaderBuilder::new()
        .algorithm(Algorithm::Ed25519)
        .key_id(key_id.to_vec())
        .value(TYP, TOKEN_KIND.into())
        .build();
    let bytes = CoseSign1Builder::new()
        .protected(protected)
        .payload(claims.to_cbor())
        .create_signature(TOKEN_KIND.as_bytes(), |message| key.sign(message).as_ref().to_vec())
        .build()
        .to_vec()
        .expect("headers without repeated labels always encode");
    let text = format!("{TOKEN_PREFIX}{}", base45::encode(&bytes));
    Ok(TokenText::parse(&text).expect("claims within their limits fit a token"))
}

/// Checks what the headers say and gives the key id.
fn check_headers(signed: &CoseSign1) -> Result<&[u8], TokenRefusal> {
    let header = &signed.protected.header;
    if !signed.unprotected.is_empty() {
        return Err(TokenRefusal::Malformed("unprotected header"));
    }
    if header.alg != Some(RegisteredLabelWithPrivate::Assigned(Algorithm::Ed25519)) {
        return Err(TokenRefusal::WrongAlgorithm);
    }
    // No extension is understood, so none may be critical (RFC 9052 section 3.1).
    if !header.crit.is_empty() {
        return Err(TokenRefusal::Malformed("critical header"));
    }
    let typ = header.rest.iter().find(|(label, _)| *label == Label::Int(TYP));
    if typ.and_then(|(_, value)| value.as_text()) != Some(TOKEN_KIND) {
        return Err(TokenRefusal::WrongKind);
    }
    if !KEY_ID_BYTES.contains(&header.key_id.len()) {
        return Err(TokenRefusal::Malformed("key id"));
    }
    Ok(&header.key_id)
}

fn check_time(claims: &TokenClaims, now_s: i64, clock: ClockTrust) -> Result<(), TokenRefusal> {
    let (skew_s, too_old) = match clock {
        ClockTrust::Trusted => (SKEW_S, LikelyCause::OldCode),
        ClockTrust::Untrusted => (SKEW_UNTRUSTED_S, LikelyCause::TillClock),
    };
    let behind_s = now_s.saturating_sub(claims.expires_at);
    if behind_s >= skew_s {
        return Err(TokenRefusal::Expired { behind_s, likely: too_old });
    }
    let ahead_s = claims.issued_at.saturating_sub(now_s);
    if ahead_s > skew_s {
        return Err(TokenRefusal::NotYetValid { ahead_s, likely: LikelyCause::TillClock });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
