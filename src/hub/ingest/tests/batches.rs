//! One batch after the other.

use chrono::TimeDelta;

use super::tills::{Chain, Purchase, account_ref, voucher_id};
use crate::hub::ingest::rebuild::rebuild;
use crate::hub::ingest::{IngestError, explain::kind};
use crate::hub::store::rows::{DeviceStanding, Place, VoucherStanding};
use crate::journal::testing::hub_key;
use crate::journal::{Body, Checkpoint, ClockTrust, Head, ObjectKind, Position, RecordHash, seal};
use crate::loyalty::{CountWindow, CounterId, RuleId};
use crate::money::{Amount, Points};
use crate::wire::sync::{Bytes, Quarantine};

/// Two tills that sold something, nothing pushed yet.
fn chain() -> Chain {
    let mut chain = Chain::new(2);
    chain.sell(0, "A", &Purchase::of(1, 6));
    chain.pass(TimeDelta::hours(1));
    chain.sell(1, "B", &Purchase::of(1, 2));
    chain.sell(0, "C", &Purchase::anonymous(1));
    chain
}

#[test]
fn a_batch_is_kept_booked_and_acknowledged() {
    let chain = chain();
    let ingested = chain.push_all(0);
    assert_eq!((ingested.added, ingested.flagged, ingested.quarantined.len()), (3, 0, 0));
    let sealed = ingested.checkpoint.expect("a checkpoint");
    let checkpoint = Checkpoint::open(&sealed, &hub_key().public_key()).expect("the hub's");
    let (place, last, _) = chain.tills[0].journal.last().expect("a record");
    assert_eq!((checkpoint.number, checkpoint.device), (1, place.device));
    assert_eq!((checkpoint.epoch, checkpoint.sequence), (place.epoch, place.sequence));
    assert_eq!(checkpoint.hash, last.hash);
    assert_eq!(chain.account(1).balance(), Points::new(57), "60.00 less 5 %");
    chain.push_all(1);
    assert_eq!(chain.account(1).balance(), Points::new(77));
    let rebuilt = chain.read(|tx| rebuild(tx).expect("folds"));
    assert_eq!((rebuilt.differences(), rebuilt.records, rebuilt.entries), (0, 5, 2));
}

#[test]
fn the_same_batch_again_does_nothing() {
    let chain = chain();
    let first = chain.push_all(0);
    let (account, cursor) = (chain.account(1), chain.cursor());
    let again = chain.push_all(0);
    assert_eq!((again.added, again.cursor), (0, None));
    let number = |sealed: Option<Vec<u8>>| {
        let sealed = sealed.expect("a checkpoint");
        Checkpoint::open(&sealed, &hub_key().public_key()).expect("the hub's").number
    };
    assert_eq!(number(again.checkpoint), number(first.checkpoint));
    assert_eq!((chain.account(1), chain.cursor()), (account, cursor));
}

#[test]
fn overlapping_batches_add_what_is_new() {
    let chain = chain();
    assert_eq!(chain.push(0, 0..2).expect("taken in").added, 2);
    assert_eq!(chain.push(0, 1..3).expect("taken in").added, 1);
    assert_eq!(chain.push(0, 0..1).expect("taken in").added, 0);
}

#[test]
fn a_batch_behind_a_gap_is_refused_and_told_where_the_head_is() {
    let chain = chain();
    chain.push(0, 0..1).expect("taken in");
    let refused = chain.push(0, 2..3).expect_err("a record is missing");
    let IngestError::UnknownPredecessor { head: Some(head) } = refused else { panic!("{refused}") };
    assert_eq!((head.epoch, head.sequence), (1, 1));
    let refused = Chain::new(1).push(0, 0..1);
    assert!(refused.is_ok(), "the first record of all");
}

#[test]
fn who_is_not_known_or_was_revoked_is_refused() {
    let chain = chain();
    let mut row = chain.tills[0].row();
    row.standing = DeviceStanding::Revoked;
    chain.write(|tx| tx.save_device(&row).expect("saved"));
    assert!(matches!(chain.push(0, 0..1), Err(IngestError::DeviceRevoked { .. })));
    let (till, batch) = (&chain.tills[1], chain.tills[1].batch(0..1));
    let nobody = crate::loyalty::DeviceId::from_bytes([9; 16]);
    let refused = chain.ingest.take_in(chain.store.as_ref(), nobody, &batch, chain.now);
    assert!(matches!(refused, Err(IngestError::DeviceUnknown { .. })));
    row = till.row();
    row.standing = DeviceStanding::Replaced;
    chain.write(|tx| tx.save_device(&row).expect("saved"));
    assert!(chain.push(1, 0..2).is_ok(), "what it had recorded before is taken");
}

