//! Whatever arrives when, in whatever pieces and however often, comes to the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::history::{TILLS, any_event, play};
use super::tills::{Chain, account_ref};
use crate::hub::ingest::explain::kind;
use crate::hub::ingest::rebuild::rebuild;
use crate::journal::{Body, Record, entry};
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
        // asked of a second till is a copy of the first's decision.
        let copies: BTreeSet<ReceiptUid> = copies(&chain);
        for (kind, place) in chain.flags() {
            let record = chain.record(place);
            let is_copy = matches!(&record.body, Body::Sale(sale) if copies.contains(&sale.uid));
            prop_assert!(kind != kind::DIFFERS || is_copy, "{} {:?}", kind, record.body);
        }
    }
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
