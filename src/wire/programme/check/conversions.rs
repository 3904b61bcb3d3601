//! What converts points into vouchers.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::ConversionTable;
use super::super::limits::CONVERSIONS_MAX;
use super::super::place::Place;
use super::Check;
use crate::loyalty::{Conversion, ConversionId, ISSUED_PER_RECEIPT_MAX, Membership};

impl Check<'_, '_> {
    /// The conversions in the order of their ids.
    pub(super) fn conversions(&mut self, tables: &[(usize, ConversionTable)]) -> Vec<Conversion> {
        let at = Place::Root.key("conversions");
        self.count(&at, tables.len(), CONVERSIONS_MAX);
        let mut ids = BTreeMap::new();
        let mut conversions = Vec::new();
        for (index, table) in tables.iter().take(CONVERSIONS_MAX) {
            let conversion_at = at.index(*index);
            self.distinct_id(&conversion_at, table.id.as_deref(), &mut ids);
            conversions.extend(self.conversion(&conversion_at, table));
        }
        conversions.sort_by(|left, right| left.id.cmp(&right.id));
        conversions
    }

    fn conversion(&mut self, place: &Place<'_>, table: &ConversionTable) -> Option<Conversion> {
        let id = self.required_id(place, "id", table.id.as_deref(), ConversionId::parse);
        let name = match table.name.as_deref().or(table.id.as_deref()) {
            Some(name) => self.name(place, Some(name)),
            None => None,
        };
        let conditions = self.conditions(place, table.conditions());
        if conditions.audience.membership == Membership::Everyone {
            let reason = "only members have points: leave members = \"everyone\" out";
            let audience = place.key("audience");
            self.faults.add(&audience.key("members"), FaultCode::Contradiction, reason);
        }
        let points = self
            .required(place, "points", table.points.as_ref())
            .and_then(|points| self.points(&place.key("points"), points));
        let at = match &table.at {
            Some(at) => self.points(&place.key("at"), at),
            None => points,
        };
        if let Some((at, points)) = at.zip(points).filter(|(at, points)| at < points) {
            let [at, points] = [at, points].map(|points| self.point_decimals.format(points));
            let reason =
                format!("a balance of {at} does not hold the {points} points of a voucher");
            self.faults.add(&place.key("at"), FaultCode::Contradiction, reason);
        }
        let times_max = match table.times_max {
            Some(times) => self.whole(&place.key("times_max"), times, 1..=ISSUED_PER_RECEIPT_MAX),
            None => Some(ISSUED_PER_RECEIPT_MAX),
        };
        let voucher = self.required(place, "voucher", table.voucher.as_ref())?;
        let voucher = self.voucher_grant(&place.key("voucher"), voucher);
        Some(Conversion {
            id: id?,
            name: name?,
            conditions,
            at: at?,
            points: points?,
            times_max: times_max?,
            voucher: voucher?,
        })
    }
}
