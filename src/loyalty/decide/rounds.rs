//! The turns of the offers, and who wins in each group.
//!
//! A group is settled at the first stage that one of its members belongs to: the member that takes
//! most off the lines as they are then wins, ties by priority, then id. The winner of a later
//! stage may come to nothing until its turn: others took the lines, or too little is left for its
//! minimum. Then it is struck off and the basket is decided anew without it, so that the group
//! gives the best of what it can really give, at that one's own stage.
//!
//! That goes on while the work is small. Beyond [`LOOKS_ANEW_MAX`], which takes thousands of lines or
//! hundreds of winners that fail, the round stands and such a group gives nothing.

use std::collections::BTreeMap;

use super::Work;
use super::index::{OfferIndex, Stage};
use super::offers::{Open, give, price, refusal};
use crate::loyalty::decision::Reason;
use crate::loyalty::ids::GroupId;
use crate::loyalty::programme::Offer;
use crate::money::Amount;

/// Looks at heaps of equal goods after which a basket is not decided anew.
pub const LOOKS_ANEW_MAX: u64 = 2_000_000;

/// Offers by place in the programme that came to nothing, and why.
type Struck = BTreeMap<usize, Reason>;

/// Gives what is open, each in its turn, in as many rounds as there are winners that come to
/// nothing while their groups have others. Gifts have their turn later: those that no other of
/// their group is in the way of are told.
pub(super) fn go<'a>(
    work: &mut Work<'a>,
    index: &OfferIndex,
    open: &BTreeMap<usize, Open>,
) -> Vec<usize> {
    let offers: &'a [Offer] = &work.programme.offers;
    let mut groups: BTreeMap<&GroupId, Vec<usize>> = BTreeMap::new();
    let mut in_order: Vec<usize> = open.keys().copied().collect();
    in_order.sort_unstable_by_key(|&at| index.turn(at));
    for group in in_order.iter().filter_map(|&at| offers[at].group.as_ref()) {
        let of_group = || index.members_of(group).filter(|at| open.contains_key(at)).collect();
        groups.entry(group).or_insert_with(of_group);
    }
    let before = groups.values().any(|members| members.len() > 1).then(|| work.mark());
    let mut struck = Struck::new();
    loop {
        let mut round =
            Round { offers, open, groups: &groups, struck: &struck, won: BTreeMap::new() };
        let failed = round.go(work, &in_order);
        let is_left = |at: &usize| !struck.contains_key(at) && !failed.contains_key(at);
        let has_others = |at: usize| {
            let members = offers[at].group.as_ref().and_then(|group| groups.get(group));
            members.is_some_and(|members| members.iter().any(is_left))
        };
        let anew: Struck = failed.clone().into_iter().filter(|(at, _)| has_others(*at)).collect();
        match &before {
            Some(before) if !anew.is_empty() && work.slate.looks() <= LOOKS_ANEW_MAX => {
                work.back_to(before);
            }
            _ => return round.gifts(work, &in_order),
        }
        struck.extend(anew);
    }
}

/// Once through all stages.
struct Round<'r> {
    offers: &'r [Offer],
    open: &'r BTreeMap<usize, Open>,
    /// The open members of each group, the one that wins a tie first.
    groups: &'r BTreeMap<&'r GroupId, Vec<usize>>,
    /// What came to nothing in the rounds before.
    struck: &'r Struck,
    won: BTreeMap<&'r GroupId, usize>,
}

impl<'r> Round<'r> {
    /// Gives what can be given; tells the winners of groups that came to nothing.
    fn go(&mut self, work: &mut Work<'_>, in_order: &[usize]) -> Struck {
        let (offers, open) = (self.offers, self.open);
        let mut failed = Struck::new();
        work.slate.look(in_order.len());
        for stage in Stage::ALL {
            self.settle_groups(work, stage);
            for &at in in_order.iter().filter(|&&at| Stage::of(&offers[at].reward) == stage) {
                let offer = &offers[at];
                if let Some(reason) = self.out(at) {
                    work.refused.push(refusal(offer, reason));
                    continue;
                }
                match price(offer, &work.slate, &open[&at]) {
                    Ok(discount) => {
                        self.won.extend(offer.group.as_ref().map(|group| (group, at)));
                        give(work, offer, &open[&at], &discount);
                    }
                    Err(reason) => {
                        if offer.group.as_ref().is_some_and(|group| self.won.contains_key(group)) {
                            failed.insert(at, reason.clone());
                        }
                        work.refused.push(refusal(offer, reason));
                    }
                }
            }
        }
        failed
    }

    /// The gifts that are not out.
    fn gifts(&self, work: &mut Work<'_>, in_order: &[usize]) -> Vec<usize> {
        let mut gifts = Vec::new();
        for &at in in_order.iter().filter(|&&at| self.offers[at].gift().is_some()) {
            match self.out(at) {
                None => gifts.push(at),
                Some(reason) => work.refused.push(refusal(&self.offers[at], reason)),
            }
        }
        gifts
    }

    /// Finds the winner of each group that has a member in this stage and no winner yet.
    fn settle_groups(&mut self, work: &Work<'_>, stage: Stage) {
        for (&group, members) in self.groups {
            let members = || members.iter().copied().filter(|at| !self.struck.contains_key(at));
            let is_due = members().any(|at| Stage::of(&self.offers[at].reward) == stage);
            if !is_due || self.won.contains_key(group) {
                continue;
            }
            if let [only] = members().take(2).collect::<Vec<_>>()[..] {
                self.won.insert(group, only);
                continue;
            }
            let mut best: Option<(Amount, usize)> = None;
            for at in members() {
                let Ok(discount) = price(&self.offers[at], &work.slate, &self.open[&at]) else {
                    continue;
                };
                if best.is_none_or(|(top, _)| discount.total > top) {
                    best = Some((discount.total, at));
                }
            }
            if let Some((_, winner)) = best {
                self.won.insert(group, winner);
            }
        }
    }

    /// Why an offer is not looked at in its turn.
    fn out(&self, at: usize) -> Option<Reason> {
        if let Some(reason) = self.struck.get(&at) {
            return Some(reason.clone());
        }
        let group = self.offers[at].group.as_ref()?;
        let winner = *self.won.get(group).filter(|winner| **winner != at)?;
        let offer = self.offers[winner].id.clone();
        Some(Reason::GroupBestIs { group: group.clone(), offer })
    }
}
