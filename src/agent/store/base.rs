//! The base of members: what the hub or an import said. Read only; replaced as a whole.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::StoreError;
use crate::agent::store::checksum::{
    CHECKSUMS_SINCE, CheckedTable, ReadRow, checksum, count_damaged, intact,
};
use crate::loyalty::{
    AccountFacts, AccountKind, AccountRef, Birthday, CompanyRole, FlagId, MemberRef,
    PersonalOffers, RecruiterRef, Standing, VoucherId, VoucherTypeId,
};
use crate::money::Points;
use crate::wire::{account_facts, personal_offers};

/// A base that is kept open.
#[derive(Debug)]
pub(crate) struct OpenBase {
    connection: Connection,
    cursor: i64,
    schema: u32,
}

/// A look at an open base.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base<'c> {
    connection: &'c Connection,
    cursor: i64,
    /// A base is never changed in its place, so one of an earlier software is read as it is.
    schema: u32,
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

/// A member's row as it is written.
pub(crate) struct MemberRow {
    pub(crate) member: [u8; 16],
    pub(crate) account: [u8; 16],
    pub(crate) flags: Option<String>,
    pub(crate) birthday: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) recruiter: Option<String>,
    pub(crate) offers: Option<String>,
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

/// A wallet's member and sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseWallet {
    pub(crate) member: MemberRef,
    pub(crate) sealed_secret: Vec<u8>,
}

impl OpenBase {
    /// Keeps a connection to a base file.
    pub(crate) fn of(connection: Connection) -> Result<Self, StoreError> {
        let Base { cursor, schema, .. } = Base::of(&connection)?;
        Ok(Self { connection, cursor, schema })
    }

    /// A look at it.
    pub(crate) fn view(&self) -> Base<'_> {
        Base { connection: &self.connection, cursor: self.cursor, schema: self.schema }
    }
}

impl<'c> Base<'c> {
    /// Looks at a base file through an open connection.
    pub(crate) fn of(connection: &'c Connection) -> Result<Self, StoreError> {
        let cursor = connection
            .prepare_cached("SELECT cursor FROM about")?
            .query_row([], |row| row.get(0))
            .map_err(StoreError::sqlite("read which base this is"))?;
        let schema = connection
            .prepare_cached("PRAGMA user_version")?
            .query_row([], |row| row.get(0))
            .map_err(StoreError::sqlite("read the schema of the base"))?;
        Ok(Self { connection, cursor, schema })
    }

    /// Which base this is; rises with every change.
    pub(crate) fn cursor(&self) -> i64 {
        self.cursor
    }

    /// What the base says of itself.
    pub(crate) fn about(&self) -> Result<BaseAbout, StoreError> {
        self.connection
            .query_row(
                "SELECT cursor, content, source, members, imported, points FROM about",
                [],
                |row| {
                    Ok(BaseAbout {
                        cursor: row.get(0)?,
                        content: row.get(1)?,
                        source: row.get(2)?,
                        members: row.get::<_, i64>(3)?.unsigned_abs(),
                        imported: row.get::<_, i64>(4)?.unsigned_abs(),
                        points: Points::new(row.get(5)?),
                    })
                },
            )
            .map_err(StoreError::sqlite("read which base this is"))
    }

    /// How many members it has.
    pub(crate) fn members(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT members FROM about", [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
            .map_err(StoreError::sqlite("count the members"))
    }

    /// A member by ref.
    pub(crate) fn member(&self, member: MemberRef) -> Result<Option<BaseMember>, StoreError> {
        self.connection
            .prepare_cached("SELECT * FROM members WHERE member = ?1")?
            .query_row([member.as_bytes().as_slice()], |row| Ok(member_row(row)))
            .optional()
            .map_err(StoreError::sqlite("read a member"))?
            .map(|read| {
                let damaged = || StoreError::RowDamaged { table: MEMBERS.name };
                let row = intact(read, member_row_checksum).ok_or_else(damaged)?;
                let flags = flags_from(row.flags.as_deref()).ok_or_else(damaged)?;
                let birthday = row.birthday.as_deref().map(Birthday::parse);
                let birthday = birthday.map(|read| read.ok_or_else(damaged)).transpose()?;
                let account = AccountRef::from_bytes(row.account);
                let standing = row.standing().ok_or_else(damaged)?;
                let personal = personal_offers::decode(row.offers.as_deref());
                let personal = personal.ok_or_else(damaged)?;
                Ok(BaseMember { member, account, flags, birthday, standing, personal })
            })
            .transpose()
    }

