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

#[cfg(test)]
mod tests {
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::ring::default_provider;
    use rustls::crypto::verify_tls13_signature;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::hub::api::testing::{LIMITS, hub_folder};

    /// Takes the certificate of one key, as a device does.
    #[derive(Debug)]
    struct OneKey([u8; 32]);

    impl ServerCertVerifier for OneKey {
        fn verify_server_cert(
            &self,
            certificate: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            if certificate.as_ref().windows(32).any(|bytes| bytes == self.0) {
                Ok(ServerCertVerified::assertion())
            } else {
                Err(Error::General("another key".to_owned()))
            }
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::General("TLS 1.2".to_owned()))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = default_provider().signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signed, &algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }
    }

    async fn connect(
        address: SocketAddr,
        key: [u8; 32],
    ) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(OneKey(key)))
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.expect("a connection");
        let name = ServerName::try_from("any.example").expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    #[tokio::test]
    async fn tls_is_of_the_listed_key_and_a_slow_client_holds_up_nobody() {
        let (dir, _store, keys) = hub_folder();
        let pair = crate::shell::keys::load_key_pair(&dir.path().join("tls.key"));
        let key = *pair.expect("readable").expect("a key").key.public_key().as_bytes();
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let protection = Protection::Tls(tls(&keys.tls).expect("TLS"));
        let counts = ConnectionCounts::default();
        let mut listener =
            HubListener::new(socket, protection, counts, LIMITS).expect("a listener");
        let address = listener.address;
        let _silent = TcpStream::connect(address).await.expect("a connection");
        let other = connect(address, [7; 32]).await.expect_err("another key");
        assert!(other.to_string().contains("another key"), "{other}");

        let client = tokio::spawn(async move {
            let mut stream = connect(address, key).await.expect("the hub's key");
            stream.write_all(b"ping").await.expect("sent");
            let mut answer = [0; 4];
            stream.read_exact(&mut answer).await.expect("an answer");
            answer
        });
        let (mut stream, _) = Listener::accept(&mut listener).await;
        let mut asked = [0; 4];
        stream.read_exact(&mut asked).await.expect("a question");
        assert_eq!(&asked, b"ping");
        stream.write_all(b"pong").await.expect("sent");
        stream.flush().await.expect("sent");
        assert_eq!(&client.await.expect("an answer"), b"pong");
    }
}
