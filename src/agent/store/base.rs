//! The base of members: what the hub or an import said. A file, read only and replaced as a whole;
//! what the hub said since it was made lies over it in the ledger.

mod rows;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, params};

use self::rows::member_row_by_place;
use self::rows::{
    BASE_CHECKED, CODES, MEMBERS, VOUCHERS, WALLETS, code_row, code_row_checksum,
    wallet_row_checksum,
};
pub(crate) use self::rows::{MemberRow, member_row, voucher_row};
pub(crate) use self::rows::{
    code_checksum, member_row_checksum, voucher_checksum, wallet_checksum, wallet_row,
};
pub(crate) use self::write::BaseRows;
use super::error::StoreError;
use super::ledger::pulled::{self, Said};
use crate::agent::store::checksum::{CHECKSUMS_SINCE, ReadRow, checksum, count_damaged, intact};
use crate::loyalty::{
    AccountFacts, AccountRef, Birthday, FlagId, MemberRef, PersonalOffers, Standing, VoucherId,
    VoucherTypeId,
};
use crate::money::Points;
use crate::wire::account_facts;
use crate::wire::sync::VoucherState;

/// The first schema of a base that says what the hub had when it made it.
const HUB_SINCE: u32 = 6;

/// A base that is kept open.
#[derive(Debug)]
pub(crate) struct OpenBase {
    connection: Connection,
    cursor: i64,
    schema: u32,
    contained: i64,
}

/// A look at an open base, and at what the hub said since it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base<'c> {
    connection: &'c Connection,
    cursor: i64,
    /// A base is never changed in its place, so one of an earlier software is read as it is.
    schema: u32,
    contained: i64,
    over: Option<Over<'c>>,
}

/// What lies over a base file.
#[derive(Clone, Copy, Debug)]
struct Over<'c> {
    ledger: &'c Connection,
    pulls: &'c Pulls,
}

/// What is remembered of what was pulled, so that an agent without a hub never looks for any, and
/// the hub is asked for all of it again where a row was found damaged.
#[derive(Debug, Default)]
pub(crate) struct Pulls {
    none: AtomicBool,
    damaged: AtomicBool,
}

impl Pulls {
    /// Nothing was pulled yet.
    pub(crate) fn note_none(&self) {
        self.none.store(true, Ordering::Release);
    }

    /// Something is pulled now.
    pub(crate) fn note_some(&self) {
        self.none.store(false, Ordering::Release);
    }

    /// A row was found damaged.
    pub(crate) fn note_damage(&self) {
        self.damaged.store(true, Ordering::Release);
    }

    /// Whether one was, since it was last asked.
    pub(crate) fn take_damage(&self) -> bool {
        self.damaged.swap(false, Ordering::AcqRel)
    }
}

/// What an account begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// What it began with, or what the hub has folded.
    pub(crate) facts: AccountFacts,
    /// The row of the last record of this journal that is in the facts.
    pub(crate) contained: i64,
}

/// What is known of a voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VoucherSaid {
    /// Nothing.
    Unknown,
    /// The hub says that it cannot be used any more, for what the records say up to `contained`.
    Gone {
        /// What it was, as far as that is known.
        was: Option<BaseVoucher>,
        /// The row of the last record of this journal that the hub knew.
        contained: i64,
    },
    /// What it is; it can be used for what the records say up to `contained`.
    Known {
        /// The voucher.
        voucher: BaseVoucher,
        /// The row of the last record of this journal that the hub knew; 0 where no hub said it.
        contained: i64,
    },
}

/// What a base says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BaseAbout {
    /// Rises with every base.
    pub(crate) cursor: i64,
    /// SHA-256 over the content of the base before and the file that made this one of it.
    pub(crate) content: [u8; 32],
    /// SHA-256 of the file that made it.
    pub(crate) source: [u8; 32],
    /// Members in all.
    pub(crate) members: u64,
    /// Members that the file brought.
    pub(crate) imported: u64,
    /// Points that they brought.
    pub(crate) points: Points,
    /// How far the hub's changes are in it; `None` of an imported base.
    pub(crate) hub_cursor: Option<i64>,
    /// The row of the last record of this device's journal that is in its accounts; 0 is none.
    pub(crate) contained: i64,
}

/// A member as the base knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseMember {
    pub(crate) member: MemberRef,
    pub(crate) account: AccountRef,
    pub(crate) flags: BTreeSet<FlagId>,
    pub(crate) birthday: Option<Birthday>,
    pub(crate) standing: Standing,
    pub(crate) personal: PersonalOffers,
}

