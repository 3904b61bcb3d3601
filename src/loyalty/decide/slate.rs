//! The lines while benefits are taken off them.
//!
//! Lines of the same goods at the same price are one heap: a benefit looks at heaps only, so
//! neither the order of lines nor splitting a line changes what it gives. Inside a heap the
//! benefit is then split over the lines, ties by line id.

use super::accrual::AccrualLine;
use crate::loyalty::basket::{Basket, Line, LineFlag};
use crate::loyalty::decision::{Allocation, Applied, Benefit, LineOutcome};
use crate::loyalty::programme::AccrualPolicy;
use crate::money::{Amount, Quantity, allocate};

/// The heaps of a basket, in the order of what they hold.
pub(super) struct Slate<'a> {
    heaps: Vec<Heap<'a>>,
}

/// Lines that differ in nothing but id and quantity.
pub(super) struct Heap<'a> {
    /// Any of the lines: what it is.
    pub(super) line: &'a Line,
    members: Vec<Member<'a>>,
    pub(super) quantity: Quantity,
    /// What remains to be paid.
    pub(super) left: Amount,
    /// An offer applies to it.
    pub(super) touched: bool,
    /// An offer that stands alone applies to it.
    pub(super) closed: bool,
}

/// A line and what is left of it.
struct Member<'a> {
    line: &'a Line,
    /// Place in the basket.
    position: usize,
    left: Amount,
    /// The least that must remain to be paid after discounts.
    floor: Amount,
    discount: Amount,
    redeemed: Amount,
}

/// What a benefit wants of one heap: in proportion to `weight`, at most `room`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// Place on the slate.
    pub(super) at: usize,
    pub(super) weight: Amount,
    pub(super) room: Amount,
}

impl<'a> Slate<'a> {
    pub(super) fn new(basket: &'a Basket) -> Self {
        let mut lines: Vec<(usize, &'a Line)> = basket.lines().iter().enumerate().collect();
        lines.sort_by(|(_, a), (_, b)| {
            goods(a).cmp(&goods(b)).then_with(|| a.line_id.cmp(&b.line_id))
        });
        let mut heaps: Vec<Heap<'a>> = Vec::with_capacity(lines.len());
        for (position, line) in lines {
            match heaps.last_mut().filter(|heap| goods(heap.line) == goods(line)) {
                Some(heap) => heap.add(position, line),
                None => heaps.push(Heap::of(position, line)),
            }
        }
        Self { heaps }
    }

    pub(super) fn heaps(&self) -> &[Heap<'a>] {
        &self.heaps
    }

    pub(super) fn heap(&self, at: usize) -> &Heap<'a> {
        &self.heaps[at]
    }

    pub(super) fn touch(&mut self, at: usize) {
        self.heaps[at].touched = true;
    }

    pub(super) fn close(&mut self, at: usize) {
        self.heaps[at].closed = true;
    }

    /// Takes up to `total` off the claimed heaps. `None` where nothing could be taken.
    pub(super) fn take(
        &mut self,
        benefit: Benefit,
        total: Amount,
        claims: &[Claim],
    ) -> Option<Applied> {
        let weights: Vec<i64> = claims.iter().map(|claim| claim.weight.value()).collect();
        let rooms: Vec<i64> = claims.iter().map(|claim| claim.room.value()).collect();
        let mut parts = Vec::with_capacity(claims.len());
        for (claim, part) in claims.iter().zip(allocate(total.value(), &weights, &rooms)) {
            if part > 0 {
                self.heaps[claim.at].split(Amount::new(part), &benefit, &mut parts);
            }
        }
        concluded(benefit, parts)
    }

    /// Takes what a till says it took off each line, in basket order.
    pub(super) fn take_exactly(&mut self, benefit: Benefit, amounts: &[Amount]) -> Option<Applied> {
        let mut parts = Vec::with_capacity(amounts.len());
        for heap in &mut self.heaps {
            for at in 0..heap.members.len() {
                let member = &heap.members[at];
                let part = amounts[member.position].min(member.left);
                heap.take(at, part, &benefit, &mut parts);
            }
        }
        concluded(benefit, parts)
    }

