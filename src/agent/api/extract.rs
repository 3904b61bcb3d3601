//! What handlers take out of a request, with a problem where it is not there.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as FaultPath, Segment};

use super::limits::{BODY_BYTES_MAX, BODY_DEPTH_MAX, IDEMPOTENCY_KEY_BYTES_MAX};
use super::problem::Problem;
use crate::agent::message::fault::{FieldFault, pointer_token};
use crate::agent::message::fingerprint::fingerprint;
use crate::agent::till::request::Idempotency;

/// A JSON body that reads.
#[derive(Debug)]
pub(crate) struct Reading<T>(pub(crate) T);

/// A JSON body that changes something, with what makes it repeatable.
#[derive(Debug)]
pub(crate) struct Writing<T> {
    /// The body.
    pub(crate) body: T,
    /// The key that was sent, and what the request says.
    pub(crate) idempotency: Idempotency,
}

/// The one place of a path, decoded.
#[derive(Debug)]
pub(crate) struct PathText(pub(crate) String);

/// A query.
#[derive(Debug)]
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Reading<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_content_type(request.headers())?;
        let bytes = whole_body(request).await?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Serialize, S: Sync> FromRequest<S> for Writing<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_content_type(request.headers())?;
        let key = idempotency_key(request.headers())?;
        let uri = request.uri().clone();
        let bytes = whole_body(request).await?;
        let body: T = parse(&bytes)?;
        let fingerprint = fingerprint(uri.path(), &body, bytes.len());
        Ok(Self { body, idempotency: Idempotency { key, fingerprint } })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text))
            .map_err(|_| Problem::new("request_malformed", "the path is not UTF-8"))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri).map_err(|rejection| {
            let fault = FieldFault::new("", "query_invalid", rejection.body_text());
            Problem::from(vec![fault])
        })?;
        Ok(Self(query.0))
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|text| text.split(';').next()).map(str::trim);
    let is_json = essence.is_some_and(|essence| {
        essence.eq_ignore_ascii_case("application/json")
            || (essence.starts_with("application/") && essence.ends_with("+json"))
    });
    if is_json {
        return Ok(());
    }
    let detail = "send the body as JSON with `Content-Type: application/json`";
    Err(Problem::new("content_type_unsupported", detail))
}

/// The whole body; not copied where it came in one piece.
async fn whole_body(request: Request) -> Result<Bytes, Problem> {
    let declared = request.headers().get(CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(too_large());
    }
    read(request.into_body(), declared.unwrap_or(0)).await
}

async fn read(body: Body, bytes_declared: usize) -> Result<Bytes, Problem> {
    let cut_off = |_| Problem::new("body_cut_off", "the body ended early; send it again");
    let mut pieces = body.into_data_stream();
    let Some(first) = pieces.next().await.transpose().map_err(cut_off)? else {
        return Ok(Bytes::new());
    };
    if first.len() >= bytes_declared && bytes_declared > 0 {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(bytes_declared.max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(piece) = pieces.next().await.transpose().map_err(cut_off)? {
        if whole.len() + piece.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

fn too_large() -> Problem {
    let detail = format!("a body may have {BODY_BYTES_MAX} bytes; split the basket");
    Problem::new("body_too_large", detail)
}

/// Reads a body at once; only one that cannot be read is read again to find out why.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|_| why_not::<T>(bytes))
}

fn why_not<T: DeserializeOwned>(bytes: &[u8]) -> Problem {
    if std::str::from_utf8(bytes).is_err() {
        return Problem::new("not_utf8", "the body is not UTF-8; check the till's encoding");
    }
    if depth(bytes) > BODY_DEPTH_MAX {
        let detail = format!("the body is nested more than {BODY_DEPTH_MAX} levels deep");
        return Problem::new("too_deep", detail);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let result: Result<T, _> = serde_path_to_error::deserialize(&mut reader);
    let Err(error) = result else {
        return Problem::new("not_json", "something follows the JSON of the body");
    };
    let text = error.inner().to_string();
    if error.inner().is_data() {
        return Problem::from(vec![fault(error.path(), &text)]);
    }
    Problem::new("not_json", format!("the body is not JSON: {text}"))
}

/// The fault of a body whose types do not fit. A missing field is told at its own place.
fn fault(path: &FaultPath, text: &str) -> FieldFault {
    let mut pointer = pointer(path);
    let code = if let Some(field) = quoted_after(text, "missing field `") {
        pointer = format!("{pointer}/{}", pointer_token(field));
        "missing"
    } else if let Some(field) = quoted_after(text, "duplicate field `") {
        if !pointer.ends_with(field) {
            pointer = format!("{pointer}/{}", pointer_token(field));
        }
        "field_twice"
    } else if text.starts_with("invalid type") || text.starts_with("invalid length") {
        "wrong_type"
    } else {
        "wrong_value"
    };
    FieldFault::new(pointer, code, text)
}

fn quoted_after<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    text.strip_prefix(prefix)?.split('`').next()
}

fn pointer(path: &FaultPath) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", pointer_token(key))),
            Segment::Enum { variant } => pointer.push_str(&format!("/{variant}")),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// How deep brackets nest outside of strings.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (true, _) => {}
            (false, b'"') => in_string = true,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, _) => {}
        }
    }
    deepest
}

/// The key of a request: a structured field string in quotes (RFC 9651), or bare.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = if values.next().is_none() { read_key(value) } else { None };
    key.map(Some).ok_or_else(|| {
        let detail = format!(
            "send one Idempotency-Key of at most {IDEMPOTENCY_KEY_BYTES_MAX} plain characters, \
             like \"8e03978e-40d5-43e8-bc93-6894a57f9324\""
        );
        Problem::new("idempotency_key_malformed", detail)
    })
}

