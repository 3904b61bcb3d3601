//! What only a server can do: lose connections, take turns, be of the wrong kind.

use std::thread;

use postgres::{Client, NoTls};

use super::PostgresStore;
use crate::hub::store::error::{OpenError, Retry, StoreError};
use crate::hub::store::rows::DeviceRow;
use crate::hub::store::tests::postgres_server;
use crate::hub::store::tests::samples::{device, device_id};
use crate::hub::store::{Store as _, Tx};

/// A database of a test's own, where the machine has PostgreSQL.
fn database() -> Option<String> {
    postgres_server::server().map(postgres_server::Postgres::new_database)
}

/// Ends every other connection to the database, as a server that is restarted does.
fn end_connections(url: &str) {
    let mut client = Client::connect(url, NoTls).expect("the server answers");
    let sql = "
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended = client.query(sql, &[]).expect("they end");
    assert!(!ended.is_empty() && ended.iter().all(|row| row.get::<_, bool>(0)));
}

#[test]
fn connections_that_were_lost_are_replaced() {
    let Some(url) = database() else { return };
    let store = PostgresStore::open(&url).expect("opens");
    let reads: Vec<_> = (0..3).map(|_| store.read().expect("begins")).collect();
    drop(reads);
    end_connections(&url);
    let mut tx = store.write().expect("begins on another connection");
    tx.save_device(&device(1)).expect("saved");
    tx.commit().expect("committed");
    assert_eq!(store.read().expect("begins").devices().expect("read"), [device(1)]);
}

#[test]
fn a_transaction_whose_connection_was_lost_may_be_tried_again() {
    let Some(url) = database() else { return };
    let store = PostgresStore::open(&url).expect("opens");
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    end_connections(&url);
    let lost = tx.save_device(&device(2)).expect_err("lost");
    let may_help = matches!(lost, StoreError::Database { retry: Retry::MayHelp, .. });
    assert!(may_help, "{lost:?}");
    assert!(matches!(tx.commit(), Err(StoreError::Broken)));
    assert_eq!(store.read().expect("begins").devices().expect("read"), []);
}

#[test]
fn a_commit_whose_answer_does_not_come_is_not_known() {
    let Some(url) = database() else { return };
    let store = PostgresStore::open(&url).expect("opens");
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    end_connections(&url);
    let unknown = tx.commit().expect_err("lost");
    assert!(matches!(unknown, StoreError::OutcomeUnknown), "{unknown:?}");
    store.write().expect("the next one has another connection");
}

#[test]
fn who_loses_a_deadlock_may_try_again() {
    let Some(url) = database() else { return };
    let store = PostgresStore::open(&url).expect("opens");
    let mut tx = store.write().expect("begins");
    for number in [1, 2] {
        tx.save_device(&device(number)).expect("saved");
    }
    tx.commit().expect("committed");
    let mut first = store.write().expect("begins");
    first.lock_device(device_id(1)).expect("locked");
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut tx = store.write().expect("begins");
            tx.lock_device(device_id(2)).expect("locked");
            note_and_end(tx, 1)
        });
        while !is_locked(&url, 2) {
            thread::yield_now();
        }
        let ours = note_and_end(first, 2);
        let theirs = other.join().expect("it does not panic");
        let lost = [ours, theirs].into_iter().find_map(Result::err).expect("one loses");
        let may_help = matches!(lost, StoreError::Database { retry: Retry::MayHelp, .. });
        assert!(may_help, "{lost:?}");
    });
}

fn note_and_end(mut tx: Box<dyn Tx + '_>, number: u8) -> Result<(), StoreError> {
    tx.lock_device(device_id(number))?;
    tx.save_device(&DeviceRow { checkpoint: 1, ..device(number) })?;
    tx.commit()
}

fn is_locked(url: &str, number: u8) -> bool {
    let mut client = Client::connect(url, NoTls).expect("the server answers");
    let sql = "SELECT 1 FROM tillward.devices WHERE device = $1 FOR UPDATE SKIP LOCKED";
    let id = device_id(number);
    client.query_opt(sql, &[&id.as_bytes().as_slice()]).expect("asked").is_none()
}

#[test]
fn a_database_that_does_not_hold_every_text_is_refused() {
    let Some(server) = postgres_server::server() else { return };
    let mut client = Client::connect(&server.url("postgres"), NoTls).expect("the server answers");
    let sql = "CREATE DATABASE of_latin1 ENCODING 'LATIN1' TEMPLATE template0";
    client.batch_execute(sql).expect("a database");
    let refused = PostgresStore::open(&server.url("of_latin1")).expect_err("refused");
    assert!(matches!(&refused, OpenError::Encoding { found } if found == "LATIN1"), "{refused:?}");
}

#[test]
fn a_server_that_is_not_there_is_told_and_its_password_is_not() {
    let refused = PostgresStore::open("postgres://hub:secret-word@127.0.0.1:1/hub");
    let refused = refused.expect_err("nobody listens there");
    assert!(matches!(refused, OpenError::Unusable { .. }), "{refused:?}");
    assert!(!format!("{refused:?}").contains("secret-word"));
}
