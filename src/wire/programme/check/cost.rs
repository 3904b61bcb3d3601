//! How long a basket could take to decide, whatever is bought.

use super::super::fault::FaultCode;
use super::super::place::Place;
use super::Check;
use crate::loyalty::{LOOKS_PER_LINE_MAX, LineCost, OfferId, Programme};

impl Check<'_, '_> {
    /// Tells a programme under which some goods could cost too much work.
    pub(super) fn line_cost(&mut self, programme: &Programme) {
        let cost = programme.line_cost();
        if cost.looks > LOOKS_PER_LINE_MAX {
            self.faults.add(&Place::Root.key("offers"), FaultCode::TooCostly, reason(&cost));
        }
    }
}

fn reason(cost: &LineCost) -> String {
    let LineCost { looks, sku, category, dearest } = cost;
    let goods = match (sku, category) {
        (Some(sku), Some(category)) => format!("a line of `{sku}` in `{category}`"),
        (Some(sku), None) => format!("a line of `{sku}`"),
        (None, Some(category)) => format!("a line in `{category}`"),
        (None, None) => "every line".to_owned(),
    };
    let named = |(id, looks): &(OfferId, u64)| format!("`{id}` ({looks})");
    let named: Vec<String> = dearest.iter().map(named).collect();
    format!(
        "a basket could take too long: {goods} may be looked at {looks} times, the most is \
         {LOOKS_PER_LINE_MAX}; the dearest offers are {}; let fewer offers cover the same goods, \
         give sets a `times_max`, or take offers out of groups",
        named.join(", ")
    )
}
