//! The line between tills and hub: every byte goes through it and is counted, and it can be taken
//! away.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What is read at once.
const PIECE_BYTES: usize = 16 * 1024;
/// The pause when the system has no socket left.
const NO_SOCKET_PAUSE: Duration = Duration::from_millis(50);

/// Whether anything goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    There,
    Away,
}

/// The line. Tills come to `address`.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) address: SocketAddr,
    standing: watch::Sender<Standing>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    to_hub: AtomicU64,
    from_hub: AtomicU64,
    turned_away: AtomicU64,
}

/// What went over the line so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Bytes to the hub: TLS, headers and all, above TCP.
    pub(crate) to_hub: u64,
    /// Bytes from the hub.
    pub(crate) from_hub: u64,
    /// Connections that found no line.
    pub(crate) turned_away: u64,
}

impl Traffic {
    /// What came after an earlier count.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            to_hub: self.to_hub - earlier.to_hub,
            from_hub: self.from_hub - earlier.from_hub,
            turned_away: self.turned_away - earlier.turned_away,
        }
    }
}

impl Line {
    /// A line to the hub at an address, carried by tasks of the runtime that this is called in.
    pub(crate) async fn to(hub: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (standing, seen) = watch::channel(Standing::There);
        let counts = Arc::new(Counts::default());
        tokio::spawn(carry(listener, hub, seen, Arc::clone(&counts)));
        Ok(Self { address, standing, counts })
    }

    /// Breaks every connection and refuses those that come.
    pub(crate) fn take_away(&self) {
        self.standing.send_replace(Standing::Away);
    }

    /// Lets connections through again.
    pub(crate) fn bring_back(&self) {
        self.standing.send_replace(Standing::There);
    }

    /// What went over it so far.
    pub(crate) fn traffic(&self) -> Traffic {
        let counted = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Traffic {
            to_hub: counted(&self.counts.to_hub),
            from_hub: counted(&self.counts.from_hub),
            turned_away: counted(&self.counts.turned_away),
        }
    }
}

async fn carry(
    listener: TcpListener,
    hub: SocketAddr,
    standing: watch::Receiver<Standing>,
    counts: Arc<Counts>,
) {
    loop {
        let Ok((till, _)) = listener.accept().await else {
            tokio::time::sleep(NO_SOCKET_PAUSE).await;
            continue;
        };
        if *standing.borrow() == Standing::Away {
            counts.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let (mut standing, counts) = (standing.clone(), Arc::clone(&counts));
        tokio::spawn(async move {
            tokio::select! {
                carried = connect(till, hub, &counts) => if let Err(error) = carried {
                    tracing::debug!(%error, "a connection ended");
                },
                // An error says that the line is gone for good.
                _ = standing.wait_for(|standing| *standing == Standing::Away) => {}
            }
        });
    }
}

/// Carries both directions until either ends.
async fn connect(till: TcpStream, hub: SocketAddr, counts: &Counts) -> std::io::Result<()> {
    let hub = TcpStream::connect(hub).await?;
    till.set_nodelay(true)?;
    hub.set_nodelay(true)?;
    let (from_till, to_till) = till.into_split();
    let (from_hub, to_hub) = hub.into_split();
    tokio::select! {
        ended = pass(from_till, to_hub, &counts.to_hub) => ended,
        ended = pass(from_hub, to_till, &counts.from_hub) => ended,
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        to.write_all(&piece[..length]).await?;
        count.fetch_add(length as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_counts_what_it_carries_and_breaks_when_it_is_taken_away() {
        let hub = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let line = Line::to(hub.local_addr().expect("bound")).await.expect("a line");
        let mut till = TcpStream::connect(line.address).await.expect("connected");
        let (mut from_till, _) = hub.accept().await.expect("carried");
        till.write_all(b"hello").await.expect("sent");
        let mut heard = [0; 5];
        from_till.read_exact(&mut heard).await.expect("heard");
        from_till.write_all(b"hi").await.expect("answered");
        till.read_exact(&mut heard[..2]).await.expect("heard");
        let before = line.traffic();
        assert_eq!(before, Traffic { to_hub: 5, from_hub: 2, turned_away: 0 });
        line.take_away();
        assert_eq!(till.read(&mut heard).await.unwrap_or(0), 0, "broken");
        assert_eq!(from_till.read(&mut heard).await.unwrap_or(0), 0, "broken");
        let mut refused = TcpStream::connect(line.address).await.expect("accepted");
        assert_eq!(refused.read(&mut heard).await.unwrap_or(0), 0, "and closed");
        line.bring_back();
        let mut again = TcpStream::connect(line.address).await.expect("connected");
        let (mut from_till, _) = hub.accept().await.expect("carried");
        again.write_all(b"back!").await.expect("sent");
        from_till.read_exact(&mut heard).await.expect("heard");
        let since = line.traffic().since(before);
        assert_eq!((&heard, since.from_hub, since.turned_away), (b"back!", 0, 1));
    }
}
