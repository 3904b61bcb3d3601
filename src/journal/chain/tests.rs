use proptest::prelude::*;

use super::*;
use crate::journal::record::Kind;
use crate::journal::testing::{device_key, header, hub_key, journal, record_of, sealed};
use crate::journal::{FORMAT, Sealed, seal};

const RECORDS: usize = 20;

fn chain() -> Chain {
    Chain::begin(device_key().device_id(), device_key().public_key())
}

/// Where a journal breaks, and why.
fn first_fault<'a>(records: impl IntoIterator<Item = &'a Sealed>) -> Option<(usize, ChainFault)> {
    let mut chain = chain();
    let mut records = records.into_iter().enumerate();
    records.find_map(|(at, sealed)| Some((at, chain.accept(&sealed.bytes).err()?)))
}

/// A record at a place, and the head after it.
fn placed(position: Position) -> (Sealed, Head) {
    let mut record = record_of(Kind::Event);
    record.header = header(position);
    let sealed = sealed(&record);
    let head = Head::of(&record.header, sealed.hash);
    (sealed, head)
}

#[test]
fn a_journal_verifies_and_ends_at_its_head() {
    let records = journal(RECORDS);
    let mut chain = chain();
    for sealed in &records {
        let record = chain.accept(&sealed.bytes).expect("our own record");
        let head = Head::of(&record.header, sealed.hash);
        assert_eq!(chain.head(), Some(head));
    }
    assert_eq!(chain.announced_key(), Some(device_key().public_key()));
}

#[test]
fn a_removed_swapped_or_repeated_record_is_found() {
    let records = journal(RECORDS);
    for at in 0..RECORDS - 1 {
        let number = at as u64 + 1;
        let mut removed: Vec<&Sealed> = records.iter().collect();
        removed.remove(at);
        let gap = ChainFault::SequenceGap { expected: number, found: number + 1 };
        assert_eq!(first_fault(removed), Some((at, gap.clone())), "{at}");

        let mut swapped: Vec<&Sealed> = records.iter().collect();
        swapped.swap(at, at + 1);
        assert_eq!(first_fault(swapped), Some((at, gap)), "{at}");

        let mut repeated: Vec<&Sealed> = records.iter().collect();
        repeated.insert(at + 1, &records[at]);
        let again = ChainFault::SequenceRepeated { expected: number + 1, found: number };
        assert_eq!(first_fault(repeated), Some((at + 1, again)), "{at}");
    }
}

#[test]
fn a_record_made_anew_with_the_devices_own_key_breaks_the_next_one() {
    let mut records = journal(3);
    let (other, head) = placed(Position {
        sequence: 2,
        ..Head { epoch: 1, sequence: 1, hash: records[0].hash }.next()
    });
    assert_ne!(other.hash, records[1].hash);
    records[1] = other;
    let fault = ChainFault::HashMismatch { sequence: 3, expected: head.hash };
    assert_eq!(first_fault(&records), Some((2, fault)));
}

#[test]
fn a_first_record_that_names_another_is_not_the_first() {
    let (sealed, _) = placed(Position { previous: RecordHash::of(b"hidden"), ..Position::FIRST });
    let fault = ChainFault::HashMismatch { sequence: 1, expected: RecordHash::ZERO };
    assert_eq!(first_fault([&sealed]), Some((0, fault)));
}

#[test]
fn an_epoch_begins_at_one_behind_the_last_record_or_an_unknown_one() {
    let (first, head) = placed(Position::FIRST);
    let elsewhere = RecordHash::of(b"an older record");
    let next = head.next_epoch();
    let with_previous = |previous| Position { previous, ..next };
    let cases = [
        (next, None),
        (with_previous(RecordHash::ZERO), None),
        (
            with_previous(elsewhere),
            Some(ChainFault::EpochStartsElsewhere { epoch: 2, previous: elsewhere }),
        ),
        (Position { sequence: 2, ..next }, Some(ChainFault::SequenceGap { expected: 1, found: 2 })),
        (Position { epoch: 0, ..next }, Some(ChainFault::EpochBackwards { head: 1, found: 0 })),
    ];
    for (position, expected) in cases {
        let (second, _) = placed(position);
        let fault = first_fault([&first, &second]).map(|(_, fault)| fault);
        assert_eq!(fault, expected, "{position:?}");
    }
}

#[test]
fn after_a_fault_the_chain_stands_until_it_is_told_where_to_go_on() {
    let records = journal(4);
    let mut chain = chain();
    chain.accept(&records[0].bytes).expect("the first");
    let head = chain.head();
    assert!(chain.accept(&records[2].bytes).is_err());
    assert_eq!(chain.head(), head);
    chain.resume_at(Head { epoch: 1, sequence: 2, hash: records[1].hash });
    assert!(chain.accept(&records[2].bytes).is_ok());
    assert!(chain.accept(&records[3].bytes).is_ok());
}

#[test]
fn foreign_damaged_and_future_records_are_told_apart() {
    let good = placed(Position::FIRST).0.bytes;
    let mut damaged = good.clone();
    *damaged.last_mut().expect("bytes") ^= 1;

    let mut foreign = record_of(Kind::Event);
    foreign.header.device = hub_key().device_id();
    let foreign = sealed(&foreign).bytes;

    let mut future = record_of(Kind::Event);
    future.header.format = FORMAT + 1;
    let future = sealed(&future).bytes;

    let by_hub = seal(ObjectKind::Record, &record_of(Kind::Event).to_payload(), &hub_key());
    let by_hub = by_hub.expect("it fits").bytes;

    let cases = [
        (damaged, ChainFault::Signature),
        (foreign, ChainFault::OtherDevice { found: hub_key().device_id() }),
        (future, ChainFault::UnknownFormat { found: FORMAT + 1 }),
        (by_hub, ChainFault::Envelope(EnvelopeError::OtherKey { found: hub_key().key_id() })),
        (good[..good.len() - 1].to_vec(), ChainFault::Envelope(EnvelopeError::Malformed)),
    ];
    for (bytes, expected) in cases {
        assert_eq!(chain().accept(&bytes), Err(expected));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(chain().accept(&bytes).is_err());
    }

    #[test]
    fn any_order_but_the_written_one_is_a_fault(
        order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let records = journal(8);
        let fault = first_fault(order.iter().map(|at| &records[*at]));
        prop_assert_eq!(fault.is_none(), order.is_sorted());
    }
}
