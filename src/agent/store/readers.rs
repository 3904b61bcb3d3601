//! A few read connections, each used by one short read at a time on tokio's blocking threads.
//!
//! A read sees one snapshot of the ledger and one of the base, and ends within
//! [`READ_MS_MAX`]: an older snapshot would keep the WAL from starting again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::open::{self, OpenError};

/// Reads at the same time: one per core of a small till; the others wait their turn.
pub(crate) const READERS: usize = 2;
/// The longest that one read may take.
pub(crate) const READ_MS_MAX: u64 = 1_000;

/// Why a read has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError<E> {
    /// The read's own error.
    #[error(transparent)]
    Job(E),
    /// The read took too long and was interrupted.
    #[error("the store took longer than {READ_MS_MAX} ms to read")]
    TookTooLong,
    /// The read panicked, a fault of this program.
    #[error("the read panicked")]
    Panicked,
    /// The base that was swapped in cannot be opened.
    #[error("a store file cannot be opened for reading")]
    Open(#[from] OpenError),
    /// SQLite could not begin the read.
    #[error("the store could not be read")]
    Sqlite(#[from] rusqlite::Error),
    /// The runtime is shutting down.
    #[error("the store is closed")]
    Closed,
}

/// What one read sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadConnections<'a> {
    /// The ledger.
    pub(crate) ledger: &'a Connection,
    /// The base, when there is one.
    pub(crate) base: Option<&'a Connection>,
}

/// The pool; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Lane>>,
    base: Mutex<Base>,
}

/// The base that reads which begin now see.
#[derive(Clone, Debug, Default)]
struct Base {
    path: Option<PathBuf>,
    /// Counts the swaps, so that a lane knows whether its connection is of the present base.
    generation: u64,
}

/// What one read holds at a time.
#[derive(Debug)]
struct Lane {
    ledger: Connection,
    base: Option<Connection>,
    base_generation: u64,
}

impl Readers {
    /// Opens [`READERS`] connections to the ledger and, if there is one, to the base.
    ///
    /// # Errors
    /// A file could not be opened.
    pub(crate) fn open(ledger: &Path, base: Option<&Path>) -> Result<Self, OpenError> {
        let open_lane = || {
            let base = base.map(open::open_sealed).transpose()?;
            Ok(Lane { ledger: open::open_reader(ledger)?, base, base_generation: 0 })
        };
        let idle = (0..READERS).map(|_| open_lane()).collect::<Result<Vec<_>, OpenError>>()?;
        let base = Base { path: base.map(Path::to_owned), generation: 0 };
        let (idle, base) = (Mutex::new(idle), Mutex::new(base));
        let turns = Arc::new(Semaphore::new(READERS));
        Ok(Self { pool: Arc::new(Pool { turns, idle, base }) })
    }

