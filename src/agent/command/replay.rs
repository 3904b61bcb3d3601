//! Sends the receipts of a file to a running agent, in their order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use serde_json::{Map, Value};

use crate::agent::cli::{CommandError, ReplayArgs};
use crate::agent::sync::tls::install_ring;
use crate::loyalty::ReceiptUid;

/// Tries of one receipt before the agent counts as gone.
pub(crate) const TRIES_MAX: u32 = 8;

/// The wait after the first try that met a busy or missing agent; it doubles with each.
const WAIT_MS_FIRST: u64 = 100;

/// The longest wait between two tries: about as long as an agent takes to start again.
pub(crate) const WAIT_MS_MAX: u64 = 5_000;

/// A request that takes longer is tried again: the agent answers within seconds or not at all.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// Refusals told with their reason; the others are counted.
const REFUSALS_TOLD_MAX: usize = 10;

pub(super) fn replay(args: &ReplayArgs) -> Result<(), CommandError> {
    let url = Url::parse(&args.url)
        .ok()
        .filter(|url| !url.cannot_be_a_base())
        .ok_or_else(|| CommandError::usage(format!("{} is no URL of an agent", args.url)))?;
    let file = File::open(&args.file).map_err(|error| {
        CommandError::failed(format!("could not open {}: {error}", args.file.display()))
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::failed(format!("could not start the runtime: {error}")))?;
    install_ring();
    let client = Client::builder()
        .no_proxy()
        .timeout(REQUEST_TIME_MAX)
        .build()
        .map_err(|error| CommandError::failed(format!("could not make a client: {error}")))?;
    let mut sender = Sender { client, url, wait_ms_first: WAIT_MS_FIRST };
    let mut told = Told::default();
    let sent = runtime.block_on(send_all(BufReader::new(file), &mut sender, &mut told));
    say(&told.summary());
    sent?;
    if told.refused > 0 {
        return Err(CommandError::failed(format!("{} receipts were refused", told.refused)));
    }
    Ok(())
}

/// A line of the file: a receipt, or what of one came back.
#[derive(Debug, PartialEq)]
pub(super) struct Receipt {
    pub(super) uid: ReceiptUid,
    pub(super) what: LineKind,
    /// The body of the request.
    pub(super) body: Value,
}

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// The receipt is committed.
    Commit,
    /// All of it comes back: the line has a `void_uid`.
    Void,
    /// Units of it come back: the line has a `return_uid`.
    Return,
}

impl LineKind {
    fn of(body: &Map<String, Value>) -> Self {
        if body.contains_key("void_uid") {
            Self::Void
        } else if body.contains_key("return_uid") {
            Self::Return
        } else {
            Self::Commit
        }
    }

    /// What follows the receipt's id in the path.
    fn path(self) -> Option<&'static str> {
        match self {
            Self::Commit => None,
            Self::Void => Some("void"),
            Self::Return => Some("returns"),
        }
    }
}

impl Receipt {
    /// Reads a line: the body of a commit, void or return, and the receipt's `uid` beside it.
    pub(super) fn parse(line: &str) -> Result<Self, &'static str> {
        let object: Result<Map<String, Value>, _> = serde_json::from_str(line);
        let mut object = object.map_err(|_| "the line is no JSON object")?;
        let uid = object.remove("uid").ok_or("`uid` is missing")?;
        let uid = uid.as_str().and_then(|uid| ReceiptUid::parse(uid).ok());
        let uid = uid.ok_or("`uid` is no receipt id")?;
        Ok(Self { uid, what: LineKind::of(&object), body: Value::Object(object) })
    }
}

/// What became of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Recorded now.
    Fresh,
    /// Recorded before, and answered as then.
    Repeated,
    /// Not recorded, and why.
    Refused(String),
}

/// What became of all receipts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    fresh: u64,
    repeated: u64,
    refused: u64,
    /// The first refusals by line.
    reasons: BTreeMap<u64, String>,
}

impl Told {
    fn note(&mut self, line: u64, outcome: Outcome) {
        match outcome {
            Outcome::Fresh => self.fresh += 1,
            Outcome::Repeated => self.repeated += 1,
            Outcome::Refused(reason) => {
                self.refused += 1;
                if self.reasons.len() < REFUSALS_TOLD_MAX {
                    self.reasons.insert(line, reason);
                }
            }
        }
    }

