//! Whether a signed request is of now, though the clock of a till may be decades off.
//!
//! A request is fresh when it was made about now by its own time, or when it carries a nonce that
//! the hub gave out a moment ago. A till whose clock is wrong hears `clock_differs` with such a
//! nonce and the hub's time, and gets through the second time. Within the window a request can be
//! replayed and does nothing: records are taken once, and the others only read.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;

use super::signature::{Nonce, SignedBy};
use crate::journal::KeyId;

/// How far the time of a request may be from the hub's, before or after.
pub const CREATED_WINDOW: TimeDelta = TimeDelta::minutes(5);
/// How long a nonce of the hub is good: time for a slow line to answer, no longer.
pub const NONCE_LIFE: TimeDelta = TimeDelta::minutes(2);

/// Keeps nonces apart from any other use of the same secret.
const LABEL: &[u8] = b"tillward/nonce/v1";
/// The hub's time in milliseconds.
const TIME_BYTES: usize = 8;
/// What is kept of the HMAC: a guess fits once in 2^128.
const TAG_BYTES: usize = 16;

/// What makes a request fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Its time is the hub's, more or less: the device's clock can be believed so far.
    ByClock,
    /// The hub's nonce, whatever the device's clock says.
    ByNonce,
}

/// Neither its time nor its nonce is of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request was made {} s ahead of the hub's clock", .ahead.num_seconds())]
pub struct Stale {
    /// How far the request's time is ahead of the hub's; negative behind it.
    pub ahead: TimeDelta,
}

/// Says whether a request is of now.
///
/// # Errors
/// [`Stale`]: answer with the hub's time and a nonce.
pub fn freshness(
    signed_by: &SignedBy,
    now: DateTime<Utc>,
    nonces: &HubNonces,
) -> Result<Fresh, Stale> {
    let ahead = signed_by.created.signed_duration_since(now);
    if ahead.abs() <= CREATED_WINDOW {
        return Ok(Fresh::ByClock);
    }
    if nonces.check(&signed_by.nonce, signed_by.key_id, now) {
        return Ok(Fresh::ByNonce);
    }
    Err(Stale { ahead })
}

/// Gives out nonces and knows them again, without remembering any: each is the hub's time and an
/// HMAC of it and of the key it was given to.
#[derive(Clone)]
pub struct HubNonces(hmac::Key);

impl HubNonces {
    /// Under a secret that all processes of a hub share.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// One for the owner of a key.
    #[must_use]
    pub fn make(&self, key_id: KeyId, now: DateTime<Utc>) -> Nonce {
        let time = now.timestamp_millis().to_be_bytes();
        Nonce::of_bytes(&[&time, &self.tag(key_id, time).as_ref()[..TAG_BYTES]].concat())
    }

    /// Whether it was given to the owner of this key a moment ago. Processes whose clocks differ
    /// may have given it out a little after `now`.
    #[must_use]
    pub fn check(&self, nonce: &Nonce, key_id: KeyId, now: DateTime<Utc>) -> bool {
        let Some(bytes) = nonce.to_bytes() else { return false };
        let Some((time, tag)) = bytes.split_first_chunk::<TIME_BYTES>() else { return false };
        let expected = self.tag(key_id, *time);
        // The tag is cut, so it is compared by what an HMAC over both gives: in constant time.
        let same = tag.len() == TAG_BYTES
            && hmac::verify(
                &self.0,
                tag,
                hmac::sign(&self.0, &expected.as_ref()[..TAG_BYTES]).as_ref(),
            )
            .is_ok();
        let made = DateTime::from_timestamp_millis(i64::from_be_bytes(*time));
        same && made.is_some_and(|made| now.signed_duration_since(made).abs() <= NONCE_LIFE)
    }

    fn tag(&self, key_id: KeyId, time: [u8; TIME_BYTES]) -> hmac::Tag {
        hmac::sign(&self.0, &[LABEL, &time, key_id.as_bytes()].concat())
    }
}

impl fmt::Debug for HubNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HubNonces(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};

    fn nonces() -> HubNonces {
        HubNonces::new(&[5; 32])
    }

    fn device() -> KeyId {
        device_key().key_id()
    }

    #[test]
    fn a_request_is_fresh_by_its_time_or_by_the_hubs_nonce() {
        let own = || Nonce::of_random([1; 12]);
        let given = |before_s: i64| nonces().make(device(), instant(-before_s * 1_000));
        let (minute, day) = (60, 86_400);
        for (created_s, nonce, expected) in [
            (0, own(), Some(Fresh::ByClock)),
            (5 * minute, own(), Some(Fresh::ByClock)),
            (-5 * minute, own(), Some(Fresh::ByClock)),
            (5 * minute + 1, own(), None),
            (-5 * minute - 1, own(), None),
            (3 * day, own(), None),
            (-20_000 * day, own(), None),
            (5_000 * day, given(0), Some(Fresh::ByNonce)),
            (-20_000 * day, given(119), Some(Fresh::ByNonce)),
            (-20_000 * day, given(120), Some(Fresh::ByNonce)),
            (-20_000 * day, given(121), None),
            (-20_000 * day, given(-121), None),
        ] {
            let created = instant(created_s * 1_000);
            let signed_by = SignedBy { key_id: device(), created, nonce };
            let fresh = freshness(&signed_by, instant(0), &nonces());
            assert_eq!(fresh.ok(), expected, "{created_s} s");
            if let Err(stale) = fresh {
                assert_eq!(stale.ahead.num_seconds(), created_s);
            }
        }
    }

    #[test]
    fn a_nonce_is_good_for_its_hub_and_its_key_only() {
        let made = nonces().make(device(), instant(0));
        assert!(nonces().check(&made, device(), instant(0)));
        assert!(!nonces().check(&made, hub_key().key_id(), instant(0)));
        assert!(!HubNonces::new(&[6; 32]).check(&made, device(), instant(0)));
    }

    #[test]
    fn a_changed_or_cut_nonce_is_none() {
        let made = nonces().make(device(), instant(0));
        for place in 0..made.as_str().len() {
            let mut bytes = made.as_str().as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).expect("it stays ASCII");
            let changed = Nonce::parse(&text).expect("a nonce");
            assert!(!nonces().check(&changed, device(), instant(0)), "{text}");
        }
        for chars in 16..made.as_str().len() {
            let cut = Nonce::parse(&made.as_str()[..chars]).expect("a nonce");
            assert!(!nonces().check(&cut, device(), instant(0)), "{cut}");
        }
    }
}
