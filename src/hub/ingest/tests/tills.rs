//! Tills of a small chain. Each knows what it recorded itself and nothing of the others, decides
//! with `loyalty`, and keeps a signed journal.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::hub::ingest::Ingest;
use crate::hub::store::rows::{DeviceRow, DeviceStanding, Place, ProgrammeRow};
use crate::hub::store::sqlite::SqliteStore;
use crate::hub::store::{Store, Tx};
use crate::journal::testing::{header, hub_key, instant};
use crate::journal::{
    Adjustment, Assign, Body, ClockTrust, ContentHash, Head, KeyChange, ObjectKind, Position,
    Record, RecordRef, Remark, Sale, Sealed, SigningKey, Undo, UndoneKind, entry, seal,
};
use crate::loyalty::{
    Account, AccountRef, Basket, Budgets, Counters, DeviceId, Draws, Entry, Evaluator, Expires,
    Explain, IssueState, Line, LineId, MemberRef, NOTHING_PERSONAL, Occasion, ReceiptUid,
    RemainingSale, RequestedBenefits, RequestedSpend, ReturnLine, SharedUses, Shopper, Sku,
    SpendingCap, Standing, StoreId, TaxMode, TillId, VoucherId, VoucherStanding, VoucherState,
    VoucherTypeId,
};
use crate::member_code::Strength;
use crate::money::{Amount, Percent, Points, Quantity};
use crate::recompute::{
    Buyer, Owner, Sold, member_part, refusals_kept, sale_lines, what_comes_back,
};
use crate::wire::programme::ProgrammeFile;
use crate::wire::sync::{Bytes, Cursor, PushBatch};

/// A point for each whole euro, lapsing 30 days after the last purchase; 100 points pay 1.00; every
/// third visit gives 30 points and a voucher; 5 % off from 50.00.
pub(super) const PROGRAMME: &str = r#"
format = 1
id = "test"
version = 1
name = "Test Club"
currency = "EUR"
zone = "Europe/Prague"
late_member_days = 30

[expiry]
mode = "sliding"
days = 30

[tiers]
measure = "spend"
window = "lifetime"

[[tiers.steps]]
id = "bronze"
name = "Bronze"
threshold = "0.00"

[[tiers.steps]]
id = "gold"
name = "Gold"
threshold = "300.00"
multiplier = "2"

[redemption]
step = 100
step_value = "1.00"

[[redemption.strength]]
from = "0.00"
strength = "static"

[[earn]]
id = "spend"
kind = "per_amount"
points = 1
amount = "1.00"

[[earn]]
id = "third"
name = "Third visit"
kind = "milestone"
points = 30
measure = "visits"
at = 3
repeat = "every"

[[offers]]
id = "club5"
name = "Club -5 %"
kind = "basket_percent"
percent = "5"
minimum = { amount = "50.00" }

[[voucher_types]]
id = "ten"
name = "Voucher 10 %"
kind = "percent"
percent = "10"
"#;

/// A hub and the tills of its stores.
pub(super) struct Chain {
    pub(super) store: Box<dyn Store>,
    pub(super) ingest: Ingest,
    pub(super) evaluator: Evaluator,
    pub(super) tills: Vec<Till>,
    pub(super) now: DateTime<Utc>,
    _folder: Option<tempfile::TempDir>,
}

/// One till with a device of its own.
pub(super) struct Till {
    pub(super) key: SigningKey,
    pub(super) store: StoreId,
    pub(super) till: TillId,
    pub(super) trust: ClockTrust,
    pub(super) position: Position,
    pub(super) journal: Vec<(Place, Sealed, Record)>,
    known: BTreeMap<AccountRef, Vec<Entry>>,
}

/// What somebody buys: units of 10.00 each on one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Purchase {
    pub(super) member: Option<u8>,
    pub(super) units: i64,
    pub(super) spend: i64,
    pub(super) vouchers: Vec<String>,
}