/// A voucher as the base knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseVoucher {
    pub(crate) voucher: VoucherId,
    pub(crate) voucher_type: VoucherTypeId,
    /// Whose; `None` for whoever brings it.
    pub(crate) account: Option<AccountRef>,
    pub(crate) valid_from: Option<NaiveDate>,
    pub(crate) valid_until: Option<NaiveDate>,
}

impl BaseVoucher {
    /// A voucher as the hub told of one.
    pub(crate) fn of_state(state: &VoucherState) -> Self {
        Self {
            voucher: state.voucher.clone(),
            voucher_type: state.voucher_type.clone(),
            account: state.account,
            valid_from: state.valid_from,
            valid_until: state.valid_until,
        }
    }
}

/// A wallet's member and sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseWallet {
    pub(crate) member: MemberRef,
    pub(crate) sealed_secret: Vec<u8>,
}

impl OpenBase {
    /// Keeps a connection to a base file.
    pub(crate) fn of(connection: Connection) -> Result<Self, StoreError> {
        let Base { cursor, schema, contained, .. } = Base::of(&connection)?;
        Ok(Self { connection, cursor, schema, contained })
    }

    /// A look at the file alone.
    pub(crate) fn view(&self) -> Base<'_> {
        let Self { connection, cursor, schema, contained } = self;
        let (cursor, schema, contained) = (*cursor, *schema, *contained);
        Base { connection, cursor, schema, contained, over: None }
    }
}

