//! Makes the till known to a hub.

use super::recovery::say;
use crate::agent::cli::{CommandError, EnrolArgs};
use crate::agent::clock::Clock;
use crate::agent::config::Config;
use crate::agent::start::ZONE_BEFORE_PROGRAMME;
use crate::agent::store::open::OpenError;
use crate::agent::sync::enrol::{self, EnrolError};
use crate::wire::sync::{EnrolmentCode, Invitation, RootFingerprint};

pub(super) fn enrol(config: &Config, args: &EnrolArgs) -> Result<(), CommandError> {
    let invitation = invitation(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::failed(format!("could not start the runtime: {error}")))?;
    let clock = Clock::system(ZONE_BEFORE_PROGRAMME);
    let enrolled =
        runtime.block_on(enrol::enrol(&config.data_dir, &invitation, clock)).map_err(refused)?;
    say(&format!("enrolled at {} for store {}", enrolled.hub_url, enrolled.store))?;
    say(&format!("the hub knows this till as device {}", enrolled.device))?;
    match &config.store_id {
        Some(store) if *store == enrolled.store => {}
        Some(store) => say(&format!(
            "the configuration says store {store}: set store.id to {} before the agent starts",
            enrolled.store
        ))?,
        None => say(&format!("set store.id to {} in the configuration", enrolled.store))?,
    }
    say("start the agent: it fetches members and programme and sends what was recorded")
}

fn invitation(args: &EnrolArgs) -> Result<Invitation, CommandError> {
    if let Some(text) = &args.from {
        return Invitation::parse(text).map_err(CommandError::usage);
    }
    let (Some(url), Some(code), Some(fingerprint)) = (&args.url, &args.code, &args.fingerprint)
    else {
        return Err(CommandError::usage(
            "the hub's address, the code and --fingerprint are needed, or --from",
        ));
    };
    Ok(Invitation {
        url: url.clone(),
        code: EnrolmentCode::parse(code).map_err(CommandError::usage)?,
        root: RootFingerprint::parse(fingerprint).map_err(CommandError::usage)?,
    })
}

fn refused(error: EnrolError) -> CommandError {
    let message = crate::shell::process::chain(&error);
    match error {
        EnrolError::Open(OpenError::AlreadyRunning { .. }) => CommandError::busy(message),
        EnrolError::Url(_) => CommandError::usage(message),
        _ => CommandError::failed(message),
    }
}
