use proptest::prelude::*;

use super::*;

#[derive(Debug, PartialEq)]
struct Pair {
    first: u64,
    second: Option<Vec<u32>>,
}

cbor_map!(Pair {
    1 first required,
    2 second optional,
});

fn read(hex: &str) -> Result<Pair, String> {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hexadecimal"))
        .collect();
    from_bytes(&bytes).and_then(Pair::from_cbor).map_err(|error| error.to_string())
}

#[test]
fn maps_are_read_strictly_but_unknown_keys_are_ignored() {
    let pair = |first, second: &[u32]| {
        Ok(Pair { first, second: (!second.is_empty()).then(|| second.to_vec()) })
    };
    let refused = |text: &str| Err(text.to_owned());
    let cases = [
        ("a10105", pair(5, &[])),
        ("a2010502820708", pair(5, &[7, 8])),
        ("a301050281071818f6", pair(5, &[7])),
        ("a0", refused("first: key 1 is missing")),
        ("a1010500", refused("bytes follow the value")),
        ("a201050105", refused("key 1 repeats or is out of order")),
        ("a202800105", refused("key 1 repeats or is out of order")),
        ("a1616105", refused("expected an integer")),
        ("a10120", refused("first: the number is out of range")),
        ("a1016105", refused("first: expected an integer")),
        ("a2010502820760", refused("second[1]: expected an integer")),
        ("8105", refused("expected a map")),
        ("a101", refused("the bytes are not well-formed CBOR or nest too deep")),
        (
            "8181818181818181818181818181818181818105",
            refused("the bytes are not well-formed CBOR or nest too deep"),
        ),
    ];
    for (hex, expected) in cases {
        assert_eq!(read(hex), expected, "{hex}");
    }
}

fn hex(write: impl FnOnce(&mut Writer)) -> String {
    let mut out = Writer::with_capacity(0);
    write(&mut out);
    out.into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn keys_integers_and_lengths_are_written_in_their_shortest_form() {
    let map = hex(|out| {
        out.map(|map| {
            map.required(2, &-1_i64);
            map.required(23, &256_u32);
            map.required(24, &u64::MAX);
            map.required(300, &1_u64);
        });
    });
    assert_eq!(map, "a402201719010018181bffffffffffffffff19012c01");
    let heads = [(0, "80"), (23, "97"), (24, "9818"), (256, "990100"), (65_536, "9a00010000")];
    for (items, head) in heads {
        let list = hex(|out| vec![7_u8; items].write(out));
        assert_eq!(list, format!("{head}{}", "07".repeat(items)));
    }
}

#[test]
#[should_panic(expected = "key 1 is written out of order")]
fn keys_that_do_not_rise_are_a_fault_of_the_program() {
    hex(|out| {
        out.map(|map| {
            map.required(1, &1_u64);
            map.required(1, &2_u64);
        });
    });
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let read = from_bytes(&bytes).and_then(Pair::from_cbor);
        if let Ok(pair) = read {
            prop_assert_eq!(from_bytes(&to_bytes(&pair)).and_then(Pair::from_cbor), Ok(pair));
        }
    }
}
