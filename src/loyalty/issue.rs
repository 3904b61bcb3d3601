//! What a receipt hands out beside points: vouchers for a later purchase (LD-38, BQ-36) and entries
//! of a contest (LD-44), each with a code of its own. A decision says what is due; codes are given
//! when it is recorded. A return asks how much is still due of what remains and withdraws the rest.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::decision::Reason;
use super::ids::{ConversionId, RewardId, RuleId, VoucherId, VoucherTypeId};
use super::programme::Programme;
use crate::money::Amount;

/// The most codes of one receipt: a metre of paper. What is due beyond them is not handed out, in
/// the order of the rules.
pub const ISSUED_PER_RECEIPT_MAX: u32 = 50;

/// What a rule hands out each time that it counts, beside or instead of points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// A voucher.
    pub voucher: Option<VoucherGrant>,
    /// So many entries of the contest that the rule is (LD-44).
    pub entries: u32,
}

/// Which voucher is handed out, and for how long it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherGrant {
    /// Its kind, by how many purchases the account made before, at least (LD-38); one of them is
    /// for 0.
    pub types: BTreeMap<u32, VoucherTypeId>,
    /// Its first day is so many days after the purchase.
    pub starts_in_days: u16,
    /// Its last day.
    pub term: VoucherTerm,
}

/// How long a voucher is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherTerm {
    /// On so many days, the first included; at least 1.
    Days(u16),
    /// Through this day. From then on none is handed out.
    Until(NaiveDate),
}

/// Something to be handed out that has no code yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What hands it out.
    pub by: IssuedBy,
    /// What it is.
    pub what: IssuedKind,
    /// How many of it; at least 1.
    pub count: u32,
}

/// What handed something out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssuedBy {
    /// An earning rule.
    Rule(RuleId),
    /// A rule that converts points.
    Conversion(ConversionId),
    /// A reward that the customer chose for points.
    Reward(RewardId),
}

/// What was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuedKind {
    /// A voucher of the account that bought.
    Voucher {
        /// Its kind.
        voucher_type: VoucherTypeId,
        /// Its first day.
        valid_from: NaiveDate,
        /// Its last day, through its last instant.
        valid_until: NaiveDate,
        /// What it will cost the shop when it is used, where that is known before (CC-28).
        cost: Option<Amount>,
    },
    /// An entry of a contest.
    Entry,
}

/// Something that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its code; of a voucher, what is presented later.
    pub code: VoucherId,
    /// What handed it out.
    pub by: IssuedBy,
    /// What it is.
    pub what: IssuedKind,
}

/// Something that a sale handed out, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoldIssue<'a> {
    /// What.
    pub issued: &'a Issued,
    /// What became of it.
    pub state: IssueState,
}

/// What became of something that was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueState {
    /// It may be used.
    Open,
    /// It was used.
    Used,
    /// An earlier return withdrew it.
    Withdrawn,
}

impl Grants {
    /// Whether nothing is handed out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voucher.is_none() && self.entries == 0
    }

    /// What a rule hands out that counts so many times, to an account that bought so often before.
    pub(crate) fn issues(
        &self,
        rule: &RuleId,
        times: i64,
        purchases_before: u32,
        today: NaiveDate,
    ) -> impl Iterator<Item = Issue> {
        let times = u32::try_from(times.max(0)).unwrap_or(u32::MAX).min(ISSUED_PER_RECEIPT_MAX);
        let voucher = self.voucher.as_ref();
        let voucher = voucher.and_then(|grant| grant.voucher_on(today, purchases_before));
        let entry = (self.entries > 0).then_some(IssuedKind::Entry);
        let entries = times.saturating_mul(self.entries);
        let by = IssuedBy::Rule(rule.clone());
        let both = [(voucher, times), (entry, entries)];
        both.into_iter().filter_map(move |(what, count)| {
            let (by, what) = (by.clone(), what?);
            (count > 0).then_some(Issue { by, what, count })
        })
    }
}

impl VoucherGrant {
    /// Why none is handed out on a day.
    #[must_use]
    pub fn refuse(&self, day: NaiveDate) -> Option<Reason> {
        let VoucherTerm::Until(until) = self.term else { return None };
        self.voucher_on(day, 0).is_none().then_some(Reason::Over { until })
    }

    /// The voucher of a purchase on a day; `None` where it would be over before it begins.
    #[must_use]
    pub fn voucher_on(&self, day: NaiveDate, purchases_before: u32) -> Option<IssuedKind> {
        let (_, voucher_type) = self.types.range(..=purchases_before).next_back()?;
        let valid_from = day.checked_add_days(Days::new(self.starts_in_days.into()))?;
        let valid_until = match self.term {
            VoucherTerm::Days(days) => {
                valid_from.checked_add_days(Days::new(u64::from(days.saturating_sub(1))))?
            }
            VoucherTerm::Until(until) => until,
        };
        let voucher_type = voucher_type.clone();
        (valid_from <= valid_until).then_some(IssuedKind::Voucher {
            voucher_type,
            valid_from,
            valid_until,
            cost: None,
        })
    }
}

