//! Takes connections: within their limits, with TLS or on loopback without.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::serve::Listener;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::limits::{ACCEPTED_WAITING_MAX, HANDSHAKE_TIMEOUT};
use crate::shell::http::connections::{
    Connection, ConnectionCounts, ConnectionLimits, LimitedListener,
};
use crate::shell::keys::SecretBytes;

/// The only protocol above TLS.
const HTTP_1_1: &[u8] = b"http/1.1";
/// The name in the certificate. Devices know the key, not the name.
const CERTIFICATE_NAME: &str = "tillward-hub";

/// Why there can be no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The certificate cannot be made of the key.
    #[error("could not make the certificate of the TLS key")]
    Certificate(#[from] rcgen::Error),
    /// The key is none for TLS.
    #[error("could not set up TLS")]
    Rustls(#[from] rustls::Error),
}

/// TLS with a certificate of this key, signed by itself: devices have the key on their list and ask
/// for nothing else, so the certificate never runs out.
///
/// # Errors
/// [`TlsError`].
pub(crate) fn tls(pkcs8: &SecretBytes) -> Result<TlsAcceptor, TlsError> {
    let der = PrivatePkcs8KeyDer::from(pkcs8.0.clone());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519)?;
    // It names no dates of ours: those of the library reach from 1975 to 4096.
    let certificate = CertificateParams::new(vec![CERTIFICATE_NAME.to_owned()])?;
    let certificate = certificate.self_signed(&pair)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(der))?;
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Whether what is said is encrypted.
pub(crate) enum Protection {
    /// With TLS.
    Tls(TlsAcceptor),
    /// Not at all.
    Plain,
}

/// Takes connections and shakes hands beside the server, so that a slow client holds up nobody.
pub(crate) struct HubListener {
    ready: mpsc::Receiver<(HubStream, SocketAddr)>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl HubListener {
    /// Takes the connections of a socket.
    ///
    /// # Errors
    /// The socket has no address.
    pub(crate) fn new(
        socket: TcpListener,
        protection: Protection,
        counts: ConnectionCounts,
        limits: ConnectionLimits,
    ) -> io::Result<Self> {
        let address = socket.local_addr()?;
        let (sender, ready) = mpsc::channel(ACCEPTED_WAITING_MAX);
        let socket = LimitedListener::with_limit(socket, counts, limits);
        let accepting = tokio::spawn(accept(socket, protection, sender));
        Ok(Self { ready, address, accepting })
    }
}

impl Drop for HubListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for HubListener {
    type Io = HubStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // The task that takes connections ends only with this listener.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

async fn accept(
    mut socket: LimitedListener<TcpListener>,
    protection: Protection,
    ready: mpsc::Sender<(HubStream, SocketAddr)>,
) {
    loop {
        let (stream, address) = Listener::accept(&mut socket).await;
        if let Err(error) = stream.get_ref().set_nodelay(true) {
            tracing::debug!(%error, "answers may be delayed");
        }
        match &protection {
            Protection::Plain => {
                if ready.send((HubStream::Plain(stream), address)).await.is_err() {
                    return;
                }
            }
            Protection::Tls(acceptor) => {
                let (acceptor, ready) = (acceptor.clone(), ready.clone());
                tokio::spawn(async move {
                    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            // The server ended meanwhile.
                            let _ = ready.send((HubStream::Tls(Box::new(stream)), address)).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%error, "no TLS handshake"),
                        Err(_) => tracing::debug!("a TLS handshake took too long"),
                    }
                });
            }
        }
    }
}

/// A connection, encrypted or not.
pub(crate) enum HubStream {
    /// With TLS.
    Tls(Box<TlsStream<Connection<TcpStream>>>),
    /// Without.
    Plain(Connection<TcpStream>),
}

impl AsyncRead for HubStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for HubStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