fn read_key(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let key = match text.strip_prefix('"') {
        Some(quoted) => unescape(quoted.strip_suffix('"')?)?,
        None if text.contains(['"', ' ', ',', '\\', '\t']) => return None,
        None => text.to_owned(),
    };
    (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()).then_some(key)
}

fn unescape(quoted: &str) -> Option<String> {
    let mut plain = String::with_capacity(quoted.len());
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.push(letters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            ' '..='~' => plain.push(letter),
            _ => return None,
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::message::request::{QuoteBody, VoidBody};

    fn refused(body: &[u8]) -> (u16, &'static str, String) {
        let problem = parse::<QuoteBody>(body).expect_err("a wrong body");
        let told = serde_json::to_value(problem.body("/", "0")).expect("JSON");
        let pointer = told["errors"][0]["pointer"].as_str().unwrap_or("-").to_owned();
        (problem.status().as_u16(), problem.code(), pointer)
    }

    #[test]
    fn a_body_that_cannot_be_read_is_told_why_and_where() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let line = r#"{"line_id":"1","sku":"a","quantity":"1","unit_price":1,"amount":1.0}"#;
        let float = format!(r#"{{"till":"1","currency":"CZK","lines":[{line}]}}"#);
        let cases: [(&[u8], u16, &str, &str); 11] = [
            (b"", 400, "not_json", "-"),
            (b"{", 400, "not_json", "-"),
            (br#"{"till":"1","currency":"CZK","lines":[]}x"#, 400, "not_json", "-"),
            (b"\xff", 400, "not_utf8", "-"),
            (deep.as_bytes(), 400, "too_deep", "-"),
            (b"[]", 422, "wrong_type", ""),
            (b"{}", 422, "missing", "/till"),
            (br#"{"till":1}"#, 422, "wrong_type", "/till"),
            (br#"{"till":"1","till":"2"}"#, 422, "field_twice", "/till"),
            (float.as_bytes(), 422, "wrong_type", "/lines/0/amount"),
            (
                br#"{"till":"1","currency":"CZK","lines":[],"explain":"all"}"#,
                422,
                "wrong_value",
                "/explain",
            ),
        ];
        for (body, status, code, pointer) in cases {
            let expected = (status, code, pointer.to_owned());
            assert_eq!(refused(body), expected, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn brackets_in_strings_are_not_depth() {
        let cases = [("[[]]", 2), (r#"{"a":"[[[","b":["\"["]}"#, 2), ("]]][", 1), ("1", 0)];
        for (text, levels) in cases {
            assert_eq!(depth(text.as_bytes()), levels, "{text}");
        }
    }

    #[test]
    fn an_idempotency_key_is_quoted_or_bare_and_not_too_long() {
        let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
        let cases = [
            ("8e03978e-40d5", Some("8e03978e-40d5")),
            ("\"8e03978e-40d5\"", Some("8e03978e-40d5")),
            (r#""a \"b\" \\c""#, Some(r#"a "b" \c"#)),
            (longest.as_str(), Some(longest.as_str())),
            (too_long.as_str(), None),
            ("", None),
            ("\"\"", None),
            ("\"open", None),
            ("two words", None),
            ("a,b", None),
            (r#""a\b""#, None),
        ];
        for (value, key) in cases {
            let value = HeaderValue::from_str(value).expect("a header");
            assert_eq!(read_key(&value).as_deref(), key, "{value:?}");
        }
        let mut headers = HeaderMap::new();
        assert!(matches!(idempotency_key(&headers), Ok(None)));
        headers.append("idempotency-key", HeaderValue::from_static("a"));
        headers.append("idempotency-key", HeaderValue::from_static("b"));
        assert!(idempotency_key(&headers).is_err(), "two keys are no key");
    }

    #[test]
    fn only_json_is_taken() {
        let cases = [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=utf-8"), true),
            (Some("application/vnd.pos+json"), true),
            (Some("text/plain"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (None, false),
        ];
        for (declared, taken) in cases {
            let headers = declared.map(|text| (CONTENT_TYPE, HeaderValue::from_static(text)));
            let headers: HeaderMap = headers.into_iter().collect();
            assert_eq!(check_content_type(&headers).is_ok(), taken, "{declared:?}");
        }
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_put_together_and_a_large_one_refused() {
        let pieces = |count: usize, bytes: usize| {
            let piece = Bytes::from(vec![b' '; bytes]);
            let pieces = (0..count).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
            Body::from_stream(futures_util::stream::iter(pieces))
        };
        let whole = read(pieces(3, 10), 0).await.map(|bytes| bytes.len());
        assert_eq!(whole.ok(), Some(30));
        let large = read(pieces(5, 1024 * 1024), 0).await.map_err(|problem| problem.code());
        assert_eq!(large.err(), Some("body_too_large"));
    }

    #[tokio::test]
    async fn a_request_that_writes_has_its_fingerprint() {
        let request = |body: &'static str| {
            Request::post("/v1/receipts/a/void")
                .header(CONTENT_TYPE, "application/json")
                .header("idempotency-key", "\"k\"")
                .body(Body::from(body))
                .expect("a request")
        };
        let read = async |body| Writing::<VoidBody>::from_request(request(body), &()).await;
        let one = read(r#"{"till":"1","void_uid":"v"}"#).await.expect("a body");
        let two = read(r#"{"void_uid":"v","till":"1"}"#).await.expect("a body");
        assert_eq!(one.idempotency, two.idempotency);
        assert_eq!(one.idempotency.key.as_deref(), Some("k"));
    }
}
