//! For `benches/` alone: an agent without its doors, timed from inside. No part of the interface.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use super::clock::Clock;
use super::message::presentation::Presentation;
use super::message::request::{QuoteBody, ReceiptBody, uid_of};
use super::start::{Agent, Settings, ZONE_BEFORE_PROGRAMME};
use super::store::writer::{BATCH_JOBS_MAX, BatchReport, WriterLimits, WriterObserver};
use super::till::CodeSettings;
use super::till::request::Idempotency;
use crate::loyalty::StoreId;

/// What a bench hears when something does not work.
pub type Failure = Box<dyn Error + Send + Sync>;

/// How long each quote took, without JSON and HTTP. `bodies` are of `POST /v1/quotes`.
///
/// # Errors
/// The folder cannot be opened, or a body is refused.
pub fn time_quotes(folder: &Path, bodies: &[String]) -> Result<Vec<Duration>, Failure> {
    on_agent(folder, async |agent| {
        let currency = agent.till.programme()?.programme().currency;
        let mut times = Vec::with_capacity(bodies.len());
        for body in bodies {
            let body: QuoteBody = serde_json::from_str(body)?;
            let (request, _) = body
                .into_request(currency, Presentation::default())
                .map_err(|faults| told(&faults))?;
            let began = Instant::now();
            agent.till.quote(request).await?;
            times.push(began.elapsed());
        }
        Ok(times)
    })
}

/// Records receipts as fast as the writer takes them. `receipts` are ids and bodies of
/// `PUT /v1/receipts/{uid}`.
///
/// # Errors
/// The folder cannot be opened, or a receipt is refused.
pub fn commit_receipts(
    folder: &Path,
    receipts: impl Iterator<Item = (String, String)>,
) -> Result<(), Failure> {
    on_agent(folder, async |agent| {
        let currency = agent.till.programme()?.programme().currency;
        let mut receipts = receipts.peekable();
        while receipts.peek().is_some() {
            let batch: Vec<_> = receipts.by_ref().take(BATCH_JOBS_MAX).collect();
            try_join_all(batch.into_iter().map(async |(uid, body)| {
                let body: ReceiptBody = serde_json::from_str(&body)?;
                let uid = uid_of(&uid).map_err(|faults| told(&faults))?;
                let parsed = body.into_request(uid, currency, Presentation::default());
                let (request, _) = parsed.map_err(|faults| told(&faults))?;
                let idempotency = Idempotency { key: None, fingerprint: [0; 32] };
                agent.till.commit(request, idempotency).await?;
                Ok::<_, Failure>(())
            }))
            .await?;
        }
        Ok(())
    })
}

fn on_agent<T>(
    folder: &Path,
    work: impl AsyncFnOnce(&Agent) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()?;
    runtime.block_on(async {
        let settings = Settings {
            folder: folder.to_owned(),
            store: StoreId::parse("S1").map_err(|error| error.to_string())?,
            clock: Clock::system(ZONE_BEFORE_PROGRAMME),
            codes: CodeSettings::default(),
            limits: WriterLimits::default(),
            observer: Arc::new(Nobody),
        };
        let agent = Agent::start(settings).await?;
        agent.keep_up().await;
        let done = work(&agent).await;
        agent.stop().await;
        done
    })
}

fn told(fault: &impl std::fmt::Debug) -> Failure {
    format!("{fault:?}").into()
}

struct Nobody;

impl WriterObserver for Nobody {
    fn batch_committed(&self, _: &BatchReport) {}

    fn writer_failed(&self, reason: &str) {
        tracing::error!(reason, "the writer stopped");
    }
}