    pub(super) fn outcomes(&self) -> Vec<LineOutcome> {
        let mut members: Vec<&Member<'a>> =
            self.heaps.iter().flat_map(|heap| &heap.members).collect();
        members.sort_by_key(|member| member.position);
        members
            .into_iter()
            .map(|member| LineOutcome {
                line_id: member.line.line_id.clone(),
                gross: member.line.amount,
                discount: member.discount,
                redeemed: member.redeemed,
                net: member.left,
            })
            .collect()
    }

    pub(super) fn accrual_lines(&self, policy: AccrualPolicy) -> Vec<AccrualLine<'a>> {
        let members = self.heaps.iter().flat_map(|heap| &heap.members);
        let sold = |member: &Member<'a>| {
            AccrualLine::of_sold(member.line, member.discount, member.redeemed, policy)
        };
        members.map(sold).collect()
    }
}

impl<'a> Heap<'a> {
    fn of(position: usize, line: &'a Line) -> Self {
        let mut heap = Self {
            line,
            members: Vec::with_capacity(1),
            quantity: Quantity::ZERO,
            left: Amount::ZERO,
            touched: false,
            closed: false,
        };
        heap.add(position, line);
        heap
    }

    fn add(&mut self, position: usize, line: &'a Line) {
        self.quantity += line.quantity;
        self.left += line.amount;
        self.members.push(Member {
            line,
            position,
            left: line.amount,
            floor: line.floor(),
            discount: Amount::ZERO,
            redeemed: Amount::ZERO,
        });
    }

    /// What a discount may still take.
    pub(super) fn room(&self) -> Amount {
        self.members.iter().map(Member::room).sum()
    }

    pub(super) fn may_be_discounted(&self) -> bool {
        !self.line.has(LineFlag::NoDiscount)
    }

    /// Splits a part of a benefit over the lines.
    fn split(&mut self, part: Amount, benefit: &Benefit, parts: &mut Vec<Part<'a>>) {
        let lefts: Vec<i64> = self.members.iter().map(|member| member.left.value()).collect();
        let rooms: Vec<i64> = self.members.iter().map(|member| member.room().value()).collect();
        // A means of payment may go below the floors that bind a discount.
        let fits = rooms.iter().sum::<i64>() >= part.value();
        let split = allocate(part.value(), &lefts, if fits { &rooms } else { &lefts });
        for (at, part) in split.into_iter().enumerate() {
            self.take(at, Amount::new(part), benefit, parts);
        }
    }

    fn take(&mut self, at: usize, part: Amount, benefit: &Benefit, parts: &mut Vec<Part<'a>>) {
        if !part.is_positive() {
            return;
        }
        let member = &mut self.members[at];
        self.left -= part;
        member.left -= part;
        match benefit {
            Benefit::Points(_) => member.redeemed += part,
            Benefit::Offer(_) | Benefit::Till | Benefit::Voucher { .. } => member.discount += part,
        }
        parts.push(Part { position: member.position, line: member.line, amount: part });
    }
}

impl Member<'_> {
    fn room(&self) -> Amount {
        (self.left - self.floor).or_zero()
    }
}

/// A line's part of a benefit.
struct Part<'a> {
    position: usize,
    line: &'a Line,
    amount: Amount,
}

fn concluded(benefit: Benefit, mut parts: Vec<Part<'_>>) -> Option<Applied> {
    if parts.is_empty() {
        return None;
    }
    parts.sort_by_key(|part| part.position);
    let amount = parts.iter().map(|part| part.amount).sum();
    let allocation =
        |part: Part<'_>| Allocation { line_id: part.line.line_id.clone(), amount: part.amount };
    Some(Applied { benefit, amount, allocations: parts.into_iter().map(allocation).collect() })
}

/// Everything about a line that a benefit may look at, but its id and quantity.
fn goods(line: &Line) -> impl Ord + '_ {
    (&line.sku, line.unit_price, &line.category, line.tax_rate, &line.flags, line.unit_price_min)
}
