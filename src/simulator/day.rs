//! What happens at tills, asked of the shipped use cases; what they answered is kept, to be looked for
//! at the hub.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::MEMBERS;
use super::chance::Chance;
use super::site::Site;
use crate::agent::testing::{Purchase, card, member_ref, once, receipt};
use crate::agent::till::answer::{Identified, Novelty, Recorded};
use crate::agent::till::error::TillError;
use crate::agent::till::request::{
    AdjustRequest, AssignRequest, CommitMode, CommitRequest, IdentifyRequest, QuoteRequest,
    ReturnRequest, VoidRequest, Who,
};
use crate::journal::{Body, Record, Remark};
use crate::loyalty::{Explain, LineId, OperatorRef, ReceiptUid, ReturnLine, TillId};
use crate::money::{Amount, Points, Quantity};

/// A receipt that was sold.
#[derive(Clone, Debug)]
pub(super) struct Sold {
    pub(super) uid: ReceiptUid,
    pub(super) till: TillId,
}

/// What a till can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Sale,
    Training,
    Return,
    Void,
    Assign,
    Adjustment,
    /// A return of what another store sold: an agent knows its own receipts only.
    ReturnElsewhere,
    /// The till did not hear the answer to its last receipt and asks again.
    Repetition,
}

impl Site {
    /// Asks for something. Gives the record that it was answered with, if it was carried out now.
    pub(super) async fn ask(
        &mut self,
        asked: Asked,
        uid: &str,
        others: &[Sold],
        chance: &mut Chance,
    ) -> Option<Record> {
        self.till()?;
        let answer = match asked {
            Asked::Sale => self.sell(uid, CommitMode::Sale, chance).await,
            Asked::Training => self.sell(uid, CommitMode::Training, chance).await,
            Asked::Return => self.take_back(uid, chance).await?,
            Asked::Void => self.void(uid, chance).await?,
            Asked::Assign => self.assign(uid, chance).await?,
            Asked::Adjustment => self.adjust(uid, chance).await,
            Asked::ReturnElsewhere => {
                self.take_back_elsewhere(uid, others, chance).await;
                return None;
            }
            Asked::Repetition => {
                self.ask_again().await;
                return None;
            }
        };
        match answer {
            Ok(recorded) => {
                assert_eq!(recorded.novelty, Novelty::Fresh, "{uid}");
                Some(recorded.record)
            }
            // What a till may be told of a receipt that others were at before.
            Err(TillError::NothingLeft | TillError::Return(_) | TillError::MemberPresent) => None,
            Err(TillError::TooLateForMember { .. }) => None,
            Err(error) => panic!("{asked:?} {uid}: {error}"),
        }
    }

    fn open(&self) -> &crate::agent::till::Till {
        self.till().expect("whoever asks has looked")
    }

    async fn identify(&self, member: u32) -> Identified {
        let request = IdentifyRequest { raw: card(member), symbology: None };
        self.open().identify(request).await.expect("the card is known")
    }

    async fn sell(
        &mut self,
        uid: &str,
        mode: CommitMode,
        chance: &mut Chance,
    ) -> Result<Recorded, TillError> {
        let units = chance.between(1, 5);
        let minor = units * chance.between(1, 60) * 50;
        let mut who = Who::Nobody;
        let mut purchase = Purchase::anonymous(minor).in_units(units);
        if chance.percent(75) {
            let identified = self.identify(chance.below(MEMBERS.into()) as u32 + 1).await;
            who = Who::Identified(identified.identification_id);
            let standing = identified.standing;
            // No more than is left to pay after every discount.
            let hundreds = (standing.balance.value() / 100).min(minor * 4 / 5 / 100);
            if hundreds > 0 && chance.percent(30) {
                purchase = purchase.spending(100 * chance.between(1, hundreds));
            }
            if !standing.vouchers.is_empty() && chance.percent(20) {
                let place = chance.place_in(&standing.vouchers);
                purchase = purchase.with_voucher(standing.vouchers[place].voucher.as_str());
            }
        }
        let till = self.any_till(chance);
        let quote = QuoteRequest {
            till: till.clone(),
            basket: purchase.basket(),
            who: who.clone(),
            reservation: None,
            explain: Explain::Relevant,
            referral: None,
        };
        let quoted = self.open().quote(quote).await?;
        let request = CommitRequest {
            uid: receipt(uid),
            till: till.clone(),
            operator: None,
            receipt_number: None,
            closed_at: self.clock.now().wall,
            basket: purchase.basket(),
            who,
            quote: Some(quoted.quote_id),
            reservation: None,
            payable: quoted.decision.totals.payable,
            tax_added: None,
            line_discounts: None,
            payments: Vec::new(),
            rounding: Amount::ZERO,
            reactions: BTreeSet::new(),
            mode,
            referral: None,
        };
        let recorded = self.open().commit(request.clone(), once(uid)).await?;
        if mode == CommitMode::Sale {
            self.sold.push(Sold { uid: receipt(uid), till });
        }
        self.last = Some((request, recorded.id));
        Ok(recorded)
    }