    /// Who holds a static code, by its HMAC. A damaged row says nothing of it.
    pub(crate) fn member_of_code(&self, code: i64) -> Result<Option<MemberRef>, StoreError> {
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
        Ok(read.and_then(|read| {
            let row = intact(read, code_row_checksum);
            row.map(|(_, member)| member).or_else(|| unknown_as_damaged(CODES.name))
        }))
    }

    /// A wallet's member and sealed secret. A damaged row says nothing of it.
    pub(crate) fn wallet(&self, wallet: &[u8]) -> Result<Option<BaseWallet>, StoreError> {
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
        Ok(read.and_then(|read| {
            let row = intact(read, wallet_row_checksum);
            row.map(|(_, wallet)| wallet).or_else(|| unknown_as_damaged(WALLETS.name))
        }))
    }

    fn with_checksum(&self, before: &'static str, since: &'static str) -> &'static str {
        if self.schema < CHECKSUMS_SINCE { before } else { since }
    }

    /// How many rows of the whole base are not what was written, for each table that has any.
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

    /// What an account began with; `None` where it began with nothing.
    pub(crate) fn account_facts(
        &self,
        account: AccountRef,
    ) -> Result<Option<AccountFacts>, StoreError> {
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
    pub(crate) fn voucher(&self, voucher: &VoucherId) -> Result<Option<BaseVoucher>, StoreError> {
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
        let mut vouchers = Vec::new();
        for row in rows {
            vouchers.extend(intact_voucher(row?));
        }
        Ok(vouchers)
    }
}

/// The checksum of a member's row; what is not there has no part in it, as in the schemas before.
pub(crate) fn member_row_checksum(row: &MemberRow) -> i64 {
    let flags = row.flags.as_deref().unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![&row.member, &row.account, flags.as_bytes()];
    let place = [&row.kind, &row.role, &row.recruiter];
    if place.iter().any(|part| part.is_some()) || row.offers.is_some() {
        parts.push(row.birthday.as_deref().unwrap_or_default().as_bytes());
        parts.extend(place.map(|part| part.as_deref().unwrap_or_default().as_bytes()));
        parts.extend(row.offers.as_deref().map(str::as_bytes));
    } else {
        parts.extend(row.birthday.as_deref().map(str::as_bytes));
    }
    checksum(&parts)
}

impl MemberRow {
    /// The columns of a member's place in the account: kind, role, recruiter.
    pub(crate) fn place(standing: &Standing) -> [Option<String>; 3] {
        let kind = (standing.kind != AccountKind::default()).then(|| standing.kind.name());
        let role = standing.role.map(CompanyRole::name);
        let recruiter = standing.recruiter.as_ref().map(|recruiter| recruiter.to_string());
        [kind.map(str::to_owned), role.map(str::to_owned), recruiter]
    }

    fn standing(&self) -> Option<Standing> {
        let kind = self.kind.as_deref();
        let role = self.role.as_deref().map(CompanyRole::of_name);
        let recruiter = self.recruiter.as_deref().map(RecruiterRef::parse);
        Some(Standing {
            kind: kind.map_or(Some(AccountKind::default()), AccountKind::of_name)?,
            role: match role {
                None => None,
                Some(role) => Some(role?),
            },
            recruiter: recruiter.transpose().ok()?,
        })
    }
}

fn member_row(row: &Row<'_>) -> rusqlite::Result<(MemberRow, Option<i64>)> {
    // By place: by name, SQLite tells all names once for each column of each member.
    let later = |column: usize| match row.get(column) {
        // The schemas before know none.
        Err(rusqlite::Error::InvalidColumnIndex(_)) => Ok(None),
        read => read,
    };
    let (member, account, flags, checksum) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let birthday = later(4)?;
    let (kind, role, recruiter) = (later(5)?, later(6)?, later(7)?);
    let offers = later(8)?;
    let row_read = MemberRow { member, account, flags, birthday, kind, role, recruiter, offers };
    Ok((row_read, checksum))
}

/// The checksum of a code's row.
pub(crate) fn code_checksum(code: i64, member: MemberRef) -> i64 {
    checksum(&[&code.to_be_bytes(), member.as_bytes()])
}

/// The checksum of a wallet's row.
pub(crate) fn wallet_checksum(wallet: &[u8], row: &BaseWallet) -> i64 {
    checksum(&[wallet, row.member.as_bytes(), &row.sealed_secret])
}