impl Purchase {
    pub(super) fn of(member: u8, units: i64) -> Self {
        Self { member: Some(member), units, ..Self::default() }
    }

    pub(super) fn anonymous(units: i64) -> Self {
        Self { units, ..Self::default() }
    }

    pub(super) fn with_voucher(mut self, voucher: &str) -> Self {
        self.vouchers.push(voucher.to_owned());
        self
    }

    fn basket(&self) -> Basket {
        let price = Amount::new(1_000);
        let line = Line {
            line_id: line_id(),
            sku: Sku::parse("bread").expect("an id"),
            category: None,
            quantity: Quantity::units(self.units),
            unit_price: price,
            amount: Amount::new(price.value() * self.units),
            tax_rate: Percent::default(),
            flags: BTreeSet::new(),
            unit_price_min: None,
            lowest_30d_price: None,
            cost: None,
        };
        let benefits = RequestedBenefits {
            vouchers: self.vouchers.iter().map(|voucher| voucher_id(voucher)).collect(),
            spend: match self.spend {
                0 => RequestedSpend::Keep,
                points => RequestedSpend::Exactly(Points::new(points)),
            },
            ..RequestedBenefits::default()
        };
        Basket::parse(vec![line], benefits).expect("a basket")
    }
}

impl Chain {
    /// A hub with so many tills, each of a store of its own.
    pub(super) fn new(tills: u8) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("hub.db")).expect("a store");
        Self { _folder: Some(folder), ..Self::on(Box::new(store), tills) }
    }

    /// The same on a store.
    pub(super) fn on(store: Box<dyn Store>, tills: u8) -> Self {
        let programme = ProgrammeFile::check(PROGRAMME).expect("a programme");
        let mut chain = Self {
            store,
            ingest: Ingest::new(hub_key()),
            evaluator: Evaluator::new(programme),
            tills: (1..=tills).map(Till::new).collect(),
            now: instant(0),
            _folder: None,
        };
        chain.publish();
        for number in 0..usize::from(tills) {
            let row = chain.tills[number].row();
            chain.write(|tx| tx.save_device(&row).expect("saved"));
            let now = chain.now;
            let key = chain.tills[number].key.public_key();
            let reason = Remark::clip("first start");
            let first = Body::KeyChange(KeyChange { public_key: key, reason });
            chain.tills[number].record(now, first);
        }
        chain
    }

    fn publish(&mut self) {
        let row = ProgrammeRow {
            version: 1,
            hash: ContentHash::of(PROGRAMME.as_bytes()),
            text: PROGRAMME.to_owned(),
            from: self.now,
            sealed: vec![1],
        };
        self.write(|tx| {
            let cursor = tx.next_cursor().expect("a cursor");
            tx.add_programme(&row, cursor).expect("added");
        });
    }

    /// Changes what the hub keeps.
    pub(super) fn write(&self, job: impl FnOnce(&mut dyn Tx)) {
        let mut tx = self.store.write().expect("a transaction");
        job(tx.as_mut());
        tx.commit().expect("committed");
    }

    /// Reads what the hub keeps.
    pub(super) fn read<T>(&self, job: impl FnOnce(&mut dyn Tx) -> T) -> T {
        job(self.store.read().expect("a transaction").as_mut())
    }

    pub(super) fn pass(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// Sells at a till.
    pub(super) fn sell(&mut self, till: usize, uid: &str, purchase: &Purchase) -> Place {
        let (now, evaluator) = (self.now, &self.evaluator);
        let till = &mut self.tills[till];
        let sale = till.decide(evaluator, now, uid, purchase);
        till.record(now, Body::Sale(Box::new(sale)))
    }

    /// Takes units of a sale back, at whichever till; `follow_ups` is what it knows of the sale.
    pub(super) fn take_back(
        &mut self,
        at: usize,
        sale: &Record,
        follow_ups: &[&Record],
        (uid, units): (&str, i64),
    ) -> Option<Place> {
        let owner = Owner::of(sale, follow_ups.iter().copied(), |_| {
            Ok::<_, std::convert::Infallible>(IssueState::Open)
        });
        let owner = owner.unwrap_or_else(|never| match never {});
        let sold = Sold::of(sale, follow_ups.to_vec(), owner.as_ref()).expect("a sale");
        let issues = sold.issues();
        let line = ReturnLine { line_id: line_id(), quantity: Quantity::units(units) };
        let returned = sold.returned();
        let outcome = self.evaluator.take_back(&sold.receipt(&issues), &returned, &[line]).ok()?;
        let nothing_left = outcome.remaining == RemainingSale::Nothing;
        let back = what_comes_back(&sold, outcome);
        let freed = if nothing_left { crate::recompute::vouchers_of(sold.sale()) } else { vec![] };
        let undo = Undo {
            undo_uid: receipt(uid),
            of: sold.record_ref(),
            lines: back.lines,
            refund: back.refund,
            account: back.account,
            vouchers_freed: freed,
            closed_at: self.now,
            reason: None,
            flags: BTreeSet::new(),
            of_kind: UndoneKind::Sale,
            rewards: Vec::new(),
            cash_rounding: Amount::ZERO,
            taxes: back.taxes,
            shared_on: None,
            shared: back.shared,
            gifts_back: back.gifts_back,
            codes_cancelled: back.codes_cancelled,
        };
        let now = self.now;
        Some(self.tills[at].record(now, Body::Return(undo)))
    }

    /// Names the member of a sale afterwards.
    pub(super) fn assign(&mut self, at: usize, sale: &Record, member: u8) -> Place {
        let sold = Sold::of(sale, Vec::new(), None).expect("a sale");
        let (evaluator, now) = (&self.evaluator, self.now);
        let programme = evaluator.programme();
        let sale_at = sold.sale().decided_at;
        let day = programme.day_of(sale_at);
        let account = self.tills[at].account(member);
        let tier = account.tier(programme, day).map(|(tier, _)| tier.id.clone());
        let flags = BTreeSet::new();
        let shopper = shopper(member, &account, &flags, None);
        let (uses, draws) = (Counters::default(), Draws::new());
        let budgets = Budgets { shared_uses: &uses, draws: &draws };
        let receipt = sold.receipt(&[]);
        let returned = sold.returned();
        let late =
            evaluator.earned_afterwards(&receipt, &returned, tier.as_ref(), &shopper, budgets);
        let assign = Assign {
            of: sold.record_ref(),
            member: member_ref(member),
            account: account_ref(member),
            earned: late.earned,
            earned_by: late.earned_by,
            expires: programme.lot_of(day),
            spend: sold.still_paid(&returned),
            terms: evaluator.entry_terms(),
            sale_at,
            tier,
            flags: BTreeSet::new(),
            counted: late.counted,
            average_basket: late.average_basket,
            referral: None,
            standing: Standing::default(),
            issued: Vec::new(),
            debt: account.debt(),
            converted: late.converted,
            shared: late.shared,
            draws: late.draws,
            cashback: None,
        };
        self.tills[at].record(now, Body::Assign(assign))
    }

    /// Gives or takes points by hand.
    pub(super) fn adjust(&mut self, at: usize, uid: &str, member: u8, points: i64) -> Place {
        let adjustment = Adjustment {
            uid: receipt(uid),
            member: member_ref(member),
            account: account_ref(member),
            points: Points::new(points),
            expires: Expires::WithActivity,
            terms: self.evaluator.entry_terms(),
            reason: Remark::clip("goodwill"),
            counted: Vec::new(),
            counted_on: None,
            of: None,
            cashback: Amount::ZERO,
            cashback_expires: Expires::Never,
        };
        let now = self.now;
        self.tills[at].record(now, Body::Adjustment(adjustment))
    }

    /// The record of a place.
    pub(super) fn record(&self, place: Place) -> Record {
        let till = self.tills.iter().find(|till| till.key.device_id() == place.device);
        let journal = &till.expect("a till").journal;
        let found = journal.iter().find(|(at, ..)| *at == place);
        found.expect("a record").2.clone()
    }

    /// The hub's account of a member.
    pub(super) fn account(&self, member: u8) -> Account {
        let account = account_ref(member);
        let row = self.read(|tx| tx.accounts(&[account]).expect("read").remove(&account));
        Account::from_facts(row.map(|row| row.facts).unwrap_or_default())
    }

    /// Kinds and places of what was flagged.
    pub(super) fn flags(&self) -> BTreeSet<(String, Place)> {
        let flags = self.read(|tx| tx.flags(1_000).expect("read"));
        flags.into_iter().map(|flag| (flag.kind, flag.place)).collect()
    }

    /// Pushes records of a till, by their places in its journal.
    pub(super) fn push(
        &self,
        till: usize,
        records: std::ops::Range<usize>,
    ) -> Result<crate::hub::ingest::Ingested, crate::hub::ingest::IngestError> {
        let till = &self.tills[till];
        let batch = till.batch(records);
        self.ingest.take_in(self.store.as_ref(), till.key.device_id(), &batch, self.now)
    }

    /// Pushes everything of a till.
    pub(super) fn push_all(&self, till: usize) -> crate::hub::ingest::Ingested {
        self.push(till, 0..self.tills[till].journal.len()).expect("taken in")
    }

    /// The cursor of the last change.
    pub(super) fn cursor(&self) -> Cursor {
        self.read(|tx| tx.cursor().expect("read"))
    }
}

