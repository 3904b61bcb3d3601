//! Requests that a known device signed.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;

use super::Api;
use super::limits::{BODY_BYTES_MAX, DISCARDED_BYTES_MAX, UNPACKED_BYTES_MAX};
use super::problem::Problem;
use crate::hub::store::rows::{DeviceRow, DeviceStanding};
use crate::journal::PublicKey;
use crate::wire::sync::packing::{self, PackingError};
use crate::wire::sync::{
    CONTENT_DIGEST, Fresh, Message, PROTOCOL, PROTOCOL_HEADER, Refusal, RefusalKind, RequestParts,
    SIGNATURE, SIGNATURE_INPUT, SignatureHeaders, SignedBy, Unverified, freshness, paths,
};

/// The most of a `User-Agent` that is kept: a name and a version.
const SOFTWARE_BYTES_MAX: usize = 64;

/// A request that a known device signed a moment ago.
pub(super) struct Signed {
    /// The device, as it stands now.
    pub(super) device: DeviceRow,
    /// The body, unpacked; empty where there is none.
    pub(super) body: Vec<u8>,
    /// The hub's time of the request.
    pub(super) at: DateTime<Utc>,
}

impl Signed {
    /// The message that the body is.
    pub(super) fn message<M: Message>(&self) -> Result<M, Problem> {
        read_message(&self.body)
    }

    /// Refuses what only a device in its place may do.
    pub(super) fn in_place(self) -> Result<Self, Problem> {
        if self.device.standing == DeviceStanding::Replaced {
            let detail = "the device was replaced by another: it may only send what it recorded";
            return Err(Problem::of(RefusalKind::Revoked, detail));
        }
        Ok(self)
    }
}

impl FromRequest<Api> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let received = Received::read(request, BODY_BYTES_MAX).await?;
        let key_id =
            Unverified::read(received.headers()?).map_err(|error| not_signed(&error))?.key_id();
        let found =
            api.blocking(move |api| Ok(api.inner.devices.find(&*api.inner.store, key_id)?));
        let device = found.await?.ok_or_else(|| {
            Problem::of(RefusalKind::NotSigned, "the hub knows no device with this key")
        })?;
        let at = api.now();
        let (signed_by, fresh) = received.verified(api, &device.key, at)?;
        if device.standing == DeviceStanding::Revoked {
            return Err(Problem::of(RefusalKind::Revoked, "the device was revoked"));
        }
        let body = received.unpacked(UNPACKED_BYTES_MAX)?;
        note_seen(api, &device, &received.parts.headers, &signed_by, fresh, at).await;
        Ok(Self { device, body, at })
    }
}

/// A request whose body was read, with nothing of it proven.
pub(super) struct Received {
    parts: Parts,
    body: Vec<u8>,
}

impl Received {
    /// Reads a request within a bound.
    pub(super) async fn read(request: Request, bytes_max: usize) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_protocol(&parts.headers)?;
        let body = read_body(&parts.headers, body, bytes_max).await?;
        Ok(Self { parts, body })
    }

    /// The headers of the signature.
    pub(super) fn headers(&self) -> Result<SignatureHeaders<'_>, Problem> {
        let header = |name: &'static str| {
            only(&self.parts.headers, &HeaderName::from_static(name)).ok_or_else(|| {
                let detail = format!("the header {name} is missing, or there twice");
                Problem::of(RefusalKind::NotSigned, detail)
            })
        };
        Ok(SignatureHeaders {
            content_digest: header(CONTENT_DIGEST)?,
            signature_input: header(SIGNATURE_INPUT)?,
            signature: header(SIGNATURE)?,
        })
    }

    /// Checks that the owner of a key signed this request a moment ago.
    pub(super) fn verified(
        &self,
        api: &Api,
        key: &PublicKey,
        now: DateTime<Utc>,
    ) -> Result<(SignedBy, Fresh), Problem> {
        let uri = &self.parts.uri;
        let request =
            RequestParts::new(self.parts.method.as_str(), uri.path(), uri.query(), &self.body);
        let request = request.map_err(|error| not_signed(&error))?;
        let unverified = Unverified::read(self.headers()?).map_err(|error| not_signed(&error))?;
        let signed_by = unverified.verify(&request, key).map_err(|error| not_signed(&error))?;
        let nonces = &api.inner.nonces;
        let fresh = freshness(&signed_by, now, nonces).map_err(|stale| {
            let nonce = nonces.make(signed_by.key_id, now);
            let detail = format!("{stale}: sign again with the nonce");
            Problem::refusal(Refusal::clock_differs(now, &nonce), detail)
        })?;
        Ok((signed_by, fresh))
    }

    /// The body as it was before it was packed.
    pub(super) fn unpacked(&self, bytes_max: usize) -> Result<Vec<u8>, Problem> {
        if self.body.is_empty() {
            return Ok(Vec::new());
        }
        let headers = &self.parts.headers;
        if only(headers, &CONTENT_TYPE) != Some(paths::CONTENT_TYPE) {
            let detail = format!("the body has to be {}", paths::CONTENT_TYPE);
            return Err(Problem::new("content_type_unsupported", detail));
        }
        match only(headers, &CONTENT_ENCODING) {
            Some(packing::CONTENT_ENCODING) => {}
            _ => {
                let detail = "the body has to be packed with zstd (content-encoding: zstd)";
                return Err(Problem::new("encoding_unsupported", detail));
            }
        }
        packing::unpack(&self.body, bytes_max).map_err(|error| match error {
            PackingError::TooLarge { .. } => Problem::new("body_too_large", error.to_string()),
            PackingError::Damaged { .. } | PackingError::TrailingBytes => {
                Problem::new("body_damaged", error.to_string())
            }
        })
    }
}

