//! How prices are computed.

use super::super::fault::FaultCode;
use super::super::file::{CashRoundingWord, PricesTable, TaxModeWord};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{PricePolicy, TaxMode};
use crate::money::CashRounding;

impl Check<'_, '_> {
    pub(super) fn price_policy(&mut self, table: Option<&PricesTable>) -> PricePolicy {
        let tax = match table.and_then(|table| table.tax) {
            Some(TaxModeWord::Added) => TaxMode::Added,
            Some(TaxModeWord::Included) | None => TaxMode::Included,
        };
        let cash_rounding = self.cash_rounding(table.and_then(|table| table.cash_rounding));
        PricePolicy { tax, cash_rounding }
    }

    fn cash_rounding(&mut self, word: Option<CashRoundingWord>) -> CashRounding {
        let Some(word) = word else {
            return self.currency.map(CashRounding::usual_in).unwrap_or_default();
        };
        let Some((rule, currency)) = word.country().and_then(CashRounding::of_country) else {
            return CashRounding::NONE;
        };
        if let Some(own) = self.currency.filter(|own| own.code() != currency) {
            let reason = format!("this country pays in {currency}, the programme in {own}");
            let at = Place::Root.key("prices");
            self.faults.add(&at.key("cash_rounding"), FaultCode::Contradiction, reason);
        }
        rule
    }
}
