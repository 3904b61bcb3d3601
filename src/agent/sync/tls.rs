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

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{ClientConnection, ServerConfig, ServerConnection};

    use super::*;

    struct Server {
        config: Arc<ServerConfig>,
        key: PublicKey,
    }

    /// A server whose certificate has another name than it is called by, and is of another century.
    fn server(algorithm: &'static rcgen::SignatureAlgorithm) -> Server {
        let pair = KeyPair::generate_for(algorithm).expect("a key");
        let mut params = CertificateParams::new(vec!["other.example".to_owned()]).expect("a name");
        params.not_before = date_time_ymd(1990, 1, 1);
        params.not_after = date_time_ymd(1991, 1, 1);
        let certificate = params.self_signed(&pair).expect("a certificate");
        let pkcs8 = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], pkcs8)
            .expect("they fit");
        let raw: [u8; 32] = pair.public_key_raw().get(..32).expect("long").try_into().expect("32");
        Server { config: Arc::new(config), key: PublicKey::parse(raw).expect("a key") }
    }

    /// Shakes hands in memory.
    fn shake(accepted: &Arc<AcceptedKeys>, server: &Server) -> Result<(), Error> {
        let config = Arc::new(accepted.client_config()?);
        let name = ServerName::try_from("hub.example").expect("a name");
        let mut client = ClientConnection::new(config, name)?;
        let mut served = ServerConnection::new(Arc::clone(&server.config))?;
        for _ in 0..4 {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).expect("memory");
            }
            served.read_tls(&mut bytes.as_slice()).expect("memory");
            served.process_new_packets()?;
            let mut bytes = Vec::new();
            while served.wants_write() {
                served.write_tls(&mut bytes).expect("memory");
            }
            client.read_tls(&mut bytes.as_slice()).expect("memory");
            client.process_new_packets()?;
        }
        assert!(!client.is_handshaking() && !served.is_handshaking());
        Ok(())
    }

    #[test]
    fn the_hub_is_who_has_its_key_whatever_its_certificate_says() {
        let (ours, other) = (server(&rcgen::PKCS_ED25519), server(&rcgen::PKCS_ED25519));
        let accepted = AcceptedKeys::only([&ours.key].into_iter());
        shake(&accepted, &ours).expect("the hub");
        shake(&accepted, &other).expect_err("another key");
        shake(&AcceptedKeys::only([].into_iter()), &ours).expect_err("no key at all");
        shake(&AcceptedKeys::anybody(), &other).expect("to hear who it is");
        accepted.replace([&other.key].into_iter());
        shake(&accepted, &other).expect("the list named it");
        shake(&accepted, &ours).expect_err("and no longer this one");
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let server = server(&rcgen::PKCS_ECDSA_P256_SHA256);
        for accepted in [AcceptedKeys::anybody(), AcceptedKeys::only([&server.key].into_iter())] {
            shake(&accepted, &server).expect_err("no Ed25519");
        }
    }
}