/// The checksum of a voucher's row.
pub(crate) fn voucher_checksum(voucher: &BaseVoucher) -> i64 {
    let account = voucher.account.map(|account| *account.as_bytes());
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    checksum(&[
        voucher.voucher.as_str().as_bytes(),
        voucher.voucher_type.as_str().as_bytes(),
        account.as_ref().map_or(&[], <[u8; 16]>::as_slice),
        day(voucher.valid_from).as_bytes(),
        day(voucher.valid_until).as_bytes(),
    ])
}

fn flags_from(json: Option<&str>) -> Option<BTreeSet<FlagId>> {
    let Some(json) = json else { return Some(BTreeSet::new()) };
    let texts: Vec<String> = serde_json::from_str(json).ok()?;
    texts.iter().map(|text| FlagId::parse(text).ok()).collect()
}

fn intact_voucher(read: ReadRow<BaseVoucher>) -> Option<BaseVoucher> {
    intact(read, voucher_checksum).or_else(|| unknown_as_damaged(VOUCHERS.name))
}

/// What is read in the place of a row that is damaged.
fn unknown_as_damaged<T>(table: &'static str) -> Option<T> {
    tracing::error!(table, "row of the base is damaged; counts as unknown");
    None
}

fn voucher_row(row: &Row<'_>) -> ReadRow<BaseVoucher> {
    let damaged = |_| rusqlite::Error::InvalidQuery;
    let day = |column: &str| -> rusqlite::Result<Option<NaiveDate>> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| text.parse()).transpose().map_err(|_| rusqlite::Error::InvalidQuery)
    };
    let (voucher, voucher_type): (String, String) = (row.get("voucher")?, row.get("voucher_type")?);
    let voucher = BaseVoucher {
        voucher: VoucherId::parse(&voucher).map_err(damaged)?,
        voucher_type: VoucherTypeId::parse(&voucher_type).map_err(damaged)?,
        account: row.get::<_, Option<[u8; 16]>>("account")?.map(AccountRef::from_bytes),
        valid_from: day("valid_from")?,
        valid_until: day("valid_until")?,
    };
    Ok((voucher, row.get::<_, i64>("checksum").map(Some)?))
}

fn code_row(row: &Row<'_>) -> ReadRow<(i64, MemberRef)> {
    let member = MemberRef::from_bytes(row.get("member")?);
    Ok(((row.get("code")?, member), row.get("checksum")?))
}

fn code_row_checksum((code, member): &(i64, MemberRef)) -> i64 {
    code_checksum(*code, *member)
}

fn wallet_row(row: &Row<'_>) -> ReadRow<(Vec<u8>, BaseWallet)> {
    let member = MemberRef::from_bytes(row.get("member")?);
    let wallet = BaseWallet { member, sealed_secret: row.get("secret")? };
    Ok(((row.get("wallet")?, wallet), row.get("checksum")?))
}

fn wallet_row_checksum((wallet, row): &(Vec<u8>, BaseWallet)) -> i64 {
    wallet_checksum(wallet, row)
}

/// The tables of a base whose rows say themselves whether they are whole.
const BASE_CHECKED: [CheckedTable; 5] = [CODES, WALLETS, MEMBERS, ACCOUNTS, VOUCHERS];

const CODES: CheckedTable = CheckedTable {
    name: "codes",
    key: &["code"],
    is_intact: |row| intact(code_row(row), code_row_checksum).is_some(),
};
const WALLETS: CheckedTable = CheckedTable {
    name: "wallets",
    key: &["wallet"],
    is_intact: |row| intact(wallet_row(row), wallet_row_checksum).is_some(),
};
const VOUCHERS: CheckedTable = CheckedTable {
    name: "vouchers",
    key: &["voucher"],
    is_intact: |row| intact(voucher_row(row), voucher_checksum).is_some(),
};
const MEMBERS: CheckedTable = CheckedTable {
    name: "members",
    key: &["member"],
    is_intact: |row| intact(member_row(row), member_row_checksum).is_some(),
};
const ACCOUNTS: CheckedTable = CheckedTable {
    name: "accounts",
    key: &["account"],
    is_intact: |row| {
        let read =
            |row: &Row<'_>| Ok(((row.get("account")?, row.get("facts")?), row.get("checksum")?));
        let sum = |(account, facts): &(Vec<u8>, Vec<u8>)| checksum(&[account, facts]);
        intact(read(row), sum).is_some()
    },
};
