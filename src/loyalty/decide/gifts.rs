//! After vouchers, before points are spent: gifts that come by themselves (BC-9). They take nothing
//! off, so none is in another's way.

use super::Work;
use crate::loyalty::decision::{Applied, Benefit, Refusal, Subject};
use crate::loyalty::gifts::{GiftGoods, Gifts, times_due};
use crate::loyalty::programme::Offer;
use crate::money::{Amount, Quantity};

/// Gives what is due of the gifts that time, place, person and limits let in, or what the till says
/// that it gave.
pub(super) fn apply(work: &mut Work<'_>, let_in: &[&Offer]) {
    let due = due(work, let_in);
    let said = work.basket.benefits().gifts.as_ref();
    let given = said.unwrap_or(&due).clone();
    work.gifts_due = due;
    let offers = &work.programme.offers;
    for (id, times) in given.into_iter().filter(|(_, times)| *times > 0) {
        // What was not due may be a gift of the programme as well.
        let mut gifts = offers.iter().filter(|offer| offer.gift().is_some());
        if let Some(offer) = gifts.find(|offer| offer.id == id) {
            work.applied.push(handed_out(offer, times));
            work.count_uses(offer, Quantity::ZERO);
        }
    }
}

/// What the record says of a gift that was handed out.
fn handed_out(offer: &Offer, times: u32) -> Applied {
    let benefit = Benefit::Gift { offer: offer.id.clone(), times };
    Applied { benefit, amount: Amount::ZERO, allocations: Vec::new() }
}

fn due(work: &mut Work<'_>, let_in: &[&Offer]) -> Gifts {
    let heaps = work.slate.heaps().iter();
    let goods: Vec<GiftGoods<'_>> = heaps
        .map(|heap| GiftGoods { line: heap.line, quantity: heap.quantity, left: heap.left })
        .collect();
    let mut due = Gifts::new();
    for offer in let_in {
        let Some(terms) = offer.gift() else { continue };
        match times_due(offer, terms, &work.programme.discounts, &goods) {
            Ok(times) => drop(due.insert(offer.id.clone(), times)),
            Err(reason) => {
                work.refused.push(Refusal { subject: Subject::Offer(offer.id.clone()), reason });
            }
        }
    }
    due
}
