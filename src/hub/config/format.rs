//! The configuration as it is written: nothing is checked but types and names of keys.

use serde::Deserialize;

use crate::shell::config::repair::repair;
use crate::shell::config::{Format, Spelling};

/// What the hub's configuration looks like.
pub(super) const HUB_FORMAT: Format =
    Format { variable_prefix: VARIABLE_PREFIX, keys: &KEYS, repair: repair::<RawConfig> };

/// What the names of its variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "TILLWARD_HUB__";

/// The keys in the order of the example file.
pub(super) const KEYS: [(&str, Spelling); 10] = [
    ("hub.data_dir", Spelling::Text),
    ("hub.public_url", Spelling::Text),
    ("store.url", Spelling::Text),
    ("api.listen", Spelling::Text),
    ("api.transport", Spelling::Text),
    ("api.connections_max", Spelling::Integer),
    ("snapshot.hours_max", Spelling::Integer),
    ("snapshot.changes_max", Spelling::Integer),
    ("log.level", Spelling::Text),
    ("log.format", Spelling::Text),
];

macro_rules! raw {
    ($($name:ident { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        #[derive(Debug, Default, Deserialize)]
        #[cfg_attr(test, derive(serde::Serialize))]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name { $(pub(super) $field: $type),+ }
    )+};
}

raw! {
    RawConfig {
        hub: RawHub,
        store: RawStore,
        api: RawApi,
        snapshot: RawSnapshot,
        log: RawLog,
    }
    RawHub { data_dir: Option<String>, public_url: Option<String> }
    RawStore { url: Option<String> }
    RawApi {
        listen: Option<String>,
        transport: Option<String>,
        connections_max: Option<i64>,
    }
    RawSnapshot { hours_max: Option<i64>, changes_max: Option<i64> }
    RawLog { level: Option<String>, format: Option<String> }
}
