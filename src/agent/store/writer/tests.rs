use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;

use super::*;
use crate::agent::store::{checkpoint, open};
use crate::shell::durable_file;
use crate::shell::migrate::Migration;

const TOY: [Migration; 1] = [Migration {
    number: 1,
    name: "notes",
    sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
}];

/// The number that the next note gets, as a journal's head would.
#[derive(Debug)]
struct Head(i64);

impl WriterState for Head {
    type Mark = i64;
    fn mark(&self) -> i64 {
        self.0
    }
    fn restore(&mut self, mark: i64) {
        self.0 = mark;
    }
}

#[derive(Default)]
struct Seen {
    batches: Mutex<Vec<BatchReport>>,
    failures: Mutex<Vec<String>>,
}

impl WriterObserver for Seen {
    fn batch_committed(&self, report: &BatchReport) {
        self.batches.lock().expect("not poisoned").push(*report);
    }
    fn writer_failed(&self, reason: &str) {
        self.failures.lock().expect("not poisoned").push(reason.to_owned());
    }
}

impl Seen {
    fn batch_sizes(&self) -> Vec<usize> {
        self.batches.lock().expect("not poisoned").iter().map(|batch| batch.jobs).collect()
    }
}

#[derive(Debug, thiserror::Error)]
enum ToyError {
    #[error("the note is refused")]
    Refused,
    #[error("the toy's own layer")]
    Layer(#[from] rusqlite::Error),
}

struct Toy {
    folder: tempfile::TempDir,
    writer: Writer<Head>,
    thread: JoinHandle<()>,
    seen: Arc<Seen>,
}

impl Toy {
    fn start(limits: WriterLimits) -> Self {
        Self::start_with(limits, |_| ())
    }

    fn start_with(limits: WriterLimits, prepare: impl FnOnce(&Connection)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = open::open_writer(&folder.path().join("toy.db"), 1, &TOY).expect("opened");
        prepare(&file.connection);
        let seen = Arc::new(Seen::default());
        let (writer, thread) =
            Writer::start(file, Head(1), limits, Arc::clone(&seen) as _).expect("started");
        Self { folder, writer, thread, seen }
    }

    fn note(&self, text: &str) -> Result<i64, SubmitError<ToyError>> {
        let text = text.to_owned();
        self.writer.submit_blocking(move |connection, head| note(connection, head, &text))
    }

    /// Shuts down, opens the file again and answers its notes.
    fn reopen(self) -> (Vec<(i64, String)>, Arc<Seen>) {
        self.writer.shutdown();
        self.thread.join().expect("the writer ended well");
        (notes(&self.folder.path().join("toy.db")), self.seen)
    }
}

fn note(connection: &Connection, head: &mut Head, text: &str) -> Result<i64, ToyError> {
    let id = head.0;
    head.0 += 1;
    connection
        .prepare_cached("INSERT INTO note (id, text) VALUES (?1, ?2)")?
        .execute((id, text))?;
    if text == "refused" { Err(ToyError::Refused) } else { Ok(id) }
}

fn notes(path: &Path) -> Vec<(i64, String)> {
    let file = open::open_writer(path, 1, &TOY).expect("opened again");
    let mut statement =
        file.connection.prepare("SELECT id, text FROM note ORDER BY id").expect("prepared");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("queried");
    rows.collect::<Result<_, _>>().expect("read")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

/// Holds the writer inside a job until the sender is dropped, so that others queue up behind it.
fn hold(toy: &Toy) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel::<()>();
    let (entered, inside) = mpsc::channel();
    let writer = toy.writer.clone();
    std::thread::spawn(move || {
        writer.submit_blocking(move |_, _| {
            entered.send(()).expect("the test waits");
            let _ = held.recv();
            Ok::<_, ToyError>(())
        })
    });
    inside.recv().expect("inside the job");
    release
}

/// Counts jobs, and writes the count at the end of each batch.
struct Tally(i64);

impl WriterState for Tally {
    type Mark = i64;
    fn mark(&self) -> i64 {
        self.0
    }
    fn restore(&mut self, mark: i64) {
        self.0 = mark;
    }
    fn before_commit(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO note (id, text) VALUES (?1, 'tally')";
        connection.execute(sql, [100 * self.0])?;
        Ok(())
    }
}

#[test]
fn what_is_left_for_the_end_of_a_batch_is_written_or_undone_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("toy.db");
    let file = open::open_writer(&path, 1, &TOY).expect("opened");
    let seen = Arc::new(Seen::default());
    let (writer, thread) =
        Writer::start(file, Tally(0), WriterLimits::default(), seen).expect("started");
    let job = |id: i64, counts: i64| {
        writer.submit_blocking(move |connection, tally: &mut Tally| {
            tally.0 += counts;
            connection.execute("INSERT INTO note (id, text) VALUES (?1, 'job')", [id])?;
            Ok::<_, ToyError>(tally.0)
        })
    };
    assert!(matches!(job(1, 1), Ok(1)));
    // The same count once more is a row that is there already.
    assert!(matches!(job(2, 0), Err(SubmitError::NotWritten(_))));
    assert!(matches!(job(3, 1), Ok(2)), "the count went back and on");
    writer.shutdown();
    thread.join().expect("the writer ended well");
    let ids: Vec<i64> = notes(&path).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [1, 3, 100, 200]);
}

