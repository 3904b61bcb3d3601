//! What a table of problems is made of: code, status, whether to try again, title.

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProblemKind {
    /// Stable code.
    pub(crate) code: &'static str,
    /// HTTP status.
    pub(crate) status: u16,
    /// Whether the same request may succeed later.
    pub(crate) retry: Retry,
    /// In a few words.
    pub(crate) title: &'static str,
}

/// Whether the same request may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Not without a change.
    No,
    /// When somebody has done something.
    Later,
    /// By itself.
    After {
        /// So soon.
        seconds: u16,
    },
}

/// One that stays until the request changes.
pub(crate) const fn no(code: &'static str, status: u16, title: &'static str) -> ProblemKind {
    ProblemKind { code, status, retry: Retry::No, title }
}

/// One that goes away when somebody has done something.
pub(crate) const fn later(code: &'static str, status: u16, title: &'static str) -> ProblemKind {
    ProblemKind { code, status, retry: Retry::Later, title }
}

/// One that goes away by itself.
pub(crate) const fn soon(
    code: &'static str,
    status: u16,
    seconds: u16,
    title: &'static str,
) -> ProblemKind {
    ProblemKind { code, status, retry: Retry::After { seconds }, title }
}
