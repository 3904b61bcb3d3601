//! The shop in which the demo plays: a fresh data folder, a simulated clock, an agent with its
//! real HTTP API on a thread of its own, the programme published and the customers imported.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::oneshot;

use super::error::DemoError;
use super::figures::Customer;
use super::fsyncs::Fsyncs;
use super::habits::{card_code, member_ref};
use crate::agent::api::metrics::Metrics;
use crate::agent::api::settings::ApiSettings;
use crate::agent::api::{self, Api};
use crate::agent::clock::Clock;
use crate::agent::config::ListenAddress;
use crate::agent::start::{Agent, Settings};
use crate::agent::store::import::Importer;
use crate::agent::store::writer::WriterLimits;
use crate::agent::till::CodeSettings;
use crate::loyalty::StoreId;
use crate::shell::keys::DirectoryKey;

/// The programme that the demo runs.
pub(crate) const PROGRAMME: &str = include_str!("programme.toml");

/// The zone of the programme: it is also the till's.
pub(crate) const ZONE: Tz = Tz::America__New_York;

/// When the shop opens.
const OPENS_AT_HOUR: u32 = 8;

/// The file that says what a demo's data folder is, and what it says.
const SIMULATED_FILE: &str = "SIMULATED";
const SIMULATED_TEXT: &str = "The records in this folder were made by `tillward demo` with a \
                              simulated clock. Nothing in it was ever sold.\n";

/// A shop with one agent, which knows of no hub.
pub(crate) struct Stage {
    pub(crate) till: RunningTill,
    /// Goes with everything in it when the demo ends, unless the folder was given.
    _folder: Option<TempDir>,
}

/// An agent with its doors open.
pub(crate) struct RunningTill {
    pub(crate) agent: Agent,
    pub(crate) clock: Clock,
    pub(crate) fsyncs: Arc<Fsyncs>,
    /// Where the API listens.
    pub(crate) door: Door,
    close: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

/// Where the API listens.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    Tcp(std::net::SocketAddr),
    Unix(PathBuf),
}

impl std::fmt::Display for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A door that was opened.
pub(crate) enum Listening {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

impl Stage {
    /// Sets everything up for a first day.
    pub(crate) async fn set(
        data_dir: Option<PathBuf>,
        listen: Option<&ListenAddress>,
        customers: impl IntoIterator<Item = Customer>,
        first_day: NaiveDate,
    ) -> Result<Self, DemoError> {
        let (path, folder) = fresh_folder(data_dir)?;
        let opened = open_door(listen)?;
        let clock = Clock::simulated(opening(first_day), ZONE);
        let store = StoreId::parse("cdnow").map_err(DemoError::part("name the store"))?;
        let till = RunningTill::start(path.clone(), store, clock, opened).await?;
        let published = till.agent.till.publish(PROGRAMME.to_owned()).await;
        published.map_err(DemoError::part("publish the programme"))?;
        import(&till.agent, &path, &CodeSettings::default(), customers)?;
        let adopted = till.agent.till.take_up_base(&path).await;
        adopted.map_err(DemoError::part("take up the members"))?;
        Ok(Self { till, _folder: folder })
    }

    /// Moves the clock to the opening of a day and does what the agent does every second.
    pub(crate) async fn begin_day(&self, day: NaiveDate) {
        self.till.clock.move_to(opening(day));
        self.till.agent.keep_up().await;
    }

    /// Closes the door and ends the agent in order.
    pub(crate) async fn strike(self) -> Result<(), DemoError> {
        self.till.stop().await
    }
}

impl RunningTill {
    /// Starts an agent in a folder and opens its door.
    pub(crate) async fn start(
        folder: PathBuf,
        store: StoreId,
        clock: Clock,
        (listening, door): (Listening, Door),
    ) -> Result<Self, DemoError> {
        let metrics = Metrics::new();
        let fsyncs = Arc::new(Fsyncs::new(metrics.clone()));
        let settings = Settings {
            folder,
            store,
            clock: clock.clone(),
            codes: CodeSettings::default(),
            limits: WriterLimits::default(),
            observer: Arc::clone(&fsyncs) as _,
        };
        let agent = Agent::start(settings).await.map_err(DemoError::part("start the agent"))?;
        let api = Api::new(agent.till.clone(), ApiSettings::default(), metrics);
        let (close, closed) = oneshot::channel();
        let server = std::thread::Builder::new()
            .name("api".to_owned())
            .spawn(move || serve(listening, api, closed))
            .map_err(DemoError::io("start the API's thread"))?;
        Ok(Self { agent, clock, fsyncs, door, close, server })
    }