#[test]
fn a_record_that_was_changed_or_is_anothers_is_refused_by_its_place() {
    let chain = chain();
    let device = chain.tills[0].device();
    let mut changed = chain.tills[0].batch(0..3);
    let last = changed.records[1].0.len() - 1;
    changed.records[1].0[last] ^= 1;
    let mut anothers = chain.tills[0].batch(0..3);
    anothers.records[1] = chain.tills[1].batch(1..2).records.remove(0);
    let mut swapped = chain.tills[0].batch(0..3);
    swapped.records.swap(1, 2);
    for batch in [changed, anothers] {
        let refused = chain.ingest.take_in(chain.store.as_ref(), device, &batch, chain.now);
        let Err(IngestError::RecordNotSigned { place, .. }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(place, Place { device, epoch: 1, sequence: 2 });
    }
    let refused = chain.ingest.take_in(chain.store.as_ref(), device, &swapped, chain.now);
    assert!(matches!(refused, Err(IngestError::RecordMisplaced { .. })), "{refused:?}");
    assert_eq!(chain.account(1).balance(), Points::ZERO, "nothing of them is booked");
}

#[test]
fn what_cannot_be_read_is_kept_and_the_chain_goes_on() {
    let mut chain = Chain::new(1);
    let till = &mut chain.tills[0];
    let sealed = seal(ObjectKind::Record, b"not CBOR", &till.key).expect("it fits");
    let Position { epoch, sequence, .. } = till.position;
    let place = Place { device: till.device(), epoch, sequence };
    let record = till.journal[0].2.clone();
    till.position = Head { epoch, sequence, hash: sealed.hash }.next();
    till.journal.push((place, sealed, record));
    chain.sell(0, "A", &Purchase::of(1, 2));
    let ingested = chain.push_all(0);
    assert_eq!(ingested.added, 3);
    let reasons: Vec<u8> = ingested.quarantined.iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [Quarantine::Unreadable.number()]);
    assert_eq!(chain.account(1).balance(), Points::new(20));
    assert!(chain.flags().contains(&(kind::QUARANTINED.to_owned(), place)));
}

#[test]
fn a_new_epoch_goes_on_behind_the_head_or_behind_an_older_record() {
    let mut chain = chain();
    chain.push_all(0);
    // Restored from a backup that was made after the second record.
    let (_, second, _) = &chain.tills[0].journal[1];
    let from = Head { epoch: 1, sequence: 2, hash: second.hash };
    chain.tills[0].position = from.next_epoch();
    let place = chain.sell(0, "D", &Purchase::of(2, 1));
    assert_eq!((place.epoch, place.sequence), (2, 1));
    let ingested = chain.push(0, 3..4).expect("taken in");
    assert_eq!(ingested.added, 1);
    assert!(chain.flags().contains(&(kind::EPOCH_ELSEWHERE.to_owned(), place)));
    assert_eq!(chain.account(2).balance(), Points::new(10));
    assert_eq!(chain.push_all(0).added, 0, "from the first epoch on");
    let mut next = chain.sell(0, "E", &Purchase::of(2, 1));
    next.sequence -= 1;
    assert_eq!(next, place);
    assert_eq!(chain.push(0, 4..5).expect("taken in").added, 1);
}

#[test]
fn a_second_branch_is_kept_and_the_device_suspended() {
    let mut chain = chain();
    chain.push_all(0);
    // A clone that went on behind the second record.
    let (_, second, _) = &chain.tills[0].journal[1];
    chain.tills[0].position = Head { epoch: 1, sequence: 2, hash: second.hash }.next();
    let forked = chain.sell(0, "D", &Purchase::of(2, 1));
    let after = chain.sell(0, "E", &Purchase::of(2, 1));
    let device = chain.tills[0].device();
    for _ in 0..2 {
        let refused = chain.push(0, 3..5).expect_err("a fork");
        let IngestError::Fork { head: Some(head), .. } = refused else { panic!("{refused}") };
        assert_eq!((head.epoch, head.sequence), (1, 3));
        let forks = chain.read(|tx| tx.forks(device).expect("read"));
        let places: Vec<Place> = forks.iter().map(|fork| fork.place).collect();
        assert_eq!(places, [forked, after], "each once");
    }
    let row = chain.read(|tx| tx.device(device).expect("read")).expect("a device");
    assert_eq!(row.standing, DeviceStanding::Suspended);
    assert!(chain.flags().contains(&(kind::FORK.to_owned(), forked)));
    let journal = chain.read(|tx| tx.records(&[forked]).expect("read"));
    assert_ne!(journal[&forked].bytes, chain.tills[0].journal[3].1.bytes, "the first stays");
}