impl<'c> Base<'c> {
    /// Looks at a base file through an open connection.
    pub(crate) fn of(connection: &'c Connection) -> Result<Self, StoreError> {
        let schema: u32 = connection
            .prepare_cached("PRAGMA user_version")?
            .query_row([], |row| row.get(0))
            .map_err(StoreError::sqlite("read the schema of the base"))?;
        let sql = if schema < HUB_SINCE {
            "SELECT cursor, 0 FROM about"
        } else {
            "SELECT cursor, contained FROM about"
        };
        let (cursor, contained) = connection
            .prepare_cached(sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(StoreError::sqlite("read which base this is"))?;
        Ok(Self { connection, cursor, schema, contained, over: None })
    }

    /// With what the hub said since, from the ledger of the same moment.
    pub(crate) fn under(self, ledger: &'c Connection, pulls: &'c Pulls) -> Self {
        let over = Over { ledger, pulls };
        Self { over: (!pulls.none.load(Ordering::Acquire)).then_some(over), ..self }
    }

    /// Which base file this is; rises with every one.
    pub(crate) fn cursor(&self) -> i64 {
        self.cursor
    }

    /// What the base file says of itself.
    pub(crate) fn about(&self) -> Result<BaseAbout, StoreError> {
        let sql = if self.schema < HUB_SINCE {
            "SELECT cursor, content, source, members, imported, points, NULL, 0 FROM about"
        } else {
            "SELECT cursor, content, source, members, imported, points, hub_cursor, contained
             FROM about"
        };
        self.connection
            .query_row(sql, [], |row| {
                Ok(BaseAbout {
                    cursor: row.get(0)?,
                    content: row.get(1)?,
                    source: row.get(2)?,
                    members: row.get::<_, i64>(3)?.unsigned_abs(),
                    imported: row.get::<_, i64>(4)?.unsigned_abs(),
                    points: Points::new(row.get(5)?),
                    hub_cursor: row.get(6)?,
                    contained: row.get(7)?,
                })
            })
            .map_err(StoreError::sqlite("read which base this is"))
    }

    /// How many members the base file has.
    pub(crate) fn members(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT members FROM about", [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
            .map_err(StoreError::sqlite("count the members"))
    }

    /// A member by ref.
    pub(crate) fn member(&self, member: MemberRef) -> Result<Option<BaseMember>, StoreError> {
        match self.over(|ledger| pulled::member(ledger, self.cursor, member))? {
            Said::Nothing => self.member_of_file(member),
            Said::Gone => Ok(None),
            Said::Is(found) => Ok(Some(*found)),
            Said::Damaged => Err(self.damaged(pulled::MEMBERS.name)),
        }
    }

    fn member_of_file(&self, member: MemberRef) -> Result<Option<BaseMember>, StoreError> {
        self.connection
            .prepare_cached("SELECT * FROM members WHERE member = ?1")?
            .query_row([member.as_bytes().as_slice()], |row| Ok(member_row_by_place(row)))
            .optional()
            .map_err(StoreError::sqlite("read a member"))?
            .map(|read| {
                let member = intact(read, member_row_checksum).and_then(|row| row.member());
                member.ok_or(StoreError::RowDamaged { table: MEMBERS.name })
            })
            .transpose()
    }

    /// Who holds a static code, by its HMAC. A damaged row says nothing of it.
    pub(crate) fn member_of_code(&self, code: i64) -> Result<Option<MemberRef>, StoreError> {
        match self.over(|ledger| pulled::member_of_code(ledger, self.cursor, code))? {
            Said::Nothing => {}
            Said::Gone => return Ok(None),
            Said::Is(member) => return Ok(Some(member)),
            Said::Damaged => return Ok(self.unknown(pulled::CODES.name)),
        }
        let sql = self.with_checksum(
            "SELECT *, NULL AS checksum FROM codes WHERE code = ?1",
            "SELECT * FROM codes WHERE code = ?1",
        );
        let read = self
            .connection
            .prepare_cached(sql)?
            .query_row([code], |row| Ok(code_row(row)))
            .optional()
            .map_err(StoreError::sqlite("look a code up"))?;
        let found = read.and_then(|read| {
            let row = intact(read, code_row_checksum);
            row.map(|(_, member)| member).or_else(|| unknown_as_damaged(CODES.name))
        });
        found.map_or(Ok(None), |member| Ok((!self.is_told_anew(member)?).then_some(member)))
    }

    /// A wallet's member and sealed secret. A damaged row says nothing of it.
    pub(crate) fn wallet(&self, wallet: &[u8]) -> Result<Option<BaseWallet>, StoreError> {
        match self.over(|ledger| pulled::wallet(ledger, self.cursor, wallet))? {
            Said::Nothing => {}
            Said::Gone => return Ok(None),
            Said::Is(wallet) => return Ok(Some(wallet)),
            Said::Damaged => return Ok(self.unknown(pulled::WALLETS.name)),
        }
        let sql = self.with_checksum(
            "SELECT *, NULL AS checksum FROM wallets WHERE wallet = ?1",
            "SELECT * FROM wallets WHERE wallet = ?1",
        );
        let read = self
            .connection
            .prepare_cached(sql)?
            .query_row([wallet], |row| Ok(wallet_row(row)))
            .optional()
            .map_err(StoreError::sqlite("read a wallet"))?;
        let found = read.and_then(|read| {
            let row = intact(read, wallet_row_checksum);
            row.map(|(_, wallet)| wallet).or_else(|| unknown_as_damaged(WALLETS.name))
        });
        match found {
            Some(wallet) if self.is_told_anew(wallet.member)? => Ok(None),
            found => Ok(found),
        }
    }

    /// Whether the hub told of a member since the file was made: all its codes and wallets are then
    /// in what it told.
    fn is_told_anew(&self, member: MemberRef) -> Result<bool, StoreError> {
        match self.over {
            Some(over) => pulled::tells_of(over.ledger, self.cursor, member),
            None => Ok(false),
        }
    }

    fn with_checksum(&self, before: &'static str, since: &'static str) -> &'static str {
        if self.schema < CHECKSUMS_SINCE { before } else { since }
    }

