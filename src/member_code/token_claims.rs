use std::fmt;

use ciborium::Value;

/// Longest life of a token, in seconds: the phone may keep one for a day without a network.
pub const LIFETIME_S_MAX: i64 = 24 * 60 * 60;
/// Longest programme or voucher id, in bytes: with both at their longest the QR code still scans.
pub const ID_BYTES_MAX: usize = 32;
/// Last time a token may name, in Unix seconds (the year 2200): no arithmetic on it overflows.
pub const TIME_S_MAX: i64 = 7_258_118_400;

// CWT claim keys (RFC 8392 section 4), then our own from the private range.
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const CTI: i64 = 7;
const PROGRAMME: i64 = -70_001;
const VOUCHER: i64 = -70_002;
const REDEEM_LIMIT: i64 = -70_003;

/// What the hub says in a token.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenClaims {
    /// The member's random reference.
    pub member_ref: [u8; 16],
    /// When the hub made it, in Unix seconds.
    pub issued_at: i64,
    /// When it ends, in Unix seconds; at most a day later.
    pub expires_at: i64,
    /// Makes it one of a kind: to be stored as used, so that it is used once.
    pub token_id: [u8; 8],
    /// The programme it is for, 1 to 32 bytes.
    pub programme: String,
    /// The voucher it carries, 1 to 32 bytes.
    pub voucher: Option<String>,
    /// The most that may be spent with it, in minor units, 0 or more.
    pub redeem_limit_minor: Option<i64>,
}

impl fmt::Debug for TokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenClaims")
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("programme", &self.programme)
            .field("redeem_limit_minor", &self.redeem_limit_minor)
            .finish_non_exhaustive()
    }
}

/// Claims outside their limits or not in the form of claims; says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token's {0} is missing or out of its limits")]
pub struct ClaimsError(pub(crate) &'static str);

impl TokenClaims {
    /// Checks the limits that signer and verifier share.
    pub(crate) fn check(&self) -> Result<(), ClaimsError> {
        let id_fits = |id: &str| (1..=ID_BYTES_MAX).contains(&id.len());
        let time_fits = |time: i64| (0..=TIME_S_MAX).contains(&time);
        if !time_fits(self.issued_at) || !time_fits(self.expires_at) {
            Err(ClaimsError("time"))
        } else if !(1..=LIFETIME_S_MAX).contains(&(self.expires_at - self.issued_at)) {
            Err(ClaimsError("lifetime"))
        } else if !id_fits(&self.programme) {
            Err(ClaimsError("programme"))
        } else if !self.voucher.as_deref().is_none_or(id_fits) {
            Err(ClaimsError("voucher"))
        } else if self.redeem_limit_minor.is_some_and(|limit| limit < 0) {
            Err(ClaimsError("redeem limit"))
        } else {
            Ok(())
        }
    }

    /// The claims as deterministic CBOR (RFC 8949 section 4.2.1): the keys are in the order of
    /// their encoded bytes.
    pub(crate) fn to_cbor(&self) -> Vec<u8> {
        let mut pairs = vec![
            (SUB, Value::Bytes(self.member_ref.to_vec())),
            (EXP, self.expires_at.into()),
            (IAT, self.issued_at.into()),
            (CTI, Value::Bytes(self.token_id.to_vec())),
            (PROGRAMME, Value::Text(self.programme.clone())),
        ];
        pairs.extend(self.voucher.clone().map(|voucher| (VOUCHER, Value::Text(voucher))));
        pairs.extend(self.redeem_limit_minor.map(|limit| (REDEEM_LIMIT, limit.into())));
        let map = pairs.into_iter().map(|(key, value)| (key.into(), value)).collect();
        let mut bytes = Vec::new();
        ciborium::into_writer(&Value::Map(map), &mut bytes)
            .expect("writing CBOR to memory cannot fail");
        bytes
    }

    /// Reads claims; unknown ones are ignored (RFC 8392 section 3), one that comes twice is not.
    pub(crate) fn from_cbor(bytes: &[u8]) -> Result<Self, ClaimsError> {
        let mut rest = bytes;
        let value: Value = ciborium::from_reader(&mut rest).map_err(|_| ClaimsError("claims"))?;
        let pairs = value.into_map().map_err(|_| ClaimsError("claims"))?;
        if !rest.is_empty() {
            return Err(ClaimsError("claims"));
        }
        let claim = |key: i64, what: &'static str| {
            let mut found = pairs.iter().filter(|(k, _)| *k == Value::from(key)).map(|(_, v)| v);
            let first = found.next();
            if found.next().is_some() { Err(ClaimsError(what)) } else { Ok(first) }
        };
        let claims = Self {
            member_ref: required(claim(SUB, "member")?, "member", bytes_of)?,
            issued_at: required(claim(IAT, "time")?, "time", integer)?,
            expires_at: required(claim(EXP, "time")?, "time", integer)?,
            token_id: required(claim(CTI, "id")?, "id", bytes_of)?,
            programme: required(claim(PROGRAMME, "programme")?, "programme", text)?,
            voucher: optional(claim(VOUCHER, "voucher")?, "voucher", text)?,
            redeem_limit_minor: optional(
                claim(REDEEM_LIMIT, "redeem limit")?,
                "redeem limit",
                integer,
            )?,
        };
        claims.check()?;
        Ok(claims)
    }
}