#[test]
fn a_changed_key_signs_what_comes_after_it() {
    use crate::journal::{KeyChange, Remark, SigningKey};
    let mut chain = chain();
    let next = SigningKey::from_seed([77; 32]);
    let (now, reason) = (chain.now, Remark::clip("a new one"));
    let change = KeyChange { public_key: next.public_key(), reason };
    let device = chain.tills[0].device();
    chain.tills[0].record(now, Body::KeyChange(change));
    // The device keeps its id, which is of its first key.
    let sealed_by_next = {
        let till = &mut chain.tills[0];
        let record = &till.journal[1].2;
        let mut header = record.header.clone();
        (header.sequence, header.previous) = (till.position.sequence, till.position.previous);
        let Body::Sale(sale) = &record.body else { panic!("a sale") };
        let mut sale = sale.clone();
        sale.uid = super::tills::receipt("with the new key");
        let body = Body::Sale(sale);
        let record = crate::journal::Record { header, body };
        seal(ObjectKind::Record, &record.to_payload(), &next).expect("it fits")
    };
    let mut batch = chain.tills[0].batch(0..4);
    batch.records.push(Bytes(sealed_by_next.bytes));
    let ingested = chain.ingest.take_in(chain.store.as_ref(), device, &batch, chain.now);
    assert_eq!(ingested.expect("taken in").added, 5);
    let row = chain.read(|tx| tx.device(device).expect("read")).expect("a device");
    assert_eq!(row.key, next.public_key());
}

#[test]
fn a_record_that_was_refused_before_is_left_out_and_the_chain_goes_on() {
    let chain = chain();
    let mut batch = chain.tills[0].batch(0..3);
    let aside = batch.records.remove(1);
    let place = crate::wire::sync::JournalPlace { epoch: 1, sequence: 2 };
    let hash = RecordHash::of(&aside.0);
    batch.set_aside.push(crate::wire::sync::SetAside { place, hash });
    let device = chain.tills[0].device();
    let ingested = chain.ingest.take_in(chain.store.as_ref(), device, &batch, chain.now);
    assert_eq!(ingested.expect("taken in").added, 2);
    let at = Place { device, epoch: 1, sequence: 2 };
    assert!(chain.flags().contains(&(kind::SET_ASIDE.to_owned(), at)));
}

#[test]
fn what_a_till_gave_otherwise_than_the_programme_is_flagged_with_both_explanations() {
    let mut chain = Chain::new(1);
    let (evaluator, now) = (chain.evaluator.clone(), chain.now);
    let honest = chain.tills[0].decide(&evaluator, now, "A", &Purchase::of(1, 6));
    let cheats: [(&str, fn(&mut crate::journal::Sale)); 4] = [
        ("points", |sale| sale.member.as_mut().expect("a member").earned = Points::new(5_000)),
        ("offer", |sale| {
            sale.applied.clear();
            sale.lines[0].discount = Amount::ZERO;
            sale.payable = Amount::new(6_000);
        }),
        ("amount", |sale| {
            sale.applied[0].amount = Amount::new(600);
            sale.applied[0].allocations[0].amount = Amount::new(600);
            sale.lines[0].discount = Amount::new(600);
            sale.payable = Amount::new(5_400);
        }),
        ("counter", |sale| sale.member.as_mut().expect("a member").counted.clear()),
    ];
    for (number, (what, cheat)) in cheats.into_iter().enumerate() {
        let mut sale = honest.clone();
        sale.uid = super::tills::receipt(what);
        // Each of a member of its own, whose account is new.
        let member = sale.member.as_mut().expect("a member");
        member.account = account_ref(100 + u8::try_from(number).expect("a few"));
        cheat(&mut sale);
        let place = chain.tills[0].record(now, Body::Sale(Box::new(sale)));
        chain.push_all(0);
        let flags = chain.read(|tx| tx.flags(100).expect("read"));
        let flag = flags.iter().find(|flag| flag.place == place);
        let flag = flag.unwrap_or_else(|| panic!("{what} is not found"));
        assert_eq!(flag.kind, kind::DIFFERS, "{what}");
        for side in ["\"recorded\"", "\"computed\"", "\"differences\""] {
            assert!(flag.detail.contains(side), "{what}: {}", flag.detail);
        }
    }
}