impl Issue {
    /// With what it will cost the shop.
    pub(crate) fn priced(mut self, programme: &Programme) -> Self {
        if let IssuedKind::Voucher { voucher_type, cost, .. } = &mut self.what {
            *cost = programme.voucher_cost(voucher_type);
        }
        self
    }

    /// Leaves out what no receipt has room for.
    pub(crate) fn bounded(issues: Vec<Self>) -> Vec<Self> {
        let mut room = ISSUED_PER_RECEIPT_MAX;
        let fits = |mut issue: Self| {
            issue.count = issue.count.min(room);
            room -= issue.count;
            (issue.count > 0).then_some(issue)
        };
        issues.into_iter().filter_map(fits).collect()
    }

    /// As many of what a sale handed out by something; `None` where it handed out nothing by it.
    pub(crate) fn of_sold(by: &IssuedBy, sold: &[SoldIssue<'_>], count: u32) -> Option<Self> {
        let issued = sold.iter().map(|sold| sold.issued).find(|issued| issued.by == *by)?;
        (count > 0).then(|| Self { by: by.clone(), what: issued.what.clone(), count })
    }

    /// Everything that a sale handed out, whatever became of it.
    pub(crate) fn all_of_sold(sold: &[SoldIssue<'_>]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for issued in sold.iter().map(|sold| sold.issued) {
            match all.iter_mut().find(|issue| issue.is_of(issued)) {
                Some(issue) => issue.count += 1,
                None => {
                    let (by, what) = (issued.by.clone(), issued.what.clone());
                    all.push(Self { by, what, count: 1 });
                }
            }
        }
        all
    }

    /// Hands it out: `code` gives each its code, by its number from 0.
    pub fn hand_out(&self, mut code: impl FnMut(&Self, u32) -> VoucherId) -> Vec<Issued> {
        let (by, what) = (&self.by, &self.what);
        (0..self.count)
            .map(|number| Issued { code: code(self, number), by: by.clone(), what: what.clone() })
            .collect()
    }

    /// Whether something came of it: whose voucher or entry it is, whichever kind of voucher.
    fn is_of(&self, issued: &Issued) -> bool {
        self.by == issued.by && self.what.is_voucher() == issued.what.is_voucher()
    }
}

impl IssuedKind {
    /// Whether it is a voucher, of whichever kind.
    #[must_use]
    pub fn is_voucher(&self) -> bool {
        matches!(self, Self::Voucher { .. })
    }
}

impl IssuedBy {
    /// Whether points were paid for it, so that one that was used is the customer's own.
    #[must_use]
    pub fn is_paid_for(&self) -> bool {
        match self {
            Self::Rule(_) => false,
            Self::Conversion(_) | Self::Reward(_) => true,
        }
    }
}

/// What a return finds no longer due.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Undue {
    /// Codes that it withdraws.
    pub(crate) withdrawn: Vec<VoucherId>,
    /// Vouchers that points were paid for and that were used: they and their price stay as they
    /// are.
    pub(crate) kept: Vec<VoucherId>,
}

