use std::io::Cursor as Reader;

use super::*;
use crate::hub::api::testing::{PROGRAMME, hub_folder};
use crate::hub::store::rows::VoucherStanding;
use crate::hub::store::sqlite::SqliteStore;
use crate::loyalty::{AccountRef, MemberRef, VoucherId};
use crate::wire::programme::ProgrammeFile;

const FILE: &str = r#"{"member":"00000000000000000000000000000001","codes":["2000000000015"],"points":70,"last_purchase":"2026-02-20","wallet":{"id":"0123456789ABCDEF","secret":"6162636465666768696a6b6c6d6e6f70"},"vouchers":[{"code":"V1","type":"hundred","valid_until":"2026-12-31"}]}

{"member":"00000000000000000000000000000002","account":"00000000000000000000000000000001","codes":["2000000000022"],"referral_codes":["EVA-7"]}
{"voucher":{"code":"V2","type":"hundred"}}
"#;

struct Hub {
    _dir: tempfile::TempDir,
    store: SqliteStore,
    directory: DirectoryKey,
    programme: Programme,
}

fn hub() -> Hub {
    let (dir, store, keys) = hub_folder();
    let directory = DirectoryKey::from_bytes(&keys.directory);
    let programme = ProgrammeFile::check(PROGRAMME).expect("a programme");
    Hub { _dir: dir, store, directory, programme }
}

impl Hub {
    fn import(&self, file: &str) -> Result<Imported, ImportError> {
        let Self { store, directory, programme, .. } = self;
        import(&Importer { store, directory, programme }, || Ok(Reader::new(file.to_owned())))
    }

    fn look(&self) -> Box<dyn crate::hub::store::Tx + '_> {
        self.store.read().expect("a look")
    }
}

fn member(number: u8) -> MemberRef {
    let mut bytes = [0; 16];
    bytes[15] = number;
    MemberRef::from_bytes(bytes)
}

fn account() -> AccountRef {
    AccountRef::from_bytes(*member(1).as_bytes())
}

fn voucher(code: &str) -> VoucherId {
    VoucherId::parse(code).expect("an id")
}

