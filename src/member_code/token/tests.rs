use ciborium::Value;
use coset::{Header, iana};
use proptest::prelude::*;
use ring::signature::KeyPair;

use super::super::code::TOKEN_CHARS_MAX;
use super::*;
use ClockTrust::{Trusted, Untrusted};

const ISSUED_S: i64 = 1_700_000_000;
const KEY_ID: &[u8] = b"key1";

/// Also built and signed outside this program, by another implementation of CBOR and Ed25519.
const GOLDEN: &str = "LYT1:+WG-R3 60CO0/PDKEFO32BWE VD64FYKE/:5%3E1$C006EC6Y6BW%K-8ARVLRVLRVLRVLRVLRVL\
    RVL+RL7F3ORA 7F7F3ORA700Y49:*0:*0:*05-01009924VC0WDLJCV68L70SJVB59N.S1\
    3BU93TEL1BI/+M3VJB87UX3-AMT$OQ8S:ZH/-D*+TW5KW.UZNEV+SM*OFYK8I43I9%PS:STB$S3ZFGQPD0";

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn keys() -> TokenKeys {
    let mut keys = TokenKeys::default();
    keys.insert(KEY_ID, key().public_key().as_ref().try_into().unwrap()).unwrap();
    keys
}

fn claims() -> TokenClaims {
    TokenClaims {
        member_ref: [0xab; 16],
        issued_at: ISSUED_S,
        expires_at: ISSUED_S + 120,
        token_id: [7; 8],
        programme: "club".into(),
        voucher: None,
        redeem_limit_minor: None,
    }
}

fn judge(text: &TokenText, now_s: i64, clock: ClockTrust) -> Result<TokenClaims, TokenRefusal> {
    let now = DateTime::from_timestamp(now_s, 0).unwrap();
    let token = verify(text, &keys(), "club", now, clock)?;
    assert_eq!(token.clock, clock);
    Ok(token.claims)
}

fn now_judged(text: &TokenText) -> Result<TokenClaims, TokenRefusal> {
    judge(text, ISSUED_S + 10, Trusted)
}

fn text_of(bytes: &[u8]) -> TokenText {
    TokenText::parse(&format!("{TOKEN_PREFIX}{}", base45::encode(bytes))).unwrap()
}

/// A token signed properly, by whatever headers and context.
fn signed_with(protected: Header, unprotected: Header, aad: &str) -> CoseSign1 {
    CoseSign1Builder::new()
        .protected(protected)
        .unprotected(unprotected)
        .payload(claims().to_cbor())
        .create_signature(aad.as_bytes(), |message| key().sign(message).as_ref().to_vec())
        .build()
}

fn header(algorithm: Algorithm, key_id: &[u8], typ: &str) -> Header {
    HeaderBuilder::new()
        .algorithm(algorithm)
        .key_id(key_id.to_vec())
        .value(TYP, Value::Text(typ.to_owned()))
        .build()
}

fn untagged(signed: CoseSign1) -> TokenText {
    text_of(&signed.to_vec().unwrap())
}

#[test]
fn what_the_hub_signs_the_till_takes_tagged_or_not() {
    assert_eq!(now_judged(&sign(&claims(), KEY_ID, &key()).unwrap()), Ok(claims()));
    let right = header(Algorithm::Ed25519, KEY_ID, TOKEN_KIND);
    let signed = signed_with(right, Header::default(), TOKEN_KIND);
    assert_eq!(now_judged(&text_of(&signed.to_tagged_vec().unwrap())), Ok(claims()));
}

#[test]
fn the_text_of_a_token_is_this_for_ever() {
    let text = sign(&claims(), KEY_ID, &key()).unwrap();
    assert_eq!(text.as_str(), GOLDEN);
}

#[test]
fn a_token_fits_a_small_qr_code() {
    let plain = sign(&claims(), KEY_ID, &key()).unwrap();
    assert!(plain.as_str().len() <= 240, "{} characters", plain.as_str().len());
    let long = "x".repeat(32);
    let full = TokenClaims {
        programme: long.clone(),
        voucher: Some(long),
        redeem_limit_minor: Some(i64::MAX),
        ..claims()
    };
    let full = sign(&full, b"key-long", &key()).unwrap();
    assert!(full.as_str().len() <= TOKEN_CHARS_MAX, "{} characters", full.as_str().len());
}

#[test]
fn a_token_outside_its_time_says_how_far_and_whose_clock() {
    let text = sign(&claims(), KEY_ID, &key()).unwrap();
    let expired = |behind_s, likely| Err(TokenRefusal::Expired { behind_s, likely });
    let early =
        |ahead_s| Err(TokenRefusal::NotYetValid { ahead_s, likely: LikelyCause::TillClock });
    for (offset_s, clock, answer) in [
        (120 + 59, Trusted, Ok(claims())),
        (120 + 60, Trusted, expired(60, LikelyCause::OldCode)),
        (120 + 60, Untrusted, Ok(claims())),
        (120 + 150, Untrusted, expired(150, LikelyCause::TillClock)),
        (-60, Trusted, Ok(claims())),
        (-61, Trusted, early(61)),
        (-61, Untrusted, Ok(claims())),
        (-151, Untrusted, early(151)),
    ] {
        assert_eq!(judge(&text, ISSUED_S + offset_s, clock), answer, "{offset_s} {clock:?}");
    }
}

