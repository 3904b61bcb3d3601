//! The rows of a base: what they say, and whether they are whole. Rows that were pulled since are of
//! the same content.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rusqlite::Row;

use super::{BaseMember, BaseVoucher, BaseWallet};
use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::loyalty::{
    AccountKind, AccountRef, Birthday, CompanyRole, FlagId, MemberRef, RecruiterRef, Standing,
    VoucherId, VoucherTypeId,
};
use crate::wire::personal_offers;
use crate::wire::sync::MemberState;

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
    /// The row of a member as the hub told of one.
    pub(crate) fn of_state(state: &MemberState) -> Self {
        let standing = Standing {
            kind: state.kind.unwrap_or_default(),
            role: state.role,
            recruiter: state.recruiter.clone(),
        };
        let [kind, role, recruiter] = Self::place(&standing);
        Self {
            member: *state.member.as_bytes(),
            account: *state.account.as_bytes(),
            flags: Self::flags(&state.flags),
            birthday: state.birthday.map(|birthday| birthday.to_string()),
            kind,
            role,
            recruiter,
            offers: personal_offers::encode(&state.offers),
        }
    }

    /// The column of flags; none for none.
    pub(crate) fn flags(flags: &BTreeSet<FlagId>) -> Option<String> {
        let flags: Vec<&str> = flags.iter().map(FlagId::as_str).collect();
        (!flags.is_empty())
            .then(|| serde_json::to_string(&flags).expect("a list of texts is valid JSON"))
    }

    /// What the row says; `None` where it says nothing that is known.
    pub(crate) fn member(&self) -> Option<BaseMember> {
        Some(BaseMember {
            member: MemberRef::from_bytes(self.member),
            account: AccountRef::from_bytes(self.account),
            flags: flags_from(self.flags.as_deref())?,
            birthday: match self.birthday.as_deref() {
                None => None,
                Some(text) => Some(Birthday::parse(text)?),
            },
            standing: self.standing()?,
            personal: personal_offers::decode(self.offers.as_deref())?,
        })
    }

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

pub(crate) fn member_row(row: &Row<'_>) -> rusqlite::Result<(MemberRow, Option<i64>)> {
    let later = |column: &str| match row.get(column) {
        // The schemas before know none.
        Err(rusqlite::Error::InvalidColumnName(_)) => Ok(None),
        read => read,
    };
    let birthday = later("birthday")?;
    let (kind, role, recruiter) = (later("kind")?, later("role")?, later("recruiter")?);
    let offers = later("offers")?;
    let (member, account, flags) = (row.get("member")?, row.get("account")?, row.get("flags")?);
    let row_read = MemberRow { member, account, flags, birthday, kind, role, recruiter, offers };
    Ok((row_read, row.get("checksum")?))
}

/// A row of the base's own table by the places of its columns: by name, SQLite tells all names once
/// for each column of each member, and every sale reads one.
pub(crate) fn member_row_by_place(row: &Row<'_>) -> rusqlite::Result<(MemberRow, Option<i64>)> {
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

pub(crate) fn voucher_row(row: &Row<'_>) -> ReadRow<BaseVoucher> {
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

pub(crate) fn code_row(row: &Row<'_>) -> ReadRow<(i64, MemberRef)> {
    let member = MemberRef::from_bytes(row.get("member")?);
    Ok(((row.get("code")?, member), row.get("checksum")?))
}

pub(crate) fn code_row_checksum((code, member): &(i64, MemberRef)) -> i64 {
    code_checksum(*code, *member)
}

pub(crate) fn wallet_row(row: &Row<'_>) -> ReadRow<(Vec<u8>, BaseWallet)> {
    let member = MemberRef::from_bytes(row.get("member")?);
    let wallet = BaseWallet { member, sealed_secret: row.get("secret")? };
    Ok(((row.get("wallet")?, wallet), row.get("checksum")?))
}

pub(crate) fn wallet_row_checksum((wallet, row): &(Vec<u8>, BaseWallet)) -> i64 {
    wallet_checksum(wallet, row)
}

/// The tables of a base whose rows say themselves whether they are whole.
pub(super) const BASE_CHECKED: [CheckedTable; 5] = [CODES, WALLETS, MEMBERS, ACCOUNTS, VOUCHERS];

pub(super) const CODES: CheckedTable = CheckedTable {
    name: "codes",
    key: &["code"],
    is_intact: |row| intact(code_row(row), code_row_checksum).is_some(),
};
pub(super) const WALLETS: CheckedTable = CheckedTable {
    name: "wallets",
    key: &["wallet"],
    is_intact: |row| intact(wallet_row(row), wallet_row_checksum).is_some(),
};
pub(super) const VOUCHERS: CheckedTable = CheckedTable {
    name: "vouchers",
    key: &["voucher"],
    is_intact: |row| intact(voucher_row(row), voucher_checksum).is_some(),
};
pub(super) const MEMBERS: CheckedTable = CheckedTable {
    name: "members",
    key: &["member"],
    is_intact: |row| intact(member_row(row), member_row_checksum).is_some(),
};
pub(super) const ACCOUNTS: CheckedTable = CheckedTable {
    name: "accounts",
    key: &["account"],
    is_intact: |row| {
        let read =
            |row: &Row<'_>| Ok(((row.get("account")?, row.get("facts")?), row.get("checksum")?));
        let sum = |(account, facts): &(Vec<u8>, Vec<u8>)| checksum(&[account, facts]);
        intact(read(row), sum).is_some()
    },
};