    /// [`Readers::read_then`] with nothing to be done afterwards.
    ///
    /// # Errors
    /// See [`ReadError`].
    #[cfg(test)]
    pub(crate) async fn read<R, E>(
        &self,
        job: impl FnOnce(ReadConnections<'_>) -> Result<R, E> + Send + 'static,
    ) -> Result<R, ReadError<E>>
    where
        R: Send + 'static,
        E: Send + 'static,
    {
        self.read_then(job, |read| read).await
    }

    /// Runs `job` on a blocking thread over one snapshot, and then works on what was read when the
    /// snapshot is gone: that may take longer than a read and keeps nothing of the files. Both
    /// together are one of [`READERS`] at once. The job must not end its transaction.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub(crate) async fn read_then<K, R, E>(
        &self,
        job: impl FnOnce(ReadConnections<'_>) -> Result<K, E> + Send + 'static,
        then: impl FnOnce(K) -> R + Send + 'static,
    ) -> Result<R, ReadError<E>>
    where
        R: Send + 'static,
        E: Send + 'static,
    {
        let turn = Arc::clone(&self.pool.turns).acquire_owned().await;
        let turn = turn.map_err(|_| ReadError::Closed)?;
        let stop = Arc::new(Stop::default());
        let (pool, stopped) = (Arc::clone(&self.pool), Arc::clone(&stop));
        let mut reading = tokio::task::spawn_blocking(move || pool.run(turn, &stopped, job, then));
        let in_time = tokio::time::timeout(Duration::from_millis(READ_MS_MAX), &mut reading).await;
        let joined = match in_time {
            Ok(joined) => joined,
            Err(_) => {
                stop.now();
                reading.await
            }
        };
        joined.unwrap_or(Err(ReadError::Closed))
    }

    /// [`Readers::read`] for commands without a runtime, and without its limit of time.
    ///
    /// # Errors
    /// See [`ReadError`]; [`ReadError::Closed`] when all connections are in use.
    #[cfg(test)]
    pub(crate) fn read_blocking<R, E>(
        &self,
        job: impl FnOnce(ReadConnections<'_>) -> Result<R, E>,
    ) -> Result<R, ReadError<E>> {
        let turn = Arc::clone(&self.pool.turns).try_acquire_owned();
        let turn = turn.map_err(|_| ReadError::Closed)?;
        self.pool.run(turn, &Stop::default(), job, |read| read)
    }

    /// Lets every read that begins from now on see the base at `path`; reads under way finish on
    /// the old one, whose file may be removed once they have ended.
    ///
    /// `path` must not be the name of the old base: SQLite would take the old file's WAL, which
    /// goes by the name, for the new one's.
    ///
    /// # Errors
    /// The new base cannot be opened; reads then stay with the old one.
    pub(crate) fn swap_base(&self, path: &Path) -> Result<(), OpenError> {
        open::open_sealed(path)?;
        let mut base = lock(&self.pool.base);
        *base = Base { path: Some(path.to_owned()), generation: base.generation + 1 };
        drop(base);
        // Idle lanes let go of the old file at once, so that its disk space comes back.
        for lane in lock(&self.pool.idle).iter_mut() {
            lane.base = None;
        }
        Ok(())
    }
}

impl Pool {
    fn run<K, R, E>(
        &self,
        turn: OwnedSemaphorePermit,
        stop: &Stop,
        job: impl FnOnce(ReadConnections<'_>) -> Result<K, E>,
        then: impl FnOnce(K) -> R,
    ) -> Result<R, ReadError<E>> {
        // There are as many lanes as turns, and a lane is back before its turn is.
        let mut lane = lock(&self.idle).pop().ok_or(ReadError::Closed)?;
        let result = self.run_on(&mut lane, stop, job);
        lock(&self.idle).push(lane);
        let result = result.and_then(|read| unless_it_panics(|| then(read)));
        drop(turn);
        result
    }

    fn run_on<R, E>(
        &self,
        lane: &mut Lane,
        stop: &Stop,
        job: impl FnOnce(ReadConnections<'_>) -> Result<R, E>,
    ) -> Result<R, ReadError<E>> {
        let present = lock(&self.base).clone();
        if lane.base_generation != present.generation {
            lane.base = present.path.as_deref().map(open::open_sealed).transpose()?;
            lane.base_generation = present.generation;
        }
        let connections = ReadConnections { ledger: &lane.ledger, base: lane.base.as_ref() };
        let both = || std::iter::once(connections.ledger).chain(connections.base);
        stop.arm(both().map(Connection::get_interrupt_handle).collect());
        let begun = both().try_for_each(|connection| run(connection, "BEGIN"));
        let result = begun.map(|()| unless_it_panics(|| job(connections)));
        let outcome = stop.disarm();
        for connection in both().filter(|connection| !connection.is_autocommit()) {
            if let Err(error) = run(connection, "ROLLBACK") {
                tracing::error!(%error, "a read could not be ended");
            }
        }
        match (outcome, result?) {
            (Outcome::Interrupted, Ok(Err(_))) => Err(ReadError::TookTooLong),
            (_, Ok(result)) => result.map_err(ReadError::Job),
            (_, Err(error)) => Err(error),
        }
    }
}

fn unless_it_panics<T, E>(job: impl FnOnce() -> T) -> Result<T, ReadError<E>> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|_| {
        tracing::error!("a read panicked");
        ReadError::Panicked
    })
}

/// Interrupts the read it was armed by, and no other.
#[derive(Default)]
struct Stop(Mutex<(Vec<InterruptHandle>, Outcome)>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Outcome {
    #[default]
    InTime,
    Interrupted,
}

impl Stop {
    fn arm(&self, handles: Vec<InterruptHandle>) {
        lock(&self.0).0 = handles;
    }

    fn now(&self) {
        let mut armed = lock(&self.0);
        // The handles are taken away, under this lock, before the lane goes to another read.
        for handle in &armed.0 {
            handle.interrupt();
        }
        armed.1 = Outcome::Interrupted;
    }

    fn disarm(&self) -> Outcome {
        let mut armed = lock(&self.0);
        armed.0.clear();
        armed.1
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these locks guard is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::agent::store::open::{OwnedFile, open_writer};
    use crate::shell::migrate::Migration;

    const TOY: [Migration; 1] =
        [Migration { number: 1, name: "notes", sql: "CREATE TABLE note (text TEXT)" }];

    fn file(folder: &Path, name: &str, text: &str) -> OwnedFile {
        let file = open_writer(&folder.join(name), 1, &TOY).expect("opened");
        add(&file, text);
        file
    }

    /// A base is closed before anybody reads it: all of it is in the one file.
    fn base_file(folder: &Path, name: &str, text: &str) -> PathBuf {
        file(folder, name, text).path
    }

    fn add(file: &OwnedFile, text: &str) {
        file.connection.execute("INSERT INTO note VALUES (?1)", [text]).expect("inserted");
    }

    fn texts(connection: &Connection) -> rusqlite::Result<String> {
        let sql = "SELECT group_concat(text, '+' ORDER BY rowid) FROM note";
        connection.query_row(sql, [], |row| row.get(0))
    }

    fn seen(connections: ReadConnections<'_>) -> rusqlite::Result<(String, Option<String>)> {
        Ok((texts(connections.ledger)?, connections.base.map(texts).transpose()?))
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
    }

    #[test]
    fn a_read_sees_ledger_and_base_as_they_were_committed() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = file(folder.path(), "ledger.db", "sale");
        let base = base_file(folder.path(), "base-1.db", "member");
        let readers = Readers::open(&ledger.path, None).expect("opened");
        runtime().block_on(async {
            assert_eq!(readers.read(seen).await.expect("read"), ("sale".into(), None));
            add(&ledger, "return");
            readers.swap_base(&base).expect("swapped");
            let expected = ("sale+return".into(), Some("member".into()));
            for _ in 0..2 * READERS {
                assert_eq!(readers.read(seen).await.expect("read"), expected);
            }
        });
        assert_eq!(readers.read_blocking(seen).expect("read").0, "sale+return");
    }

    #[test]
    fn a_swap_leaves_reads_under_way_on_the_old_base() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = file(folder.path(), "ledger.db", "sale");
        let old = base_file(folder.path(), "base-1.db", "old");
        let new = base_file(folder.path(), "base-2.db", "new");
        let readers = Readers::open(&ledger.path, Some(&old)).expect("opened");
        let (entered, inside) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        runtime().block_on(async {
            let pool = readers.clone();
            let slow = tokio::spawn(async move {
                pool.read(move |connections| {
                    let before = seen(connections)?.1;
                    entered.send(()).expect("the test waits");
                    held.recv().expect("released");
                    Ok::<_, rusqlite::Error>((before, seen(connections)?.1))
                })
                .await
            });
            tokio::task::spawn_blocking(move || inside.recv()).await.expect("ran").expect("inside");
            readers.swap_base(&new).expect("swapped");
            assert_eq!(readers.read(seen).await.expect("read").1.as_deref(), Some("new"));
            release.send(()).expect("waits");
            let slow = slow.await.expect("ran").expect("read");
            assert_eq!(slow, (Some("old".to_owned()), Some("old".to_owned())));
            for _ in 0..2 * READERS {
                assert_eq!(readers.read(seen).await.expect("read").1.as_deref(), Some("new"));
            }
        });
    }

    #[test]
    fn a_base_that_cannot_be_opened_leaves_the_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = file(folder.path(), "ledger.db", "sale");
        let base = base_file(folder.path(), "base-1.db", "old");
        let readers = Readers::open(&ledger.path, Some(&base)).expect("opened");
        let broken = folder.path().join("base-2.db");
        std::fs::write(&broken, [b'x'; 8192]).expect("written");
        let refused = readers.swap_base(&broken).expect_err("refused");
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        assert_eq!(readers.read_blocking(seen).expect("read").1.as_deref(), Some("old"));
    }

    #[test]
    fn a_read_that_never_ends_is_interrupted_and_its_connection_serves_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = file(folder.path(), "ledger.db", "sale");
        let readers = Readers::open(&ledger.path, None).expect("opened");
        let endless = |connections: ReadConnections<'_>| {
            let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                       SELECT count(*) FROM n";
            connections.ledger.query_row(sql, [], |row| row.get::<_, i64>(0))
        };
        runtime().block_on(async {
            let ended = readers.read(endless).await.expect_err("interrupted");
            assert!(matches!(ended, ReadError::TookTooLong), "{ended}");
            for _ in 0..2 * READERS {
                assert_eq!(readers.read(seen).await.expect("read").0, "sale");
            }
        });
    }

    #[test]
    fn work_on_what_was_read_keeps_no_snapshot() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = file(folder.path(), "ledger.db", "sale");
        let readers = Readers::open(&ledger.path, None).expect("opened");
        let pool = Arc::clone(&readers.pool);
        let work = move |seen: (String, Option<String>)| {
            let at_rest = |lane: &Lane| lane.ledger.is_autocommit();
            let idle = lock(&pool.idle);
            (seen.0, idle.len(), idle.iter().all(at_rest), pool.turns.available_permits())
        };
        let worked = runtime().block_on(readers.read_then(seen, work)).expect("read");
        assert_eq!(worked, ("sale".to_owned(), READERS, true, READERS - 1), "its turn goes on");
    }

    #[test]
    fn a_panic_in_a_read_costs_no_connection() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = file(folder.path(), "ledger.db", "sale");
        let readers = Readers::open(&ledger.path, None).expect("opened");
        for _ in 0..2 * READERS {
            let ended = readers
                .read_blocking(|_| -> Result<(), rusqlite::Error> { panic!("a fault") })
                .expect_err("told");
            assert!(matches!(ended, ReadError::Panicked), "{ended}");
        }
        assert_eq!(readers.read_blocking(seen).expect("read").0, "sale");
    }
}
