use std::sync::Arc;

use crate::hub::config::StoreAddress;
use crate::hub::store::Store;
use crate::hub::store::error::OpenError;
use crate::hub::store::postgres::PostgresStore;
use crate::hub::store::sqlite::SqliteStore;
use crate::shell::exit::CommandError;
use crate::shell::process::chain;

/// Opens what the configuration names.
pub(crate) fn open_store(address: &StoreAddress) -> Result<Arc<dyn Store>, CommandError> {
    let opened: Result<Arc<dyn Store>, OpenError> = match address {
        StoreAddress::Sqlite(path) => {
            super::make_folder(crate::shell::durable_file::folder_of(path))?;
            SqliteStore::open(path).map(|store| Arc::new(store) as Arc<dyn Store>)
        }
        StoreAddress::Postgres(url) => {
            PostgresStore::open(url).map(|store| Arc::new(store) as Arc<dyn Store>)
        }
    };
    // Where the store is stays out of it: an address may hold a password.
    opened.map_err(|error| CommandError::failed(format!("the store: {}", chain(&error))))
}
