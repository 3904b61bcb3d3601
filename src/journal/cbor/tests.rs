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

#[test]
fn keys_are_written_in_order_and_integers_in_their_shortest_form() {
    let mut map = MapBuilder::with_capacity(4);
    map.required(300, &1_u64);
    map.required(24, &u64::MAX);
    map.required(2, &-1_i64);
    map.required(23, &256_u32);
    let hex: String = to_bytes(&map.finish()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "a402201719010018181bffffffffffffffff19012c01");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let read = from_bytes(&bytes).and_then(Pair::from_cbor);
        if let Ok(pair) = read {
            prop_assert_eq!(Pair::from_cbor(pair.to_cbor()), Ok(pair));
        }
    }
}
