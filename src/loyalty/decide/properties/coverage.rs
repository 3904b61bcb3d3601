//! That random programmes and visits come to what the properties are to hold for.

use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::loyalty::decision::Reason;
use crate::loyalty::issue::IssuedBy;

/// Enough for the rarest of what is looked for, with the same cases each time.
const CASES: usize = 1_000;

/// What a decision shows of its programme and visit.
fn shown(decision: &Decision, programme: &Programme) -> Vec<&'static str> {
    let mut shown = Vec::new();
    for applied in &decision.applied {
        shown.extend(match &applied.benefit {
            Benefit::Offer(id) => match &programme.offer(id).expect("of the programme").trigger {
                Trigger::Codes(_) => Some("an offer by its code"),
                _ => None,
            },
            Benefit::Coupon { offer, .. } => {
                match programme.offer(offer).expect("of the programme").reward {
                    Reward::CouponValue => Some("what a coupon says"),
                    _ => Some("an offer by its coupon"),
                }
            }
            Benefit::Voucher { .. } => Some("a voucher"),
            Benefit::Reward { reward, .. } => {
                Some(match programme.reward(reward).expect("of the programme").gift {
                    Gift::Item { .. } => "an item for points",
                    Gift::Service { .. } => "a service for points",
                    Gift::Voucher(_) => "a voucher for points",
                })
            }
            Benefit::Gift { .. } => Some("a gift"),
            _ => None,
        });
    }
    for refusal in &decision.refused {
        shown.extend(match &refusal.reason {
            Reason::NotYet { .. } => Some("a window before it opens"),
            Reason::Over { .. } => Some("a window after it closed"),
            Reason::OtherWeekday => Some("another day of the week"),
            Reason::OtherHours { .. } => Some("another hour"),
            Reason::OtherStore => Some("another store"),
            Reason::NotInSegment => Some("another segment"),
            Reason::OtherBalance { .. } => Some("another balance"),
            Reason::OtherTier { .. } => Some("another tier"),
            Reason::NotBirthday => Some("no birthday"),
            Reason::OtherAccountKind => Some("another kind of account"),
            Reason::OtherRole => Some("another role"),
            Reason::CouponUsed => Some("a coupon for the second time"),
            Reason::OfferCodeUnknown => Some("an unknown code"),
            Reason::PointsMissing { .. } => Some("too few points for a reward"),
            Reason::OwnReferral => Some("a referral by oneself"),
            Reason::ReferrerUnknown => Some("a referral by nobody known"),
            Reason::ReferrerExcluded => Some("a referral by staff"),
            _ => None,
        });
    }
    let points = decision.points.as_ref().expect("a member");
    let of_referral = |by: &&crate::loyalty::gain::EarnedBy| by.rule.as_str() == "referral";
    shown.extend(points.earned_by.iter().find(of_referral).map(|_| "a referral"));
    for issue in &points.issues {
        shown.extend(match (&issue.by, issue.what.is_voucher()) {
            (IssuedBy::Rule(_), true) => Some("a voucher of a rule"),
            (IssuedBy::Rule(_), false) => Some("an entry of a contest"),
            (IssuedBy::Conversion(_), _) => Some("a converted voucher"),
            (IssuedBy::Reward(_), _) => None,
        });
    }
    shown
}

#[test]
fn random_cases_show_everything_that_a_programme_has() {
    let mut runner = TestRunner::deterministic();
    let strategy = (any_programme(), any_lines(), any_visit());
    let mut times = BTreeMap::<&str, usize>::new();
    for _ in 0..CASES {
        let (programme, lines, visit) =
            strategy.new_tree(&mut runner).expect("nothing is filtered").current();
        let shown = shown(&decided(&programme, lines, &visit), &programme);
        for one in shown.into_iter().collect::<BTreeSet<_>>() {
            *times.entry(one).or_default() += 1;
        }
    }
    let expected = [
        "a converted voucher",
        "a coupon for the second time",
        "a gift",
        "a referral",
        "a referral by nobody known",
        "a referral by oneself",
        "a referral by staff",
        "a service for points",
        "a voucher",
        "a voucher for points",
        "a voucher of a rule",
        "a window after it closed",
        "a window before it opens",
        "an entry of a contest",
        "an item for points",
        "an offer by its code",
        "an offer by its coupon",
        "an unknown code",
        "another balance",
        "another day of the week",
        "another hour",
        "another kind of account",
        "another role",
        "another segment",
        "another store",
        "another tier",
        "no birthday",
        "too few points for a reward",
        "what a coupon says",
    ];
    assert_eq!(times.keys().copied().collect::<Vec<_>>(), expected, "{times:?}");
    assert!(times.values().all(|times| *times > 2), "{times:?}");
}