    fn summary(&self) -> String {
        let mut text = format!(
            "{} receipts recorded, {} recorded before, {} refused",
            self.fresh, self.repeated, self.refused
        );
        for (line, reason) in &self.reasons {
            text.push_str(&format!("\n  line {line}: {reason}"));
        }
        let told = self.reasons.len() as u64;
        if self.refused > told {
            text.push_str(&format!("\n  and {} more", self.refused - told));
        }
        text
    }
}

async fn send_all(
    mut lines: impl BufRead,
    sender: &mut Sender,
    told: &mut Told,
) -> Result<(), CommandError> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = lines.read_until(b'\n', &mut bytes).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        let receipt = match std::str::from_utf8(&bytes).map(str::trim) {
            Ok("") => continue,
            Ok(line) => Receipt::parse(line),
            Err(_) => Err("the line is not UTF-8"),
        };
        let outcome = match receipt {
            Ok(receipt) => sender.send(&receipt).await?,
            Err(reason) => Outcome::Refused(reason.to_owned()),
        };
        told.note(number, outcome);
    }
    Ok(())
}

fn unreadable(error: io::Error) -> CommandError {
    CommandError::failed(format!("could not read the file: {error}"))
}

/// A way to the agent.
struct Sender {
    client: Client,
    url: Url,
    wait_ms_first: u64,
}

impl Sender {
    /// Sends a receipt until the agent has answered it: the receipt's id makes that harmless.
    async fn send(&mut self, receipt: &Receipt) -> Result<Outcome, CommandError> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", "receipts", receipt.uid.as_str()]);
            path.extend(receipt.what.path());
        }
        let mut wait_ms = self.wait_ms_first;
        let mut obstacle = String::new();
        for attempt in 1..=TRIES_MAX {
            if attempt > 1 {
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                wait_ms = (wait_ms * 2).min(WAIT_MS_MAX);
            }
            match self.try_once(&url, receipt).await {
                Ok(outcome) => return Ok(outcome),
                Err(why) => obstacle = why,
            }
            tracing::warn!(attempt, obstacle, "the receipt is sent again");
        }
        Err(CommandError::busy(format!(
            "gave up at receipt {}: {obstacle}; run the same command again when the agent at {} \
             answers, what is recorded stays recorded",
            receipt.uid, self.url,
        )))
    }

    /// The outcome, or what is in the way for now.
    async fn try_once(&self, url: &Url, receipt: &Receipt) -> Result<Outcome, String> {
        let url = url.clone();
        let request = match receipt.what {
            LineKind::Commit => self.client.put(url),
            LineKind::Void | LineKind::Return => self.client.post(url),
        };
        let request = request.json(&receipt.body);
        let response = request.send().await.map_err(|error| super::chain(&error))?;
        let status = response.status();
        let repeated = response.headers().contains_key("idempotent-replay");
        let body = response.bytes().await.map_err(|error| super::chain(&error))?;
        if status.is_success() {
            return Ok(if repeated { Outcome::Repeated } else { Outcome::Fresh });
        }
        let reason = reason(status, &body);
        if status.is_server_error() { Err(reason) } else { Ok(Outcome::Refused(reason)) }
    }
}

/// What a problem says, with every fault of the body.
fn reason(status: StatusCode, body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let mut reason = match (text(&problem, "code"), text(&problem, "detail")) {
        (Some(code), Some(detail)) => format!("{code}: {detail}"),
        _ => format!("answered with {status}"),
    };
    for fault in problem["errors"].as_array().into_iter().flatten() {
        if let (Some(pointer), Some(message)) = (text(fault, "pointer"), text(fault, "message")) {
            reason.push_str(&format!("; {pointer}: {message}"));
        }
    }
    reason
}

