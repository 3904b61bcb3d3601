//! A batch against the journal as it is here: what is new, what is there already, what has a second
//! branch. Pure: the hashes of what is there come in.

use std::collections::BTreeMap;

use crate::hub::store::rows::{DeviceRow, Place};
use crate::journal::{
    Body, EnvelopeError, Head, ObjectKind, PublicKey, Record, RecordError, RecordHash, open,
    read_unverified,
};
use crate::wire::sync::{PushBatch, Quarantine};

/// What a batch has that is not here yet.
#[derive(Debug)]
pub(super) struct Fresh {
    /// Records that go on behind the head, in order.
    pub(super) records: Vec<FreshRecord>,
    /// The batch has records of a second branch, kept already or not.
    pub(super) is_forked: bool,
    /// Those of them that are not kept yet.
    pub(super) forks: Vec<(Place, Vec<u8>, RecordHash)>,
    /// The key that the journal is signed with behind the batch.
    pub(super) key: PublicKey,
    /// The last record behind the batch.
    pub(super) head: Option<Head>,
    /// Epochs that do not begin behind the last record of the one before.
    pub(super) epochs_elsewhere: Vec<u32>,
    /// Records that were left out because they were refused before.
    pub(super) set_aside: Vec<(Place, RecordHash)>,
}

/// An authentic record in its place.
#[derive(Debug)]
pub(super) struct FreshRecord {
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
    pub(super) hash: RecordHash,
    /// What it says, or why it cannot be read.
    pub(super) read: Result<Box<Record>, Quarantine>,
}

/// Why a batch is not taken.
#[derive(Debug)]
pub(super) enum BatchFault {
    /// A record is not what the device signed.
    NotSigned {
        /// Where it should be.
        place: Place,
        /// Why.
        fault: EnvelopeError,
    },
    /// A record of another journal, or of another place than it stands at.
    Misplaced {
        /// Where it stands.
        place: Place,
        /// Where it says that it is.
        found: Place,
    },
    /// The batch does not follow what is here.
    UnknownPredecessor,
}

/// Hashes of records of the journal that are here already, and where.
pub(super) type Here = BTreeMap<RecordHash, Place>;

/// Reads a batch of a device. `here` has every record of the journal from the batch's first place on
/// and the one before it; `forked` the second branches.
pub(super) fn read(
    device: &DeviceRow,
    batch: &PushBatch,
    here: &Here,
    forked: &Here,
) -> Result<Fresh, BatchFault> {
    let head = device.head.map(|(epoch, sequence, hash)| Head { epoch, sequence, hash });
    let places: BTreeMap<Place, RecordHash> = here.iter().map(|(h, place)| (*place, *h)).collect();
    let mut left_out = batch.set_aside.iter().peekable();
    let first = Place { device: device.device, epoch: batch.epoch, sequence: batch.sequence };
    let mut reader = Reader {
        key: device.key,
        head,
        expected: first,
        on_fork: false,
        fresh: Fresh {
            records: Vec::with_capacity(batch.records.len()),
            is_forked: false,
            forks: Vec::new(),
            key: device.key,
            head,
            epochs_elsewhere: Vec::new(),
            set_aside: Vec::new(),
        },
    };
    for record in &batch.records {
        while let Some(aside) = left_out.next_if(|aside| {
            (aside.place.epoch, aside.place.sequence)
                == (reader.expected.epoch, reader.expected.sequence)
        }) {
            reader.leave_out(aside.hash);
        }
        reader.take(&record.0, here, forked, &places)?;
    }
    let Reader { key, head, mut fresh, .. } = reader;
    (fresh.key, fresh.head) = (key, head);
    Ok(fresh)
}

/// Goes through a batch.
struct Reader {
    key: PublicKey,
    head: Option<Head>,
    /// Where the next record is, if it is of the same epoch.
    expected: Place,
    /// The records before were of a second branch.
    on_fork: bool,
    fresh: Fresh,
}

