//! Lines on their way into the store.

use std::collections::BTreeMap;

use super::rows::hashes;
use super::{ImportError, Importer};
use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, MemberRow, VoucherRow, VoucherStanding};
use crate::loyalty::{Account, AccountFacts, AccountKind, AccountRef, MemberRef, VoucherId};
use crate::member_code::WalletId;
use crate::shell::keys::DirectoryKey;
use crate::wire::members::{ImportLine, ImportedMember, ImportedVoucher};
use crate::wire::sync::{Bytes, MemberState, WalletState};

/// Stores lines in one transaction; says how many things were not there as they have them.
pub(super) fn store_batch(
    importer: &Importer<'_>,
    batch: &[(usize, ImportLine)],
) -> Result<u64, ImportError> {
    let wanted = Wanted::of(batch);
    let mut tx = importer.store.write()?;
    let accounts = changed_accounts(&mut *tx, &wanted.openings)?;
    let vouchers = changed_vouchers(&mut *tx, &wanted.vouchers)?;
    let members = changed_members(&mut *tx, importer.directory, &wanted.members)?;
    let changed = members.len() + accounts.len() + vouchers.len();
    if changed == 0 {
        return Ok(0);
    }
    let cursor = tx.next_cursor()?;
    let stored = tx
        .save_members(&members, cursor)
        .and_then(|()| tx.save_accounts(&accounts, cursor))
        .and_then(|()| tx.save_vouchers(&vouchers, cursor));
    match stored {
        Ok(()) => tx.commit()?,
        Err(StoreError::CodeTaken { .. }) => {
            let line = |found: Option<&(usize, ImportLine)>| found.map_or(0, |(number, _)| *number);
            return Err(ImportError::CodeTaken {
                first: line(batch.first()),
                last: line(batch.last()),
            });
        }
        Err(error) => return Err(error.into()),
    }
    Ok(changed as u64)
}

/// What lines want to be there; of several lines on one thing the last counts.
#[derive(Default)]
struct Wanted<'a> {
    members: BTreeMap<MemberRef, &'a ImportedMember>,
    /// What accounts begin with; none where every line of one brings nothing.
    openings: BTreeMap<AccountRef, Option<&'a AccountFacts>>,
    vouchers: BTreeMap<VoucherId, (&'a ImportedVoucher, Option<AccountRef>)>,
}

impl<'a> Wanted<'a> {
    fn of(batch: &'a [(usize, ImportLine)]) -> Self {
        let mut wanted = Self::default();
        for (_, line) in batch {
            match line {
                ImportLine::Voucher(voucher) => wanted.add_voucher(voucher, None),
                ImportLine::Member(member) => wanted.add_member(member),
            }
        }
        wanted
    }

    fn add_member(&mut self, member: &'a ImportedMember) {
        self.members.insert(member.member, member);
        let brings = (member.facts != AccountFacts::default()).then_some(&member.facts);
        let opening = self.openings.entry(member.account).or_default();
        // Another member of the account may have brought all that it begins with.
        *opening = brings.or(*opening);
        for voucher in &member.vouchers {
            self.add_voucher(voucher, Some(member.account));
        }
    }

    fn add_voucher(&mut self, voucher: &'a ImportedVoucher, account: Option<AccountRef>) {
        self.vouchers.insert(voucher.code.clone(), (voucher, account));
    }
}

/// An account that brings nothing keeps what it has: the line that brought it may be of another
/// batch.
fn changed_accounts(
    tx: &mut dyn Tx,
    openings: &BTreeMap<AccountRef, Option<&AccountFacts>>,
) -> Result<Vec<AccountRow>, StoreError> {
    let bringing: Vec<AccountRef> =
        openings.iter().filter_map(|(account, opening)| opening.map(|_| *account)).collect();
    let present = tx.lock_accounts(&bringing)?;
    let entries = tx.entries(&bringing)?;
    let mut changed = Vec::new();
    for (account, row) in present {
        let Some(opening) = openings.get(&account).copied().flatten() else { continue };
        if row.opening.as_ref() == Some(opening) {
            continue;
        }
        let mut folded = Account::from_facts(opening.clone());
        for entry in entries.get(&account).into_iter().flatten() {
            folded.apply(&entry.entry);
        }
        let facts = folded.facts().clone();
        changed.push(AccountRow { account, opening: Some(opening.clone()), facts });
    }
    Ok(changed)
}

/// A voucher that was used or withdrawn stays so.
fn changed_vouchers(
    tx: &mut dyn Tx,
    wanted: &BTreeMap<VoucherId, (&ImportedVoucher, Option<AccountRef>)>,
) -> Result<Vec<VoucherRow>, StoreError> {
    let codes: Vec<VoucherId> = wanted.keys().cloned().collect();
    let present = tx.lock_vouchers(&codes)?;
    let row =
        |(code, (voucher, account)): (&VoucherId, &(&ImportedVoucher, Option<AccountRef>))| {
            let before = present.get(code);
            let row = VoucherRow {
                voucher: code.clone(),
                voucher_type: voucher.voucher_type.clone(),
                account: *account,
                valid_from: voucher.valid_from,
                valid_until: voucher.valid_until,
                standing: before.map_or(VoucherStanding::Open, |before| before.standing),
            };
            (before != Some(&row)).then_some(row)
        };
    Ok(wanted.iter().filter_map(row).collect())
}

fn changed_members(
    tx: &mut dyn Tx,
    directory: &DirectoryKey,
    wanted: &BTreeMap<MemberRef, &ImportedMember>,
) -> Result<Vec<MemberRow>, ImportError> {
    let refs: Vec<MemberRef> = wanted.keys().copied().collect();
    let present = tx.members(&refs)?;
    let mut changed = Vec::new();
    for (member, imported) in wanted {
        let before = present.get(member).and_then(|row| row.state.as_ref());
        let state = state(directory, imported, before)?;
        if before != Some(&state) {
            changed.push(MemberRow { member: *member, state: Some(state) });
        }
    }
    Ok(changed)
}

fn state(
    directory: &DirectoryKey,
    member: &ImportedMember,
    before: Option<&MemberState>,
) -> Result<MemberState, ImportError> {
    let standing = &member.standing;
    Ok(MemberState {
        member: member.member,
        account: member.account,
        codes: hashes(directory, member).unwrap_or_default(),
        flags: member.flags.clone(),
        birthday: member.birthday,
        kind: (standing.kind != AccountKind::default()).then_some(standing.kind),
        role: standing.role,
        recruiter: standing.recruiter.clone(),
        wallets: wallet(directory, member, before)?.into_iter().collect(),
        offers: member.offers.clone(),
    })
}

/// A secret is sealed anew only where it is another: sealed twice it never looks the same.
fn wallet(
    directory: &DirectoryKey,
    member: &ImportedMember,
    before: Option<&MemberState>,
) -> Result<Option<WalletState>, ImportError> {
    let Some(wallet) = &member.wallet else { return Ok(None) };
    let Some(id) = WalletId::parse(&wallet.wallet_id) else { return Ok(None) };
    let context = member.member.as_bytes();
    let same = before.into_iter().flat_map(|state| &state.wallets).find(|found| {
        found.wallet.0 == id.as_bytes()
            && directory.open(&found.sealed_secret.0, context).as_deref() == Ok(&wallet.secret)
    });
    if let Some(same) = same {
        return Ok(Some(same.clone()));
    }
    let sealed_secret = Bytes(directory.seal(&wallet.secret, context)?);
    Ok(Some(WalletState { wallet: Bytes(id.as_bytes().to_vec()), sealed_secret }))
}
