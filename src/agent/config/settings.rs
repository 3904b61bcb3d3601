use std::path::PathBuf;
use std::str::FromStr;

use super::listen::ListenAddress;
use crate::loyalty::{StoreId, TillId};
use crate::member_code::token::TokenKeys;
use crate::member_code::totp::TotpPolicy;
use crate::member_code::{CardRules, Framing};
use crate::wire::wording::Language;

/// The agent's whole configuration, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The store this agent is of (`store.id`); always there where [`Needs::StoreId`](super::Needs) asked for it.
    pub store_id: Option<StoreId>,
    /// The folder of the ledger, the base and the device key (`store.data_dir`).
    pub data_dir: PathBuf,
    /// What customers and cashiers read where a till asks for no other (`store.language`).
    pub language: Language,
    /// The local API (`[api]`).
    pub api: ApiSettings,
    /// What the scanners send and which numbers are whose (`[codes]`).
    pub codes: CodeSettings,
    /// The log (`[log]`).
    pub log: LogSettings,
    /// What is kept (`[retention]`).
    pub retention: RetentionSettings,
    /// Ready receipt lines (`[receipt]`).
    pub receipt: ReceiptSettings,
}

/// The local API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSettings {
    /// Where it listens.
    pub listen: ListenAddress,
    /// Names, without port and in lower case, that a request's `Host` may have besides those of
    /// loopback.
    pub allowed_hosts: Vec<String>,
    /// Origins (`scheme://host[:port]`, lower case) whose browser pages may call.
    pub allowed_origins: Vec<String>,
    /// A token per till; never empty unless [`ListenAddress::is_local`].
    pub tokens: Vec<TillToken>,
    /// Connections at once, 1 to 256.
    pub connections_max: u16,
}

/// How one till proves that it is that till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillToken {
    /// The till.
    pub till: TillId,
    /// SHA-256 of its token; the token itself is nowhere on this machine.
    pub token_sha256: [u8; 32],
}

/// What the scanners send and which numbers are whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSettings {
    /// What stands for the group separator (`codes.group_separators`).
    pub framing: Framing,
    /// How static cards are recognised (`codes.rules`).
    pub card_rules: CardRules,
    /// Which rotating codes are taken (`[codes.totp]`).
    pub totp: TotpPolicy,
    /// The keys that may sign member tokens (`codes.token_keys`).
    pub token_keys: TokenKeys,
}

/// The log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// The least urgent level that is written.
    pub level: LogLevel,
    /// How it is written.
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: super::defaults::LOG_LEVEL, format: super::defaults::LOG_FORMAT }
    }
}

/// How urgent a log line is, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Broken.
    Error,
    /// Someone may have to act.
    Warn,
    /// State changed.
    Info,
    /// For whoever looks for a fault.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// All of them by name.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(&Self::NAMED, text)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text to a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// All of them by name.
    pub const NAMED: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("text", Self::Text), ("json", Self::Json)];
}

/// What is kept, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSettings {
    /// Days that acknowledged records stay in the journal, at least 90.
    pub journal_days: u16,
}

/// Ready receipt lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptSettings {
    /// Characters of one line, where a till names no other number.
    pub columns: u16,
}

/// The one of `all` that has this name.
pub(super) fn named<T: Copy>(all: &[(&'static str, T)], text: &str) -> Result<T, String> {
    if let Some((_, value)) = all.iter().find(|(name, _)| *name == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    Err(format!("expected one of {}, found {text:?}", names.join(", ")))
}
