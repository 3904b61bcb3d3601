//! Why a line of the import file was refused.

use std::fmt;

/// Why a line was refused. It says where and what, never what the line had there: lines hold codes
/// and secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ImportFault {
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `lots[1].expires`; empty for the line as a whole.
    pub path: String,
    /// What kind of fault; stable.
    pub code: ImportFaultCode,
    /// What to mend.
    pub reason: String,
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} [{}]", self.reason, self.code)
    }
}

/// The kind of a fault. Its text is stable: scripts may rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFaultCode {
    /// Longer than a line may be.
    TooLong,
    /// Not a JSON object.
    Syntax,
    /// A key that the format does not have; above all personal data.
    UnknownKey,
    /// A number where text stands, and the like.
    WrongType,
    /// A required key is not there.
    MissingKey,
    /// A value that the key does not take.
    BadValue,
    /// More entries than allowed.
    TooMany,
    /// Something there twice.
    Duplicate,
    /// Two values that cannot both be true.
    Contradiction,
}

impl ImportFaultCode {
    /// The stable text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown_key",
            Self::WrongType => "wrong_type",
            Self::MissingKey => "missing_key",
            Self::BadValue => "bad_value",
            Self::TooMany => "too_many",
            Self::Duplicate => "duplicate",
            Self::Contradiction => "contradiction",
        }
    }
}

impl fmt::Display for ImportFaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