#[test]
fn many_callers_share_a_commit_and_every_answer_is_on_the_disk() {
    const CLIENTS: usize = 64;
    const EACH: usize = 20;
    // A disk of a few milliseconds, as in a till; on a fast one there is nothing to gather for.
    let commit = CommitStep::SlowFsync(Duration::from_millis(3));
    let toy = Toy::start(WriterLimits { commit, ..WriterLimits::default() });
    let answered = runtime().block_on(async {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let writer = toy.writer.clone();
                tokio::spawn(async move {
                    let mut answered = Vec::new();
                    for turn in 0..EACH {
                        let text = format!("{client}-{turn}");
                        let own = text.clone();
                        let job = move |connection: &Connection, head: &mut Head| {
                            note(connection, head, &own)
                        };
                        answered.push((writer.submit(job).await.expect("durable"), text));
                    }
                    answered
                })
            })
            .collect();
        let mut answered = Vec::new();
        for client in clients {
            answered.extend(client.await.expect("no panic"));
        }
        answered
    });
    let (stored, seen) = toy.reopen();
    let mut answered = answered;
    answered.sort();
    assert_eq!(stored, answered);
    let sizes = seen.batch_sizes();
    assert_eq!(sizes.iter().sum::<usize>(), CLIENTS * EACH);
    assert!(sizes.len() > 1);
    let mean = CLIENTS * EACH / sizes.len();
    assert!(mean >= 16, "{mean} commits per fsync: {sizes:?}");
}

#[test]
fn a_lone_client_never_waits_for_company() {
    let linger_max = Duration::from_secs(3_600);
    let batch_time_max = Duration::from_secs(3_600);
    let toy = Toy::start(WriterLimits { linger_max, batch_time_max, ..WriterLimits::default() });
    for turn in 0..20 {
        toy.note(&turn.to_string()).expect("answered at once");
    }
    assert_eq!(toy.reopen().1.batch_sizes(), vec![1; 20]);
}

#[test]
fn a_job_that_fails_takes_back_its_own_rows_and_number_only() {
    // One batch, however long the test holds it.
    let batch_time_max = Duration::from_secs(3_600);
    let toy = Toy::start(WriterLimits { batch_time_max, ..WriterLimits::default() });
    let release = hold(&toy);
    let submitted = ["first", "refused", "third", "panics", "fifth"].map(|text| {
        let job = move |connection: &Connection, head: &mut Head| {
            let id = note(connection, head, text)?;
            assert_ne!(text, "panics", "a fault of the program");
            Ok::<_, ToyError>(id)
        };
        toy.writer.enqueue(job).expect("queued")
    });
    drop(release);
    let [first, refused, third, panics, fifth] =
        submitted.map(|answer| answer.blocking_recv().expect("answered"));
    assert_eq!(first.expect("kept"), 1);
    assert!(matches!(refused, Err(SubmitError::Job(ToyError::Refused))));
    assert_eq!(third.expect("kept"), 2);
    assert!(matches!(panics, Err(SubmitError::Panicked)));
    assert_eq!(fifth.expect("kept"), 3);
    let (stored, seen) = toy.reopen();
    let expected = [(1, "first"), (2, "third"), (3, "fifth")];
    assert_eq!(stored, expected.map(|(id, text)| (id, text.to_owned())));
    assert_eq!(seen.batch_sizes(), [6]);
}

