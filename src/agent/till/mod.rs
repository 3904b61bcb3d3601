//! The use cases of a till: identify, quote, commit, void, return and the rest.
//!
//! `request` and `answer` are their words, `error` says what went wrong. A use case reads, lets
//! the pure core decide, and hands the writer one job that signs and stores.

pub(crate) mod answer;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod request;

use std::sync::Arc;

use self::answer::*;
use self::error::TillError;
use self::event::TillEvent;
use self::request::*;
use crate::loyalty::{Evaluator, MemberRef, ReceiptUid, StoreId, TillId};

/// The use cases of one agent. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Till {
    inner: Arc<()>,
}

impl Till {
    /// The programme in force.
    pub(crate) fn programme(&self) -> Result<Arc<Evaluator>, TillError> {
        unimplemented!()
    }

    /// The store that this agent serves.
    pub(crate) fn store(&self) -> &StoreId {
        unimplemented!()
    }

    /// What happens, for displays.
    pub(crate) fn subscribe(&self) -> tokio::sync::broadcast::Receiver<TillEvent> {
        unimplemented!()
    }

    /// What a monitor wants to know.
    pub(crate) async fn health(&self) -> Health {
        unimplemented!()
    }

    /// Who a scan is.
    pub(crate) async fn identify(&self, request: IdentifyRequest) -> Result<Identified, TillError> {
        unimplemented!()
    }

    /// Prices a basket; writes nothing.
    pub(crate) async fn quote(&self, request: QuoteRequest) -> Result<Quoted, TillError> {
        unimplemented!()
    }

    /// Records a paid receipt.
    pub(crate) async fn commit(
        &self,
        request: CommitRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        unimplemented!()
    }

    /// What became of a receipt.
    pub(crate) async fn status(
        &self,
        till: TillId,
        uid: ReceiptUid,
    ) -> Result<ReceiptStatus, TillError> {
        unimplemented!()
    }

    /// Takes back everything that is left of a receipt.
    pub(crate) async fn void(
        &self,
        request: VoidRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        unimplemented!()
    }

    /// Takes back units of a receipt.
    pub(crate) async fn take_back(
        &self,
        request: ReturnRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        unimplemented!()
    }

    /// Names the member of a receipt afterwards.
    pub(crate) async fn assign(
        &self,
        request: AssignRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        unimplemented!()
    }

    /// Keeps points and vouchers free while the customer pays.
    pub(crate) async fn reserve(
        &self,
        request: ReserveRequest,
        idempotency: Idempotency,
    ) -> Result<Reserved, TillError> {
        unimplemented!()
    }

    /// Lets a reservation go.
    pub(crate) async fn release(&self, till: TillId, uid: ReceiptUid) -> Result<(), TillError> {
        unimplemented!()
    }

    /// A member's account as it is.
    pub(crate) async fn member(&self, member: MemberRef) -> Result<MemberStanding, TillError> {
        unimplemented!()
    }

    /// Records a custom event.
    pub(crate) async fn record_event(
        &self,
        request: EventRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        unimplemented!()
    }

    /// Gives or takes points by hand.
    pub(crate) async fn adjust(
        &self,
        request: AdjustRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        unimplemented!()
    }
}
