//! The lines while benefits are taken off them.
//!
//! Lines of the same goods at the same price are one heap: a benefit looks at heaps only, so
//! neither the order of lines nor splitting a line changes what it gives. Inside a heap the
//! benefit is then split over the lines, ties by line id.
//!
//! The slate also holds what all discounts together may not exceed: every stage is given the room
//! that is left, so none needs to know of the bounds.

use std::cell::{Cell, OnceCell};
use std::cmp::Ordering;

use super::accrual::AccrualLine;
use crate::loyalty::basket::{Basket, Line};
use crate::loyalty::decision::{Allocation, Applied, Benefit, LineOutcome, Reason};
use crate::loyalty::ids::LineId;
use crate::loyalty::programme::{
    AccrualPolicy, DiscountBounds, DiscountMethod, MinimumMoment, PercentStyle, Programme,
};
use crate::money::{Amount, LeftOver, Percent, Quantity, Rounding, allocate_with, share_until};

/// The most lines that the benefits of one receipt are spread over, each benefit counted with all of
/// its lines: 2,000 offers on 100 lines, or 20 on 10,000. It bounds the work, the record and the
/// answer; points spent as money are beside it, so that nobody is kept from paying.
pub const ALLOCATIONS_MAX: usize = 200_000;

/// The heaps of a basket, in the order of what they hold.
#[derive(Clone)]
pub(super) struct Slate<'a> {
    heaps: Vec<Heap<'a>>,
    method: DiscountMethod,
    /// What offers and vouchers may still take off the receipt; `None` where nothing bounds it.
    room: Option<Amount>,
    /// What all of them cost before any discount.
    gross: Amount,
    /// What remains to be paid for all of them.
    left: Amount,
    /// How much all of them hold.
    quantity: Quantity,
    /// Lines that benefits may still be spread over.
    allocations_left: usize,
    /// How often a heap was looked at: the measure of work, the same on every machine.
    looks: Cell<u64>,
    /// By place: how many heaps have dearer free units. Offers on units are many and look at the
    /// same heaps, so it is kept until something is taken.
    ranks: OnceCell<Vec<usize>>,
}

/// Lines that differ in nothing but id and quantity.
#[derive(Clone)]
pub(super) struct Heap<'a> {
    /// Any of the lines: what it is.
    pub(super) line: &'a Line,
    members: Vec<Member<'a>>,
    pub(super) quantity: Quantity,
    /// What it costs before any discount.
    gross: Amount,
    /// What remains to be paid.
    pub(super) left: Amount,
    /// What percentages took that further ones do not look at.
    percents_taken: Amount,
    /// An offer applies to it.
    pub(super) touched: bool,
    /// An offer that stands alone applies to it.
    pub(super) closed: bool,
    /// Whether law or till let nobody discount it.
    fixed: bool,
    /// What offers and vouchers may still take by the bound on lines; `None` without one.
    bound: Option<Amount>,
    /// What may still be taken, kept until something is: lines of the same goods may be many.
    rooms: OnceCell<Rooms>,
    /// Units that took part in an offer on units.
    engaged: Option<Engaged>,
}

/// What may still be taken off a heap.
#[derive(Clone, Copy, Debug)]
struct Rooms {
    /// By offers and vouchers.
    discount: Amount,
    /// With no bound but the floors.
    to_floor: Amount,
}

/// Units of a heap that took part in an offer on units, and what the heap was before the first
/// of them did: units that are still free have kept their part of that.
#[derive(Clone, Copy, Debug)]
struct Engaged {
    units: i64,
    left_before: Amount,
    percents_before: Amount,
    room_before: Amount,
}

/// The units of a heap that an offer on units may count.
#[derive(Clone, Copy, Debug)]
pub(super) struct FreeUnits {
    /// How many.
    pub(super) units: i64,
    /// Of how many units of the heap,
    pub(super) whole: i64,
    /// to which together this much is left.
    pub(super) left: Amount,
    /// The same for a further percentage.
    pub(super) percent_base: Amount,
}