/// The number of a member's card: an EAN-13 that begins with 20.
fn card(member: u32) -> String {
    let digits = format!("20{member:010}");
    let weighed = digits.bytes().enumerate().map(|(place, digit)| {
        let weight = if place % 2 == 0 { 1 } else { 3 };
        weight * u32::from(digit - b'0')
    });
    let sum: u32 = weighed.sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[test]
fn members_come_with_their_codes_balances_and_vouchers() {
    let hub = hub();
    let imported = hub.import(FILE).expect("imported");
    assert_eq!((imported.members, imported.vouchers, imported.points), (2, 2, Points::new(70)));
    assert_eq!(imported.changed, 5, "two members, an account, two vouchers");
    let mut tx = hub.look();
    let card = hub.directory.hash_code("2000000000015");
    let referral = hub.directory.hash_referral_code("eva-7");
    let holders = tx.holders(&[card, referral]).expect("read");
    assert_eq!(holders[&card], member(1));
    assert_eq!(holders[&referral], member(2));
    let rows = tx.members(&[member(1), member(2)]).expect("read");
    let first = rows[&member(1)].state.as_ref().expect("there");
    let sealed = &first.wallets[0].sealed_secret.0;
    assert_eq!(
        hub.directory.open(sealed, member(1).as_bytes()).expect("opens"),
        b"abcdefghijklmnop"
    );
    assert_eq!(rows[&member(2)].state.as_ref().map(|state| state.account), Some(account()));
    let accounts = tx.accounts(&[account()]).expect("read");
    assert_eq!(accounts[&account()].opening.as_ref(), Some(&accounts[&account()].facts));
    assert_eq!(accounts[&account()].facts.points.totals.adjusted, Points::new(70));
}

#[test]
fn the_same_file_again_changes_nothing_and_tells_no_till() {
    let hub = hub();
    hub.import(FILE).expect("imported");
    let before = hub.look().cursor().expect("a cursor");
    let again = hub.import(FILE).expect("imported");
    assert_eq!((again.members, again.points, again.changed), (2, Points::new(70), 0));
    assert_eq!(hub.look().cursor().expect("a cursor"), before);
    let other = FILE.replace("\"points\":70", "\"points\":80");
    assert_eq!(hub.import(&other).expect("imported").changed, 1, "the account alone");
}

#[test]
fn a_voucher_that_was_used_stays_so() {
    let hub = hub();
    hub.import(FILE).expect("imported");
    let mut tx = hub.store.write().expect("a transaction");
    let mut rows = tx.lock_vouchers(&[voucher("V2")]).expect("read");
    let mut row = rows.remove(&voucher("V2")).expect("there");
    row.standing = VoucherStanding::Revoked;
    let cursor = tx.next_cursor().expect("a cursor");
    tx.save_vouchers(&[row], cursor).expect("saved");
    tx.commit().expect("stored");
    assert_eq!(hub.import(FILE).expect("imported").changed, 0);
    let other = FILE.replace(
        r#"{"code":"V2","type":"hundred"}"#,
        r#"{"code":"V2","type":"hundred","valid_until":"2027-01-01"}"#,
    );
    assert_eq!(hub.import(&other).expect("imported").changed, 1);
    let mut tx = hub.store.write().expect("a transaction");
    let rows = tx.lock_vouchers(&[voucher("V2")]).expect("read");
    assert_eq!(rows[&voucher("V2")].standing, VoucherStanding::Revoked);
}

#[test]
fn a_wrong_line_ends_it_before_anything_is_stored() {
    for (line, expected) in [
        ("no JSON", "line 5: "),
        (r#"{"member":"00000000000000000000000000000003","codes":["{}"]}"#, "would read as"),
        (
            r#"{"member":"00000000000000000000000000000003","codes":["2000000000015"]}"#,
            "earlier member",
        ),
        (r#"{"voucher":{"code":"V3","type":"none"}}"#, "no such kind of voucher"),
        (
            r#"{"member":"00000000000000000000000000000003","codes":["2000000000039"],"offers":[{"offer":"x"}]}"#,
            "no such offer",
        ),
    ] {
        let hub = hub();
        let refused = hub.import(&format!("{FILE}{line}\n"));
        let Err(ImportError::Faults { faults }) = refused else { panic!("{line}: {refused:?}") };
        assert_eq!((faults.len(), faults[0].line), (1, 5), "{line}");
        assert!(faults[0].to_string().contains(expected), "{}", faults[0]);
        assert_eq!(hub.look().count_members().expect("read"), 0, "{line}");
    }
    let many = "x\n".repeat(FAULTS_TOLD_MAX + 50);
    let Err(ImportError::Faults { faults }) = hub().import(&many) else { panic!("taken") };
    assert_eq!(faults.len(), FAULTS_TOLD_MAX);
}

#[test]
fn a_code_of_a_member_who_is_not_in_the_file_is_told() {
    let hub = hub();
    hub.import(FILE).expect("imported");
    let other = r#"{"member":"00000000000000000000000000000009","codes":["2000000000015"]}"#;
    let refused = hub.import(other);
    assert!(matches!(refused, Err(ImportError::CodeTaken { first: 1, last: 1 })), "{refused:?}");
    assert_eq!(hub.look().count_members().expect("read"), 2);
}

#[test]
fn a_large_file_comes_in_batches() {
    let hub = hub();
    let line = |number: u32| {
        let card = card(number);
        format!("{{\"member\":\"{number:032x}\",\"codes\":[\"{card}\"],\"points\":1}}\n")
    };
    let file: String = (1..=2_500).map(line).collect();
    let imported = hub.import(&file).expect("imported");
    assert_eq!((imported.members, imported.points), (2_500, Points::new(2_500)));
    let mut tx = hub.look();
    assert_eq!(tx.count_members().expect("read"), 2_500);
    assert_eq!(tx.cursor().expect("a cursor").0, 4, "the list of keys and three batches");
}
