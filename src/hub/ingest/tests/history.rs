//! Random days of a chain of tills that do not hear of each other.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::tills::{Chain, Purchase};
use crate::hub::store::rows::Place;
use crate::journal::{Body, Record};

/// Something that happens at a till.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A purchase of a member or nobody, spending points or not.
    Buy { till: usize, member: Option<u8>, units: i64, spend: i64 },
    /// Units of an earlier sale come back, at any till.
    BringBack { till: usize, sale: prop::sample::Index, units: i64 },
    /// A member is named for an earlier sale.
    Name { till: usize, sale: prop::sample::Index, member: u8 },
    /// Points by hand.
    Adjust { till: usize, member: u8, points: i64 },
    /// The same receipt again at another till of the same name.
    Twice { till: usize, sale: prop::sample::Index },
    /// Time passes.
    Wait(i64),
}

pub(super) const TILLS: usize = 3;

pub(super) fn any_event() -> impl Strategy<Value = Event> {
    let till = 0..TILLS;
    let sale = any::<prop::sample::Index>();
    prop_oneof![
        6 => (till.clone(), prop::option::weighted(0.8, 1_u8..4), 1_i64..12, 0_i64..3).prop_map(
            |(till, member, units, spend)| Event::Buy { till, member, units, spend: spend * 100 }
        ),
        2 => (till.clone(), sale.clone(), 1_i64..8)
            .prop_map(|(till, sale, units)| Event::BringBack { till, sale, units }),
        1 => (till.clone(), sale.clone(), 1_u8..4)
            .prop_map(|(till, sale, member)| Event::Name { till, sale, member }),
        1 => (till.clone(), 1_u8..4, -50_i64..300)
            .prop_map(|(till, member, points)| Event::Adjust { till, member, points }),
        1 => (till, sale).prop_map(|(till, sale)| Event::Twice { till, sale }),
        3 => (1_i64..40).prop_map(Event::Wait),
    ]
}

/// Plays events; the chain then has journals and nothing is pushed.
pub(super) fn play(events: &[Event]) -> Chain {
    let mut chain = Chain::new(u8::try_from(TILLS).expect("a few"));
    let mut sales: Vec<Place> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        chain.pass(TimeDelta::seconds(61));
        let uid = format!("uid-{number}");
        match event {
            Event::Buy { till, member, units, spend } => {
                let purchase = Purchase {
                    member: *member,
                    units: *units,
                    spend: *spend,
                    ..Purchase::default()
                };
                sales.push(chain.sell(*till, &uid, &purchase));
            }
            Event::Wait(hours) => chain.pass(TimeDelta::hours(*hours * 7)),
            Event::Adjust { till, member, points } => {
                chain.adjust(*till, &uid, *member, *points);
            }
            _ if sales.is_empty() => {}
            Event::BringBack { till, sale, units } => {
                let sale = chain.record(*sale.get(&sales));
                let after = follow_ups(&chain, &sale);
                let after: Vec<&Record> = after.iter().collect();
                chain.take_back(*till, &sale, &after, (&uid, *units));
            }
            Event::Name { till, sale, member } => {
                let sale = chain.record(*sale.get(&sales));
                let Body::Sale(sold) = &sale.body else { panic!("a sale") };
                if sold.member.is_none() && follow_ups(&chain, &sale).is_empty() {
                    chain.assign(*till, &sale, *member);
                }
            }
            Event::Twice { till, sale } => {
                let sale = chain.record(*sale.get(&sales));
                let Body::Sale(sold) = &sale.body else { panic!("a sale") };
                let other = &chain.tills[*till];
                if other.device() != sale.header.device && follow_ups(&chain, &sale).is_empty() {
                    let mut again = sold.clone();
                    again.decided_at = chain.now;
                    let now = chain.now;
                    let store = chain.tills[*till].store.clone();
                    chain.tills[*till].store = sale.header.store.clone();
                    chain.tills[*till].record(now, Body::Sale(again));
                    chain.tills[*till].store = store;
                }
            }
        }
    }
    chain
}

/// What followed a sale at any till so far.
fn follow_ups(chain: &Chain, sale: &Record) -> Vec<Record> {
    let of = super::tills::record_ref(sale);
    let mut after: Vec<Record> = Vec::new();
    for (_, _, record) in chain.tills.iter().flat_map(|till| &till.journal) {
        let about = match &record.body {
            Body::Void(undo) | Body::Return(undo) => undo.of == of,
            Body::Assign(assign) => assign.of == of,
            _ => false,
        };
        if about {
            after.push(record.clone());
        }
    }
    after.sort_by_key(|record| record.header.clock.wall);
    after
}