#[test]
fn two_tills_that_did_not_hear_of_each_other_are_not_accused() {
    let mut chain = Chain::new(2);
    for (till, uid) in [(0, "A"), (1, "B"), (0, "C"), (1, "D"), (0, "E"), (1, "F")] {
        chain.pass(TimeDelta::hours(1));
        chain.sell(till, uid, &Purchase::of(1, 9));
    }
    chain.push_all(0);
    chain.push_all(1);
    let kinds: Vec<String> = chain.flags().into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.iter().any(|found| found == kind::INPUTS_DIFFER), "{kinds:?}");
    assert!(kinds.iter().all(|found| found != kind::DIFFERS), "{kinds:?}");
}

#[test]
fn a_milestone_that_two_tills_gave_is_kept_and_the_later_named() {
    for first in [0, 1] {
        let mut chain = Chain::new(2);
        let mut last = Vec::new();
        for (till, uid) in [(0, "A"), (1, "B"), (0, "C"), (1, "D"), (0, "E"), (1, "F")] {
            chain.pass(TimeDelta::hours(1));
            last.push(chain.sell(till, uid, &Purchase::of(1, 1)));
        }
        chain.push_all(first);
        chain.push_all(1 - first);
        let reached = CounterId::RuleReached(RuleId::parse("third").expect("an id"));
        let account = chain.account(1);
        let days = account.facts().counters.count(&reached, CountWindow::Ever, Default::default());
        assert_eq!(days, 2, "both stand");
        assert_eq!(account.balance(), Points::new(6 * 10 + 2 * 30));
        let flags = chain.flags();
        let twice: Vec<Place> = flags
            .iter()
            .filter(|(found, _)| found == kind::MILESTONE_TWICE)
            .map(|(_, place)| *place)
            .collect();
        assert_eq!(twice, [last[5]], "the sixth visit's, whichever came first");
    }
}

#[test]
fn the_first_who_used_a_voucher_keeps_it_whoever_comes_first() {
    for first in [0, 1] {
        let mut chain = Chain::new(2);
        let a = chain.sell(0, "A", &Purchase::of(1, 2).with_voucher("V1"));
        chain.pass(TimeDelta::hours(1));
        let b = chain.sell(1, "B", &Purchase::of(2, 2).with_voucher("V1"));
        chain.push_all(first);
        chain.push_all(1 - first);
        let voucher = voucher_id("V1");
        let rows = chain.read(|tx| tx.lock_vouchers(&[voucher.clone()]).expect("read"));
        assert_eq!(rows[&voucher].standing, VoucherStanding::Used(a));
        assert!(chain.flags().contains(&(kind::VOUCHER_TWICE.to_owned(), b)));
    }
}

#[test]
fn a_receipt_in_two_journals_is_booked_once_whichever_comes_first() {
    for first in [0, 1] {
        let mut chain = Chain::new(2);
        // Both agents serve one store; its till failed over.
        chain.tills[1].store = chain.tills[0].store.clone();
        let a = chain.sell(0, "A", &Purchase::of(1, 2));
        chain.pass(TimeDelta::seconds(9));
        let b = chain.sell(1, "A", &Purchase::of(1, 2));
        chain.push_all(first);
        chain.push_all(1 - first);
        assert_eq!(chain.account(1).balance(), Points::new(20), "once");
        assert_eq!(chain.account(1).facts().last_entry.expect("an entry").device, a.device);
        assert!(chain.flags().contains(&(kind::RECEIPT_TWICE.to_owned(), b)));
        let records = chain.read(|tx| tx.records(&[a, b]).expect("read"));
        assert_eq!(records.len(), 2, "both are kept");
        let rebuilt = chain.read(|tx| rebuild(tx).expect("folds"));
        assert_eq!(rebuilt.differences(), 0);
    }
}

