//! Files of which the whole outcome is kept. `TILLWARD_UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

use super::*;

const WRONG: &str = include_str!("../../../../tests/data/programmes/wrong.toml");

#[test]
fn the_documented_file_checks_clean() {
    let programme = accepted(FULL);
    assert_eq!(programme.offers.len(), 16);
    assert_eq!(programme.voucher_types.len(), 2);
    assert!(accepted(LADDER).redemption.is_some());
}

#[test]
fn every_mistake_of_the_wrong_file_is_told_at_once() {
    let faults = ProgrammeFile::check(WRONG).expect_err("everything in it is wrong");
    assert_golden("wrong.expected.txt", &lines_of(&faults));
}

#[test]
fn the_schema_for_editors_is_the_one_published() {
    assert_golden("schema.json", &format!("{:#}\n", json_schema()));
}

#[test]
fn the_documented_files_use_every_key_of_the_schema() {
    let schema = json_schema();
    let tables = schema["$defs"].as_object().expect("tables are defined").values();
    let keys = std::iter::once(&schema)
        .chain(tables)
        .filter_map(|table| table["properties"].as_object())
        .flat_map(|properties| properties.keys());
    for key in keys {
        let written = [format!("{key} = "), format!("[{key}]"), format!(".{key}]")];
        assert!(
            written
                .iter()
                .any(|form| [FULL, LADDER, CASHBACK].iter().any(|file| file.contains(form))),
            "`{key}` is in no documented file"
        );
    }
}

#[test]
fn the_content_hash_is_sha_256_of_the_bytes() {
    // FIPS 180-4, the one-block message "abc".
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let hash: String = content_hash(b"abc").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, expected);
}

fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/programmes").join(name);
    if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{name} differs; TILLWARD_UPDATE_GOLDEN=1 writes it anew");
}
