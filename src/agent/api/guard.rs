//! Who may call: host names against DNS rebinding, origins against uninvited web pages, tokens on
//! the store's network.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    AUTHORIZATION, HOST, ORIGIN, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;

use super::problem::Problem;
use super::settings::{Access, ApiSettings, TokenHash};
use crate::loyalty::TillId;

/// Paths that tell nothing about sales: monitors ask without a token.
const OPEN_PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// How long a browser may remember a preflight: ten minutes, so that a changed allow-list is soon
/// in force.
const PREFLIGHT_SECONDS: &str = "600";

/// Whom a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// This machine, or a monitor at an open path.
    Local,
    /// The till that owns the token.
    Till(TillId),
}

/// What the guard says of a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It goes on.
    Pass {
        /// Whom it comes from.
        caller: Caller,
        /// The web page that asks, which may read the answer.
        origin: Option<HeaderValue>,
    },
    /// A browser asks whether it may ask.
    Preflight(Box<Response>),
}

impl Caller {
    /// Checks that the caller speaks for a till.
    ///
    /// # Errors
    /// `other_till`, where a token is another till's.
    pub(crate) fn may_act_for(&self, till: &TillId) -> Result<(), Problem> {
        match self {
            Self::Local => Ok(()),
            Self::Till(own) if own == till => Ok(()),
            Self::Till(own) => {
                let detail = format!("this token is till {own}'s and cannot act for till {till}");
                Err(Problem::new("other_till", detail))
            }
        }
    }

    /// The till that the caller's token is of.
    pub(crate) fn till(&self) -> Option<&TillId> {
        match self {
            Self::Local => None,
            Self::Till(own) => Some(own),
        }
    }

