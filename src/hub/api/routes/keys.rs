//! Which keys the hub works with.

use axum::extract::State;
use axum::response::Response;

use crate::hub::api::problem::Problem;
use crate::hub::api::{Api, reply};
use crate::wire::sync::{Bytes, HubIdentity, Message, paths};

/// The root's key and the newest list of keys, as the root sealed it
///
/// For anybody: a device checks the root against the fingerprint that a person typed, and the list
/// with the root, and so learns of new keys even where it would not trust the connection.
#[utoipa::path(
    get,
    path = "/sync/v1/keys",
    tag = "devices",
    responses((status = 200, description = "Root and sealed list (COSE_Sign1)",
        content_type = "application/vnd.tillward.sync+cbor", body = Vec<u8>)),
    security(()),
)]
pub(in crate::hub::api) async fn keys(State(api): State<Api>) -> Result<Response, Problem> {
    let newest = api.blocking(|api| Ok(api.inner.store.read()?.newest_key_list()?)).await?;
    let (_, sealed, _) = newest.ok_or_else(|| {
        Problem::new("not_ready", "the hub has no list of keys: run `tillward-hub init`")
    })?;
    let identity = HubIdentity { root: api.inner.root, key_list: Bytes(sealed) };
    Ok(reply::of_type(paths::CONTENT_TYPE, identity.to_message()))
}
