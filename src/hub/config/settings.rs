//! From what was written to domain types.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::defaults;
use super::format::{RawApi, RawConfig};
use crate::shell::config::{LogSettings, Resolver};

/// The hub's whole configuration, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The folder of keys and snapshots (`hub.data_dir`).
    pub data_dir: PathBuf,
    /// Where tills reach the hub (`hub.public_url`), without a slash at its end; none where nobody
    /// said.
    pub public_url: Option<String>,
    /// Where everything is kept (`store.url`).
    pub store: StoreAddress,
    /// The server (`[api]`).
    pub api: ApiSettings,
    /// When a snapshot is made anew (`[snapshot]`).
    pub snapshot: SnapshotSettings,
    /// The log (`[log]`).
    pub log: LogSettings,
}

/// Where everything is kept. Shown without what a log must not have.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// A file of SQLite: one process, one machine.
    Sqlite(PathBuf),
    /// A database of PostgreSQL, by its URL, which may hold a password.
    Postgres(String),
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "Sqlite({})", path.display()),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

/// The server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether what it says is encrypted.
    pub transport: Transport,
    /// Connections at once.
    pub connections_max: u32,
}

/// Whether what the server says is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTPS with the hub's own TLS key.
    Tls,
    /// HTTP, on loopback only: a proxy of this machine encrypts, or nothing leaves it.
    Plain,
}

impl Transport {
    /// Both by name.
    pub const NAMED: [(&'static str, Self); 2] = [("tls", Self::Tls), ("plain", Self::Plain)];
}

/// When a snapshot is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotSettings {
    /// One that is older.
    pub hours_max: u32,
    /// One that more changed since.
    pub changes_max: u32,
}

pub(super) fn resolved(resolver: &mut Resolver, raw: RawConfig, data_dir: PathBuf) -> Config {
    let data_dir = raw.hub.data_dir.map_or(data_dir, PathBuf::from);
    if data_dir.as_os_str().is_empty() {
        resolver.fault("hub.data_dir", "the path is empty");
    }
    let store = match raw.store.url {
        None => StoreAddress::Sqlite(data_dir.join(defaults::STORE_FILE)),
        Some(url) => {
            let read = store_address(&url, &data_dir);
            let usual = || StoreAddress::Sqlite(data_dir.join(defaults::STORE_FILE));
            resolver.parsed("store.url", read).unwrap_or_else(usual)
        }
    };
    let public_url =
        raw.hub.public_url.and_then(|url| resolver.parsed("hub.public_url", public_url(&url)));
    Config {
        data_dir,
        public_url,
        store,
        api: api(resolver, raw.api),
        snapshot: SnapshotSettings {
            hours_max: resolver.within(
                "snapshot.hours_max",
                raw.snapshot.hours_max,
                defaults::SNAPSHOT_HOURS,
                &defaults::SNAPSHOT_HOURS_RANGE,
            ),
            changes_max: resolver.within(
                "snapshot.changes_max",
                raw.snapshot.changes_max,
                defaults::SNAPSHOT_CHANGES,
                &defaults::SNAPSHOT_CHANGES_RANGE,
            ),
        },
        log: resolver.log(raw.log.level.as_deref(), raw.log.format.as_deref()),
    }
}

fn api(resolver: &mut Resolver, raw: RawApi) -> ApiSettings {
    let usual = || defaults::LISTEN.parse().expect("the default address is one, as tests show");
    let listen: SocketAddr = match raw.listen.as_deref() {
        None => usual(),
        Some(text) => {
            let wrong = |_| format!("expected ADDRESS:PORT as in 0.0.0.0:8740, found {text:?}");
            resolver.parsed("api.listen", text.parse().map_err(wrong)).unwrap_or_else(usual)
        }
    };
    let transport = raw.transport.as_deref();
    let transport = resolver.one_of("api.transport", transport, &Transport::NAMED, Transport::Tls);
    if transport == Transport::Plain && !listen.ip().to_canonical().is_loopback() {
        let reason =
            "plain HTTP is for loopback only: what tills send would be open to all on the way";
        resolver.fault("api.transport", reason);
    }
    let connections_max = resolver.within(
        "api.connections_max",
        raw.connections_max,
        defaults::CONNECTIONS_MAX,
        &defaults::CONNECTIONS_RANGE,
    );
    ApiSettings { listen, transport, connections_max }
}

/// The reason never repeats the URL: it may hold a password.
fn store_address(url: &str, data_dir: &Path) -> Result<StoreAddress, &'static str> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        if path.is_empty() {
            return Err("the path behind sqlite: is empty");
        }
        return Ok(StoreAddress::Sqlite(data_dir.join(path)));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(StoreAddress::Postgres(url.to_owned()));
    }
    Err("expected sqlite:PATH or postgres://USER@HOST/DATABASE")
}

fn public_url(url: &str) -> Result<String, &'static str> {
    const WRONG: &str = "expected where tills reach the hub, as in https://hub.example:8740";
    let (scheme, rest) = url.split_once("://").ok_or(WRONG)?;
    let rest = rest.trim_end_matches('/');
    let plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte));
    if !matches!(scheme, "https" | "http") || rest.is_empty() || !plain {
        return Err(WRONG);
    }
    Ok(format!("{scheme}://{rest}"))
}