/// A line and what is left of it.
#[derive(Clone)]
struct Member<'a> {
    line: &'a Line,
    /// Place in the basket.
    position: usize,
    left: Amount,
    /// The least that must remain to be paid after discounts.
    floor: Amount,
    /// The most that offers and vouchers may take, by the bound on lines.
    discount_max: Option<Amount>,
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
    pub(super) fn new(basket: &'a Basket, programme: &Programme) -> Self {
        let (bounds, method) = (&programme.discounts, programme.discount_method);
        let mut lines: Vec<(usize, &'a Line)> = basket.lines().iter().enumerate().collect();
        lines.sort_by(|(_, a), (_, b)| {
            goods(a).cmp(&goods(b)).then_with(|| a.line_id.cmp(&b.line_id))
        });
        let mut heaps: Vec<Heap<'a>> = Vec::with_capacity(lines.len());
        for (position, line) in lines {
            match heaps.last_mut().filter(|heap| goods(heap.line) == goods(line)) {
                Some(heap) => heap.add(position, line, bounds),
                None => heaps.push(Heap::of(position, line, bounds)),
            }
        }
        if let Some(percent) = bounds.line_percent_max {
            for heap in &mut heaps {
                heap.bound = Some(share(percent, heap.left, Rounding::Floor));
            }
        }
        if method.left_over == LeftOver::FirstLines {
            // First is who has the lowest line id, whatever the goods.
            heaps.sort_by(|a, b| a.first_line_id().cmp(b.first_line_id()));
        }
        let receipt = |percent| share(percent, basket.gross(), Rounding::Floor);
        let of_percent = bounds.receipt_percent_max.map(receipt);
        let room = of_percent.into_iter().chain(bounds.receipt_amount_max).min();
        Self {
            method,
            room,
            gross: basket.gross(),
            left: heaps.iter().map(|heap| heap.left).sum(),
            quantity: heaps.iter().map(|heap| heap.quantity).sum(),
            heaps,
            allocations_left: ALLOCATIONS_MAX,
            looks: Cell::new(0),
            ranks: OnceCell::new(),
        }
    }

    /// Counts looks at heaps.
    pub(super) fn look(&self, times: usize) {
        self.looks.set(self.looks.get() + times as u64);
    }

    /// Goes on counting where another slate of the same basket was.
    pub(super) fn look_as_before(&mut self, looks: u64) {
        self.looks = Cell::new(looks);
    }

    /// How often a heap was looked at.
    pub(super) fn looks(&self) -> u64 {
        self.looks.get()
    }

    /// How much everything is.
    pub(super) fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// Places once each, the one with the dearest free units first, by what is left of a unit;
    /// ties in the order of the slate.
    pub(super) fn dearest_first(&self, mut places: Vec<usize>) -> Vec<usize> {
        places.sort_unstable();
        places.dedup();
        // To rank all heaps for a few of them would cost more than to compare these.
        if self.ranks.get().is_none() && places.len() * 2 < self.heaps.len() {
            let units = |at: usize| self.heaps[at].free_units();
            places.sort_by(|&a, &b| units(a).dearer_first(&units(b)));
        } else {
            let ranks = self.ranks.get_or_init(|| self.ranked());
            places.sort_unstable_by_key(|&at| ranks[at]);
        }
        places
    }

    fn ranked(&self) -> Vec<usize> {
        let units: Vec<FreeUnits> = self.heaps.iter().map(Heap::free_units).collect();
        let mut places: Vec<usize> = (0..units.len()).collect();
        places.sort_by(|&a, &b| units[a].dearer_first(&units[b]));
        let mut ranks = vec![0; places.len()];
        for (rank, at) in places.into_iter().enumerate() {
            ranks[at] = rank;
        }
        ranks
    }

    /// Whether the receipt can spread one benefit more over every line of these heaps.
    pub(super) fn can_spread(&self, places: impl Iterator<Item = usize>) -> bool {
        self.lines_of(places) <= self.allocations_left
    }

    fn lines_of(&self, places: impl Iterator<Item = usize>) -> usize {
        places.map(|at| self.heaps[at].members.len()).sum()
    }

    /// What offers and vouchers may still take off these claims; or why nothing.
    pub(super) fn room(&self, claims: &[Claim]) -> Result<Amount, Reason> {
        if !self.can_spread(claims.iter().map(|claim| claim.at)) {
            return Err(Reason::AllocationLimit);
        }
        let claimed: Amount = claims.iter().map(|claim| claim.room).sum();
        let room = claimed.min(self.room.unwrap_or(claimed));
        if room.is_positive() {
            return Ok(room);
        }
        // Without the bounds, something could be taken.
        let above_floor = |claim: &Claim| self.heap(claim.at).room_to_floor().is_positive();
        let bound = claims.iter().any(above_floor);
        Err(if bound { Reason::DiscountLimit } else { Reason::NothingLeft })
    }

    /// Lets units take part in an offer on units, before the offer takes anything.
    pub(super) fn engage(&mut self, at: usize, units: i64) {
        let heap = &mut self.heaps[at];
        let before = Engaged {
            units: 0,
            left_before: heap.left,
            percents_before: heap.percents_taken,
            room_before: heap.room(),
        };
        heap.engaged.get_or_insert(before).units += units;
    }

    /// What a heap brings to a minimum.
    pub(super) fn towards_minimum(&self, heap: &Heap<'_>) -> Amount {
        match self.method.minimum {
            MinimumMoment::AfterStages => heap.left,
            MinimumMoment::BeforeStages => heap.gross,
        }
    }

    /// What everything brings to a minimum.
    pub(super) fn all_towards_minimum(&self) -> Amount {
        match self.method.minimum {
            MinimumMoment::AfterStages => self.left,
            MinimumMoment::BeforeStages => self.gross,
        }
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

    /// As [`Self::take`], of a percentage.
    pub(super) fn take_percent(
        &mut self,
        benefit: Benefit,
        total: Amount,
        claims: &[Claim],
    ) -> Option<Applied> {
        let left = |slate: &Self| -> Vec<Amount> {
            claims.iter().map(|claim| slate.heap(claim.at).left).collect()
        };
        let before = left(self);
        let applied = self.take(benefit, total, claims);
        if self.method.percents == PercentStyle::Additive {
            for (claim, before) in claims.iter().zip(before) {
                let heap = &mut self.heaps[claim.at];
                heap.percents_taken += before - heap.left;
            }
        }
        applied
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
        self.ranks.take();
        let total = match &benefit {
            Benefit::Offer(_) | Benefit::Coupon { .. } | Benefit::Voucher { .. } => {
                total.min(self.room.unwrap_or(total))
            }
            Benefit::Points(_)
            | Benefit::Cashback
            | Benefit::Reward { .. }
            | Benefit::Gift { .. }
            | Benefit::Till => total,
        };
        let left_over = self.method.left_over;
        let split = allocate_with(left_over, total.value(), &weights, &rooms);
        for (claim, part) in claims.iter().zip(split) {
            if part > 0 {
                self.heaps[claim.at].split(Amount::new(part), &benefit, left_over, &mut parts);
            }
        }
        let applied = concluded(benefit, parts)?;
        self.left -= applied.amount;
        let is_balance = matches!(applied.benefit, Benefit::Points(_) | Benefit::Cashback);
        if !is_balance {
            // All that it was spread over: that is the work, whatever each line got.
            let lines = self.lines_of(claims.iter().map(|claim| claim.at));
            self.allocations_left = self.allocations_left.saturating_sub(lines);
        }
        if let Some(room) = &mut self.room {
            if !applied.benefit.is_spent() {
                *room -= applied.amount;
            }
        }
        Some(applied)
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
        let applied = concluded(benefit, parts)?;
        self.left -= applied.amount;
        Some(applied)
    }

    /// The lines in basket order, before tax.
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
                tax: Amount::ZERO,
                net: member.left,
                lowest_30d_price: member.line.lowest_30d_price,
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

impl FreeUnits {
    fn dearer_first(&self, other: &Self) -> Ordering {
        let per_unit = |one: &Self, of: &Self| i128::from(one.left.value()) * i128::from(of.whole);
        // Heaps without units come last: nothing is left per unit of them.
        let no_units = |one: &Self| one.whole == 0;
        let worth = per_unit(other, self).cmp(&per_unit(self, other));
        no_units(self).cmp(&no_units(other)).then(worth)
    }
}

impl<'a> Heap<'a> {
    fn of(position: usize, line: &'a Line, bounds: &DiscountBounds) -> Self {
        let mut heap = Self {
            line,
            members: Vec::with_capacity(1),
            quantity: Quantity::ZERO,
            gross: Amount::ZERO,
            left: Amount::ZERO,
            percents_taken: Amount::ZERO,
            touched: false,
            closed: false,
            fixed: !bounds.may_be_discounted(line),
            bound: None,
            rooms: OnceCell::new(),
            engaged: None,
        };
        heap.add(position, line, bounds);
        heap
    }

    fn add(&mut self, position: usize, line: &'a Line, bounds: &DiscountBounds) {
        self.quantity += line.quantity;
        self.gross += line.amount;
        self.left += line.amount;
        self.members.push(Member {
            line,
            position,
            left: line.amount,
            floor: if self.fixed { line.amount } else { bounds.floor_of(line) },
            discount_max: bounds
                .line_percent_max
                .map(|percent| share(percent, line.amount, Rounding::Ceil)),
            discount: Amount::ZERO,
            redeemed: Amount::ZERO,
        });
    }

    fn first_line_id(&self) -> &LineId {
        &self.members.first().expect("a heap is made of a line").line.line_id
    }

    /// What a percentage is a share of.
    pub(super) fn percent_base(&self) -> Amount {
        self.left + self.percents_taken
    }

    /// What offers and vouchers may still take.
    pub(super) fn room(&self) -> Amount {
        self.rooms().discount
    }

    /// What points spent as a discount may still take: no bound but the floors.
    pub(super) fn room_to_floor(&self) -> Amount {
        self.rooms().to_floor
    }

    fn rooms(&self) -> Rooms {
        *self.rooms.get_or_init(|| {
            let room: Amount = self.members.iter().map(Member::room).sum();
            Rooms {
                discount: room.min(self.bound.unwrap_or(room)).or_zero(),
                to_floor: self.members.iter().map(Member::room_to_floor).sum(),
            }
        })
    }

    pub(super) fn may_be_discounted(&self) -> bool {
        !self.fixed
    }

    /// The units that took part in no offer on units. Goods whose quantity is not whole have
    /// none: which of them would be the unit that is free?
    pub(super) fn free_units(&self) -> FreeUnits {
        let whole = match self.quantity.value() % Quantity::ONE.value() {
            0 => self.quantity.whole_units(),
            _ => 0,
        };
        let engaged = self.engaged.map_or(0, |engaged| engaged.units);
        let (left, percents) = self.engaged.map_or((self.left, self.percents_taken), |engaged| {
            (engaged.left_before, engaged.percents_before)
        });
        FreeUnits { units: whole - engaged, whole, left, percent_base: left + percents }
    }

    /// What offers may take off so many of the free units: the part that they own of the room,
    /// so that no offer uses the room of units that another one counts.
    pub(super) fn room_of_units(&self, units: i64) -> Amount {
        let room = self.room();
        let (before, whole) =
            self.engaged.map_or((0, room), |engaged| (engaged.units, engaged.room_before));
        let until = |taken| share_until(whole.value(), taken, self.quantity.whole_units());
        room.min(Amount::new(until(before + units) - until(before)))
    }

    /// Splits a part of a benefit over the lines.
    fn split(
        &mut self,
        part: Amount,
        benefit: &Benefit,
        left_over: LeftOver,
        parts: &mut Vec<Part<'a>>,
    ) {
        if let [only] = &self.members[..] {
            return self.take(0, part.min(only.left), benefit, parts);
        }
        let lefts: Vec<i64> = self.members.iter().map(|member| member.left.value()).collect();
        let room = match benefit {
            Benefit::Points(_) | Benefit::Cashback | Benefit::Reward { .. } => {
                Member::room_to_floor
            }
            Benefit::Offer(_)
            | Benefit::Coupon { .. }
            | Benefit::Gift { .. }
            | Benefit::Till
            | Benefit::Voucher { .. } => Member::room,
        };
        let rooms: Vec<i64> = self.members.iter().map(|member| room(member).value()).collect();
        // A means of payment may go below the floors that bind a discount.
        let fits = rooms.iter().sum::<i64>() >= part.value();
        let rooms = if fits { &rooms } else { &lefts };
        let split = allocate_with(left_over, part.value(), &lefts, rooms);
        for (at, part) in split.into_iter().enumerate() {
            self.take(at, Amount::new(part), benefit, parts);
        }
    }

    fn take(&mut self, at: usize, part: Amount, benefit: &Benefit, parts: &mut Vec<Part<'a>>) {
        if !part.is_positive() {
            return;
        }
        self.rooms.take();
        let member = &mut self.members[at];
        self.left -= part;
        member.left -= part;
        match benefit {
            Benefit::Points(_) | Benefit::Cashback | Benefit::Reward { .. } => {
                member.redeemed += part
            }
            Benefit::Offer(_)
            | Benefit::Coupon { .. }
            | Benefit::Gift { .. }
            | Benefit::Till
            | Benefit::Voucher { .. } => {
                member.discount += part;
                if let Some(bound) = &mut self.bound {
                    *bound -= part;
                }
            }
        }
        parts.push(Part { position: member.position, line: member.line, amount: part });
    }
}

impl Member<'_> {
    fn room(&self) -> Amount {
        let room = self.room_to_floor();
        room.min(self.discount_max.map_or(room, |most| most - self.discount)).or_zero()
    }

    fn room_to_floor(&self) -> Amount {
        (self.left - self.floor).or_zero()
    }
}

fn share(percent: Percent, of: Amount, rounding: Rounding) -> Amount {
    let share = percent.of(of.value(), rounding);
    Amount::new(share.expect("a share of at most 100 % of a sum fits where the sum fits"))
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
