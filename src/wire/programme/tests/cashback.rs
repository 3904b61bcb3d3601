//! Cashback and what is pending, as authors write them.

use super::*;
use crate::loyalty::{
    ClawBack, EarnKind, Excess, ExpiryPolicy, PointsWorth, RedeemAs, RuleId, TierMultiplied,
};
use crate::money::{Amount, Percent, Points};

fn rule<'p>(programme: &'p Programme, id: &str) -> &'p crate::loyalty::EarnRule {
    let id = RuleId::parse(id).expect("an id");
    programme.earn.iter().find(|rule| rule.id == id).expect("a rule")
}

#[test]
fn bq_43_cashback_is_read_as_written() {
    let programme = accepted(CASHBACK);
    let policy = programme.cashback.as_ref().expect("cashback");
    assert_eq!(policy.expiry, ExpiryPolicy::Lots { days: 180 });
    let spent = &policy.redemption;
    let cents = PointsWorth::Steps { step: Points::new(1), value: Amount::new(1) };
    assert_eq!((&spent.worth, spent.minimum), (&cents, Points::new(100)));
    assert_eq!((spent.share_max, spent.excess), (Percent::whole(80), Excess::Clamp));
    assert_eq!(spent.redeem_as, RedeemAs::Tender);
    assert_eq!((spent.strength.len(), programme.claw_back), (1, ClawBack::PendingOnly));
    let back = rule(&programme, "two-percent");
    assert_eq!(back.kind, EarnKind::Cashback { percent: Percent::whole(2) });
    assert_eq!((back.tier_multiplied, back.pending_days), (TierMultiplied::No, 14));
    let garden = rule(&programme, "garden");
    assert_eq!((garden.tier_multiplied, garden.pending_days), (TierMultiplied::Yes, 30));
    assert_eq!(rule(&programme, "spend").pending_days, 14);
}

#[test]
fn bq_43_what_the_file_leaves_out_of_cashback_has_the_written_default() {
    let programme = accepted(&format!("{LEAST}\n[cashback]\n"));
    let policy = programme.cashback.expect("cashback");
    assert_eq!(policy.expiry, ExpiryPolicy::Sliding { days: 365 });
    let spent = policy.redemption;
    assert_eq!((spent.minimum, spent.share_max), (Points::new(1), Percent::WHOLE));
    assert_eq!((spent.redeem_as, spent.company_roles), (RedeemAs::Discount, None));
}

#[test]
fn a_rule_may_give_at_once_what_others_keep_pending() {
    let rules = "[accrual]\npending = { days = 14 }\n[[earn]]\nid = \"visit\"\nkind = \"per_visit\"\npoints = 1\n\
                 [[earn]]\nid = \"now\"\nkind = \"per_visit\"\npoints = 1\npending = { days = 0 }\n";
    let programme = accepted(&format!("{LEAST}{rules}"));
    let days = |id| rule(&programme, id).pending_days;
    assert_eq!((days("visit"), days("now")), (14, 0));
}

#[test]
fn bq_43_wrong_cashback_and_pending_days_are_told_with_their_path() {
    let visit = "[[earn]]\nid = \"v\"\nkind = \"per_visit\"\n";
    let back = "[[earn]]\nid = \"b\"\nkind = \"cashback\"\n";
    let cases = [
        // what is added; what is told
        (format!("{back}percent = \"2\"\n"), "missing_key earn[0] (b).kind"),
        (format!("[cashback]\n{back}"), "missing_key earn[0] (b).percent"),
        (format!("[cashback]\n{back}percent = \"101\"\n"), "percent_over_100 earn[0] (b).percent"),
        (
            format!("[cashback]\n{back}percent = \"2\"\npoints = 1\n"),
            "unused_key earn[0] (b).points",
        ),
        (format!("{visit}points = 1\npercent = \"2\"\n"), "unused_key earn[0] (v).percent"),
        ("[cashback]\nminimum = \"0.00\"\n".to_owned(), "not_positive cashback.minimum"),
        ("[cashback]\nshare_max = \"x\"\n".to_owned(), "bad_percent cashback.share_max"),
        ("[cashback]\nexpiry = { days = 0 }\n".to_owned(), "out_of_range cashback.expiry.days"),
        ("[cashback]\nstep = 1\n".to_owned(), "unknown_key cashback.step"),
        ("[accrual]\npending = { days = 367 }\n".to_owned(), "out_of_range accrual.pending.days"),
        ("[accrual]\npending = {}\n".to_owned(), "missing_key accrual.pending.days"),
        (format!("{visit}points = 1\npending = 14\n"), "wrong_type earn[0] (v).pending"),
        (
            format!("{visit}entries = 1\npending = {{ days = 14 }}\n"),
            "unused_key earn[0] (v).pending",
        ),
        (
            format!("[accrual]\nredemption = \"before\"\n[cashback]\n{back}percent = \"100\"\n"),
            "pays_for_itself earn[0] (b).percent",
        ),
        (
            format!("[expiry]\ndays = 10\n{visit}points = 1\npending = {{ days = 11 }}\n"),
            "contradiction earn[0] (v).pending",
        ),
        (
            format!("[returns]\nclaw_back = \"pending_only\"\n{visit}points = 1\n"),
            "contradiction earn[0] (v)",
        ),
        (
            format!(
                "[redemption]\nstep = 10\nstep_value = \"1.00\"\nthis_sale = \"usable\"\n\
                 {visit}points = 1\npending = {{ days = 3 }}\n"
            ),
            "contradiction redemption.this_sale",
        ),
    ];
    for (more, told) in cases {
        assert_eq!(refused(&format!("{LEAST}{more}")), [told], "{more}");
    }
}
