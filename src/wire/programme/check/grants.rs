//! What rules hand out beside points: vouchers and contest entries.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{EarnTable, VoucherGrantTable, VoucherStepTable};
use super::super::limits::{VOUCHER_PURCHASES_MAX, VOUCHER_STEPS_MAX};
use super::super::place::Place;
use super::super::repair::nearest;
use super::Check;
use crate::loyalty::{
    Grants, ISSUED_PER_RECEIPT_MAX, VoucherGrant, VoucherTerm, VoucherTypeId, WINDOW_DAYS_MAX,
};
use crate::wire::table::Table;

impl Check<'_, '_> {
    /// What an earning rule hands out.
    pub(super) fn grants(&mut self, rule: &Place<'_>, table: &EarnTable) -> Grants {
        let voucher = table.voucher.as_deref();
        let voucher = voucher.and_then(|table| self.voucher_grant(&rule.key("voucher"), table));
        let entries = table.entries;
        let entries = entries.and_then(|entries| {
            self.whole(&rule.key("entries"), entries, 1..=ISSUED_PER_RECEIPT_MAX)
        });
        Grants { voucher, entries: entries.unwrap_or_default() }
    }

    /// A voucher that is handed out.
    pub(super) fn voucher_grant(
        &mut self,
        at: &Place<'_>,
        table: &VoucherGrantTable,
    ) -> Option<VoucherGrant> {
        let first = self.voucher_type_id(at, table.voucher_type.as_deref());
        let steps = table.by_purchases.as_deref().unwrap_or_default();
        let steps = self.voucher_steps(&at.key("by_purchases"), steps);
        let starts_in_days = table.starts_in_days.unwrap_or_default();
        let starts_in_days =
            self.whole(&at.key("starts_in_days"), starts_in_days, 0..=WINDOW_DAYS_MAX);
        let term = self.voucher_term(at, table);
        let mut types = steps;
        types.insert(0, first?);
        Some(VoucherGrant { types, starts_in_days: starts_in_days?, term: term? })
    }

    fn voucher_term(&mut self, at: &Place<'_>, table: &VoucherGrantTable) -> Option<VoucherTerm> {
        if let Some(until) = table.until.as_deref() {
            self.unused(at, "days", table.days.as_ref(), "a voucher with `until`");
            return self.date(&at.key("until"), until).map(VoucherTerm::Until);
        }
        let days = *self.required(at, "days", table.days.as_ref())?;
        self.whole(&at.key("days"), days, 1..=WINDOW_DAYS_MAX).map(VoucherTerm::Days)
    }

    fn voucher_steps(
        &mut self,
        at: &Place<'_>,
        tables: &[Table<VoucherStepTable>],
    ) -> BTreeMap<u32, VoucherTypeId> {
        self.count(at, tables.len(), VOUCHER_STEPS_MAX);
        let mut steps = BTreeMap::new();
        let mut below = 0;
        for (index, table) in tables.iter().take(VOUCHER_STEPS_MAX).enumerate() {
            let step = at.index(index);
            let voucher_type = self.voucher_type_id(&step, table.voucher_type.as_deref());
            let from = self.required(&step, "from", table.from.as_ref());
            let from = from
                .and_then(|from| self.whole(&step.key("from"), *from, 1..=VOUCHER_PURCHASES_MAX));
            let Some(from) = from else { continue };
            if from <= below {
                let reason = format!("must be more than {below}, which is the step before");
                self.faults.add(&step.key("from"), FaultCode::ThresholdsNotRising, reason);
            }
            below = from;
            steps.extend(voucher_type.map(|voucher_type| (from, voucher_type)));
        }
        steps
    }

    /// A voucher type that the programme must have.
    fn voucher_type_id(&mut self, table: &Place<'_>, text: Option<&str>) -> Option<VoucherTypeId> {
        let id = self.required_id(table, "type", text, VoucherTypeId::parse)?;
        let Some(known) = self.voucher_types.as_ref().filter(|known| !known.contains(&id)) else {
            return Some(id);
        };
        let reason = match nearest(id.as_str(), known.iter().map(VoucherTypeId::as_str)) {
            Some(near) => {
                format!("the programme has no such voucher type; did you mean \"{near}\"?")
            }
            None => "the programme has no such voucher type".to_owned(),
        };
        self.faults.add(&table.key("type"), FaultCode::UnknownVoucherType, reason);
        None
    }
}
