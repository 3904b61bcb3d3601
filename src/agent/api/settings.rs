//! Who may call, as the configuration says it.

use std::collections::{BTreeMap, BTreeSet};

use ring::digest::{SHA256, digest};

use super::limits::CONNECTIONS_MAX;
use crate::agent::message::presentation::Presentation;
use crate::loyalty::TillId;

/// Who may call.
#[derive(Clone, Debug)]
pub(crate) struct ApiSettings {
    /// Host names and addresses, without port, that are served besides those of this machine.
    pub(crate) allowed_hosts: BTreeSet<String>,
    /// Origins (`https://pos.example`) whose web pages may call.
    pub(crate) allowed_origins: BTreeSet<String>,
    /// Whether tills need tokens.
    pub(crate) access: Access,
    /// Connections at once.
    pub(crate) connections_max: usize,
    /// How answers look where a request does not say.
    pub(crate) usual: Presentation,
}

/// Whether tills need tokens.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// Only this machine can connect, and whoever can is trusted. The configuration refuses it
    /// for any other address.
    LoopbackOnly,
    /// Every till has a token, and acts for itself only.
    Tokens(BTreeMap<TillId, TokenHash>),
}

impl Default for ApiSettings {
    /// Loopback without web pages.
    fn default() -> Self {
        Self {
            allowed_hosts: BTreeSet::new(),
            allowed_origins: BTreeSet::new(),
            access: Access::LoopbackOnly,
            connections_max: CONNECTIONS_MAX,
            usual: Presentation::default(),
        }
    }
}

/// SHA-256 of a till's token: the token itself is kept nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token.
    pub(crate) fn of(token: &str) -> Self {
        let hash = digest(&SHA256, token.as_bytes());
        Self(hash.as_ref().try_into().expect("SHA-256 gives 32 bytes"))
    }

    /// The hash that a configuration holds.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Whether two hashes are one; takes the same time whether they are or not.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        let differences = self.0.iter().zip(&other.0).fold(0, |all, (a, b)| all | (a ^ b));
        differences == 0
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_its_own_hash_only() {
        let hash = TokenHash::of("abc");
        assert!(hash.matches(&TokenHash::of("abc")) && !hash.matches(&TokenHash::of("abd")));
    }
}
