//! Requests to the hub: signed, bounded, over TLS that knows the hub by its key.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    RETRY_AFTER,
};
use reqwest::{Client, Method, Url, redirect};
use ring::rand::{SecureRandom, SystemRandom};

use super::tls::AcceptedKeys;
use crate::agent::clock::Clock;
use crate::journal::SigningKey;
use crate::sync::{REPLY_BYTES_MAX, Signing};
use crate::wire::sync::{Nonce, PROTOCOL, PROTOCOL_HEADER, RequestParts, packing, paths};

/// How long a connection may take to come about: longer than a bad mobile line takes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long sending may take until the answer begins, beside what the hub may wait: a full batch on
/// the slowest line that tills have.
const SENDING_MAX: Duration = Duration::from_secs(300);
/// How long an answer to a question may take, beside what the hub may wait: a dead line is noticed
/// by this.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How long nothing may come of an answer that has begun.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// The address of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HubUrl(Url);

/// Why an address is not one of a hub.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubUrlError {
    /// It cannot be read.
    #[error("{url} is no URL such as https://hub.example:8740")]
    Malformed {
        /// As typed.
        url: String,
    },
    /// It has a path, a query or a user.
    #[error("{url} must end behind the host or the port")]
    MoreThanHost {
        /// As typed.
        url: String,
    },
    /// It is not encrypted.
    #[error("{url} must begin with https: plain http is for a hub on this computer only")]
    NotEncrypted {
        /// As typed.
        url: String,
    },
}

impl HubUrl {
    /// Reads one.
    ///
    /// # Errors
    /// [`HubUrlError`].
    pub(crate) fn parse(text: &str) -> Result<Self, HubUrlError> {
        let url = || text.to_owned();
        let read = Url::parse(text).map_err(|_| HubUrlError::Malformed { url: url() })?;
        let host = read.host_str().ok_or_else(|| HubUrlError::Malformed { url: url() })?;
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        match read.scheme() {
            "https" => {}
            "http" if is_here => {}
            "http" => return Err(HubUrlError::NotEncrypted { url: url() }),
            _ => return Err(HubUrlError::Malformed { url: url() }),
        }
        let bare = read.path() == "/"
            && read.query().is_none()
            && read.fragment().is_none()
            && read.username().is_empty()
            && read.password().is_none();
        if bare { Ok(Self(read)) } else { Err(HubUrlError::MoreThanHost { url: url() }) }
    }

    /// Without a slash at its end.
    pub(crate) fn text(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }
}

/// A request, before it is signed and packed.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// See [`paths`].
    pub(crate) path: String,
    /// What follows the question mark.
    pub(crate) query: Option<String>,
    /// The message of a `POST`; none is a `GET`.
    pub(crate) message: Option<Vec<u8>>,
    /// How long the hub may wait before it answers.
    pub(crate) wait: Duration,
}

impl Request {
    /// Asks for something.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: None, message: None, wait: Duration::ZERO }
    }

    /// Tells something.
    pub(crate) fn post(path: &str, message: Vec<u8>) -> Self {
        Self { message: Some(message), ..Self::get(path) }
    }
}

/// An answer as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Why no whole answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// The connection could not be had or broke.
    #[error("no answer from the hub")]
    Broken(#[from] reqwest::Error),
    /// Nothing came for too long.
    #[error("the hub is silent")]
    Silent,
    /// The answer is larger than any of the hub's.
    #[error("the answer is larger than any of the hub's")]
    TooLarge,
    /// The request cannot be signed, a fault of this program.
    #[error("the request cannot be signed")]
    NotSigned,
}

/// A request as it goes over the line.
#[derive(Clone, Debug)]
pub(crate) struct SignedRequest {
    pub(crate) method: Method,
    /// See [`paths`].
    pub(crate) path: String,
    /// What follows the question mark.
    pub(crate) query: Option<String>,
    /// Every header that the hub looks at.
    pub(crate) headers: HeaderMap,
    /// The packed message of a `POST`.
    pub(crate) body: Option<Vec<u8>>,
    /// How long the hub may wait before it answers.
    pub(crate) wait: Duration,
}

/// An answer that is still to come.
pub(crate) type Carrying<'a> = Pin<Box<dyn Future<Output = Result<Answer, LineError>> + Send + 'a>>;

/// What carries requests to a hub and answers back: HTTP, or a network that is simulated.
pub(crate) trait Way: fmt::Debug + Send + Sync {
    /// Carries one request and its whole answer.
    ///
    /// # Errors
    /// [`LineError`]; an answer of any status is none.
    fn carry(&self, request: SignedRequest) -> Carrying<'_>;
}

/// The way to one hub.
#[derive(Clone, Debug)]
pub(crate) struct HubLine {
    way: Arc<dyn Way>,
    key: Arc<SigningKey>,
    clock: Clock,
}

