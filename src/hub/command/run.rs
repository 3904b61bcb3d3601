//! Runs the hub until it is told to stop.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::net::TcpListener;

use super::{failed, keys_failed, make_folder, now, open_store};
use crate::hub::api::limits::{IDLE_TIMEOUT, REFUSALS_MAX, STORE_THREADS_MAX};
use crate::hub::api::listener::{HubListener, Protection, tls};
use crate::hub::api::metrics::Metrics;
use crate::hub::api::{Api, Parts, serve};
use crate::hub::config::{Config, Transport};
use crate::hub::keys::KeyRing;
use crate::hub::snapshot::{Freshness, Shelf};
use crate::shell::exit::CommandError;
use crate::shell::http::connections::ConnectionLimits;
use crate::shell::process::{say_now, told_to_stop};

pub(super) fn run(config: Config) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Each holds one transaction; a few more for what is not the store's.
        .max_blocking_threads(STORE_THREADS_MAX + 4)
        .build()
        .map_err(|error| CommandError::failed(format!("could not start the runtime: {error}")))?;
    let metrics = Metrics::new();
    let parts = parts(&config, metrics.clone())?;
    let protection = match config.api.transport {
        Transport::Tls => Protection::Tls(tls(&parts.keys.tls).map_err(|error| failed(&error))?),
        Transport::Plain => Protection::Plain,
    };
    // Connections of the store end outside the runtime: they must not be waited for within it.
    let store = Arc::clone(&parts.store);
    let served = runtime.block_on(listen(&config, Api::new(parts), protection, &metrics));
    drop(runtime);
    drop(store);
    served
}

fn parts(config: &Config, metrics: Metrics) -> Result<Parts, CommandError> {
    let folder = &config.data_dir;
    make_folder(folder)?;
    let store = open_store(&config.store)?;
    let keys = KeyRing::load(folder, &*store).map_err(keys_failed)?;
    let freshness = Freshness {
        age_max: TimeDelta::hours(config.snapshot.hours_max.into()),
        changes_max: config.snapshot.changes_max as usize,
    };
    let shelf = Shelf::open(folder, freshness).map_err(|error| {
        CommandError::failed(format!("the snapshots of {}: {error}", folder.display()))
    })?;
    Ok(Parts { store, keys, shelf, clock: Arc::new(now), metrics })
}

async fn listen(
    config: &Config,
    api: Api,
    protection: Protection,
    metrics: &Metrics,
) -> Result<(), CommandError> {
    let address = config.api.listen;
    let failed = |error: std::io::Error| {
        CommandError::failed(format!("could not listen on {address}: {error}"))
    };
    let stop = told_to_stop().map_err(failed)?;
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let bound = socket.local_addr().map_err(failed)?;
    let limits = ConnectionLimits {
        connections_max: config.api.connections_max as usize,
        refusals_max: REFUSALS_MAX,
        idle_max: IDLE_TIMEOUT,
    };
    let counts = metrics.connections().clone();
    let listener = HubListener::new(socket, protection, counts, limits).map_err(failed)?;
    let scheme = match config.api.transport {
        Transport::Tls => "https",
        Transport::Plain => "http",
    };
    say_now(&format!("listening on {scheme}://{bound}"));
    tracing::info!(address = %bound, scheme, "listening");
    serve(listener, api, stop).await.map_err(failed)?;
    tracing::info!("stopped");
    Ok(())
}
