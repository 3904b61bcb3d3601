//! Every key by its path, and how a variable of the environment spells its value.

/// What the names of our variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "TILLWARD__";

/// How a key's value is written as plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Text,
    /// In digits.
    Integer,
    /// Texts with commas between.
    List,
    /// Not at all: only a file has room for tables.
    Tables,
}

/// The keys in the order of the example file.
pub(super) const KEYS: [(&str, Spelling); 20] = [
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
];
