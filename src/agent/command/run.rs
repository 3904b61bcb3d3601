//! Runs the agent until it is told to stop.

use std::os::unix::fs::FileTypeExt;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};

use crate::agent::api::metrics::Metrics;
use crate::agent::api::settings::{Access, ApiSettings, TokenHash};
use crate::agent::api::{self, Api};
use crate::agent::cli::CommandError;
use crate::agent::clock::Clock;
use crate::agent::config::{self, Config, HubSync, ListenAddress};
use crate::agent::message::presentation::Presentation;
use crate::agent::start::{Agent, Settings, StartError, ZONE_BEFORE_PROGRAMME};
use crate::agent::store::open::OpenError;
use crate::agent::store::readers::READERS;
use crate::agent::store::writer::{BatchReport, WriterLimits, WriterObserver};
use crate::agent::sync::driver::SyncThread;
use crate::agent::till::CodeSettings;
use crate::loyalty::StoreId;
use crate::shell::process::{say_now, told_to_stop};

/// How often the agent looks for new programmes and bases, closes days and forgets what lapsed.
const KEEP_UP_EVERY: Duration = Duration::from_secs(1);

/// Threads that may read at the same time, beside the runtime's, the writer's and the
/// checkpointer's: one for each reader, so that a read never waits for a thread while its time
/// runs.
const BLOCKING_THREADS_MAX: usize = READERS;

/// Tasks that run between two looks at the sockets: a commit answers dozens of callers at once, and
/// the next requests of the first are to be read, so that the writer has work, while the others'
/// answers are still worded.
const TASKS_BETWEEN_LOOKS: u32 = 16;

pub(super) fn run(config: Config, store: StoreId) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .event_interval(TASKS_BETWEEN_LOOKS)
        .build()
        .map_err(|error| CommandError::failed(format!("could not start the runtime: {error}")))?;
    runtime.block_on(serve(config, store))
}

async fn serve(config: Config, store: StoreId) -> Result<(), CommandError> {
    let metrics = Metrics::new();
    let settings = Settings {
        folder: config.data_dir.clone(),
        store,
        clock: Clock::system(ZONE_BEFORE_PROGRAMME),
        codes: CodeSettings::from(&config.codes),
        limits: WriterLimits::default(),
        observer: Arc::new(Observer { metrics: metrics.clone() }),
    };
    let agent = Agent::start(settings).await.map_err(refused)?;
    let api = Api::new(agent.till.clone(), api_settings(&config), metrics);
    let agent = Arc::new(agent);
    agent.keep_up().await;
    let upkeep = tokio::spawn(keep_up(Arc::clone(&agent)));
    let sync = match config.hub.sync {
        HubSync::On => SyncThread::start(agent.till.clone(), config.data_dir.clone())
            .inspect_err(|error| tracing::error!(%error, "no sync with the hub"))
            .ok(),
        HubSync::Off => None,
    };
    let served = listen(&config.api.listen, api).await;
    if let Some(sync) = sync {
        let _ = tokio::task::spawn_blocking(move || sync.stop()).await;
    }
    upkeep.abort();
    // The task lets go of its share when it ends; nobody else has one.
    let _ = upkeep.await;
    if let Ok(agent) = Arc::try_unwrap(agent) {
        agent.stop().await;
    }
    tracing::info!("stopped");
    served
}

async fn keep_up(agent: Arc<Agent>) {
    let mut ticks = tokio::time::interval(KEEP_UP_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        agent.keep_up().await;
    }
}

async fn listen(address: &ListenAddress, api: Api) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::failed(format!("could not listen on {address}: {error}"))
    };
    let stop = told_to_stop().map_err(failed)?;
    match address {
        ListenAddress::Tcp(socket) => {
            let listener = TcpListener::bind(socket).await.map_err(failed)?;
            let bound = listener.local_addr().map_err(failed)?;
            say_now(&format!("listening on {bound}"));
            tracing::info!(address = %bound, "listening");
            api::serve(listener, api, stop).await.map_err(failed)
        }
        ListenAddress::Unix(path) => {
            // A socket that a killed agent left would refuse every later one.
            if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
                std::fs::remove_file(path).map_err(failed)?;
            }
            let listener = UnixListener::bind(path).map_err(failed)?;
            say_now(&format!("listening on {}", path.display()));
            tracing::info!(path = %path.display(), "listening");
            api::serve_on(listener, api, stop).await.map_err(failed)
        }
    }
}

fn api_settings(config: &Config) -> ApiSettings {
    let settings = &config.api;
    let access = if settings.tokens.is_empty() {
        Access::LoopbackOnly
    } else {
        let token = |token: &config::TillToken| {
            (token.till.clone(), TokenHash::from_bytes(token.token_sha256))
        };
        Access::Tokens(settings.tokens.iter().map(token).collect())
    };
    ApiSettings {
        allowed_hosts: settings.allowed_hosts.iter().cloned().collect(),
        allowed_origins: settings.allowed_origins.iter().cloned().collect(),
        access,
        connections_max: usize::from(settings.connections_max),
        usual: Presentation {
            columns: usize::from(config.receipt.columns),
            language: config.language,
            ..Presentation::default()
        },
    }
}

fn refused(error: StartError) -> CommandError {
    let message = super::chain(&error);
    match error {
        StartError::Open(OpenError::AlreadyRunning { .. }) => CommandError::busy(message),
        _ => CommandError::failed(message),
    }
}

/// Passes the writer's figures on to the metrics.
struct Observer {
    metrics: Metrics,
}

impl WriterObserver for Observer {
    fn batch_committed(&self, report: &BatchReport) {
        self.metrics.observe_batch(report.jobs, report.committed_in);
    }

    fn writer_failed(&self, reason: &str) {
        tracing::error!(reason, "the writer stopped: restart the agent");
    }
}
