//! What devices fetch by its hash: the pieces of a snapshot, programmes.

use axum::extract::{FromRequest as _, Path, Request, State};
use axum::response::Response;

use crate::hub::api::problem::Problem;
use crate::hub::api::signed::Signed;
use crate::hub::api::{Api, reply};
use crate::journal::ContentHash;
use crate::shell::config::hex;
use crate::wire::sync::{packing, paths};

/// The type of programmes.
const TOML: &str = "application/toml";

/// What a snapshot is made of
///
/// It is made anew where the last one is too old, which takes as long as that takes.
#[utoipa::path(
    get,
    path = "/sync/v1/snapshot",
    tag = "devices",
    responses((status = 200, description = "A `SnapshotManifest`",
        content_type = "application/vnd.tillward.sync+cbor", body = Vec<u8>)),
)]
pub(in crate::hub::api) async fn snapshot(
    State(api): State<Api>,
    request: Request,
) -> Result<Response, Problem> {
    let signed = Signed::from_request(request, &api).await?.in_place()?;
    let (device, at) = (signed.device.device, signed.at);
    // One at a time, so that those who wait for a snapshot to be made hold no thread.
    let _turn = api.inner.snapshot_turn.lock().await;
    let manifest = api.blocking(move |api| {
        let store = &*api.inner.store;
        let snapshot = api.inner.shelf.fresh(store, at)?;
        Ok(snapshot.manifest(&mut *store.read()?, device, at)?)
    });
    Ok(reply::message(&manifest.await?))
}

/// A piece of a snapshot, packed, by the hash of these bytes
#[utoipa::path(
    get,
    path = "/sync/v1/chunks/{hash}",
    tag = "devices",
    params(("hash" = String, Path, description = "SHA-256, 64 hexadecimal digits")),
    responses((status = 200, description = "A `SnapshotChunk`",
        content_type = "application/vnd.tillward.sync+cbor", body = Vec<u8>)),
)]
pub(in crate::hub::api) async fn chunk(
    State(api): State<Api>,
    Path(hash): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    Signed::from_request(request, &api).await?.in_place()?;
    let unknown = || Problem::new("chunk_unknown", "no snapshot has it any more: begin anew");
    let hash = ContentHash::from_bytes(hash_bytes(&hash).ok_or_else(unknown)?);
    let bytes = api.blocking(move |api| Ok(api.inner.shelf.chunk(&hash)?)).await?;
    Ok(reply::packed(paths::CONTENT_TYPE, bytes.ok_or_else(unknown)?))
}

/// The text of a programme by its hash
#[utoipa::path(
    get,
    path = "/sync/v1/programmes/{hash}",
    tag = "devices",
    params(("hash" = String, Path, description = "SHA-256, 64 hexadecimal digits")),
    responses((status = 200, description = "The text, packed",
        content_type = "application/toml", body = Vec<u8>)),
)]
pub(in crate::hub::api) async fn programme(
    State(api): State<Api>,
    Path(hash): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    Signed::from_request(request, &api).await?.in_place()?;
    let unknown = || Problem::new("programme_unknown", "no programme has this hash");
    let hash = hash_bytes(&hash).ok_or_else(unknown)?;
    let text = api.blocking(move |api| Ok(api.inner.store.read()?.programme_text(&hash)?)).await?;
    Ok(reply::packed(TOML, packing::pack(text.ok_or_else(unknown)?.as_bytes())))
}

fn hash_bytes(text: &str) -> Option<[u8; 32]> {
    hex(text)?.try_into().ok()
}