#[allow(clippy::print_stdout, reason = "a command's answer is its output")]
fn say(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::{Path, State};
    use axum::response::{IntoResponse, Response};
    use axum::routing::{post, put};

    use super::*;

    type Heard = Arc<Mutex<Vec<String>>>;

    /// An agent that is busy once, knows "old" already and does not take "bad".
    async fn answer(State(heard): State<Heard>, Path(uid): Path<String>) -> Response {
        let mut heard = heard.lock().expect("nobody panics with it");
        let first = !heard.contains(&uid);
        heard.push(uid.clone());
        match uid.as_str() {
            "busy" if first => (StatusCode::SERVICE_UNAVAILABLE, "").into_response(),
            "old" => (StatusCode::CREATED, [("idempotent-replay", "true")], "{}").into_response(),
            "bad" => {
                let problem = r#"{"code":"body_invalid","detail":"wrong",
                                  "errors":[{"pointer":"/lines","message":"none"}]}"#;
                (StatusCode::UNPROCESSABLE_ENTITY, problem).into_response()
            }
            _ => (StatusCode::CREATED, "{}").into_response(),
        }
    }

    async fn agent() -> (Sender, Heard) {
        let heard = Heard::default();
        let taken_back = |State(heard): State<Heard>, Path((uid, how)): Path<(String, String)>| {
            heard.lock().expect("nobody panics with it").push(format!("{uid}/{how}"));
            std::future::ready((StatusCode::CREATED, "{}"))
        };
        let app = Router::new()
            .route("/v1/receipts/{uid}", put(answer))
            .route("/v1/receipts/{uid}/{how}", post(taken_back));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(axum::serve(listener, app.with_state(Arc::clone(&heard))).into_future());
        let url = Url::parse(&url).expect("a URL");
        install_ring();
        (Sender { client: Client::new(), url, wait_ms_first: 1 }, heard)
    }

    #[tokio::test]
    async fn receipts_go_in_their_order_and_are_repeated_while_the_agent_is_busy() {
        let (mut sender, heard) = agent().await;
        let file = "{\"uid\":\"new\"}\n\n{\"uid\":\"busy\"}\nnonsense\n{\"uid\":\"bad\"}\n{\"uid\":\"old\"}";
        let mut told = Told::default();
        send_all(file.as_bytes(), &mut sender, &mut told).await.expect("sent");
        assert_eq!(*heard.lock().expect("whole"), ["new", "busy", "busy", "bad", "old"]);
        assert_eq!(
            told.summary(),
            "2 receipts recorded, 1 recorded before, 2 refused\n  \
             line 4: the line is no JSON object\n  \
             line 5: body_invalid: wrong; /lines: none"
        );
    }

    #[tokio::test]
    async fn an_agent_that_never_answers_ends_the_replay() {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", closed.local_addr().expect("an address"));
        drop(closed);
        let url = Url::parse(&url).expect("a URL");
        install_ring();
        let mut sender = Sender { client: Client::new(), url, wait_ms_first: 0 };
        let sent = send_all(&b"{\"uid\":\"1\"}"[..], &mut sender, &mut Told::default()).await;
        let error = sent.expect_err("nobody answers");
        assert!(error.message.starts_with("gave up at receipt 1"), "{}", error.message);
    }

    #[tokio::test]
    async fn what_came_back_is_sent_where_it_is_taken_back() {
        let (mut sender, heard) = agent().await;
        let file = "{\"uid\":\"a\"}\n{\"uid\":\"a\",\"return_uid\":\"r\"}\n{\"uid\":\"a\",\"void_uid\":\"v\"}";
        let mut told = Told::default();
        send_all(file.as_bytes(), &mut sender, &mut told).await.expect("sent");
        assert_eq!(*heard.lock().expect("whole"), ["a", "a/returns", "a/void"]);
        assert_eq!((told.fresh, told.refused), (3, 0));
    }

    #[test]
    fn a_line_is_a_commit_with_its_uid() {
        let receipt = Receipt::parse(r#"{"uid":"a","payable":1}"#).expect("a receipt");
        assert_eq!((receipt.uid.as_str(), &receipt.body["payable"]), ("a", &1.into()));
        assert!(receipt.body.get("uid").is_none());
        for (line, reason) in [
            ("[]", "the line is no JSON object"),
            ("{}", "`uid` is missing"),
            (r#"{"uid":7}"#, "`uid` is no receipt id"),
            (r#"{"uid":""}"#, "`uid` is no receipt id"),
        ] {
            assert_eq!(Receipt::parse(line), Err(reason), "{line}");
        }
    }
}
