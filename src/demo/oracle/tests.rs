use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn bought(row: u32, date: &str, units: u32, cents: i64) -> Purchase {
    Purchase { row, customer: 1, day: day(date), units, cents }
}

fn standing(purchases: &[Purchase], today: &str) -> Standing {
    let figures = figures(purchases, [1], day(today)).expect("sound SQL");
    figures.standings[&1].clone()
}

fn sums_of(purchases: &[Purchase]) -> Sums {
    figures(purchases, [1], day("1999-01-01")).expect("sound SQL").sums
}

#[test]
fn nobody_owns_anything_before_a_first_purchase() {
    let expected = Standing { tier: "bronze".to_owned(), ..Standing::default() };
    assert_eq!(standing(&[], "1997-01-01"), expected);
}

#[test]
fn points_live_through_the_365th_day_and_a_purchase_renews_all_of_them() {
    let first = bought(1, "1997-01-10", 1, 1_999);
    for (today, balance, expired) in [("1998-01-10", 19, 0), ("1998-01-11", 0, 19)] {
        let now = standing(&[first], today);
        assert_eq!((now.balance, now.expired), (balance, expired), "{today}");
    }
    assert_eq!(standing(&[first], "1998-01-10").expires.as_deref(), Some("1998-01-10"));
    let renewed = standing(&[first, bought(2, "1998-01-10", 1, 500)], "1999-01-10");
    assert_eq!((renewed.balance, renewed.expired), (24, 0));
    let too_late = standing(&[first, bought(2, "1998-01-11", 1, 500)], "1998-01-11");
    assert_eq!((too_late.balance, too_late.expired), (5, 19));
}

#[test]
fn a_whole_return_on_the_next_day_takes_its_points_and_its_renewal_back() {
    // Row 97 comes back; the purchase before it counts again, and its points are lapsed by then.
    let first = bought(1, "1997-01-10", 1, 5_000);
    let back = bought(97, "1998-01-10", 1, 2_000);
    let now = standing(&[first, back], "1998-01-11");
    assert_eq!((now.issued, now.clawed_back, now.expired, now.balance), (70, 20, 50, 0));
    assert_eq!((now.visits, now.spend), (1, 5_000));
    assert_eq!(now.last_purchase.as_deref(), Some("1997-01-10"));
    let sums = sums_of(&[first, back]);
    assert_eq!((sums.undone, sums.refund, sums.paid), (1, 2_000, 7_000));
}

#[test]
fn tiers_count_what_was_paid_in_365_days_before_the_sale() {
    let log = [
        bought(1, "1997-01-01", 1, 9_999),
        // One cent missing: still bronze.
        bought(2, "1997-01-02", 1, 1_000),
        // 109.99: silver.
        bought(3, "1997-01-03", 1, 20_000),
        // 309.99: gold.
        bought(4, "1998-01-01", 1, 1_000),
    ];
    let earned = [99, 10, 250, 12];
    for count in 1..=3 {
        let issued: i64 = earned[..count].iter().sum();
        assert_eq!(standing(&log[..count], "1997-01-03").issued, issued, "{count}");
    }
    // On 1998-01-01 the first day is out of the window: 210.00 is silver.
    assert_eq!(standing(&log, "1998-01-01").issued, earned.iter().sum::<i64>());
    assert_eq!(standing(&log[..3], "1997-12-31").tier, "gold");
    assert_eq!(standing(&log[..3], "1998-01-01").tier, "silver");
    assert_eq!(standing(&log[..3], "1998-01-02").tier, "silver");
    assert_eq!(standing(&log[..3], "1998-01-03").tier, "bronze");
}

#[test]
fn every_fifth_row_spends_whole_hundreds_up_to_half_of_the_price() {
    let first = bought(1, "1997-01-01", 1, 9_000);
    let second = bought(2, "1997-01-02", 1, 9_000);
    for (cents, spent) in [(999, 0), (1_000, 100), (1_999, 100), (9_000, 100)] {
        // 90 + 90 points; the second hundred is not there.
        let now = standing(&[first, second, bought(5, "1997-01-03", 1, cents)], "1997-01-03");
        assert_eq!(now.spent, spent, "{cents}");
        let earned = (cents - spent * 5) * 1_250 / 100_000;
        assert_eq!(now.balance, 180 - spent + earned, "{cents}");
    }
    assert_eq!(standing(&[first, bought(5, "1997-01-02", 1, 9_000)], "1997-01-03").spent, 0);
}