impl Reader {
    fn take(
        &mut self,
        bytes: &[u8],
        here: &Here,
        forked: &Here,
        places: &BTreeMap<Place, RecordHash>,
    ) -> Result<(), BatchFault> {
        let hash = RecordHash::of(bytes);
        if let Some(place) = here.get(&hash) {
            self.on_fork = false;
            self.step(*place);
            return Ok(());
        }
        let place = self.expected;
        let opened = self.open(bytes).map_err(|fault| BatchFault::NotSigned { place, fault })?;
        let read = match Record::from_payload(opened) {
            Ok(record) => Ok(Box::new(record)),
            Err(RecordError::UnknownFormat { .. }) => Err(Quarantine::UnknownFormat),
            Err(RecordError::Payload(_)) => Err(Quarantine::Unreadable),
        };
        let place = match &read {
            Ok(record) => self.place_of(record, place)?,
            Err(_) => place,
        };
        let previous = read.as_ref().ok().map(|record| record.header.previous);
        if self.is_fork(place, previous, forked, places) {
            self.on_fork = true;
            self.step(place);
            if !forked.contains_key(&hash) {
                self.fresh.forks.push((place, bytes.to_vec(), hash));
            }
            self.fresh.is_forked = true;
            return Ok(());
        }
        self.on_fork = false;
        self.follow(place, previous)?;
        if let Ok(Record { body: Body::KeyChange(change), .. }) = read.as_deref() {
            self.key = change.public_key;
        }
        self.head = Some(Head { epoch: place.epoch, sequence: place.sequence, hash });
        self.step(place);
        let bytes = bytes.to_vec();
        self.fresh.records.push(FreshRecord { place, bytes, hash, read });
        Ok(())
    }

    /// The payload, signed with the key of the journal now, or of its beginning: a device that was
    /// enrolled with a key signs with it from the first record on.
    fn open<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], EnvelopeError> {
        match open(ObjectKind::Record, bytes, &self.key) {
            Ok(opened) => Ok(opened.payload),
            Err(fault) => {
                // Tells bytes that are no record from a record of another key.
                read_unverified(ObjectKind::Record, bytes)?;
                Err(fault)
            }
        }
    }

    fn place_of(&self, record: &Record, expected: Place) -> Result<Place, BatchFault> {
        let header = &record.header;
        let (epoch, sequence) = (header.epoch, header.sequence);
        let found = Place { device: header.device, epoch, sequence };
        let begins_epoch = epoch > expected.epoch && sequence == 1;
        if found != expected && !(found.device == expected.device && begins_epoch) {
            return Err(BatchFault::Misplaced { place: expected, found });
        }
        Ok(found)
    }

    /// Whether a record belongs to a second branch: its place has another record, or it follows one
    /// of the branch.
    fn is_fork(
        &self,
        place: Place,
        previous: Option<RecordHash>,
        forked: &Here,
        places: &BTreeMap<Place, RecordHash>,
    ) -> bool {
        let follows_fork = place.sequence > 1
            && (self.on_fork || previous.is_some_and(|previous| forked.contains_key(&previous)));
        let taken = self
            .head
            .is_some_and(|head| (place.epoch, place.sequence) <= (head.epoch, head.sequence));
        follows_fork || places.contains_key(&place) || taken
    }

    /// Checks that a record goes on behind the head.
    fn follow(&mut self, place: Place, previous: Option<RecordHash>) -> Result<(), BatchFault> {
        let same_epoch = self.head.filter(|head| head.epoch == place.epoch);
        let next = same_epoch.map_or(1, |head| head.sequence.saturating_add(1));
        let names = |hash: RecordHash| previous.is_none_or(|previous| previous == hash);
        let fits = place.sequence == next
            && match same_epoch {
                Some(head) => names(head.hash),
                None => place.epoch > 1 || names(RecordHash::ZERO),
            };
        if !fits {
            return Err(BatchFault::UnknownPredecessor);
        }
        if let (None, Some(head)) = (same_epoch, self.head) {
            if !names(head.hash) {
                self.fresh.epochs_elsewhere.push(place.epoch);
            }
        }
        Ok(())
    }

    /// Goes on behind a record that was refused before: the one behind it names its hash.
    fn leave_out(&mut self, hash: RecordHash) {
        let place = self.expected;
        let behind_head = self
            .head
            .is_none_or(|head| (place.epoch, place.sequence) > (head.epoch, head.sequence));
        if behind_head {
            self.head = Some(Head { epoch: place.epoch, sequence: place.sequence, hash });
            self.fresh.set_aside.push((place, hash));
        }
        self.step(place);
    }

    fn step(&mut self, place: Place) {
        self.expected = Place { sequence: place.sequence.saturating_add(1), ..place };
    }
}