impl Till {
    fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_seed([number + 10; 32]),
            store: StoreId::parse(&format!("store-{number}")).expect("an id"),
            till: TillId::parse("1").expect("an id"),
            trust: ClockTrust::Trusted,
            position: Position::FIRST,
            journal: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    pub(super) fn row(&self) -> DeviceRow {
        DeviceRow {
            device: self.key.device_id(),
            name: self.store.to_string(),
            store: self.store.clone(),
            group: "all".to_owned(),
            key: self.key.public_key(),
            standing: DeviceStanding::Active,
            replaces: None,
            head: None,
            checkpoint: 0,
            enrolled_at: instant(0),
            seen_at: None,
            software: String::new(),
            clock_offset_ms: 0,
        }
    }

    pub(super) fn device(&self) -> DeviceId {
        self.key.device_id()
    }

    /// The account as the till knows it: from its own records.
    pub(super) fn account(&self, member: u8) -> Account {
        let mut account = Account::default();
        for entry in self.known.get(&account_ref(member)).into_iter().flatten() {
            account.apply(entry);
        }
        account
    }

    /// Decides a purchase and words it.
    pub(super) fn decide(
        &self,
        evaluator: &Evaluator,
        now: DateTime<Utc>,
        uid: &str,
        purchase: &Purchase,
    ) -> Sale {
        let basket = purchase.basket();
        let account = purchase.member.map(|member| self.account(member));
        let (flags, coupons, draws) = Default::default();
        let strength = Some(Strength::Static);
        let who = purchase.member.zip(account.as_ref());
        let shopper = who.map(|(member, account)| shopper(member, account, &flags, strength));
        let vouchers = purchase.vouchers.iter().map(|voucher| {
            let state = VoucherState {
                voucher_type: VoucherTypeId::parse("ten").expect("an id"),
                standing: VoucherStanding::Usable,
                valid_from: None,
                valid_until: None,
            };
            (voucher_id(voucher), state)
        });
        let vouchers = vouchers.collect();
        let uses = Counters::default();
        let occasion = Occasion {
            now,
            store: &self.store,
            shopper,
            vouchers: &vouchers,
            coupons_used: &coupons,
            shared_uses: SharedUses::Within(&uses),
            draws: &draws,
            explain: Explain::Relevant,
        };
        let decision = evaluator.decide(&basket, &occasion);
        let standing = Standing::default();
        let buyer = who.map(|(member, account)| Buyer {
            member: member_ref(member),
            account_ref: account_ref(member),
            account,
            strength,
            flags: &flags,
            standing: &standing,
            referral: None,
        });
        let member = buyer.and_then(|buyer| member_part(evaluator, &buyer, &decision, now));
        Sale {
            uid: receipt(uid),
            receipt_number: None,
            closed_at: now,
            decided_at: now,
            currency: evaluator.programme().currency,
            lines: sale_lines(basket.lines(), &decision.lines),
            member,
            voucher_costs: Vec::new(),
            refused: refusals_kept(&decision),
            applied: decision.applied,
            vouchers_unknown: Vec::new(),
            payments: Vec::new(),
            rounding: Amount::ZERO,
            payable: decision.totals.payable,
            flags: BTreeSet::new(),
            offer_codes: BTreeSet::new(),
            reactions: BTreeSet::new(),
            tax: TaxMode::Included,
            shared: decision.shared,
            told: None,
            draws: decision.draws,
        }
    }