#[test]
fn a_full_disk_refuses_what_does_not_fit_and_goes_on_when_there_is_room() {
    let toy = Toy::start_with(WriterLimits::default(), |connection| {
        connection.execute_batch("PRAGMA max_page_count = 40").expect("limited");
    });
    let large = "x".repeat(10_000);
    let mut kept = Vec::new();
    let full = loop {
        match toy.note(&large) {
            Ok(id) => kept.push(id),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, SubmitError::StorageFull), "{full}");
    assert!(!kept.is_empty());
    let more_room = |connection: &Connection, _: &mut Head| {
        connection.execute_batch("PRAGMA max_page_count = 400").map_err(ToyError::from)
    };
    toy.writer.submit_blocking(more_room).expect("more room");
    kept.push(toy.note(&large).expect("fits again"));
    let (stored, _) = toy.reopen();
    assert_eq!(stored.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), kept);
    assert!(kept.windows(2).all(|pair| pair[1] == pair[0] + 1), "the number went back: {kept:?}");
}

#[test]
fn a_read_only_file_is_told_and_loses_nothing() {
    let toy = Toy::start(WriterLimits::default());
    toy.note("before").expect("written");
    let make_read_only = |connection: &Connection, _: &mut Head| {
        connection.pragma_update(None, "query_only", 1).map_err(ToyError::from)
    };
    toy.writer.submit_blocking(make_read_only).expect("set");
    for _ in 0..2 {
        assert!(matches!(toy.note("refused"), Err(SubmitError::ReadOnly)));
    }
    assert_eq!(toy.writer.status(), Status::Running);
    assert_eq!(toy.reopen().0, [(1, "before".to_owned())]);
}

#[test]
fn a_commit_that_finds_the_disk_full_writes_nothing_and_restores_the_state() {
    let commit = CommitStep::Fails(rusqlite::ffi::SQLITE_FULL);
    let toy = Toy::start(WriterLimits { commit, ..WriterLimits::default() });
    for _ in 0..3 {
        assert!(matches!(toy.note("lost"), Err(SubmitError::StorageFull)));
    }
    // A refusal is not believed either: it may rest on what was not written.
    assert!(matches!(toy.note("refused"), Err(SubmitError::StorageFull)));
    assert_eq!(toy.writer.status(), Status::Running);
    assert!(toy.reopen().0.is_empty());
}

