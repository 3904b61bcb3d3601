//! From what was written to domain types; a refused value is noted and its default goes on, so
//! that the rest is checked too.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::raw::{RawApi, RawConfig, RawTillToken};
use super::settings::{
    ApiSettings, Config, HubSettings, HubSync, ReceiptSettings, RetentionSettings, TillToken,
};
use super::{ListenAddress, defaults};
use crate::loyalty::{StoreId, TillId};
use crate::shell::config::{Resolver, hex};
use crate::wire::wording::Language;

impl Resolver {
    pub(super) fn config(&mut self, raw: RawConfig, data_dir: PathBuf) -> Config {
        let store_id = raw.store.id.and_then(|id| self.parsed("store.id", StoreId::parse(&id)));
        let data_dir = raw.store.data_dir.map_or(data_dir, PathBuf::from);
        if data_dir.as_os_str().is_empty() {
            self.fault("store.data_dir", "the path is empty");
        }
        let language = raw.store.language.as_deref();
        let language =
            self.one_of("store.language", language, &Language::NAMED, defaults::LANGUAGE);
        let log = self.log(raw.log.level.as_deref(), raw.log.format.as_deref());
        Config {
            store_id,
            data_dir,
            language,
            api: self.api(raw.api),
            codes: self.codes(raw.codes),
            log,
            retention: RetentionSettings {
                journal_days: self.within(
                    "retention.journal_days",
                    raw.retention.journal_days,
                    defaults::JOURNAL_DAYS,
                    &defaults::JOURNAL_DAYS_RANGE,
                ),
            },
            receipt: ReceiptSettings {
                columns: self.within(
                    "receipt.columns",
                    raw.receipt.columns,
                    defaults::RECEIPT_COLUMNS,
                    &defaults::RECEIPT_COLUMNS_RANGE,
                ),
            },
            hub: HubSettings {
                sync: self.one_of(
                    "hub.sync",
                    raw.hub.sync.as_deref(),
                    &HubSync::NAMED,
                    defaults::HUB_SYNC,
                ),
            },
        }
    }

    fn api(&mut self, raw: RawApi) -> ApiSettings {
        let faults_before = self.faults.len();
        let tokens = self.tokens(raw.tokens.unwrap_or_default());
        let tokens_are_fine = self.faults.len() == faults_before;
        let listen = raw.listen.as_deref().unwrap_or(defaults::LISTEN);
        let listen = self.parsed("api.listen", listen.parse::<ListenAddress>());
        if let Some(address) = &listen {
            if !address.is_local() && tokens.is_empty() && tokens_are_fine {
                let reason = "a token per till is needed when not listening on loopback: \
                              add [[api.tokens]]";
                self.fault("api.listen", reason);
            }
        }
        let listen = listen.unwrap_or_else(|| {
            defaults::LISTEN.parse().expect("the default address is one, as tests show")
        });
        ApiSettings {
            listen,
            allowed_hosts: self.each("api.allowed_hosts", raw.allowed_hosts, host),
            allowed_origins: self.each("api.allowed_origins", raw.allowed_origins, origin),
            tokens,
            connections_max: self.within(
                "api.connections_max",
                raw.connections_max,
                defaults::CONNECTIONS_MAX,
                &defaults::CONNECTIONS_MAX_RANGE,
            ),
        }
    }

    fn tokens(&mut self, raw: Vec<RawTillToken>) -> Vec<TillToken> {
        let mut tokens = Vec::new();
        let mut digests = BTreeSet::new();
        for (index, raw) in raw.into_iter().enumerate() {
            let path = format!("api.tokens[{index}]");
            let till = self.needed(&path, "till", raw.till);
            let till = till.and_then(|id| self.parsed(&format!("{path}.till"), TillId::parse(&id)));
            let digest = self.needed(&path, "token_sha256", raw.token_sha256);
            let place = format!("{path}.token_sha256");
            let digest = digest.and_then(|text| {
                let wrong = "expected the SHA-256 of a token: 64 hexadecimal digits";
                let bytes = hex(&text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                self.parsed(&place, bytes.ok_or(wrong))
            });
            let (Some(till), Some(token_sha256)) = (till, digest) else { continue };
            if digests.insert(token_sha256) {
                tokens.push(TillToken { till, token_sha256 });
            } else {
                self.fault(&place, "another till has the same token: each needs its own");
            }
        }
        tokens
    }
}

/// A host name or address as in a `Host` header (RFC 9110, 7.2), without its port.
fn host(text: &str) -> Result<String, &'static str> {
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_v6 = |text: &str| text.parse::<std::net::Ipv6Addr>().is_ok();
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    if inside.map_or_else(|| is_name(text), is_v6) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("expected a host name or address without a port; IPv6 in brackets")
    }
}

/// An origin as browsers send it (RFC 6454, 6.2).
fn origin(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "expected an origin as in https://till.example:8443, without a path";
    let (scheme, rest) = text.split_once("://").ok_or(WRONG)?;
    let is_scheme = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(is_scheme) {
        return Err(WRONG);
    }
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (rest, None),
    };
    if host(name).is_err() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(WRONG);
    }
    Ok(text.to_ascii_lowercase())
}
