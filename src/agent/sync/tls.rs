//! TLS to the hub: the till knows the hub by its key and by nothing else. Names and dates of a
//! certificate say nothing: a till whose clock says 1970 must still reach its hub, and a public
//! authority has no say in who that is.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme,
};

use crate::journal::PublicKey;

/// What stands before the 32 bytes of an Ed25519 key in a certificate (RFC 8410, section 4).
const ED25519_SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Lets every client of this process use `ring`, also those that have no use for TLS. Once is
/// enough, and twice does no harm.
pub(crate) fn install_ring() {
    // An error says that it was done before.
    let _ = ring::default_provider().install_default();
}

/// Whose certificate is taken.
#[derive(Debug)]
pub(crate) struct AcceptedKeys {
    accept: RwLock<Accept>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Accept {
    /// Of anybody with an Ed25519 key: to hear who the hub says it is. Nothing that is said on such
    /// a connection is believed without a signature, and nothing secret is sent.
    Anybody,
    /// Of these keys.
    Keys(BTreeSet<[u8; 32]>),
}

impl AcceptedKeys {
    /// Takes anybody's.
    pub(crate) fn anybody() -> Arc<Self> {
        Self::new(Accept::Anybody)
    }

    /// Takes those of these keys only.
    pub(crate) fn only<'k>(keys: impl Iterator<Item = &'k PublicKey>) -> Arc<Self> {
        Self::new(Accept::Keys(bytes_of(keys)))
    }

    fn new(accept: Accept) -> Arc<Self> {
        let provider = Arc::new(ring::default_provider());
        Arc::new(Self { accept: RwLock::new(accept), provider })
    }

    /// Takes those of these keys from the next connection on.
    pub(crate) fn replace<'k>(&self, keys: impl Iterator<Item = &'k PublicKey>) {
        let keys = bytes_of(keys);
        // What the lock guards is whole at every moment.
        *self.accept.write().unwrap_or_else(PoisonError::into_inner) = Accept::Keys(keys);
    }

    /// The settings of a connection: TLS 1.3 only, cryptography by `ring`.
    ///
    /// # Errors
    /// None in practice: the provider has what TLS 1.3 needs.
    pub(crate) fn client_config(self: &Arc<Self>) -> Result<ClientConfig, Error> {
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(self) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        Ok(config)
    }
}

impl ServerCertVerifier for AcceptedKeys {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused =
            || Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        let spki = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        let key = spki.as_ref().strip_prefix(&ED25519_SPKI_PREFIX).ok_or_else(refused)?;
        let key: [u8; 32] = key.try_into().map_err(|_| refused())?;
        let accept = self.accept.read().unwrap_or_else(PoisonError::into_inner);
        match &*accept {
            Accept::Anybody => Ok(ServerCertVerified::assertion()),
            Accept::Keys(keys) if keys.contains(&key) => Ok(ServerCertVerified::assertion()),
            Accept::Keys(_) => Err(refused()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

fn bytes_of<'k>(keys: impl Iterator<Item = &'k PublicKey>) -> BTreeSet<[u8; 32]> {
    keys.map(|key| *key.as_bytes()).collect()
}
