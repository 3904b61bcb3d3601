/// Whether the clock that gave `now` can be believed (set by the network since boot) or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockTrust {
    /// Known to be right within seconds.
    Trusted,
    /// Nobody has confirmed it since boot: windows are wider and the answer says so.
    Untrusted,
}
