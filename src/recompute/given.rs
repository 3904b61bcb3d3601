//! A record whose till gave otherwise than was decided, as the core takes it.

use std::collections::BTreeMap;

use crate::journal::Sale;
use crate::loyalty::{
    Applied, Benefit, Counted, CounterId, GivenByTill, GivenReward, LineId, Programme, Promotion,
};
use crate::money::{Amount, Points};

/// What a till gave, by its record.
pub(super) struct Given<'p> {
    discounts: Vec<Amount>,
    redeemed: Vec<Amount>,
    cashback: Vec<Amount>,
    spent: Points,
    rewards: Vec<GivenReward<'p>>,
    tax: Amount,
    offers_used: Vec<Counted>,
    shared_used: Vec<Counted>,
    gifts: Vec<Applied>,
    promotions: Vec<Promotion>,
}

impl<'p> Given<'p> {
    /// Reads it back.
    pub(super) fn of(sale: &Sale, programme: &'p Programme) -> Self {
        let reward = |applied: &Applied| {
            let Benefit::Reward { reward, times, .. } = &applied.benefit else { return None };
            let amounts = by_line(sale, applied);
            Some(GivenReward { reward: programme.reward(reward)?, times: *times, amounts })
        };
        let of_cashback =
            sale.applied.iter().find(|applied| matches!(applied.benefit, Benefit::Cashback));
        let is_gift = |applied: &&Applied| matches!(applied.benefit, Benefit::Gift { .. });
        let member = sale.member.as_ref();
        let none = || vec![Amount::ZERO; sale.lines.len()];
        Self {
            discounts: sale.lines.iter().map(|line| line.discount + line.redeemed).collect(),
            redeemed: sale.lines.iter().map(|line| line.redeemed).collect(),
            cashback: of_cashback.map_or_else(none, |applied| by_line(sale, applied)),
            spent: member.map_or(Points::ZERO, |member| member.spent),
            rewards: sale.applied.iter().filter_map(reward).collect(),
            tax: sale.lines.iter().map(|line| line.tax).sum(),
            offers_used: of_offers(member.map_or(&[], |member| &member.counted)),
            shared_used: of_offers(&sale.shared),
            gifts: sale.applied.iter().filter(is_gift).cloned().collect(),
            promotions: sale.told.iter().flatten().cloned().collect(),
        }
    }

    /// As the core takes it.
    pub(super) fn as_given(&self) -> GivenByTill<'_> {
        GivenByTill {
            discounts: &self.discounts,
            spent: self.spent,
            redeemed: &self.redeemed,
            rewards: &self.rewards,
            offers_used: &self.offers_used,
            tax: self.tax,
            shared_used: &self.shared_used,
            gifts: &self.gifts,
            promotions: &self.promotions,
            cashback: &self.cashback,
        }
    }
}

fn of_offers(counted: &[Counted]) -> Vec<Counted> {
    let of_offer = |counted: &&Counted| matches!(counted.counter, CounterId::OfferUses { .. });
    counted.iter().filter(of_offer).cloned().collect()
}

/// What a benefit took off each line, in the order of the lines.
fn by_line(sale: &Sale, applied: &Applied) -> Vec<Amount> {
    let parts: BTreeMap<&LineId, Amount> =
        applied.allocations.iter().map(|part| (&part.line_id, part.amount)).collect();
    let of = |line: &crate::journal::SaleLine| parts.get(&line.line.line_id).copied();
    sale.lines.iter().map(|line| of(line).unwrap_or_default()).collect()
}