    /// Whether the caller may hear of a till.
    pub(crate) fn hears_of(&self, till: Option<&str>) -> bool {
        match (self, till) {
            (Self::Local, _) | (_, None) => true,
            (Self::Till(own), Some(till)) => own.as_str() == till,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    /// The guard leaves the caller with the request. Without a guard nobody got in.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or(Self::Local))
    }
}

/// Looks at a request before anything of it is read.
///
/// # Errors
/// `host_not_allowed`, `origin_not_allowed`, `token_missing` or `token_wrong`.
pub(crate) fn judge(
    settings: &ApiSettings,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Verdict, Problem> {
    check_host(settings, uri, headers)?;
    let origin = check_origin(settings, headers)?;
    if let (Some(origin), true) = (&origin, is_preflight(method, headers)) {
        return Ok(Verdict::Preflight(Box::new(preflight(origin, headers))));
    }
    let caller = authenticate(&settings.access, uri.path(), headers)?;
    Ok(Verdict::Pass { caller, origin })
}

/// Lets the web page at an allowed origin read the answer.
pub(crate) fn share_with(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("etag, idempotent-replay, retry-after, x-request-id"),
    );
    headers.append(VARY, HeaderValue::from_static("origin"));
}

fn check_host(settings: &ApiSettings, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let named = headers.get(HOST).map(|host| host.to_str().unwrap_or_default());
    let host = uri.host().or(named.map(without_port)).unwrap_or_default();
    if is_this_machine(host) || settings.allowed_hosts.contains(&host.to_ascii_lowercase()) {
        return Ok(());
    }
    let detail = "this host name is not served here; call 127.0.0.1, or add the name to the \
                  allowed hosts";
    Err(Problem::new("host_not_allowed", detail))
}

/// `localhost:8080` -> `localhost`, `[::1]:8080` -> `::1`.
fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn check_origin(
    settings: &ApiSettings,
    headers: &HeaderMap,
) -> Result<Option<HeaderValue>, Problem> {
    let allowed = |origin: &HeaderValue| {
        let text = origin.to_str().unwrap_or_default();
        settings.allowed_origins.contains(&text.to_ascii_lowercase())
    };
    match headers.get(ORIGIN) {
        Some(origin) if allowed(origin) => Ok(Some(origin.clone())),
        None if !comes_from_elsewhere(headers) => Ok(None),
        _ => {
            let detail = "web pages of this origin may not call; add it to the allowed origins";
            Err(Problem::new("origin_not_allowed", detail))
        }
    }
}

/// A browser that leaves out the origin (an image, a link) still says that another site asks.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight, with what Private and Local Network Access ask for.
fn preflight(origin: &HeaderValue, asked: &HeaderMap) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let text = HeaderValue::from_static;
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, text("GET, POST, PUT, DELETE"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        text("authorization, content-type, idempotency-key, if-none-match, last-event-id"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, text(PREFLIGHT_SECONDS));
    headers.insert(VARY, text("origin"));
    for (request, allow) in [
        ("access-control-request-private-network", "access-control-allow-private-network"),
        ("access-control-request-local-network", "access-control-allow-local-network"),
    ] {
        if asked.get(request).is_some_and(|value| value == "true") {
            headers.insert(HeaderName::from_static(allow), text("true"));
        }
    }
    response
}

fn authenticate(access: &Access, path: &str, headers: &HeaderMap) -> Result<Caller, Problem> {
    let tokens = match access {
        Access::LoopbackOnly => return Ok(Caller::Local),
        Access::Tokens(_) if OPEN_PATHS.contains(&path) => return Ok(Caller::Local),
        Access::Tokens(tokens) => tokens,
    };
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    let Some(token) = token else {
        let detail = "send the till's token as `Authorization: Bearer ...`";
        return Err(Problem::new("token_missing", detail));
    };
    let shown = TokenHash::of(token);
    // Every token is compared, so that the time does not tell which one nearly fits.
    let owner = tokens.iter().fold(
        None,
        |found, (till, hash)| {
            if hash.matches(&shown) { Some(till) } else { found }
        },
    );
    match owner {
        Some(till) => Ok(Caller::Till(till.clone())),
        None => Err(Problem::new("token_wrong", "no till has this token; enrol the till again")),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn till(id: &str) -> TillId {
        TillId::parse(id).expect("an id")
    }

    fn settings(access: Access) -> ApiSettings {
        ApiSettings {
            allowed_hosts: ["pos-server.local".to_owned()].into(),
            allowed_origins: ["https://pos.example".to_owned()].into(),
            access,
            ..ApiSettings::default()
        }
    }

    fn tokens() -> Access {
        let hashes = [("till-1", "one"), ("till-2", "two")];
        Access::Tokens(hashes.map(|(id, token)| (till(id), TokenHash::of(token))).into())
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    fn outcome(
        access: Access,
        path: &'static str,
        pairs: &[(&'static str, &'static str)],
    ) -> Result<Caller, &'static str> {
        let uri = Uri::from_static(path);
        match judge(&settings(access), &Method::GET, &uri, &headers(pairs)) {
            Ok(Verdict::Pass { caller, .. }) => Ok(caller),
            Ok(Verdict::Preflight(_)) => Err("preflight"),
            Err(problem) => Err(problem.code()),
        }
    }

    #[test]
    fn only_this_machine_and_allowed_hosts_are_served() {
        let cases = [
            ("127.0.0.1", true),
            ("127.0.0.1:8600", true),
            ("127.9.9.9", true),
            ("LocalHost:1", true),
            ("[::1]:8600", true),
            ("POS-server.local:8600", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example:8600", false),
            ("10.0.0.1", false),
            ("[::2]", false),
            ("", false),
        ];
        for (host, served) in cases {
            let passed = outcome(Access::LoopbackOnly, "/v1/info", &[("host", host)]).is_ok();
            assert_eq!(passed, served, "{host:?}");
        }
        let without = outcome(Access::LoopbackOnly, "/v1/info", &[]);
        assert_eq!(without, Err("host_not_allowed"));
        let absolute =
            outcome(Access::LoopbackOnly, "http://evil.example/v1/info", &[("host", "localhost")]);
        assert_eq!(absolute, Err("host_not_allowed"));
    }

    #[test]
    fn web_pages_call_only_when_invited() {
        let cases = [
            (("origin", "https://pos.example"), true),
            (("origin", "https://evil.example"), false),
            (("origin", "http://pos.example"), false),
            (("origin", "null"), false),
            (("sec-fetch-site", "cross-site"), false),
            (("sec-fetch-site", "none"), true),
        ];
        for (header, passes) in cases {
            let pairs = [("host", "localhost"), header];
            let passed = outcome(Access::LoopbackOnly, "/v1/info", &pairs).is_ok();
            assert_eq!(passed, passes, "{header:?}");
        }
    }

    #[test]
    fn a_token_opens_for_its_own_till_only() {
        let ask = |authorization: Option<&'static str>, path| {
            let mut pairs = vec![("host", "localhost")];
            pairs.extend(authorization.map(|value| ("authorization", value)));
            outcome(tokens(), path, &pairs)
        };
        let cases = [
            (Some("Bearer two"), "/v1/info", Ok(Caller::Till(till("till-2")))),
            (Some("bearer  two"), "/v1/info", Ok(Caller::Till(till("till-2")))),
            (Some("Bearer three"), "/v1/info", Err("token_wrong")),
            (Some("Basic two"), "/v1/info", Err("token_missing")),
            (Some("Bearer "), "/v1/info", Err("token_missing")),
            (None, "/v1/info", Err("token_missing")),
            (None, "/metrics", Err("token_missing")),
            (None, "/healthz", Ok(Caller::Local)),
            (None, "/readyz", Ok(Caller::Local)),
        ];
        for (authorization, path, expected) in cases {
            assert_eq!(ask(authorization, path), expected, "{authorization:?} {path}");
        }
        let caller = Caller::Till(till("till-2"));
        assert!(caller.may_act_for(&till("till-2")).is_ok());
        let refused = caller.may_act_for(&till("till-1")).expect_err("another till");
        assert_eq!((refused.code(), refused.status().as_u16()), ("other_till", 403));
        assert!(caller.hears_of(None) && !caller.hears_of(Some("till-1")));
    }

    #[test]
    fn a_preflight_of_an_invited_page_is_answered_without_a_token() {
        let asked = headers(&[
            ("host", "localhost"),
            ("origin", "https://pos.example"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-private-network", "true"),
        ]);
        let uri = Uri::from_static("/v1/receipts/a");
        let verdict = judge(&settings(tokens()), &Method::OPTIONS, &uri, &asked);
        let Ok(Verdict::Preflight(response)) = verdict else {
            panic!("a preflight");
        };
        let headers = response.headers();
        assert_eq!(response.status(), 204);
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://pos.example");
        assert_eq!(headers["access-control-allow-private-network"], "true");
        assert!(!headers.contains_key("access-control-allow-local-network"));
    }
}