fn optional<T>(
    value: Option<&Value>,
    what: &'static str,
    read: fn(&Value) -> Option<T>,
) -> Result<Option<T>, ClaimsError> {
    value.map(|value| read(value).ok_or(ClaimsError(what))).transpose()
}

fn required<T>(
    value: Option<&Value>,
    what: &'static str,
    read: fn(&Value) -> Option<T>,
) -> Result<T, ClaimsError> {
    optional(value, what, read)?.ok_or(ClaimsError(what))
}

fn bytes_of<const N: usize>(value: &Value) -> Option<[u8; N]> {
    value.as_bytes()?.as_slice().try_into().ok()
}

fn integer(value: &Value) -> Option<i64> {
    value.as_integer()?.try_into().ok()
}

fn text(value: &Value) -> Option<String> {
    value.as_text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> TokenClaims {
        TokenClaims {
            member_ref: [0xab; 16],
            issued_at: 1_700_000_000,
            expires_at: 1_700_000_120,
            token_id: [7; 8],
            programme: "club".into(),
            voucher: Some("v1".into()),
            redeem_limit_minor: Some(5000),
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_bytes_are_these_for_ever() {
        let golden = "a70250abababababababababababababababab041a6553f178061a6553f10007480707070707\
                      0707073a0001117064636c75623a000111716276313a00011172191388";
        assert_eq!(hex(&claims().to_cbor()), golden);
        assert_eq!(TokenClaims::from_cbor(&claims().to_cbor()), Ok(claims()));
    }

    #[test]
    fn claims_outside_their_limits_are_refused() {
        let long = "x".repeat(33);
        let refused = |change: &dyn Fn(&mut TokenClaims)| {
            let mut changed = claims();
            change(&mut changed);
            assert_eq!(changed.check(), TokenClaims::from_cbor(&changed.to_cbor()).map(|_| ()));
            changed.check().map_err(|error| error.0)
        };
        assert_eq!(refused(&|c| c.issued_at = -1), Err("time"));
        assert_eq!(refused(&|c| c.expires_at = i64::MAX), Err("time"));
        assert_eq!(refused(&|c| c.expires_at = c.issued_at), Err("lifetime"));
        assert_eq!(refused(&|c| c.expires_at += LIFETIME_S_MAX), Err("lifetime"));
        assert_eq!(refused(&|c| c.programme = String::new()), Err("programme"));
        assert_eq!(refused(&|c| c.programme = long.clone()), Err("programme"));
        assert_eq!(refused(&|c| c.voucher = Some(long.clone())), Err("voucher"));
        assert_eq!(refused(&|c| c.redeem_limit_minor = Some(-1)), Err("redeem limit"));
    }

    #[test]
    fn a_claim_that_comes_twice_is_refused_and_an_unknown_one_ignored() {
        let with = |pair: (i64, i64)| {
            let mut value: Value = ciborium::from_reader(claims().to_cbor().as_slice()).unwrap();
            value.as_map_mut().unwrap().push((pair.0.into(), pair.1.into()));
            let mut bytes = Vec::new();
            ciborium::into_writer(&value, &mut bytes).unwrap();
            TokenClaims::from_cbor(&bytes)
        };
        assert_eq!(with((EXP, 1_700_000_120)), Err(ClaimsError("time")));
        assert_eq!(with((-70_009, 1)), Ok(claims()));
    }
}
