//! How sure a till is of who stands there.

/// Strength of an identification, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A printed or static code: anybody may have copied it.
    Static,
    /// A rotating code: the phone was there within the last minute.
    Totp,
    /// A token signed by the hub for this moment.
    Token,
}