#[test]
fn a_used_token_is_remembered_as_long_as_any_clock_takes_it() {
    let text = sign(&claims(), KEY_ID, &key()).unwrap();
    let now = DateTime::from_timestamp(ISSUED_S, 0).unwrap();
    let until = verify(&text, &keys(), "club", now, Trusted).unwrap().remember_until();
    assert!(judge(&text, until - 1, Untrusted).is_ok());
    assert!(judge(&text, until, Untrusted).is_err());
}

#[test]
fn a_token_of_another_key_kind_algorithm_or_programme_is_refused_by_name() {
    let none = Header::default;
    let right = || header(Algorithm::Ed25519, KEY_ID, TOKEN_KIND);
    let unprotected_kid = HeaderBuilder::new().key_id(KEY_ID.to_vec()).build();
    let no_kid = HeaderBuilder::new()
        .algorithm(Algorithm::Ed25519)
        .value(TYP, Value::Text(TOKEN_KIND.to_owned()))
        .build();
    let critical = HeaderBuilder::new()
        .algorithm(Algorithm::Ed25519)
        .key_id(KEY_ID.to_vec())
        .value(TYP, Value::Text(TOKEN_KIND.to_owned()))
        .add_critical(iana::HeaderParameter::ContentType)
        .build();
    for (protected, unprotected, aad, code) in [
        (header(Algorithm::Ed25519, b"key2", TOKEN_KIND), none(), TOKEN_KIND, "token_unknown_key"),
        (header(Algorithm::EdDSA, KEY_ID, TOKEN_KIND), none(), TOKEN_KIND, "token_wrong_algorithm"),
        (header(Algorithm::ES256, KEY_ID, TOKEN_KIND), none(), TOKEN_KIND, "token_wrong_algorithm"),
        (
            header(Algorithm::Ed25519, KEY_ID, "tillward/record/v1"),
            none(),
            TOKEN_KIND,
            "token_wrong_kind",
        ),
        (right(), none(), "tillward/record/v1", "token_bad_signature"),
        (right(), unprotected_kid.clone(), TOKEN_KIND, "token_malformed"),
        (no_kid.clone(), unprotected_kid, TOKEN_KIND, "token_malformed"),
        (no_kid, none(), TOKEN_KIND, "token_malformed"),
        (critical, none(), TOKEN_KIND, "token_malformed"),
    ] {
        let text = untagged(signed_with(protected, unprotected, aad));
        assert_eq!(now_judged(&text).map_err(|refusal| refusal.code()), Err(code));
    }
    let other = TokenClaims { programme: "other".into(), ..claims() };
    let other = sign(&other, KEY_ID, &key()).unwrap();
    assert_eq!(now_judged(&other), Err(TokenRefusal::OtherProgramme));
    let mut detached = signed_with(right(), none(), TOKEN_KIND);
    detached.payload = None;
    assert_eq!(now_judged(&untagged(detached)), Err(TokenRefusal::Malformed("no claims")));
}

#[test]
fn what_the_hub_must_not_sign_it_does_not() {
    let endless = TokenClaims { expires_at: ISSUED_S + 86_401, ..claims() };
    let refused = sign(&endless, KEY_ID, &key()).unwrap_err();
    assert_eq!(refused, TokenSignError::Claims(ClaimsError("lifetime")));
    assert_eq!(sign(&claims(), b"key", &key()).unwrap_err(), TokenSignError::KeyIdLength);
}

#[test]
fn deep_nesting_is_refused() {
    for opener in [0x81, 0xd2, 0xa1] {
        assert!(now_judged(&text_of(&[opener; 260])).is_err());
    }
}

proptest! {
    #[test]
    fn any_token_text_gives_an_answer(
        text in "[0-9A-Z $%*+./:-]{0,100}", bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let text = TokenText::parse(&format!("{TOKEN_PREFIX}{text}")).unwrap();
        prop_assert!(now_judged(&text).is_err());
        prop_assert!(now_judged(&text_of(&bytes)).is_err());
    }

    #[test]
    fn one_changed_byte_is_always_noticed(at in any::<prop::sample::Index>(), by in 1_u8..=255) {
        let good = sign(&claims(), KEY_ID, &key()).unwrap();
        let mut bytes = base45::decode(good.body()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        prop_assert!(now_judged(&text_of(&bytes)).is_err());
    }

    #[test]
    fn what_is_signed_is_read(
        member_ref in any::<[u8; 16]>(), token_id in any::<[u8; 8]>(),
        lifetime_s in 60_i64..=86_400, programme in "[a-z]{1,32}",
        voucher in prop::option::of("[A-Z0-9-]{1,32}"),
        redeem_limit_minor in prop::option::of(0_i64..=i64::MAX),
    ) {
        let claims = TokenClaims {
            member_ref,
            issued_at: ISSUED_S,
            expires_at: ISSUED_S + lifetime_s,
            token_id,
            programme: programme.clone(),
            voucher,
            redeem_limit_minor,
        };
        let text = sign(&claims, KEY_ID, &key()).unwrap();
        let now = DateTime::from_timestamp(ISSUED_S + 10, 0).unwrap();
        let token = verify(&text, &keys(), &programme, now, Trusted).unwrap();
        prop_assert_eq!(token.claims, claims);
    }
}