/// What is no longer due where so much still is: the last codes first, and those that were not used
/// before those that were, so that any parts of a return come to the same.
pub(crate) fn undue(sold: &[SoldIssue<'_>], still_due: &[Issue]) -> Undue {
    let mut kept: Vec<(&Issue, u32)> = still_due.iter().map(|issue| (issue, 0)).collect();
    let left = |state: IssueState| {
        sold.iter().filter(move |sold| sold.state == state).map(|sold| sold.issued)
    };
    // Used ones are kept first; of the others, those that came first.
    let mut undue = Undue::default();
    for state in [IssueState::Used, IssueState::Open] {
        for issued in left(state) {
            match kept.iter_mut().find(|(issue, kept)| issue.is_of(issued) && *kept < issue.count) {
                Some((_, kept)) => *kept += 1,
                None if state == IssueState::Used && issued.by.is_paid_for() => {
                    undue.kept.push(issued.code.clone());
                }
                None => undue.withdrawn.push(issued.code.clone()),
            }
        }
    }
    undue
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn kind(text: &str) -> VoucherTypeId {
        VoucherTypeId::parse(text).expect("an id")
    }

    fn rule() -> RuleId {
        RuleId::parse("r").expect("an id")
    }

    fn grant(starts_in_days: u16, term: VoucherTerm) -> VoucherGrant {
        let types = [(0, "v5"), (4, "v10"), (9, "v20")];
        let types = types.into_iter().map(|(from, id)| (from, kind(id))).collect();
        VoucherGrant { types, starts_in_days, term }
    }

    #[test]
    fn ld_38_a_voucher_is_worth_more_the_more_purchases_came_before() {
        let grant = grant(0, VoucherTerm::Days(14));
        for (purchases, id) in
            [(0, "v5"), (3, "v5"), (4, "v10"), (8, "v10"), (9, "v20"), (99, "v20")]
        {
            let Some(IssuedKind::Voucher { voucher_type, .. }) =
                grant.voucher_on(day("2026-03-02"), purchases)
            else {
                panic!("a voucher");
            };
            assert_eq!(voucher_type, kind(id), "{purchases}");
        }
    }

    #[test]
    fn a_voucher_is_valid_on_so_many_days_or_through_a_day() {
        let until = |text| VoucherTerm::Until(day(text));
        let cases = [
            (0, VoucherTerm::Days(1), Some(("2026-03-02", "2026-03-02"))),
            (0, VoucherTerm::Days(14), Some(("2026-03-02", "2026-03-15"))),
            (1, VoucherTerm::Days(14), Some(("2026-03-03", "2026-03-16"))),
            (0, until("2026-03-31"), Some(("2026-03-02", "2026-03-31"))),
            (0, until("2026-03-02"), Some(("2026-03-02", "2026-03-02"))),
            (1, until("2026-03-02"), None),
            (0, until("2026-03-01"), None),
        ];
        for (starts_in_days, term, expected) in cases {
            let voucher = grant(starts_in_days, term).voucher_on(day("2026-03-02"), 0);
            let days = voucher.map(|voucher| match voucher {
                IssuedKind::Voucher { valid_from, valid_until, .. } => (valid_from, valid_until),
                IssuedKind::Entry => panic!("a voucher"),
            });
            let expected = expected.map(|(from, until)| (day(from), day(until)));
            assert_eq!(days, expected, "{starts_in_days} {term:?}");
        }
    }

    #[test]
    fn a_receipt_hands_out_no_more_than_its_paper_holds() {
        let grants = Grants { voucher: Some(grant(0, VoucherTerm::Days(1))), entries: 3 };
        let counts = |times| {
            let issues = grants.issues(&rule(), times, 0, day("2026-03-02")).collect();
            Issue::bounded(issues).iter().map(|issue| issue.count).collect::<Vec<_>>()
        };
        assert_eq!(counts(0), [0_u32; 0]);
        assert_eq!(counts(2), [2, 6]);
        assert_eq!(counts(20), [20, 30]);
        assert_eq!(counts(i64::MAX), [50]);
    }

    #[test]
    fn what_is_no_longer_due_goes_the_last_first_and_the_used_last_of_all() {
        use IssueState::{Open, Used, Withdrawn};
        let issued: Vec<Issued> = (0..3)
            .map(|number| Issued {
                code: VoucherId::parse(&format!("C{number}")).expect("an id"),
                by: IssuedBy::Rule(rule()),
                what: IssuedKind::Entry,
            })
            .collect();
        let cases: [([IssueState; 3], u32, &[&str]); 7] = [
            ([Open, Open, Open], 3, &[]),
            ([Open, Open, Open], 1, &["C1", "C2"]),
            ([Open, Open, Open], 0, &["C0", "C1", "C2"]),
            ([Open, Open, Used], 1, &["C0", "C1"]),
            ([Open, Open, Used], 0, &["C2", "C0", "C1"]),
            ([Open, Withdrawn, Withdrawn], 1, &[]),
            ([Used, Withdrawn, Open], 1, &["C2"]),
        ];
        for (states, due, expected) in cases {
            let sold: Vec<_> = issued
                .iter()
                .zip(states)
                .map(|(issued, state)| SoldIssue { issued, state })
                .collect();
            let (by, what) = (IssuedBy::Rule(rule()), IssuedKind::Entry);
            let still = [Issue { by, what, count: due }];
            let still = if due == 0 { &still[..0] } else { &still[..] };
            let codes = undue(&sold, still).withdrawn;
            let codes: Vec<&str> = codes.iter().map(VoucherId::as_str).collect();
            assert_eq!(codes, expected, "{states:?} {due}");
        }
    }

    #[test]
    fn ld_41_a_used_voucher_that_points_were_paid_for_stays() {
        use IssueState::{Open, Used};
        let by = IssuedBy::Conversion(ConversionId::parse("c").expect("an id"));
        let what = grant(0, VoucherTerm::Days(1)).voucher_on(day("2026-03-02"), 0);
        let what = what.expect("a voucher");
        let code = |number| VoucherId::parse(&format!("C{number}")).expect("an id");
        let issued: Vec<Issued> = (0..2)
            .map(|number| Issued { code: code(number), by: by.clone(), what: what.clone() })
            .collect();
        let cases = [
            ([Open, Open], 0, vec![0, 1], vec![]),
            ([Open, Used], 0, vec![0], vec![1]),
            ([Open, Used], 1, vec![0], vec![]),
            ([Used, Used], 1, vec![], vec![1]),
        ];
        for (states, due, withdrawn, kept) in cases {
            let pairs = issued.iter().zip(states);
            let sold: Vec<_> = pairs.map(|(issued, state)| SoldIssue { issued, state }).collect();
            let still: Vec<Issue> = Issue::of_sold(&by, &sold, due).into_iter().collect();
            let codes = |numbers: Vec<u8>| numbers.into_iter().map(code).collect();
            let expected = Undue { withdrawn: codes(withdrawn), kept: codes(kept) };
            assert_eq!(undue(&sold, &still), expected, "{states:?} {due}");
        }
    }
}
