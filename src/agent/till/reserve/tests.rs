use super::*;
use crate::agent::testing::{World, card, member_ref, once, receipt, till_id};
use crate::agent::till::request::Who;
use crate::loyalty::VoucherId;

async fn reserve(world: &World, till: &str, uid: &str, voucher: Option<&str>) -> &'static str {
    let request = ReserveRequest {
        uid: receipt(uid),
        till: TillId::parse(till).expect("an id"),
        who: Who::Named(member_ref(30)),
        points: Points::ZERO,
        cashback: crate::money::Amount::ZERO,
        vouchers: voucher.map(|v| VoucherId::parse(v).expect("an id")).into_iter().collect(),
    };
    match world.till().reserve(request, once(uid)).await {
        Ok(_) => "held",
        Err(TillError::VoucherNotUsable { reason }) => reason,
        Err(error) => error.code(),
    }
}

async fn world() -> World {
    let world = World::new().await;
    let vouchers = r#"{"code":"OVER","type":"ten","valid_until":"2026-03-01"},
        {"code":"TODAY","type":"ten","valid_from":"2026-03-02","valid_until":"2026-03-02"},
        {"code":"EARLY","type":"ten","valid_from":"2026-03-03"}"#
        .replace('\n', "");
    let (member, card) = (format!("{:032x}", 30), card(30));
    world
        .import(&format!(
            r#"{{"member":"{member}","codes":["{card}"],"points":5,"vouchers":[{vouchers}]}}"#
        ))
        .await;
    world
}

#[tokio::test]
async fn a_voucher_is_held_only_within_its_own_dates() {
    let world = world().await;
    let cases = [
        ("OVER", "over"),
        ("TODAY", "held"),
        ("TODAY", "voucher_held"),
        ("EARLY", "not_yet"),
        ("V1-1", "voucher_of_other"),
        ("NONE", "voucher_unknown"),
    ];
    for (number, (voucher, told)) in cases.iter().enumerate() {
        let uid = format!("H{number}");
        assert_eq!(reserve(&world, "1", &uid, Some(voucher)).await, *told, "{voucher}");
    }
    // Midnight of the programme's zone, not of UTC: 23:30 in Prague, then 00:30.
    let evening = "2026-03-02T22:30:00Z".parse().expect("an instant");
    world.clock.move_to(evening);
    assert_eq!(reserve(&world, "1", "E1", Some("EARLY")).await, "not_yet");
    assert_eq!(reserve(&world, "1", "E2", Some("TODAY")).await, "held", "the first hold lapsed");
    world.pass(TimeDelta::hours(1));
    assert_eq!(reserve(&world, "1", "E3", Some("EARLY")).await, "held");
    assert_eq!(reserve(&world, "1", "E4", Some("TODAY")).await, "over");
}

#[tokio::test]
async fn a_voucher_is_held_only_where_its_kind_is_for_the_member_and_the_store() {
    let world = World::new().await;
    let kind = |id: &str, rest: &str| {
        format!(
            "\n[[voucher_types]]\nid = \"{id}\"\nname = \"V\"\nkind = \"amount\"\namount = \"5.00\"\n{rest}\n"
        )
    };
    let kinds = [
        ("gold", "audience = { tiers = [\"gold\"] }", "other_tier"),
        ("bronze", "audience = { tiers = [\"bronze\"] }", "held"),
        ("marked", "audience = { flags = [\"vip\"] }", "not_in_segment"),
        ("company", "audience = { account_kinds = [\"company\"] }", "other_account_kind"),
        ("elsewhere", "stores = [\"store-2\"]", "other_store"),
        ("here", "stores = [\"store-1\"]", "held"),
        ("summer", "window = { from = \"2026-06-01\" }", "not_yet"),
        ("winter", "window = { until = \"2026-02-28\" }", "over"),
        ("sunday", "window = { weekdays = [\"sun\"] }", "other_weekday"),
        ("evening", "window = { hours = \"18:00-20:00\" }", "other_hours"),
        ("large", "minimum = { amount = \"500.00\" }", "held"),
    ];
    let rest: String = kinds.iter().map(|(id, rest, _)| kind(id, rest)).collect();
    let programme = crate::agent::testing::PROGRAMME.replace("version = 1", "version = 2") + &rest;
    world.till().publish(programme.clone()).await.expect("the programme is sound");
    let voucher = |id: &str| format!(r#"{{"code":"V-{id}","type":"{id}"}}"#);
    let vouchers: Vec<String> = kinds.iter().map(|(id, ..)| voucher(id)).collect();
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":5,"vouchers":[{}]}}"#,
        30,
        card(30),
        vouchers.join(",")
    );
    world.import_under(&programme, &line).await;
    for (id, _, told) in kinds {
        let voucher = format!("V-{id}");
        assert_eq!(reserve(&world, id, "H", Some(&voucher)).await, told, "{id}");
    }
}

#[tokio::test]
async fn a_stuck_till_holds_only_so_much_and_other_tills_go_on() {
    let world = world().await;
    for number in 0..HOLDS_LIVE_MAX {
        assert_eq!(reserve(&world, "1", &format!("H{number}"), None).await, "held");
    }
    assert_eq!(reserve(&world, "1", "H0", None).await, "held", "a repetition is none more");
    assert_eq!(reserve(&world, "1", "more", None).await, "too_many_reservations");
    assert_eq!(reserve(&world, till_id().as_str(), "other", None).await, "held");
    let till = TillId::parse("1").expect("an id");
    world.till().release(till, receipt("H0")).await.expect("released");
    assert_eq!(reserve(&world, "1", "more", None).await, "held");
    assert_eq!(reserve(&world, "1", "again", None).await, "too_many_reservations");
    world.pass(TimeDelta::milliseconds(HOLD_MS_MAX));
    assert_eq!(reserve(&world, "1", "again", None).await, "held", "the others lapsed");
}