#[test]
fn spent_points_come_back_and_points_that_are_gone_become_a_debt() {
    // 200 points from row 97, 100 of them spent on row 5 the same day; row 97 comes back.
    let log = [bought(97, "1997-01-01", 1, 15_000), bought(100, "1997-01-01", 1, 1_000)];
    let now = standing(&log, "1997-01-02");
    // 150 issued at bronze, 100 spent, 6 issued at silver on 5.00; 150 taken back of 56.
    assert_eq!((now.issued, now.spent, now.clawed_back), (156, 100, 150));
    assert_eq!((now.balance, now.debt), (0, 94));
    // The next purchase settles it.
    let settled = standing(&[log[0], log[1], bought(102, "1997-01-03", 1, 9_900)], "1997-01-03");
    assert_eq!((settled.balance, settled.debt, settled.issued), (5, 0, 255));
    // Row 505 spends and one unit of it comes back: half of what it paid, half of the points.
    let rest = [bought(1, "1997-01-01", 1, 9_999), bought(2, "1997-01-01", 1, 9_999)];
    let one_back = standing(&[rest[0], rest[1], bought(505, "1997-01-02", 2, 2_000)], "1997-01-02");
    assert_eq!((one_back.spent, one_back.restored), (100, 50));
    // 15.00 at 1.25 is 18; of 7.50 it is 9.
    assert_eq!((one_back.issued, one_back.clawed_back), (99 + 99 + 18, 9));
    assert_eq!(one_back.spend, 9_999 * 2 + 750);
}

#[test]
fn five_cds_and_advent_are_cheaper_for_members_only() {
    // Five CDs, 77.00: 5 % is 3.85.
    assert_eq!(sums_of(&[bought(1, "1997-01-12", 5, 7_700)]).discount, 385);
    assert_eq!(sums_of(&[bought(1, "1997-01-12", 4, 7_700)]).discount, 0);
    // A half cent is a cent; the cap is 20.00.
    assert_eq!(sums_of(&[bought(1, "1997-01-12", 5, 1_010)]).discount, 51);
    assert_eq!(sums_of(&[bought(1, "1997-01-12", 50, 60_000)]).discount, 2_000);
    // In Advent the dearest CD costs 9.99, then 5 % of the rest: 15.40 -> 5.41 + 3.58.
    assert_eq!(sums_of(&[bought(1, "1997-12-24", 5, 7_700)]).discount, 541 + 358);
    assert_eq!(sums_of(&[bought(1, "1997-12-25", 1, 1_500)]).discount, 0);
    assert_eq!(sums_of(&[bought(1, "1997-12-24", 1, 999)]).discount, 0);
    // Rows 7 and 57 are sold to nobody; 57 is given its member afterwards.
    for row in [7, 57] {
        let log = [bought(row, "1997-12-24", 5, 7_700)];
        let sums = sums_of(&log);
        assert_eq!((sums.discount, sums.identified, sums.paid), (0, 0, 7_700), "{row}");
        let issued = if row == 57 { 77 } else { 0 };
        assert_eq!(standing(&log, "1997-12-24").issued, issued, "{row}");
    }
}

#[test]
fn a_gift_earns_nothing_and_counts_as_a_visit() {
    let log = [bought(1, "1997-01-01", 0, 0), bought(2, "1997-01-01", 3, 0)];
    let now = standing(&log, "1997-01-01");
    assert_eq!((now.visits, now.issued, now.expires), (2, 0, None));
    assert_eq!(sums_of(&log).receipts, 2);
}

#[test]
fn a_void_undoes_its_sale_at_once() {
    let now = standing(&[bought(211, "1997-01-01", 1, 5_000)], "1997-01-01");
    assert_eq!((now.issued, now.clawed_back, now.visits, now.spend), (50, 50, 0, 0));
    assert_eq!(now.last_purchase, None);
}