/// The message that bytes are.
pub(super) fn read_message<M: Message>(bytes: &[u8]) -> Result<M, Problem> {
    M::from_message(bytes).map_err(|error| Problem::new("body_invalid", error.to_string()))
}

fn not_signed(error: &crate::wire::sync::SignatureError) -> Problem {
    Problem::of(RefusalKind::NotSigned, error.to_string())
}

/// A later version than this hub speaks is refused before anything is read.
fn check_protocol(headers: &HeaderMap) -> Result<(), Problem> {
    let told = only(headers, &HeaderName::from_static(PROTOCOL_HEADER));
    match told.and_then(|text| text.parse::<u16>().ok()) {
        Some(version) if (1..=PROTOCOL).contains(&version) => Ok(()),
        _ => {
            let detail = format!("the header {PROTOCOL_HEADER} has to be 1 to {PROTOCOL}");
            Err(Problem::new("protocol_unknown", detail))
        }
    }
}

/// Reads a body. What is too large is read on and thrown away, within reason: a client that still
/// sends does not hear why it should not.
async fn read_body(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let told = only(headers, &CONTENT_LENGTH).and_then(|text| text.parse::<usize>().ok());
    let mut is_too_large = told.is_some_and(|length| length > bytes_max);
    let mut bytes = Vec::with_capacity(told.unwrap_or(0).min(bytes_max));
    let mut seen = 0_usize;
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| Problem::new("request_malformed", "the body ended early"))?;
        seen = seen.saturating_add(piece.len());
        if seen > DISCARDED_BYTES_MAX {
            break;
        }
        is_too_large = is_too_large || seen > bytes_max;
        if is_too_large {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
    }
    if is_too_large {
        let detail = format!("the body has more than {bytes_max} bytes");
        return Err(Problem::new("body_too_large", detail));
    }
    Ok(bytes)
}

/// A header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return None;
    }
    first.to_str().ok()
}

/// Notes now and then that a device was heard. Nothing fails by it.
async fn note_seen(
    api: &Api,
    device: &DeviceRow,
    headers: &HeaderMap,
    signed_by: &SignedBy,
    fresh: Fresh,
    at: DateTime<Utc>,
) {
    if !api.inner.devices.is_seen_due(device.device) {
        return;
    }
    let ahead = signed_by.created.signed_duration_since(at);
    if fresh == Fresh::ByNonce {
        tracing::info!(device = %device.device, ahead_s = ahead.num_seconds(), "the clock of a device differs");
    }
    let told = only(headers, &USER_AGENT).and_then(|text| text.strip_prefix("tillward/"));
    let told = told.filter(|text| text.len() <= SOFTWARE_BYTES_MAX);
    let software = told.map_or_else(|| device.software.clone(), str::to_owned);
    let device = device.device;
    let offset_ms = ahead.num_milliseconds();
    let noted = api.blocking(move |api| {
        let mut tx = api.inner.store.write()?;
        tx.note_seen(device, at, &software, offset_ms)?;
        Ok(tx.commit()?)
    });
    if noted.await.is_err() {
        tracing::warn!(%device, "could not note that a device was heard");
    }
}
