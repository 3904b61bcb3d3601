//! Accounts while a batch is booked: folded in place where an entry is the latest, anew where it is
//! not, so that the order of arrival does not matter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, EntryRow, Place};
use crate::loyalty::{
    Account, AccountRef, Change, CountWindow, CounterId, Entry, EntryKey, RuleId,
};
use crate::money::AMOUNT_MINOR_MAX;

/// The largest sum of one entry that is booked: more than any receipt comes to. A million such
/// entries still fit an account.
const ENTRY_SUM_MAX: i64 = 2 * AMOUNT_MINOR_MAX;

/// The accounts of a batch.
#[derive(Debug, Default)]
pub(super) struct Books {
    accounts: BTreeMap<AccountRef, Book>,
}

#[derive(Debug)]
struct Book {
    row: AccountRow,
    /// The account with everything so far; of one that is folded anew, when it was last asked for.
    folded: Account,
    /// Every entry in order, where one of the batch is not the latest.
    entries: Option<Vec<Entry>>,
    added: Vec<EntryRow>,
    changed: bool,
}

/// What became of the accounts of a batch.
#[derive(Debug, Default)]
pub(super) struct Booked {
    /// Those that changed.
    pub(super) accounts: Vec<AccountRow>,
    /// What was added.
    pub(super) entries: Vec<EntryRow>,
    /// Milestones that were given though others had reached them: by record and rule.
    pub(super) reached_twice: BTreeSet<(Place, RuleId)>,
}

impl Books {
    /// Locks accounts. Their entries are read where one that is to be booked is not the latest, or
    /// where one is taken back.
    pub(super) fn open(
        tx: &mut dyn Tx,
        coming: &[(AccountRef, EntryKey)],
        removed: &[(AccountRef, Place)],
    ) -> Result<Self, StoreError> {
        let refs: BTreeSet<AccountRef> =
            coming.iter().map(|(account, _)| *account).chain(removed.iter().map(|r| r.0)).collect();
        let rows = tx.lock_accounts(&refs.into_iter().collect::<Vec<_>>())?;
        let mut last: BTreeMap<AccountRef, Option<EntryKey>> =
            rows.iter().map(|(account, row)| (*account, row.facts.last_entry)).collect();
        let mut anew: BTreeSet<AccountRef> = removed.iter().map(|(account, _)| *account).collect();
        for (account, key) in coming {
            let last = last.entry(*account).or_default();
            if last.is_some_and(|last| last >= *key) {
                anew.insert(*account);
            }
            *last = (*last).max(Some(*key));
        }
        let mut entries = tx.entries(&anew.iter().copied().collect::<Vec<_>>())?;
        let open = |(account, row): (AccountRef, AccountRow)| {
            let entries = anew.contains(&account).then(|| {
                let rows = entries.remove(&account).unwrap_or_default();
                let gone = |entry: &Entry| {
                    removed.iter().any(|(of, place)| *of == account && *place == place_of(entry))
                };
                rows.into_iter().map(|row| row.entry).filter(|entry| !gone(entry)).collect()
            });
            let folded = Account::from_facts(row.facts.clone());
            let changed = removed.iter().any(|(of, _)| *of == account);
            (account, Book { row, folded, entries, added: Vec::new(), changed })
        };
        Ok(Self { accounts: rows.into_iter().map(open).collect() })
    }

    /// An account just before a place in time, from everything that is known so far.
    pub(super) fn before(&self, account: AccountRef, key: EntryKey) -> Option<Account> {
        let book = self.accounts.get(&account)?;
        Some(match &book.entries {
            None => book.folded.clone(),
            Some(entries) => {
                let earlier = entries.iter().take_while(|entry| entry.key < key);
                fold(&book.row, earlier)
            }
        })
    }

    /// Books an entry, if its sums can be.
    ///
    /// # Errors
    /// [`BeyondSums`] where they are no receipt's; nothing is booked then.
    pub(super) fn add(&mut self, account: AccountRef, entry: Entry) -> Result<(), BeyondSums> {
        if !fits(&entry) {
            return Err(BeyondSums);
        }
        let Some(book) = self.accounts.get_mut(&account) else { return Ok(()) };
        match &mut book.entries {
            None => book.folded.apply(&entry),
            Some(entries) => {
                let at = entries.partition_point(|before| before.key < entry.key);
                entries.insert(at, entry.clone());
            }
        }
        book.changed = true;
        book.added.push(EntryRow { account, number: 0, entry });
        Ok(())
    }

    /// What became of them.
    pub(super) fn close(self) -> Booked {
        let mut booked = Booked::default();
        for (_, mut book) in self.accounts {
            if !book.changed {
                continue;
            }
            if let Some(entries) = &book.entries {
                let mut folded = beginning(&book.row);
                for entry in entries {
                    booked.reached_twice.extend(reached_before(&folded, entry));
                    folded.apply(entry);
                }
                book.folded = folded;
            }
            book.row.facts = book.folded.facts().clone();
            booked.accounts.push(book.row);
            booked.entries.append(&mut book.added);
        }
        booked
    }
}

/// An entry has sums beyond those of any receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BeyondSums;

/// Whether an entry counts that a milestone was reached.
pub(super) fn counts_milestones(entry: &Entry) -> bool {
    let Change::Sale { counted, .. } = &entry.change else { return false };
    counted.iter().any(|counted| matches!(counted.counter, CounterId::RuleReached(_)))
}

/// Milestones that an entry reached though the account had reached them before: another till had
/// given them and this one did not know.
pub(super) fn reached_before(before: &Account, entry: &Entry) -> Vec<(Place, RuleId)> {
    let Change::Sale { counted, .. } = &entry.change else { return Vec::new() };
    let counters = &before.facts().counters;
    let twice = counted.iter().filter_map(|counted| {
        let CounterId::RuleReached(rule) = &counted.counter else { return None };
        let known = counters.count(&counted.counter, CountWindow::Ever, NaiveDate::MAX);
        (counted.by > 0 && known > counted.before).then(|| (place_of(entry), rule.clone()))
    });
    twice.collect()
}

/// The record of an entry.
pub(super) fn place_of(entry: &Entry) -> Place {
    let EntryKey { device, epoch, sequence, .. } = entry.key;
    Place { device, epoch, sequence }
}

/// What an account began with.
pub(super) fn beginning(row: &AccountRow) -> Account {
    Account::from_facts(row.opening.clone().unwrap_or_default())
}

/// An account with some of its entries, in order.
pub(super) fn fold<'e>(row: &AccountRow, entries: impl IntoIterator<Item = &'e Entry>) -> Account {
    let mut folded = beginning(row);
    entries.into_iter().for_each(|entry| folded.apply(entry));
    folded
}

fn fits(entry: &Entry) -> bool {
    let sums = match &entry.change {
        Change::Sale { points, cashback, converted, spend, .. } => vec![
            points.earned.value(),
            points.spent.value(),
            cashback.earned.value(),
            cashback.spent.value(),
            converted.value(),
            spend.value(),
        ],
        Change::Undo { points, cashback, spend, .. } => vec![
            points.clawed_back.value(),
            points.forgiven.value(),
            points.given_back().value(),
            cashback.clawed_back.value(),
            cashback.forgiven.value(),
            cashback.given_back().value(),
            spend.value(),
        ],
        Change::Adjust { points, cashback, .. } => vec![points.value(), cashback.value()],
    };
    sums.into_iter().all(|sum| (-ENTRY_SUM_MAX..=ENTRY_SUM_MAX).contains(&sum))
}
