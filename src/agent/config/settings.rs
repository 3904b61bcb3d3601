use std::path::PathBuf;

use super::listen::ListenAddress;
use crate::loyalty::{StoreId, TillId};
use crate::member_code::token::TokenKeys;
use crate::member_code::totp::TotpPolicy;
use crate::member_code::{CardRules, Framing};
use crate::shell::config::LogSettings;
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
    /// The hub (`[hub]`). Which hub is said by the enrolment, in the data folder.
    pub hub: HubSettings,
}

/// The hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubSettings {
    /// Whether an enrolled agent keeps up with its hub (`hub.sync`).
    pub sync: HubSync,
}

/// Whether an enrolled agent keeps up with its hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubSync {
    /// It does.
    On,
    /// It does not: for maintenance; everything waits in the journal.
    Off,
}

impl HubSync {
    /// Both by name.
    pub const NAMED: [(&'static str, Self); 2] = [("on", Self::On), ("off", Self::Off)];
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
