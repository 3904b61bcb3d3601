use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What a Unix socket's address begins with.
const UNIX_PREFIX: &str = "unix:";

/// Longest path of a Unix socket, in bytes: what Linux has room for, less the closing zero.
pub(crate) const UNIX_PATH_BYTES_MAX: usize = 107;

/// Where the local API listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A Unix socket: only programs of this machine that may open the file.
    Unix(PathBuf),
}

/// A text that is no address to listen on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenAddressError {
    /// Neither form.
    #[error("expected ADDRESS:PORT as in 127.0.0.1:8731 or unix:/PATH, found {0:?}")]
    Neither(String),
    /// A Unix socket whose path depends on where the agent was started.
    #[error("the path of a unix socket must begin with a slash")]
    Relative,
    /// A Unix socket that the system cannot open.
    #[error("the path of a unix socket may have {UNIX_PATH_BYTES_MAX} bytes at most")]
    TooLong,
}

impl ListenAddress {
    /// Whether only this machine can reach it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, ListenAddressError> {
        let Some(path) = text.strip_prefix(UNIX_PREFIX) else {
            let neither = |_| ListenAddressError::Neither(text.to_owned());
            return text.parse().map(Self::Tcp).map_err(neither);
        };
        if path.len() > UNIX_PATH_BYTES_MAX {
            return Err(ListenAddressError::TooLong);
        }
        let path = Path::new(path);
        if path.is_absolute() && path.file_name().is_some() {
            Ok(Self::Unix(path.to_owned()))
        } else {
            Err(ListenAddressError::Relative)
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "{UNIX_PREFIX}{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_alike_and_know_who_can_reach_them() {
        for (text, local) in [
            ("127.0.0.1:8731", true),
            ("127.9.9.9:1", true),
            ("[::1]:8731", true),
            ("[::ffff:127.0.0.1]:8731", true),
            ("0.0.0.0:8731", false),
            ("[::]:8731", false),
            ("192.168.1.10:8731", false),
            ("unix:/run/tillward/agent.sock", true),
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!((address.to_string(), address.is_local()), (text.to_owned(), local));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let refused = |text: &str| text.parse::<ListenAddress>().unwrap_err();
        for text in ["", "8731", "localhost:8731", "127.0.0.1", "127.0.0.1:70000", "UNIX:/x"] {
            assert_eq!(refused(text), ListenAddressError::Neither(text.to_owned()));
        }
        assert_eq!(refused("unix:agent.sock"), ListenAddressError::Relative);
        assert_eq!(refused("unix:/"), ListenAddressError::Relative);
        let long = format!("unix:/{}", "x".repeat(UNIX_PATH_BYTES_MAX));
        assert_eq!(refused(&long), ListenAddressError::TooLong);
    }
}