#[test]
fn a_disk_that_fails_at_the_commit_stops_the_writer_for_good() {
    let commit = CommitStep::Fails(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    let toy = Toy::start(WriterLimits { commit, ..WriterLimits::default() });
    assert!(matches!(toy.note("who knows"), Err(SubmitError::OutcomeUnknown)));
    assert_eq!(toy.writer.status(), Status::Failed);
    assert!(matches!(toy.note("later"), Err(SubmitError::Stopped)));
    let (_, seen) = toy.reopen();
    assert_eq!(seen.failures.lock().expect("not poisoned").len(), 1);
    assert!(seen.batch_sizes().is_empty());
}

#[test]
fn a_job_that_meets_a_damaged_page_is_refused_and_the_others_go_on() {
    let toy = Toy::start_with(WriterLimits::default(), |connection| {
        let path = connection.path().expect("a file").to_owned();
        let sql = "INSERT INTO note (id, text) VALUES (?1, ?2)";
        for id in 1_001..1_401_i64 {
            let text = format!("note-{id}-{}", "x".repeat(500));
            connection.execute(sql, (id, text)).expect("written");
        }
        checkpoint::checkpoint(connection, checkpoint::CheckpointMode::Truncate).expect("copied");
        let mut bytes = std::fs::read(&path).expect("readable");
        let has = |page: &&mut [u8]| page.windows(9).any(|part| part == b"note-1200");
        bytes.chunks_mut(4_096).find(has).expect("its page").fill(0xa5);
        std::fs::write(&path, bytes).expect("written");
        connection.cache_flush().expect("flushed");
        connection.execute_batch("PRAGMA shrink_memory").expect("forgotten");
    });
    for round in 0..3 {
        let kept = toy.note("before").expect("written");
        let read = |connection: &Connection, head: &mut Head| {
            note(connection, head, "undone")?;
            connection
                .prepare_cached("SELECT text FROM note WHERE id = ?1")?
                .query_row([1_200], |row| row.get::<_, String>(0))
                .map_err(ToyError::from)
        };
        let refused = toy.writer.submit_blocking(read).map(drop);
        assert!(matches!(refused, Err(SubmitError::Job(ToyError::Layer(_)))), "{refused:?}");
        assert_eq!(toy.writer.status(), Status::Running);
        assert_eq!(toy.note("after").expect("written"), kept + 1, "{round}");
    }
    // Who shares a batch with it is told to try again, as nothing of the batch is written.
    let release = hold(&toy);
    let read = |connection: &Connection, _: &mut Head| {
        let sql = "SELECT text FROM note WHERE id = 1200";
        connection.query_row(sql, [], |_| Ok(())).map_err(ToyError::from)
    };
    let beside =
        |connection: &Connection, head: &mut Head| note(connection, head, "beside").map(drop);
    let answers = [toy.writer.enqueue(beside), toy.writer.enqueue(read)];
    drop(release);
    for answer in answers {
        let told = answer.expect("queued").blocking_recv().expect("answered");
        assert!(matches!(told, Err(SubmitError::Busy)), "{told:?}");
    }
    assert_eq!(toy.note("again").expect("written"), 7, "the number went back");
}

#[test]
fn a_full_queue_says_busy_and_shutdown_finishes_what_waits() {
    let toy = Toy::start(WriterLimits { queue_jobs_max: 2, ..WriterLimits::default() });
    let release = hold(&toy);
    let job = |connection: &Connection, head: &mut Head| note(connection, head, "waits");
    let waiting = [toy.writer.enqueue(job), toy.writer.enqueue(job)];
    assert!(matches!(toy.note("too many"), Err(SubmitError::Busy)));
    drop(release);
    toy.writer.shutdown();
    assert!(matches!(toy.note("too late"), Err(SubmitError::Stopped)));
    for answer in waiting {
        answer.expect("queued").blocking_recv().expect("answered").expect("durable");
    }
    let wal = durable_file::with_suffix(&toy.folder.path().join("toy.db"), "-wal");
    let (writer, thread) = (toy.writer, toy.thread);
    writer.shutdown();
    thread.join().expect("the writer ended well");
    assert!(!wal.exists(), "the WAL is copied and gone after a clean end");
    assert_eq!(notes(&toy.folder.path().join("toy.db")).len(), 2);
}

#[test]
fn the_wal_stays_within_its_bound_while_much_is_written_and_read() {
    const JOBS: usize = 600;
    let toy = Toy::start(WriterLimits { batch_jobs_max: 8, ..WriterLimits::default() });
    let wal = durable_file::with_suffix(&toy.folder.path().join("toy.db"), "-wal");
    let reader = open::open_reader(&toy.folder.path().join("toy.db")).expect("opened");
    let ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&ended);
    let reading = std::thread::spawn(move || {
        let mut reads = 0;
        while !end.load(Ordering::Relaxed) {
            // One short snapshot after the other, as quotes make them. A read of everything could
            // outlast the writer's patience on a busy machine: that bound is not promised.
            let sql =
                "SELECT sum(length(text)) FROM (SELECT text FROM note ORDER BY rowid DESC LIMIT 8)";
            reader.query_row(sql, [], |_| Ok(())).expect("read");
            reads += 1;
        }
        reads
    });
    let large = "x".repeat(100_000);
    let mut largest_bytes = 0;
    for _ in 0..JOBS {
        toy.note(&large).expect("written");
        largest_bytes = largest_bytes.max(wal.metadata().expect("a file").len());
    }
    ended.store(true, Ordering::Relaxed);
    assert!(reading.join().expect("no panic") > 0);
    let batch_bytes = 8 * 130_000;
    assert!(largest_bytes > checkpoint::WAL_SOFT_BYTES, "{largest_bytes}: nothing was tested");
    assert!(largest_bytes <= checkpoint::WAL_HARD_BYTES + batch_bytes, "{largest_bytes}");
    assert_eq!(toy.reopen().0.len(), JOBS);
}
