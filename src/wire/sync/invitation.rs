//! What a person carries from the hub to a till: where the hub is, a code for one device, and by
//! what the till knows the hub.

use std::fmt;

use super::enrolment::EnrolmentCode;
use crate::journal::{ContentHash, PublicKey};

/// What an invitation in one text (a QR code) begins with.
const SCHEME: &str = "tillward-enrol:";
/// Bytes of a fingerprint: nobody finds a second key with the same 128 bits.
const FINGERPRINT_BYTES: usize = 16;

/// The first 16 bytes of the SHA-256 of the root's public key: `3f0a-91c2-…`, eight groups of four
/// hexadecimal digits. A till that was told it takes no other hub for its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootFingerprint([u8; FINGERPRINT_BYTES]);

/// A text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 32 hexadecimal digits, in groups of four or without dashes")]
pub struct RootFingerprintError;

impl RootFingerprint {
    /// That of a root's key.
    #[must_use]
    pub fn of(root: &PublicKey) -> Self {
        let digest = ContentHash::of(root.as_bytes());
        let mut bytes = [0; FINGERPRINT_BYTES];
        bytes.copy_from_slice(&digest.as_bytes()[..FINGERPRINT_BYTES]);
        Self(bytes)
    }

    /// Reads what a person typed: dashes, colons, spaces and capitals are allowed.
    ///
    /// # Errors
    /// [`RootFingerprintError`].
    pub fn parse(text: &str) -> Result<Self, RootFingerprintError> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|char| !matches!(char, '-' | ':' | ' '))
            .map(|char| char.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or(RootFingerprintError)?;
        let pairs: Vec<u8> =
            digits.chunks(2).map(|pair| pair[0] << 4 | pair[pair.len() - 1]).collect();
        let bytes = pairs.try_into().map_err(|_| RootFingerprintError)?;
        if digits.len() == 2 * FINGERPRINT_BYTES {
            Ok(Self(bytes))
        } else {
            Err(RootFingerprintError)
        }
    }

    fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for RootFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pair) in self.0.chunks_exact(2).enumerate() {
            let dash = if index == 0 { "" } else { "-" };
            write!(f, "{dash}{:02x}{:02x}", pair[0], pair[1])?;
        }
        Ok(())
    }
}

/// Everything that a till needs to enrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Where the hub is: `https://hub.example:8740`, without a slash at its end.
    pub url: String,
    /// The code.
    pub code: EnrolmentCode,
    /// The hub's root.
    pub root: RootFingerprint,
}

/// A text is no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected tillward-enrol:URL?code=CODE&root=FINGERPRINT, as the hub's QR code has it")]
pub struct InvitationError;

impl Invitation {
    /// As one text: `tillward-enrol:https://hub.example:8740?code=7XKQ0M4T9WDAE5ZP&root=3f0a…`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{SCHEME}{}?code={}&root={}", self.url, self.code.as_str(), self.root.hex())
    }

    /// Reads one; parts that it does not know are a later version's and are passed over.
    ///
    /// # Errors
    /// [`InvitationError`].
    pub fn parse(text: &str) -> Result<Self, InvitationError> {
        let rest = text.trim().strip_prefix(SCHEME).ok_or(InvitationError)?;
        let (url, query) = rest.split_once('?').ok_or(InvitationError)?;
        let part = |name: &str| {
            let mut parts = query.split('&').filter_map(|part| part.split_once('='));
            parts.find(|(found, _)| *found == name).map(|(_, value)| value).ok_or(InvitationError)
        };
        if url.is_empty() {
            return Err(InvitationError);
        }
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            code: EnrolmentCode::parse(part("code")?).map_err(|_| InvitationError)?,
            root: RootFingerprint::parse(part("root")?).map_err(|_| InvitationError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key};

    fn root() -> RootFingerprint {
        RootFingerprint::of(&hub_key().public_key())
    }

    #[test]
    fn a_fingerprint_is_read_however_a_person_types_it() {
        let shown = root().to_string();
        assert_eq!((shown.len(), shown.matches('-').count()), (39, 7), "{shown}");
        assert_ne!(root(), RootFingerprint::of(&device_key().public_key()));
        for (typed, expected) in [
            (shown.clone(), true),
            (shown.to_uppercase().replace('-', ":"), true),
            (shown.replace('-', ""), true),
            (shown.replace('-', " "), true),
            (shown[1..].to_owned(), false),
            (format!("{shown}0"), false),
            (format!("{shown}00"), false),
            (shown.replacen(|char: char| char.is_ascii_hexdigit(), "g", 1), false),
            (String::new(), false),
        ] {
            assert_eq!(RootFingerprint::parse(&typed) == Ok(root()), expected, "{typed}");
        }
    }

    #[test]
    fn an_invitation_is_read_as_it_is_written() {
        let code = EnrolmentCode::of_random([7; 16]);
        let invitation =
            Invitation { url: "https://hub.example:8740".to_owned(), code, root: root() };
        let text = invitation.to_text();
        assert_eq!(Invitation::parse(&text), Ok(invitation.clone()));
        assert_eq!(Invitation::parse(&format!("{text}&later=1\n")), Ok(invitation));
        for wrong in [
            "",
            "https://hub.example:8740",
            "tillward-enrol:https://hub.example",
            "tillward-enrol:?code=7777777777777777&root=00000000000000000000000000000000",
            "tillward-enrol:https://hub.example?code=7777777777777777",
            "tillward-enrol:https://hub.example?code=7&root=00000000000000000000000000000000",
        ] {
            assert_eq!(Invitation::parse(wrong), Err(InvitationError), "{wrong}");
        }
    }
}
