//! Connections, and the pool of them.

use std::collections::HashMap;
use std::time::Duration;

use postgres::{Client, Config, NoTls, Statement};
use r2d2::{ManageConnection, Pool};

/// The most connections of one process. A server of PostgreSQL takes 100 in its own settings, and
/// several processes share it.
pub(super) const CONNECTIONS_MAX: u32 = 8;
/// How long a transaction waits for a connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server may take to answer a new connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection on which what was sent stays unanswered for so long is lost.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(30);
/// What every connection sets: whose tables it means, that a commit that is answered survives a
/// power cut, and that neither a hub that hangs nor a lock holds the others up for ever.
const SETTINGS: &str = "
    SET search_path = tillward;
    SET idle_in_transaction_session_timeout = '60s';
    SET lock_timeout = '30s';
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'";

/// A connection and the statements that it has prepared.
pub(super) struct Session {
    pub(super) client: Client,
    statements: HashMap<&'static str, Statement>,
    /// It may be within a transaction that nobody ends.
    pub(super) spoiled: bool,
}

impl Session {
    /// A statement, prepared once for the connection.
    pub(super) fn prepare(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(prepared) = self.statements.get(sql) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(sql)?;
        self.statements.insert(sql, prepared.clone());
        Ok(prepared)
    }
}

/// Makes connections for the pool.
#[derive(Debug)]
pub(super) struct Sessions {
    config: Config,
}

impl ManageConnection for Sessions {
    type Connection = Session;
    type Error = postgres::Error;

    fn connect(&self) -> Result<Session, postgres::Error> {
        let mut client = self.config.connect(NoTls)?;
        client.batch_execute(SETTINGS)?;
        Ok(Session { client, statements: HashMap::new(), spoiled: false })
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), postgres::Error> {
        session.client.is_valid(CONNECT_TIMEOUT)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.spoiled || session.client.is_closed()
    }
}

/// What a server is to be spoken to with; what the address says goes first.
pub(super) fn config(url: &str) -> Result<Config, postgres::Error> {
    let mut config: Config = url.parse()?;
    if config.get_application_name().is_none() {
        config.application_name("tillward-hub");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED_MAX);
    }
    Ok(config)
}

/// A pool that connects as it is asked.
pub(super) fn pool(config: Config) -> Pool<Sessions> {
    Pool::builder()
        .max_size(CONNECTIONS_MAX)
        .min_idle(Some(1))
        .connection_timeout(CONNECTION_TIMEOUT)
        // Beginning a transaction tells whether a connection is alive, without a question more.
        .test_on_check_out(false)
        .build_unchecked(Sessions { config })
}
