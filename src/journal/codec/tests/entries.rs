//! Entries of accounts: what the hub keeps of them is read as it was written.

use super::*;
use crate::journal::{entry, entry_from_bytes, entry_to_bytes};
use crate::loyalty::{
    DeviceId, Entry, EntryKey, EntryTerms, ExpiryPolicy, Gained, MemberRef, PendingPart,
    RemainingSale, Undone,
};

/// What the records of the tests do to accounts, and the rarer of what entries can say.
fn entries() -> Vec<(&'static str, Entry)> {
    let of = |kind| entry(&record_of(kind)).expect("it changes an account").1;
    let mut counting = of(Kind::Adjustment);
    let rule = RuleId::parse("friends").expect("an id");
    let counted = Counted { counter: CounterId::RuleReferrals(rule), before: 1, by: 1 };
    counting.change = Change::of_points(Points::new(200), Expires::On(day("2027-02-28")))
        .counting(Some((day("2026-02-27"), vec![counted])));
    vec![
        ("sale", of(Kind::Sale)),
        ("void", of(Kind::Void)),
        ("return", of(Kind::Return)),
        ("assign", of(Kind::Assign)),
        ("adjustment", of(Kind::Adjustment)),
        ("adjustment_counting", counting),
    ]
}

/// A changed golden file means that entries already stored are read otherwise.
/// `TILLWARD_UPDATE_GOLDEN=1` writes it.
#[test]
fn every_kind_of_entry_has_its_golden_bytes() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/data/journal/v1/entries.hex");
    let written = |(name, entry): &(&str, Entry)| {
        let digits: String = entry_to_bytes(entry).iter().map(|b| format!("{b:02x}")).collect();
        format!("{name} {digits}\n")
    };
    let written: String = entries().iter().map(written).collect();
    if std::env::var_os("TILLWARD_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &written).expect("the golden folder is there");
    }
    let golden = std::fs::read_to_string(path).expect("a golden file");
    assert_eq!(written, golden);
    for (line, (name, entry)) in golden.lines().zip(entries()) {
        let (_, digits) = line.split_once(' ').expect("a name and digits");
        assert_eq!(entry_from_bytes(&unhex(digits)), Ok(entry), "{name}");
    }
}

fn instants() -> impl Strategy<Value = chrono::DateTime<chrono::Utc>> {
    (0_i64..4_000_000_000_000).prop_map(|ms| {
        chrono::DateTime::from_timestamp_millis(ms).expect("an instant of this century")
    })
}

fn days() -> impl Strategy<Value = chrono::NaiveDate> {
    instants().prop_map(|at| at.date_naive())
}

fn lots() -> impl Strategy<Value = Expires> {
    prop_oneof![days().prop_map(Expires::On), Just(Expires::WithActivity), Just(Expires::Never)]
}

fn policies() -> impl Strategy<Value = ExpiryPolicy> {
    prop_oneof![
        (1_u16..800).prop_map(|days| ExpiryPolicy::Sliding { days }),
        (1_u16..800).prop_map(|days| ExpiryPolicy::Lots { days }),
        Just(ExpiryPolicy::Never)
    ]
}

fn counts() -> impl Strategy<Value = Vec<Counted>> {
    let counter = (id(), any::<[u8; 16]>(), 0..6_u8).prop_map(|(text, member, kind)| {
        let rule = RuleId::parse(&text).expect("an id");
        let offer = OfferId::parse(&text).expect("an id");
        let member = MemberRef::from_bytes(member);
        match kind {
            0 => CounterId::RuleUses(rule),
            1 => CounterId::RuleVisitDays(rule),
            2 => CounterId::RuleReached(rule),
            3 => CounterId::MemberRuleUses { rule, member },
            4 => CounterId::Told { what: Promotion::Offer(offer), member },
            _ => CounterId::OfferUses { offer, unit: UseUnit::Units, member: Some(member) },
        }
    });
    let counted = (counter, any::<i64>(), any::<i64>()).prop_map(|(counter, before, by)| Counted {
        counter,
        before,
        by,
    });
    prop::collection::vec(counted, 0..4)
}

fn gained<U>(value: fn(Amount) -> U) -> impl Strategy<Value = Gained<U>>
where
    U: std::fmt::Debug + Clone + 'static,
{
    let pending = prop::collection::vec((days(), sum()), 0..3);
    (sum(), lots(), pending, sum()).prop_map(move |(earned, expires, pending, spent)| {
        let part = |(usable_from, part)| PendingPart { usable_from, value: value(part) };
        let pending = pending.into_iter().map(part).collect();
        Gained { earned: value(earned), expires, pending, spent: value(spent) }
    })
}

fn undone<U>(value: fn(Amount) -> U) -> impl Strategy<Value = Undone<U>>
where
    U: std::fmt::Debug + Clone + 'static,
{
    let pending = prop::collection::vec((days(), sum()), 0..3);
    let restored = prop::collection::vec((lots(), sum()), 0..3);
    let parts = (sum(), sum(), lots(), pending, restored);
    parts.prop_map(move |(clawed_back, forgiven, expires, pending, restored)| Undone {
        clawed_back: value(clawed_back),
        forgiven: value(forgiven),
        expires,
        pending: pending
            .into_iter()
            .map(|(usable_from, part)| PendingPart { usable_from, value: value(part) })
            .collect(),
        restored: restored
            .into_iter()
            .map(|(expires, part)| SpentPart { expires, value: value(part) })
            .collect(),
    })
}

fn points(amount: Amount) -> Points {
    Points::new(amount.value())
}

fn changes() -> impl Strategy<Value = Change> {
    let sale = (gained(points), gained(|amount| amount), sum(), sum(), counts()).prop_map(
        |(points, cashback, converted, spend, counted)| Change::Sale {
            points,
            cashback,
            converted: Points::new(converted.value()),
            spend,
            counted,
        },
    );
    let undo = (days(), any::<bool>(), undone(points), undone(|amount| amount), sum(), counts())
        .prop_map(|(sale_day, some, points, cashback, spend, counted)| Change::Undo {
            sale_day,
            remaining: if some { RemainingSale::Some } else { RemainingSale::Nothing },
            points,
            cashback,
            spend,
            counted,
        });
    let counted = prop::option::of((days(), counts()));
    let adjust = (sum(), lots(), sum(), lots(), counted).prop_map(
        |(points, expires, cashback, cashback_expires, counted)| Change::Adjust {
            points: Points::new(points.value()),
            expires,
            cashback,
            cashback_expires,
            counted,
        },
    );
    prop_oneof![sale, undo, adjust]
}

proptest! {
    #[test]
    fn any_entry_is_read_as_it_was_written(
        (effective_at, device, epoch, sequence) in
            (instants(), any::<[u8; 16]>(), any::<u32>(), any::<u64>()),
        day in days(),
        (expiry, cashback_expiry, days_kept) in (policies(), policies(), any::<u16>()),
        change in changes(),
    ) {
        let device = DeviceId::from_bytes(device);
        let key = EntryKey { effective_at, device, epoch, sequence };
        let terms = EntryTerms { expiry, cashback_expiry, days_kept };
        let entry = Entry { key, day, terms, change };
        prop_assert_eq!(entry_from_bytes(&entry_to_bytes(&entry)), Ok(entry));
    }

    #[test]
    fn any_bytes_are_an_entry_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(entry_from_bytes(&bytes).is_err());
    }
}
