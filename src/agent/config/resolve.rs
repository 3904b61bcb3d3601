//! From what was written to domain types; a refused value is noted and its default goes on, so
//! that the rest is checked too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::fault::{ConfigFault, Origin};
use super::raw::{RawApi, RawConfig, RawTillToken};
use super::settings::{
    ApiSettings, Config, LogFormat, LogLevel, LogSettings, ReceiptSettings, RetentionSettings,
    TillToken, named,
};
use super::{ListenAddress, defaults};
use crate::loyalty::{StoreId, TillId};
use crate::wire::wording::Language;

pub(super) struct Resolver {
    /// Who set which key last.
    pub(super) origins: BTreeMap<String, Origin>,
    pub(super) faults: Vec<ConfigFault>,
}

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
        let level = raw.log.level.as_deref();
        let level = self.one_of("log.level", level, &LogLevel::NAMED, defaults::LOG_LEVEL);
        let format = raw.log.format.as_deref();
        let format = self.one_of("log.format", format, &LogFormat::NAMED, defaults::LOG_FORMAT);
        Config {
            store_id,
            data_dir,
            language,
            api: self.api(raw.api),
            codes: self.codes(raw.codes),
            log: LogSettings { level, format },
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

    /// Notes a fault; the key's last source is to blame.
    pub(super) fn fault(&mut self, path: &str, reason: impl Display) {
        let key = path.split('[').next().unwrap_or(path);
        let origin = self.origins.get(key).cloned();
        self.faults.push(ConfigFault { origin, path: path.to_owned(), reason: reason.to_string() });
    }

    pub(super) fn parsed<T, E: Display>(&mut self, path: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|reason| self.fault(path, reason)).ok()
    }

    /// A key that every table of a list must have.
    pub(super) fn needed<T>(&mut self, table: &str, key: &str, value: Option<T>) -> Option<T> {
        // One of the wrong type was taken out and told already.
        let path = format!("{table}.{key}");
        if value.is_none() && !self.faults.iter().any(|fault| fault.path == path) {
            self.fault(table, format!("the key {key} is missing"));
        }
        value
    }

    /// A word out of a list.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        path: &str,
        word: Option<&str>,
        all: &[(&'static str, T)],
        default: T,
    ) -> T {
        let Some(word) = word else { return default };
        self.parsed(path, named(all, word)).unwrap_or(default)
    }

    pub(super) fn within<T: Copy + Display + PartialOrd + TryFrom<i64>>(
        &mut self,
        path: &str,
        value: Option<i64>,
        default: T,
        range: &RangeInclusive<T>,
    ) -> T {
        let Some(value) = value else { return default };
        match T::try_from(value) {
            Ok(value) if range.contains(&value) => value,
            _ => {
                let (least, most) = (range.start(), range.end());
                self.fault(path, format!("expected {least} to {most}, found {value}"));
                default
            }
        }
    }

    fn each(
        &mut self,
        path: &str,
        texts: Option<Vec<String>>,
        read: fn(&str) -> Result<String, &'static str>,
    ) -> Vec<String> {
        let texts = texts.unwrap_or_default().into_iter().enumerate();
        texts.filter_map(|(i, text)| self.parsed(&format!("{path}[{i}]"), read(&text))).collect()
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

/// Pairs of hexadecimal digits as bytes.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits =
        text.bytes().map(|b| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()));
    let digits = digits.collect::<Option<Vec<u8>>>()?;
    let is_even = digits.len() % 2 == 0;
    is_even.then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
