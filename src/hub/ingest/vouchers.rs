//! Vouchers while a batch is booked: handed out, used, freed and withdrawn, whatever arrives first.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{Place, VoucherRow, VoucherStanding};
use crate::journal::{Sale, Undo};
use crate::loyalty::{AccountRef, Applied, Benefit, Issued, IssuedKind, VoucherId, VoucherTypeId};
use crate::recompute::vouchers_of;

/// The kind of what was used and is not known: a coupon, or a voucher whose receipt is still to come.
const KIND_UNKNOWN: &str = "unknown";

/// Vouchers of a batch.
#[derive(Debug, Default)]
pub(super) struct Vouchers {
    rows: BTreeMap<VoucherId, VoucherRow>,
    /// When the records that used them took effect.
    used_at: BTreeMap<Place, DateTime<Utc>>,
    changed: BTreeSet<VoucherId>,
    /// Receipts that took a voucher which another had used before, with the one that keeps it.
    twice: BTreeSet<(Place, VoucherTypeId, Place)>,
}

impl Vouchers {
    /// Locks vouchers, and asks when those that are used were.
    pub(super) fn open(tx: &mut dyn Tx, wanted: BTreeSet<VoucherId>) -> Result<Self, StoreError> {
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let rows = tx.lock_vouchers(&wanted.into_iter().collect::<Vec<_>>())?;
        let users: BTreeSet<Place> = rows
            .values()
            .filter_map(|row| match row.standing {
                VoucherStanding::Used(place) => Some(place),
                VoucherStanding::Open | VoucherStanding::Revoked => None,
            })
            .collect();
        let users = tx.records(&users.into_iter().collect::<Vec<_>>())?;
        let used_at = users.into_iter().map(|(place, row)| (place, row.effective_at)).collect();
        Ok(Self { rows, used_at, ..Self::default() })
    }

    /// A voucher as it is now.
    pub(super) fn row(&self, voucher: &VoucherId) -> Option<&VoucherRow> {
        self.rows.get(voucher)
    }

    /// A receipt used vouchers; the first by its time keeps each. Those that were freed again by
    /// what followed it and came before it are left out.
    pub(super) fn used(
        &mut self,
        sale: &Sale,
        (place, at): (Place, DateTime<Utc>),
        freed: &BTreeSet<&VoucherId>,
    ) {
        self.used_at.insert(place, at);
        for voucher in vouchers_of(sale).into_iter().filter(|voucher| !freed.contains(voucher)) {
            let kind = kind_of(sale, &voucher);
            let standing = match self.rows.get(&voucher).map(|row| row.standing) {
                Some(VoucherStanding::Used(other)) if other != place => {
                    let key = |place: Place| (self.used_at.get(&place).copied(), place);
                    let (first, second) =
                        if key(other) <= key(place) { (other, place) } else { (place, other) };
                    self.twice.insert((second, kind.clone(), first));
                    VoucherStanding::Used(first)
                }
                _ => VoucherStanding::Used(place),
            };
            self.set(&voucher, kind, standing);
        }
    }

    /// Everything of a receipt came back: its vouchers may be used again.
    pub(super) fn freed(&mut self, undo: &Undo, sale: Place) {
        for voucher in &undo.vouchers_freed {
            self.free(voucher, sale);
        }
    }

    /// A receipt handed vouchers out; one that was used or withdrawn meanwhile stays so.
    pub(super) fn issued(&mut self, issued: &[Issued], account: AccountRef) {
        for Issued { code, what, .. } in issued {
            let IssuedKind::Voucher { voucher_type, valid_from, valid_until, .. } = what else {
                continue;
            };
            let standing = self.rows.get(code).map_or(VoucherStanding::Open, |row| row.standing);
            let row = VoucherRow {
                voucher: code.clone(),
                voucher_type: voucher_type.clone(),
                account: Some(account),
                valid_from: Some(*valid_from),
                valid_until: Some(*valid_until),
                standing,
            };
            if self.rows.get(code) != Some(&row) {
                self.changed.insert(code.clone());
                self.rows.insert(code.clone(), row);
            }
        }
    }

    /// A return withdrew vouchers; one that was used stays used.
    pub(super) fn withdrawn(&mut self, undo: &Undo) {
        for code in &undo.codes_cancelled {
            let standing = match self.rows.get(code).map(|row| row.standing) {
                Some(used @ VoucherStanding::Used(_)) => used,
                _ => VoucherStanding::Revoked,
            };
            self.set(code, unknown(), standing);
        }
    }

    /// A record that used vouchers is not booked after all.
    pub(super) fn unbooked(&mut self, sale: &Sale, place: Place) {
        for voucher in vouchers_of(sale) {
            self.free(&voucher, place);
        }
    }

    fn free(&mut self, voucher: &VoucherId, sale: Place) {
        let Some(row) = self.rows.get_mut(voucher) else { return };
        if row.standing == VoucherStanding::Used(sale) {
            row.standing = VoucherStanding::Open;
            self.changed.insert(voucher.clone());
        }
    }

    /// What changed, and what was used twice.
    pub(super) fn close(mut self) -> (Vec<VoucherRow>, BTreeSet<(Place, VoucherTypeId, Place)>) {
        let changed = self.changed.iter().filter_map(|voucher| self.rows.remove(voucher));
        (changed.collect(), self.twice)
    }

    fn set(&mut self, voucher: &VoucherId, kind: VoucherTypeId, standing: VoucherStanding) {
        let row = self.rows.entry(voucher.clone()).or_insert_with(|| VoucherRow {
            voucher: voucher.clone(),
            voucher_type: kind,
            account: None,
            valid_from: None,
            valid_until: None,
            // Another than any that is set below, so that a new one counts as changed.
            standing: VoucherStanding::Open,
        });
        if row.standing != standing {
            row.standing = standing;
            self.changed.insert(voucher.clone());
        }
    }
}

/// The vouchers that a record of a sale is about.
pub(super) fn of_sale(sale: &Sale) -> impl Iterator<Item = VoucherId> + '_ {
    let issued = sale.member.iter().flat_map(|member| &member.issued);
    vouchers_of(sale).into_iter().chain(codes(issued))
}

/// The codes of vouchers that were handed out.
pub(super) fn codes<'i>(
    issued: impl IntoIterator<Item = &'i Issued>,
) -> impl Iterator<Item = VoucherId> {
    let vouchers = issued.into_iter().filter(|issued| issued.what.is_voucher());
    vouchers.map(|issued| issued.code.clone())
}

fn kind_of(sale: &Sale, wanted: &VoucherId) -> VoucherTypeId {
    let kind = |applied: &Applied| match &applied.benefit {
        Benefit::Voucher { voucher, voucher_type } if voucher == wanted => {
            Some(voucher_type.clone())
        }
        _ => None,
    };
    sale.applied.iter().find_map(kind).unwrap_or_else(unknown)
}

fn unknown() -> VoucherTypeId {
    VoucherTypeId::parse(KIND_UNKNOWN).expect("letters are an id")
}