    async fn ask_again(&self) {
        let Some((request, id)) = self.last.clone() else { return };
        let fingerprint = once(request.uid.as_str());
        let again = self.open().commit(request, fingerprint).await.expect("answered before");
        assert_eq!((again.id, again.novelty), (id, Novelty::Repeated), "the same answer");
    }

    async fn take_back(
        &self,
        uid: &str,
        chance: &mut Chance,
    ) -> Option<Result<Recorded, TillError>> {
        if self.sold.is_empty() {
            return None;
        }
        let sold = self.sold[chance.place_in(&self.sold)].clone();
        let request = ReturnRequest {
            // Goods may come back at the till beside.
            till: self.any_till(chance),
            ..return_of(&sold, uid)
        };
        Some(self.open().take_back(request, once(uid)).await)
    }

    async fn take_back_elsewhere(&self, uid: &str, others: &[Sold], chance: &mut Chance) {
        if others.is_empty() {
            return;
        }
        let sold = &others[chance.place_in(others)];
        let refused = self.open().take_back(return_of(sold, uid), once(uid)).await;
        let refused = refused.expect_err("another store's receipt is not known here");
        assert!(matches!(refused, TillError::ReceiptUnknown { .. }), "{refused}");
    }

    async fn void(&self, uid: &str, chance: &mut Chance) -> Option<Result<Recorded, TillError>> {
        if self.sold.is_empty() {
            return None;
        }
        let sold = self.sold[chance.place_in(&self.sold)].clone();
        let request = VoidRequest {
            of: sold.uid,
            till: sold.till,
            operator: None,
            undo_uid: receipt(uid),
            closed_at: None,
            reason: None,
        };
        Some(self.open().void(request, once(uid)).await)
    }

    async fn assign(&self, uid: &str, chance: &mut Chance) -> Option<Result<Recorded, TillError>> {
        if self.sold.is_empty() {
            return None;
        }
        let sold = self.sold[chance.place_in(&self.sold)].clone();
        let identified = self.identify(chance.below(MEMBERS.into()) as u32 + 1).await;
        let request = AssignRequest {
            of: sold.uid,
            till: sold.till,
            operator: None,
            who: Who::Identified(identified.identification_id),
            referral: None,
        };
        Some(self.open().assign(request, once(uid)).await)
    }

    async fn adjust(&self, uid: &str, chance: &mut Chance) -> Result<Recorded, TillError> {
        let request = AdjustRequest {
            till: Some(self.any_till(chance)),
            uid: receipt(uid),
            operator: OperatorRef::parse("anna").expect("an id"),
            member: member_ref(chance.below(MEMBERS.into()) as u32 + 1),
            points: Points::new(match chance.between(-40, 59) {
                0 => 60,
                points => points,
            }),
            cashback: Amount::ZERO,
            reason: Remark::clip("goodwill"),
        };
        self.open().adjust(request, once(uid)).await
    }

    /// Sets its clock wrong, or right again.
    pub(super) fn set_clock(&self, wall: DateTime<Utc>) {
        self.clock.set_wall(wall);
    }
}

/// One unit of a sale.
fn return_of(sold: &Sold, uid: &str) -> ReturnRequest {
    let line =
        ReturnLine { line_id: LineId::parse("1").expect("an id"), quantity: Quantity::units(1) };
    ReturnRequest {
        of: sold.uid.clone(),
        sold_by: Some(sold.till.clone()),
        till: sold.till.clone(),
        operator: None,
        undo_uid: receipt(uid),
        lines: vec![line],
        rewards: Default::default(),
        closed_at: None,
        reason: None,
    }
}

/// The receipt's own id of a record that a till was answered with.
pub(super) fn uid_of(record: &Record) -> Option<(&'static str, &ReceiptUid)> {
    match &record.body {
        Body::Sale(sale) => Some(("sale", &sale.uid)),
        Body::Training(sale) => Some(("training", &sale.uid)),
        Body::Void(undo) | Body::Return(undo) => Some(("undo", &undo.undo_uid)),
        Body::Adjustment(adjustment) => Some(("adjustment", &adjustment.uid)),
        Body::Assign(assign) => Some(("assign", &assign.of.uid)),
        _ => None,
    }
}
