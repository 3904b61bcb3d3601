//! Every key by its path, and how a variable of the environment spells its value.

use super::raw::RawConfig;
use crate::shell::config::repair::repair;
use crate::shell::config::{Format, Spelling};

/// What the agent's configuration looks like.
pub(super) const AGENT_FORMAT: Format =
    Format { variable_prefix: VARIABLE_PREFIX, keys: &KEYS, repair: repair::<RawConfig> };

/// What the names of our variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "TILLWARD__";

/// The keys in the order of the example file.
pub(super) const KEYS: [(&str, Spelling); 21] = [
    ("store.id", Spelling::Text),
    ("store.data_dir", Spelling::Text),
    ("store.language", Spelling::Text),
    ("api.listen", Spelling::Text),
    ("api.allowed_hosts", Spelling::List),
    ("api.allowed_origins", Spelling::List),
    ("api.connections_max", Spelling::Integer),
    ("api.tokens", Spelling::Tables),
    ("codes.group_separators", Spelling::List),
    ("codes.rules", Spelling::Tables),
    ("codes.totp.period_ms", Spelling::Integer),
    ("codes.totp.digits", Spelling::Integer),
    ("codes.totp.steps_back", Spelling::Integer),
    ("codes.totp.steps_ahead", Spelling::Integer),
    ("codes.totp.steps_untrusted", Spelling::Integer),
    ("codes.token_keys", Spelling::Tables),
    ("log.level", Spelling::Text),
    ("log.format", Spelling::Text),
    ("retention.journal_days", Spelling::Integer),
    ("receipt.columns", Spelling::Integer),
    ("hub.sync", Spelling::Text),
];