#[test]
fn a_return_in_another_store_may_come_before_its_sale() {
    for first in [0, 1] {
        let mut chain = Chain::new(2);
        let place = chain.sell(0, "A", &Purchase::of(1, 5).with_voucher("V1"));
        let sale = chain.record(place);
        chain.pass(TimeDelta::days(2));
        let back = chain.take_back(1, &sale, &[], ("R", 5)).expect("taken back");
        chain.push_all(first);
        chain.push_all(1 - first);
        let account = chain.account(1);
        assert_eq!((account.balance(), account.debt()), (Points::ZERO, Points::ZERO));
        assert_eq!(account.facts().lifetime.visits, 0);
        let voucher = voucher_id("V1");
        let rows = chain.read(|tx| tx.lock_vouchers(&[voucher.clone()]).expect("read"));
        let standing = rows.get(&voucher).map(|row| row.standing);
        assert!(matches!(standing, None | Some(VoucherStanding::Open)), "{standing:?}");
        let unknown = (kind::NOT_RECOMPUTED.to_owned(), back);
        assert_eq!(chain.flags().contains(&unknown), first == 1, "the sale was not here yet");
    }
}

#[test]
fn a_purchase_made_before_points_lapsed_and_sent_after_keeps_them_alive() {
    let mut chain = Chain::new(2);
    chain.sell(0, "A", &Purchase::of(1, 5));
    chain.pass(TimeDelta::days(20));
    chain.sell(1, "B", &Purchase::of(1, 1));
    chain.pass(TimeDelta::days(25));
    // The first till knows of one purchase, 45 days ago: for it the points are gone.
    chain.sell(0, "C", &Purchase::of(1, 1));
    chain.push_all(0);
    let without = chain.account(1).balance();
    chain.push_all(1);
    assert_eq!(chain.account(1).balance(), without + Points::new(47 + 10), "none lapsed");
}

#[test]
fn a_sale_under_a_doubted_clock_takes_effect_no_later_than_it_came() {
    let mut chain = Chain::new(1);
    chain.tills[0].trust = ClockTrust::Untrusted;
    let now = chain.now;
    chain.pass(TimeDelta::days(9_000));
    chain.sell(0, "A", &Purchase::of(1, 2));
    chain.now = now + TimeDelta::days(1);
    chain.push_all(0);
    let key = chain.account(1).facts().last_entry.expect("an entry");
    assert_eq!(key.effective_at, chain.now);
    let rebuilt = chain.read(|tx| rebuild(tx).expect("folds"));
    assert_eq!(rebuilt.differences(), 0);
}

#[test]
fn sums_that_no_receipt_comes_to_are_kept_and_not_booked() {
    let mut chain = Chain::new(1);
    let place = chain.adjust(0, "too much", 1, 9_000_000_000_000_000);
    let ingested = chain.push_all(0);
    let reasons: Vec<u8> = ingested.quarantined.iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [Quarantine::OutOfRange.number()]);
    assert!(chain.flags().contains(&(kind::QUARANTINED.to_owned(), place)));
    assert_eq!(chain.account(1).balance(), Points::ZERO);
}

#[test]
fn a_member_named_twice_for_one_receipt_is_booked_once() {
    for first in [0, 1] {
        let mut chain = Chain::new(3);
        let place = chain.sell(2, "A", &Purchase::anonymous(3));
        let sale = chain.record(place);
        chain.pass(TimeDelta::hours(1));
        chain.assign(0, &sale, 1);
        chain.pass(TimeDelta::hours(1));
        chain.assign(1, &sale, 2);
        chain.push_all(2);
        chain.push_all(first);
        chain.push_all(1 - first);
        let earned: i64 =
            [1, 2].iter().map(|member| chain.account(*member).balance().value()).sum();
        assert_eq!(earned, 30, "one of the two, the same whichever came first");
        let kinds: Vec<String> = chain.flags().into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.iter().any(|found| found == kind::MEMBER_TWICE), "{kinds:?}");
    }
}

#[test]
fn an_account_that_was_changed_beside_its_entries_is_found() {
    let chain = chain();
    chain.push_all(0);
    let account = account_ref(1);
    chain.write(|tx| {
        let mut row = tx.lock_accounts(&[account]).expect("locked").remove(&account).expect("one");
        row.facts.points.debt = Points::new(7);
        let cursor = tx.next_cursor().expect("a cursor");
        tx.save_accounts(&[row], cursor).expect("saved");
    });
    let rebuilt = chain.read(|tx| rebuild(tx).expect("folds"));
    assert_eq!(rebuilt.accounts_differ, [account]);
}
