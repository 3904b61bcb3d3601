//! How much is logged, and how it is written.

use std::str::FromStr;

use super::resolver::named;

/// State changes are worth a line each, and a quiet daemon writes few.
pub(crate) const LOG_LEVEL: LogLevel = LogLevel::Info;
/// People read terminals, machines read files.
pub(crate) const LOG_FORMAT: LogFormat = LogFormat::Auto;

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
        Self { level: LOG_LEVEL, format: LOG_FORMAT }
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