    /// How many rows of the whole base file are not what was written, for each table that has any.
    pub(crate) fn count_damaged(&self) -> Result<BTreeMap<&'static str, usize>, StoreError> {
        let mut damaged = BTreeMap::new();
        for table in &BASE_CHECKED {
            match count_damaged(self.connection, table)? {
                0 => {}
                found => drop(damaged.insert(table.name, found)),
            }
        }
        Ok(damaged)
    }

    /// What an account begins with; records of this journal behind it are to be folded onto it.
    pub(crate) fn opening(&self, account: AccountRef) -> Result<Opening, StoreError> {
        match self.over(|ledger| pulled::opening(ledger, self.cursor, account))? {
            Said::Nothing | Said::Gone => self.opening_of_file(account),
            Said::Is(opening) => Ok(opening),
            Said::Damaged => Err(self.damaged(pulled::ACCOUNTS.name)),
        }
    }

    fn opening_of_file(&self, account: AccountRef) -> Result<Opening, StoreError> {
        let mut facts = self.facts_of_file(account)?.unwrap_or_default();
        // Whose last entry it was says nothing of the order among this journal's own.
        facts.last_entry = None;
        Ok(Opening { facts, contained: self.contained })
    }

    fn facts_of_file(&self, account: AccountRef) -> Result<Option<AccountFacts>, StoreError> {
        self.connection
            .prepare_cached("SELECT facts, checksum FROM accounts WHERE account = ?1")?
            .query_row([account.as_bytes().as_slice()], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()
            .map_err(StoreError::sqlite("read an account of the base"))?
            .map(|(facts, stored)| {
                if stored != checksum(&[account.as_bytes(), &facts]) {
                    return Err(StoreError::RowDamaged { table: "base accounts" });
                }
                account_facts::decode(&facts).map_err(StoreError::damaged("base accounts"))
            })
            .transpose()
    }

    /// A voucher by its code. A damaged row says nothing of it.
    pub(crate) fn voucher(&self, voucher: &VoucherId) -> Result<VoucherSaid, StoreError> {
        match self.over(|ledger| pulled::voucher(ledger, self.cursor, voucher))? {
            Said::Nothing | Said::Gone => {}
            Said::Is(VoucherSaid::Gone { was: None, contained }) => {
                return Ok(VoucherSaid::Gone { was: self.voucher_of_file(voucher)?, contained });
            }
            Said::Is(said) => return Ok(said),
            Said::Damaged => {
                self.unknown::<()>(pulled::VOUCHERS.name);
                return Ok(VoucherSaid::Unknown);
            }
        }
        Ok(match self.voucher_of_file(voucher)? {
            Some(voucher) => VoucherSaid::Known { voucher, contained: self.contained },
            None => VoucherSaid::Unknown,
        })
    }

    fn voucher_of_file(&self, voucher: &VoucherId) -> Result<Option<BaseVoucher>, StoreError> {
        let read = self
            .connection
            .prepare_cached("SELECT * FROM vouchers WHERE voucher = ?1")?
            .query_row([voucher.as_str()], |row| Ok(voucher_row(row)))
            .optional()
            .map_err(StoreError::sqlite("read a voucher"))?;
        Ok(read.and_then(intact_voucher))
    }

    /// The vouchers of an account, by code, but for damaged rows.
    pub(crate) fn vouchers_of(&self, account: AccountRef) -> Result<Vec<BaseVoucher>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM vouchers WHERE account = ?1 ORDER BY voucher")?;
        let rows = statement
            .query_map(params![account.as_bytes().as_slice()], |row| Ok(voucher_row(row)))
            .map_err(StoreError::sqlite("read an account's vouchers"))?;
        let mut vouchers = BTreeMap::new();
        for row in rows {
            let Some(voucher) = intact_voucher(row?) else { continue };
            vouchers.insert(voucher.voucher.clone(), voucher);
        }
        let Some(over) = self.over else { return Ok(vouchers.into_values().collect()) };
        let mut stay = BTreeMap::new();
        for (id, known) in vouchers {
            if !pulled::tells_of_voucher(over.ledger, self.cursor, &id)? {
                stay.insert(id, known);
            }
        }
        for said in pulled::vouchers_of(over.ledger, self.cursor, account)? {
            match said {
                Said::Is(voucher) => drop(stay.insert(voucher.voucher.clone(), voucher)),
                Said::Damaged => drop(self.unknown::<()>(pulled::VOUCHERS.name)),
                Said::Nothing | Said::Gone => {}
            }
        }
        Ok(stay.into_values().collect())
    }

    fn over<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<Said<T>, StoreError>,
    ) -> Result<Said<T>, StoreError> {
        self.over.map_or(Ok(Said::Nothing), |over| look(over.ledger))
    }

    fn damaged(&self, table: &'static str) -> StoreError {
        self.over.inspect(|over| over.pulls.note_damage());
        tracing::error!(table, "row of what the hub said is damaged; asked for again");
        StoreError::RowDamaged { table }
    }

    fn unknown<T>(&self, table: &'static str) -> Option<T> {
        self.damaged(table);
        None
    }
}

fn intact_voucher(read: ReadRow<BaseVoucher>) -> Option<BaseVoucher> {
    intact(read, voucher_checksum).or_else(|| unknown_as_damaged(VOUCHERS.name))
}

/// What is read in the place of a row that is damaged.
fn unknown_as_damaged<T>(table: &'static str) -> Option<T> {
    tracing::error!(table, "row of the base is damaged; counts as unknown");
    None
}