    /// Signs and chains a record.
    pub(super) fn record(&mut self, now: DateTime<Utc>, body: Body) -> Place {
        let mut header = header(self.position);
        header.device = self.device();
        (header.store, header.till) = (self.store.clone(), Some(self.till.clone()));
        header.clock.wall = now;
        header.clock.trust = self.trust;
        (header.programme_version, header.checkpoint, header.base_cursor) = (1, 0, 0);
        let record = Record { header, body };
        let payload = record.to_payload();
        // What a record says is what its bytes say: instants are cut to milliseconds.
        let record = Record::from_payload(&payload).expect("a record");
        let sealed = seal(ObjectKind::Record, &payload, &self.key).expect("it fits");
        let place = self.place();
        if let Some((account, entry)) = entry(&record) {
            let entries = self.known.entry(account).or_default();
            entries.push(entry);
            entries.sort_by_key(|entry| entry.key);
        }
        self.position = Head::of(&record.header, sealed.hash).next();
        self.journal.push((place, sealed, record));
        place
    }

    fn place(&self) -> Place {
        let Position { epoch, sequence, .. } = self.position;
        Place { device: self.device(), epoch, sequence }
    }

    /// A batch of records by their places in the journal.
    pub(super) fn batch(&self, records: std::ops::Range<usize>) -> PushBatch {
        let records = &self.journal[records];
        let (first, ..) = records.first().expect("a record");
        PushBatch {
            epoch: first.epoch,
            sequence: first.sequence,
            records: records.iter().map(|(_, sealed, _)| Bytes(sealed.bytes.clone())).collect(),
            set_aside: Vec::new(),
        }
    }
}

fn shopper<'a>(
    member: u8,
    account: &'a Account,
    flags: &'a BTreeSet<crate::loyalty::FlagId>,
    strength: Option<Strength>,
) -> Shopper<'a> {
    Shopper {
        member: member_ref(member),
        flags,
        birthday: None,
        kind: Default::default(),
        role: None,
        account,
        strength,
        held: Points::ZERO,
        held_cashback: Amount::ZERO,
        offline_cap: SpendingCap::NONE,
        referral: None,
        personal: &NOTHING_PERSONAL,
    }
}

pub(super) fn member_ref(member: u8) -> MemberRef {
    MemberRef::from_bytes([member; 16])
}

pub(super) fn account_ref(member: u8) -> AccountRef {
    AccountRef::from_bytes([member; 16])
}

pub(super) fn receipt(uid: &str) -> ReceiptUid {
    ReceiptUid::parse(uid).expect("an id")
}

pub(super) fn voucher_id(voucher: &str) -> VoucherId {
    VoucherId::parse(voucher).expect("an id")
}

pub(super) fn record_ref(record: &Record) -> RecordRef {
    Sold::of(record, Vec::new(), None).expect("a sale").record_ref()
}

fn line_id() -> LineId {
    LineId::parse("1").expect("an id")
}
