//! A listener that takes so many connections and no more, and closes silent ones.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// What a connection too many is told.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\n\
    retry-after: 1\r\n\
    connection: close\r\n\
    content-length: 237\r\n\r\n\
    {\"type\":\"urn:tillward:problem:too_many_connections\",\"title\":\"Too many connections\",\
    \"status\":503,\"detail\":\"too many connections are open; close some and try again\",\
    \"code\":\"too_many_connections\",\"retryable\":true,\"errors\":[]}               ";

/// How long a refused connection may take to read why.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

/// How many connections are taken, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    /// At once.
    pub(crate) connections_max: usize,
    /// That are told at once that there are too many; beyond it they are closed without a word.
    pub(crate) refusals_max: usize,
    /// One without a byte in either direction is closed after this long.
    pub(crate) idle_max: Duration,
}

/// What is counted about connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionCounts {
    /// Those that are open.
    pub(crate) open: Gauge,
    /// Those that were one too many.
    pub(crate) refused: Counter,
}

/// A listener with a limit of open connections.
#[derive(Debug)]
pub(crate) struct LimitedListener<L> {
    inner: L,
    slots: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    limits: ConnectionLimits,
    counts: ConnectionCounts,
}

impl<L> LimitedListener<L> {
    /// Takes connections of a listener within limits.
    pub(crate) fn with_limit(inner: L, counts: ConnectionCounts, limits: ConnectionLimits) -> Self {
        Self {
            inner,
            slots: Arc::new(Semaphore::new(limits.connections_max)),
            refusals: Arc::new(Semaphore::new(limits.refusals_max)),
            limits,
            counts,
        }
    }
}

impl<L: Listener> Listener for LimitedListener<L> {
    type Io = Connection<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (io, address) = self.inner.accept().await;
            if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
                let open = Open::new(self.counts.open.clone(), slot);
                return (Connection::new(io, open, self.limits.idle_max), address);
            }
            self.counts.refused.inc();
            tracing::warn!(
                connections_max = self.limits.connections_max,
                "a connection was refused"
            );
            if let Ok(turn) = Arc::clone(&self.refusals).try_acquire_owned() {
                tokio::spawn(async move {
                    let _turn = turn;
                    // Whether the other side reads it is its own affair.
                    let _ = timeout(REFUSAL_TIMEOUT, refuse(io)).await;
                });
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// Says no, then reads on until the other side closes: closing first would drop the answer.
async fn refuse(mut io: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    io.write_all(TOO_MANY).await?;
    io.shutdown().await?;
    let mut ignored = [0; 1024];
    while io.read(&mut ignored).await? > 0 {}
    Ok(())
}

/// A place among the open connections, given back when dropped.
#[derive(Debug)]
struct Open {
    connections: Gauge,
    _slot: OwnedSemaphorePermit,
}

impl Open {
    fn new(connections: Gauge, slot: OwnedSemaphorePermit) -> Self {
        connections.inc();
        Self { connections, _slot: slot }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connections.dec();
    }
}

/// A connection that ends when nothing is sent in either direction for too long.
#[derive(Debug)]
pub(crate) struct Connection<Io> {
    io: Io,
    active_at: Instant,
    idle_max: Duration,
    alarm: Pin<Box<Sleep>>,
    _open: Open,
}

impl<Io> Connection<Io> {
    fn new(io: Io, open: Open, idle_max: Duration) -> Self {
        let active_at = Instant::now();
        let alarm = Box::pin(sleep_until(active_at + idle_max));
        Self { io, active_at, idle_max, alarm, _open: open }
    }

    /// What it is a connection of.
    pub(crate) fn get_ref(&self) -> &Io {
        &self.io
    }

    fn note_activity<T>(&mut self, polled: Poll<T>) -> Poll<T> {
        if polled.is_ready() {
            self.active_at = Instant::now();
        }
        polled
    }

    /// Ready when the connection was silent for too long. The alarm is set anew only when it
    /// rings, so that a busy connection never touches the timer.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.alarm.as_mut().poll(context).is_ready() {
            let end = self.active_at + self.idle_max;
            if end <= Instant::now() {
                return Poll::Ready(());
            }
            self.alarm.as_mut().reset(end);
        }
        Poll::Pending
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Connection<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_read(context, buffer);
        if self.note_activity(polled.map_ok(|()| ())).is_ready() {
            return Poll::Ready(Ok(()));
        }
        self.poll_idle(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Connection<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(context, bytes);
        self.note_activity(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(context, parts);
        self.note_activity(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_refusal_is_a_whole_answer() {
        let text = std::str::from_utf8(TOO_MANY).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}", body.len());
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["code"], "too_many_connections");
    }

    #[tokio::test]
    async fn a_connection_too_many_is_told_so_and_a_closed_one_makes_room() {
        let inner = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = inner.local_addr().expect("an address");
        let counts = ConnectionCounts::default();
        let limits = ConnectionLimits {
            connections_max: 1,
            refusals_max: 1,
            idle_max: Duration::from_secs(60),
        };
        let mut listener = LimitedListener::with_limit(inner, counts.clone(), limits);
        let _first = TcpStream::connect(address).await.expect("a connection");
        let (held, _) = listener.accept().await;
        assert_eq!(counts.open.get(), 1);

        let mut second = TcpStream::connect(address).await.expect("a connection");
        let told = async {
            let mut told = Vec::new();
            second.read_to_end(&mut told).await.expect("an answer");
            told
        };
        tokio::select! {
            _ = listener.accept() => panic!("one too many"),
            told = told => assert_eq!(told, TOO_MANY),
        }
        assert_eq!(counts.refused.get(), 1);

        drop(held);
        assert_eq!(counts.open.get(), 0);
        let _third = TcpStream::connect(address).await.expect("a connection");
        listener.accept().await;
    }

    #[tokio::test]
    async fn a_silent_connection_is_closed() {
        let (ours, _theirs) = tokio::io::duplex(16);
        let slots = Arc::new(Semaphore::new(1));
        let slot = slots.try_acquire_owned().expect("a slot");
        let open = Open::new(Gauge::default(), slot);
        let mut connection = Connection::new(ours, open, Duration::ZERO);
        let error = connection.read_u8().await.expect_err("nothing was sent");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