impl HubLine {
    /// A line that takes the hub's certificate by these keys.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(crate) fn new(
        url: HubUrl,
        accepted: &Arc<AcceptedKeys>,
        key: Arc<SigningKey>,
        clock: Clock,
    ) -> Result<Self, LineSetupError> {
        let client = Client::builder()
            .tls_backend_preconfigured(accepted.client_config()?)
            // A proxy or a portal that sends us elsewhere is not the hub.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()?;
        Ok(Self::over(Arc::new(Http { client, url }), key, clock))
    }

    /// A line over a way.
    pub(crate) fn over(way: Arc<dyn Way>, key: Arc<SigningKey>, clock: Clock) -> Self {
        Self { way, key, clock }
    }

    /// Sends a request, signed by this device, and reads the whole answer.
    ///
    /// # Errors
    /// [`LineError`]; an answer of any status is none.
    pub(crate) async fn send(
        &self,
        request: Request,
        signing: &Signing,
    ) -> Result<Answer, LineError> {
        let Request { path, query, message, wait } = request;
        let body = message.as_deref().map(packing::pack);
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let created = signing.created.unwrap_or_else(|| self.clock.now().wall);
        let nonce = match &signing.nonce {
            Some(nonce) => nonce.clone(),
            None => own_nonce()?,
        };
        let signed = RequestParts::new(
            method.as_str(),
            &path,
            query.as_deref(),
            body.as_deref().unwrap_or_default(),
        )
        .map_err(|_| LineError::NotSigned)?
        .sign(created, nonce, &self.key);
        let packed = HeaderValue::from_static(packing::CONTENT_ENCODING);
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(PROTOCOL_HEADER), HeaderValue::from(PROTOCOL));
        headers.insert(ACCEPT_ENCODING, packed.clone());
        for (name, value) in signed.headers() {
            let value = HeaderValue::from_str(value).map_err(|_| LineError::NotSigned)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(paths::CONTENT_TYPE));
            headers.insert(CONTENT_ENCODING, packed);
        }
        self.way.carry(SignedRequest { method, path, query, headers, body, wait }).await
    }
}

/// The way over a network.
#[derive(Debug)]
struct Http {
    client: Client,
    url: HubUrl,
}

impl Way for Http {
    fn carry(&self, request: SignedRequest) -> Carrying<'_> {
        let SignedRequest { method, path, query, headers, body, wait } = request;
        let mut url = self.url.0.clone();
        url.set_path(&path);
        url.set_query(query.as_deref());
        let patience = wait + if body.is_some() { SENDING_MAX } else { ANSWER_MAX };
        let mut sending = self.client.request(method, url).headers(headers);
        if let Some(body) = body {
            sending = sending.body(body);
        }
        Box::pin(Self::read(sending, patience))
    }
}

impl Http {
    /// Takes the beginning and then each piece within the time that nothing may come, however long
    /// all of it takes: a slow line is no broken one.
    async fn read(
        sending: reqwest::RequestBuilder,
        patience: Duration,
    ) -> Result<Answer, LineError> {
        let beginning = tokio::time::timeout(patience, sending.send());
        let mut response = beginning.await.map_err(|_| LineError::Silent)??;
        let text = |headers: &HeaderMap, name: HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let headers = response.headers();
        let mut answer = Answer {
            status: response.status().as_u16(),
            content_type: text(headers, CONTENT_TYPE),
            content_encoding: text(headers, CONTENT_ENCODING),
            retry_after: text(headers, RETRY_AFTER),
            body: Vec::new(),
        };
        loop {
            let piece = tokio::time::timeout(SILENCE_MAX, response.chunk());
            let Some(piece) = piece.await.map_err(|_| LineError::Silent)?? else {
                return Ok(answer);
            };
            if answer.body.len() + piece.len() > REPLY_BYTES_MAX {
                return Err(LineError::TooLarge);
            }
            answer.body.extend_from_slice(&piece);
        }
    }
}

/// Why there is no way to a hub.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineSetupError {
    /// The settings of TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client.
    #[error("the HTTP client cannot be set up")]
    Client(#[from] reqwest::Error),
}

fn own_nonce() -> Result<Nonce, LineError> {
    let mut bytes = [0; 12];
    SystemRandom::new().fill(&mut bytes).map_err(|_| LineError::NotSigned)?;
    Ok(Nonce::of_random(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_is_reached_encrypted_unless_it_is_on_this_computer() {
        for (text, expected) in [
            ("https://hub.example:8740", Some("https://hub.example:8740")),
            ("https://hub.example/", Some("https://hub.example")),
            ("http://127.0.0.1:8740", Some("http://127.0.0.1:8740")),
            ("http://[::1]:8740", Some("http://[::1]:8740")),
            ("http://localhost:8740", Some("http://localhost:8740")),
            ("http://hub.example:8740", None),
            ("http://192.168.1.4", None),
            ("http://localhost.example", None),
            ("ftp://hub.example", None),
            ("hub.example", None),
            ("https://hub.example/sync", None),
            ("https://hub.example?x=1", None),
            ("https://eva@hub.example", None),
            ("", None),
        ] {
            let read = HubUrl::parse(text).ok().map(|url| url.text());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