    /// Closes the door and ends the agent in order.
    pub(crate) async fn stop(self) -> Result<(), DemoError> {
        let Self { agent, close, server, door, .. } = self;
        // The server may have ended already.
        let _ = close.send(());
        let served = tokio::task::spawn_blocking(move || server.join()).await;
        match served {
            Ok(Ok(served)) => served.map_err(DemoError::io("serve the API"))?,
            _ => tracing::error!("the API did not end in order"),
        }
        if let Door::Unix(path) = door {
            std::fs::remove_file(path).map_err(DemoError::io("remove the socket"))?;
        }
        agent.stop().await;
        Ok(())
    }
}

/// The instant at which the shop opens.
pub(crate) fn opening(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_hms_opt(OPENS_AT_HOUR, 0, 0).unwrap_or_default();
    // No zone changes its clocks at eight in the morning.
    ZONE.from_local_datetime(&local).earliest().map_or(local.and_utc(), |at| at.to_utc())
}

/// A data folder with nothing in it, and what removes it at the end unless it was given.
pub(crate) fn fresh_folder(
    data_dir: Option<PathBuf>,
) -> Result<(PathBuf, Option<TempDir>), DemoError> {
    let (path, folder) = match data_dir {
        Some(path) => (path, None),
        None => {
            let folder = tempfile::Builder::new()
                .prefix("tillward-demo-")
                .tempdir()
                .map_err(DemoError::io("make a data folder"))?;
            (folder.path().to_owned(), Some(folder))
        }
    };
    let failed = DemoError::io("make the data folder");
    std::fs::create_dir_all(&path).map_err(failed)?;
    let mut entries = std::fs::read_dir(&path).map_err(DemoError::io("read the data folder"))?;
    if entries.next().is_some() {
        return Err(DemoError::FolderInUse { folder: path });
    }
    std::fs::write(path.join(SIMULATED_FILE), SIMULATED_TEXT)
        .map_err(DemoError::io("mark the data folder as simulated"))?;
    Ok((path, folder))
}

/// Opens the door of a till, on any free port where no address is given.
pub(crate) fn open_door(listen: Option<&ListenAddress>) -> Result<(Listening, Door), DemoError> {
    let failed = |error| DemoError::io("listen")(error);
    if let Some(address) = listen.filter(|address| !address.is_local()) {
        tracing::debug!(?address, "not of this machine");
        return Err(DemoError::ListensTooFar);
    }
    if let Some(ListenAddress::Unix(path)) = listen {
        let listener = std::os::unix::net::UnixListener::bind(path).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        return Ok((Listening::Unix(listener), Door::Unix(path.clone())));
    }
    let address = match listen {
        Some(ListenAddress::Tcp(address)) => *address,
        _ => (std::net::Ipv4Addr::LOCALHOST, 0).into(),
    };
    let listener = std::net::TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let door = Door::Tcp(listener.local_addr().map_err(failed)?);
    Ok((Listening::Tcp(listener), door))
}

/// The agent's own thread, so that the tills of the demo take nothing of its time.
fn serve(listening: Listening, api: Api, closed: oneshot::Receiver<()>) -> std::io::Result<()> {
    // As `tillward run` has it: one thread for requests, one for reading.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()?;
    let shutdown = async move {
        // A stage that is gone closes the door too.
        let _ = closed.await;
    };
    runtime.block_on(async move {
        match listening {
            Listening::Tcp(listener) => {
                api::serve(TcpListener::from_std(listener)?, api, shutdown).await
            }
            Listening::Unix(listener) => {
                api::serve_on(UnixListener::from_std(listener)?, api, shutdown).await
            }
        }
    })
}

fn import(
    agent: &Agent,
    folder: &Path,
    codes: &CodeSettings,
    customers: impl IntoIterator<Item = Customer>,
) -> Result<(), DemoError> {
    let (directory, _) =
        DirectoryKey::load_or_create(folder).map_err(DemoError::part("read the directory key"))?;
    let evaluator = agent.till.programme().map_err(DemoError::part("read the programme"))?;
    let importer =
        Importer { folder, directory: &directory, codes, programme: evaluator.programme() };
    let file = members_file(customers);
    importer.import(file.as_slice()).map_err(DemoError::part("import the members"))?;
    Ok(())
}

/// The customers as a file of members.
pub(crate) fn members_file(customers: impl IntoIterator<Item = Customer>) -> Vec<u8> {
    let mut file = Vec::new();
    for customer in customers {
        let line = json!({ "member": member_ref(customer), "codes": [card_code(customer)] });
        file.extend_from_slice(line.to_string().as_bytes());
        file.push(b'\n');
    }
    file
}
