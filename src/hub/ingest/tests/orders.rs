//! Whatever arrives when, in whatever pieces and however often, comes to the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::history::{TILLS, any_event, play, play_on};
use super::tills::{Chain, account_ref};
use crate::hub::ingest::explain::kind;
use crate::hub::ingest::rebuild::rebuild;
use crate::hub::store::tests::fixture::{Fixture, on_postgres, on_sqlite};
use crate::journal::{Body, Record, RecordRef, entry};
use crate::loyalty::{Account, AccountFacts, AccountRef, Entry, ReceiptUid, StoreId};

/// A part of a till's journal on its way: how much more than was sent before, and how far back it
/// begins again.
#[derive(Clone, Debug)]
struct Part {
    till: usize,
    more: usize,
    back: usize,
}

fn any_part() -> impl Strategy<Value = Part> {
    (0..TILLS, 1_usize..6, 0_usize..4).prop_map(|(till, more, back)| Part { till, more, back })
}

/// Every account as the sorted fold of all entries, each receipt once: the first by its time.
fn expected(chain: &Chain) -> BTreeMap<AccountRef, AccountFacts> {
    let mut entries: Vec<(AccountRef, Entry)> = Vec::new();
    let mut first: BTreeMap<(StoreId, ReceiptUid), (AccountRef, Entry)> = BTreeMap::new();
    let mut unnamed: BTreeSet<(StoreId, ReceiptUid)> = BTreeSet::new();
    for record in chain.tills.iter().flat_map(|till| till.journal.iter().map(|(_, _, r)| r)) {
        let Some((account, entry)) = entry(record) else {
            if let Body::Sale(sale) = &record.body {
                unnamed.insert((record.header.store.clone(), sale.uid.clone()));
            }
            continue;
        };
        match &record.body {
            Body::Sale(sale) => {
                let key = (record.header.store.clone(), sale.uid.clone());
                let earlier = first.get(&key).is_none_or(|(_, there)| entry.key < there.key);
                if earlier {
                    first.insert(key, (account, entry));
                }
            }
            _ => entries.push((account, entry)),
        }
    }
    entries.extend(first.into_values());
    entries.sort_by_key(|(_, entry)| entry.key);
    let mut accounts: BTreeMap<AccountRef, Account> = BTreeMap::new();
    for (account, entry) in &entries {
        accounts.entry(*account).or_default().apply(entry);
    }
    accounts.into_iter().map(|(account, folded)| (account, folded.facts().clone())).collect()
}

fn records(chain: &Chain) -> usize {
    chain.tills.iter().map(|till| till.journal.len()).sum()
}

fn stored(chain: &Chain) -> BTreeMap<AccountRef, AccountFacts> {
    let refs: Vec<AccountRef> = (0..8).map(account_ref).collect();
    let rows = chain.read(|tx| tx.accounts(&refs).expect("read"));
    let facts = rows.into_iter().map(|(account, row)| (account, row.facts));
    facts.filter(|(_, facts)| *facts != AccountFacts::default()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_gives_the_sorted_fold_and_each_record_once(
        events in prop::collection::vec(any_event(), 1..40),
        parts in prop::collection::vec(any_part(), 0..30),
    ) {
        let chain = play(&events);
        let mut sent = [0_usize; TILLS];
        let mut added = 0;
        for Part { till, more, back } in parts {
            let there = chain.tills[till].journal.len();
            let from = sent[till].saturating_sub(back);
            let until = (sent[till] + more).min(there);
            if from < until {
                added += chain.push(till, from..until).expect("taken in").added;
                sent[till] = sent[till].max(until);
            }
        }
        for till in 0..TILLS {
            added += chain.push_all(till).added;
        }
        prop_assert_eq!(added, records(&chain), "each once");
        prop_assert_eq!(stored(&chain), expected(&chain));
        let rebuilt = chain.read(|tx| rebuild(tx).expect("folds"));
        prop_assert_eq!(rebuilt.differences(), 0, "{:?}", rebuilt);
        // Tills that did what they should with what they knew are not accused. A receipt that is
        // asked of a second till is a copy of the first's decision; and a return that knew of
        // another's, which came here later, could not be followed.
        let copies: BTreeSet<ReceiptUid> = copies(&chain);
        for (kind, place) in chain.flags() {
            let record = chain.record(place);
            let is_excused = match &record.body {
                Body::Sale(sale) => copies.contains(&sale.uid),
                Body::Return(undo) => devices_about(&chain, &undo.of) > 1,
                _ => false,
            };
            prop_assert!(kind != kind::DIFFERS || is_excused, "{} {:?}", kind, record.body);
        }
    }
}

/// The same days, pushed in the same pieces.
fn a_fortnight() -> Vec<super::history::Event> {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let events = prop::collection::vec(any_event(), 60..61);
    events.new_tree(&mut runner).expect("events").current()
}

fn pushed(store: &Fixture) -> Chain {
    let tills = u8::try_from(TILLS).expect("a few");
    let chain = play_on(Chain::on(store.open(), tills), &a_fortnight());
    for (number, pieces) in [(2, 5), (0, 3), (1, 7)] {
        let there = chain.tills[number].journal.len();
        for from in (0..there).step_by(pieces) {
            let overlapping = from.saturating_sub(2);
            chain.push(number, overlapping..(from + pieces).min(there)).expect("taken in");
        }
    }
    chain
}

#[test]
fn both_stores_come_to_the_same() {
    // A case is a function without surroundings, so both compare with what was computed.
    fn check(store: &Fixture) {
        let chain = pushed(store);
        assert_eq!(stored(&chain), expected(&chain));
        let rebuilt = chain.read(|tx| rebuild(tx).expect("folds"));
        assert_eq!((rebuilt.differences(), rebuilt.records), (0, records(&chain) as u64));
        let flags = chain.flags();
        let kinds: BTreeSet<&str> = flags.iter().map(|(kind, _)| kind.as_str()).collect();
        let wanted = [kind::INPUTS_DIFFER, kind::RECEIPT_TWICE];
        assert!(wanted.iter().all(|wanted| kinds.contains(wanted)), "{kinds:?}");
    }
    on_sqlite(check);
    on_postgres(check);
}

/// How many devices have records about a sale.
fn devices_about(chain: &Chain, sale: &RecordRef) -> usize {
    let about = |record: &Record| match &record.body {
        Body::Void(undo) | Body::Return(undo) => undo.of == *sale,
        Body::Assign(assign) => assign.of == *sale,
        _ => false,
    };
    let has = |till: &&super::tills::Till| till.journal.iter().any(|(.., record)| about(record));
    chain.tills.iter().filter(has).count()
}

fn copies(chain: &Chain) -> BTreeSet<ReceiptUid> {
    let mut seen = BTreeSet::new();
    let all = chain.tills.iter().flat_map(|till| &till.journal);
    let uid = |record: &Record| match &record.body {
        Body::Sale(sale) => Some(sale.uid.clone()),
        _ => None,
    };
    all.filter_map(|(_, _, record)| uid(record)).filter(|uid| !seen.insert(uid.clone())).collect()
}
