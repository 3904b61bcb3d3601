//! What the agent is compared with, run by this program started again as another process.

use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use ring::signature::Ed25519KeyPair;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::Outcome;

/// A record as large as a receipt of three lines.
const RECORD_BYTES: usize = 1_000;

/// Commits one row in a transaction of its own, again and again; prints how many in a second.
pub fn plain(folder: &Path, seconds: u64) -> Outcome<()> {
    let connection = open(folder)?;
    let record = vec![7_u8; RECORD_BYTES];
    let began = Instant::now();
    let mut commits = 0_u64;
    while began.elapsed() < Duration::from_secs(seconds) {
        insert(&connection, "plain", &record)?;
        commits += 1;
    }
    println!("{}", commits as f64 / began.elapsed().as_secs_f64());
    Ok(())
}

/// The least that a signing server does: the same HTTP stack on one thread, the body parsed, one
/// Ed25519 signature, one row; a thread that commits together whatever waits.
pub fn skeleton(folder: &Path) -> Outcome<()> {
    let connection = open(folder)?;
    let (queue, jobs) = channel();
    std::thread::spawn(move || {
        if let Err(error) = write(&connection, &jobs) {
            eprintln!("the skeleton's writer ended: {error}");
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/readyz", get(|| async { "ready" }))
            .route("/v1/receipts/{uid}", put(commit))
            .with_state(queue);
        println!("listening on {address}");
        std::io::stdout().flush()?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// A body to sign and store, and whom to tell its row.
struct Job {
    uid: String,
    body: Value,
    stored: oneshot::Sender<i64>,
}

async fn commit(
    State(queue): State<Sender<Job>>,
    UrlPath(uid): UrlPath<String>,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let (stored, told) = oneshot::channel();
    let gone = StatusCode::INTERNAL_SERVER_ERROR;
    queue.send(Job { uid: uid.clone(), body, stored }).map_err(|_| gone)?;
    let row = told.await.map_err(|_| gone)?;
    Ok((StatusCode::CREATED, Json(json!({ "uid": uid, "row": row }))))
}

fn write(connection: &Connection, jobs: &Receiver<Job>) -> Outcome<()> {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).map_err(|_| "no key")?;
    while let Ok(first) = jobs.recv() {
        let mut stored = Vec::new();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for job in std::iter::once(first).chain(jobs.try_iter()) {
            let mut record = job.body.to_string().into_bytes();
            let signature = key.sign(&record);
            record.extend_from_slice(signature.as_ref());
            stored.push((job.stored, insert(connection, &job.uid, &record)?));
        }
        connection.execute_batch("COMMIT")?;
        for (caller, row) in stored {
            // A caller who has gone needs no answer.
            let _ = caller.send(row);
        }
    }
    Ok(())
}

fn open(folder: &Path) -> Outcome<Connection> {
    std::fs::create_dir_all(folder)?;
    let connection = Connection::open(folder.join("floor.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, uid TEXT, bytes BLOB);",
    )?;
    Ok(connection)
}

fn insert(connection: &Connection, uid: &str, record: &[u8]) -> Outcome<i64> {
    connection
        .prepare_cached("INSERT INTO record (uid, bytes) VALUES (?1, ?2)")?
        .execute(params![uid, record])?;
    Ok(connection.last_insert_rowid())
}
