use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::journal::testing::{device_key, hub_key, journal};
use crate::journal::{Sealed, seal};
use crate::wire::sync::packing::pack;
use crate::wire::sync::receipts_testing::receipts;
use crate::wire::sync::{Bytes, Message, Nonce, PushBatch, RequestParts, paths};

/// What the wire may take of a receipt of ten lines in a batch of a hundred and more.
const BYTES_MAX: usize = 200;
/// What it may take of one sent alone, with all of the request.
const ALONE_BYTES_MAX: usize = 1_500;

fn bytes(records: &[Sealed]) -> Vec<&[u8]> {
    records.iter().map(|sealed| sealed.bytes.as_slice()).collect()
}

fn batch(records: &[Sealed]) -> PushBatch {
    let records = records.iter().map(|sealed| Bytes(sealed.bytes.clone())).collect();
    PushBatch { epoch: 1, sequence: 1, records, set_aside: Vec::new() }
}

/// A whole request as HTTP/1.1 writes it.
fn request(batch: &PushBatch) -> Vec<u8> {
    let body = pack(&batch.to_message());
    let parts = RequestParts::new("POST", paths::RECORDS, None, &body).expect("a request");
    let now = crate::journal::testing::instant(0);
    let signature = parts.sign(now, Nonce::of_random([9; 12]), &device_key());
    let signature = signature.headers().map(|(name, value)| format!("{name}: {value}\r\n"));
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: hub.example.com:8443\r\ncontent-type: {}\r\ncontent-encoding: zstd\r\ncontent-length: {}\r\naccept: */*\r\ntillward-protocol: 1\r\n{}\r\n",
        paths::RECORDS,
        paths::CONTENT_TYPE,
        body.len(),
        signature.concat()
    );
    [head.into_bytes(), body].concat()
}

#[test]
fn a_receipt_of_ten_lines_takes_little_of_the_wire() {
    let all = receipts(200, 10);
    let raw: usize = all.iter().map(|sealed| sealed.bytes.len()).sum();
    let mut told = format!("{} bytes a record in the journal\n", raw / all.len());
    for (count, bytes_max) in [(1, ALONE_BYTES_MAX), (10, 400), (100, BYTES_MAX), (200, BYTES_MAX)]
    {
        // Those at the end: the goods and customers of a busy day.
        let records = &all[all.len() - count..];
        let whole = request(&batch(records)).len();
        let body = pack(&batch(records).to_message()).len();
        told += &format!(
            "{count} a request: {} bytes each in the body, {} with the request; zstd alone {}\n",
            body / count,
            whole / count,
            pack(&bytes(records).concat()).len() / count
        );
        assert!(whole / count <= bytes_max, "{told}");
    }
    println!("{told}");
}

#[test]
fn every_kind_of_record_comes_back_as_it_was_signed() {
    let records = journal(60);
    let packed = pack_records(&bytes(&records)).expect("they can be packed");
    assert_eq!(unpack_records(&packed).expect("whole"), bytes(&records));
    assert!(packed.len() < bytes(&records).concat().len() / 2, "{} bytes", packed.len());
    for count in [0, 1] {
        let packed = pack_records(&bytes(&records[..count])).expect("they can be packed");
        assert_eq!(unpack_records(&packed).expect("whole"), bytes(&records[..count]));
    }
}

#[test]
fn a_batch_is_read_as_it_was_written_packed_or_not() {
    let whole = batch(&journal(30));
    let read = PushBatch::from_message(&whole.to_message());
    assert_eq!(read, Ok(whole.clone()));
    // More than a batch may have is not packed, and still not lost.
    let many = PushBatch { records: vec![Bytes(vec![7]); PUSH_RECORDS_MAX + 1], ..whole };
    assert_eq!(PushBatch::from_message(&many.to_message()), Ok(many));
}

#[test]
fn what_is_no_record_of_ours_travels_as_it_is() {
    let records = journal(3);
    let mut forged = records[1].bytes.clone();
    *forged.last_mut().expect("bytes") ^= 1;
    let mut cut = records[1].bytes.clone();
    cut.truncate(50);
    let not_a_map = seal(ObjectKind::Record, b"\x83\x01\x02\xf9\x3c\x00", &hub_key());
    let not_shortest = seal(ObjectKind::Record, b"\xa1\x18\x01\x02", &hub_key());
    let nested = seal(ObjectKind::Record, &[[0x81; 40].as_slice(), &[1]].concat(), &hub_key());
    let large =
        seal(ObjectKind::Record, b"\xa1\x01\x1b\xff\xff\xff\xff\xff\xff\xff\xff", &hub_key());
    let texts = seal(ObjectKind::Record, b"\xa1\x61a\x01", &hub_key());
    let sealed = [not_a_map, not_shortest, nested, large, texts];
    let sealed = sealed.map(|sealed| sealed.expect("it fits").bytes);
    let mut mixed = vec![records[0].bytes.as_slice(), &forged, &cut, b"", b"<html>"];
    mixed.extend(sealed.iter().map(Vec::as_slice));
    mixed.push(&records[2].bytes);
    let packed = pack_records(&mixed).expect("they can be packed");
    assert_eq!(unpack_records(&packed).expect("whole"), mixed);
}

#[test]
fn packed_records_that_are_cut_or_changed_are_refused_or_no_longer_what_was_signed() {
    let records = journal(3);
    let packed = pack_records(&bytes(&records)).expect("they can be packed");
    for cut in 0..packed.len() {
        assert_eq!(unpack_records(&packed[..cut]), Err(Unfit), "{cut} bytes");
    }
    assert_eq!(unpack_records(&[packed.as_slice(), b"x"].concat()), Err(Unfit));
    for place in 0..packed.len() {
        let mut changed = packed.clone();
        changed[place] ^= 0x10;
        // The last bytes only round the last symbol off.
        let rounds_off = place + 4 >= packed.len();
        match unpack_records(&changed) {
            Ok(unpacked) if !rounds_off => assert_ne!(unpacked, bytes(&records), "byte {place}"),
            _ => {}
        }
    }
}

#[test]
fn hostile_bytes_end_at_a_bound() {
    for fill in [0, 1, 0x55, 0x7f, 0xaa, 0xff] {
        for length in [0, 1, 4, 5, 100, 20_000] {
            let _ = unpack_records(&vec![fill; length]);
        }
    }
    // A record of a million nothings is a few bytes; it is not unpacked.
    let nothings = [&[0x9a, 0, 0x0f, 0x42, 0x40], [0xf6; 1_000_000].as_slice()].concat();
    let bomb = seal(ObjectKind::Record, &nothings, &hub_key()).expect("it fits");
    let mut writer = Writer::new();
    let mut memory = Memory::default();
    let made = code_record(&mut writer, &mut memory, Some(&bomb.bytes));
    assert_eq!(made, Err(Unfit));
    assert_eq!(pack_records(&[&bomb.bytes]), None);
}

/// What a till of the first version packed is unpacked for ever. `TILLWARD_UPDATE_GOLDEN=1` writes
/// the file: only for a form that is not out yet.
#[test]
fn records_packed_by_the_first_version_are_unpacked() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/sync/v1/records.packed");
    let records = [receipts(20, 3), journal(36)].concat();
    let packed = pack_records(&bytes(&records)).expect("they can be packed");
    if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, &packed).expect("written");
    }
    let golden = std::fs::read(&path).expect("a golden file");
    assert_eq!(unpack_records(&golden).expect("whole"), bytes(&records));
}

fn values() -> impl Strategy<Value = ciborium::Value> {
    use ciborium::Value as Cbor;
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| Cbor::Integer(number.into())),
        any::<i16>().prop_map(|number| Cbor::Integer(number.into())),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Cbor::Bytes),
        ".{0,12}".prop_map(Cbor::Text),
        any::<bool>().prop_map(Cbor::Bool),
        Just(Cbor::Null),
        any::<f64>().prop_map(Cbor::Float),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Cbor::Array),
            // Keys as those of records, so that what is expected there meets what is not.
            prop::collection::btree_map(prop_oneof![0..25_u32, any::<u32>()], inner, 0..8)
                .prop_map(|map| Cbor::Map(
                    map.into_iter().map(|(key, value)| (key.into(), value)).collect()
                )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_records_come_back_as_they_were(
        payloads in prop::collection::vec(values(), 0..12),
        garbage in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..3),
    ) {
        let sealed = payloads.iter().map(|payload| {
            seal(ObjectKind::Record, &to_bytes(payload), &device_key()).expect("it fits").bytes
        });
        let records: Vec<Vec<u8>> = sealed.chain(garbage).collect();
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        if let Some(packed) = pack_records(&records) {
            prop_assert_eq!(unpack_records(&packed).expect("whole"), records.clone());
        }
        let records = records.into_iter().map(|record| Bytes(record.to_vec())).collect();
        let batch = PushBatch { epoch: 1, sequence: 1, records, set_aside: Vec::new() };
        prop_assert_eq!(PushBatch::from_message(&batch.to_message()), Ok(batch));
    }

    #[test]
    fn any_receipts_with_a_value_changed_come_back(
        place in 0..600_usize,
        by in 1..255_u8,
        which in 0..3_usize,
    ) {
        // Signed anew, as a till that decides otherwise would.
        let mut records: Vec<Vec<u8>> =
            receipts(3, 2).into_iter().map(|sealed| sealed.bytes).collect();
        let opened = read_unverified(ObjectKind::Record, &records[which]).expect("a record");
        let mut payload = opened.payload.to_vec();
        let place = place % payload.len();
        payload[place] ^= by;
        records[which] = seal(ObjectKind::Record, &payload, &device_key()).expect("it fits").bytes;
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let packed = pack_records(&records).expect("they can be packed");
        prop_assert_eq!(unpack_records(&packed).expect("whole"), records);
    }

    #[test]
    fn any_bytes_are_unpacked_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(records) = unpack_records(&bytes) {
            prop_assert!(records.len() <= PUSH_RECORDS_MAX);
        }
    }
}
