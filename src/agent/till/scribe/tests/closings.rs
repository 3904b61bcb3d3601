use chrono::TimeDelta;

use super::*;
use crate::agent::store::rebuild;
use crate::agent::testing::Purchase;
use crate::shell::migrate::migrate;

fn ledger(world: &World) -> Connection {
    open::open_reader(&world.ledger()).expect("readable")
}

fn closings(world: &World) -> Vec<DailyClosing> {
    let mut closings = Vec::new();
    journal::each(&ledger(world), 0, |id, bytes| {
        if let Body::DailyClosing(closing) = journal::decode(id, bytes)?.record.body {
            closings.push(closing);
        }
        Ok::<_, StoreError>(())
    })
    .expect("readable");
    closings
}

fn assert_days_follow_from_the_journal(world: &World) {
    let ledger = ledger(world);
    let (_, base) = base_files::newest(world.folder()).expect("a base");
    let base = OpenBase::of(open::open_sealed(&base).expect("opens")).expect("a base");
    let differences = rebuild::compare(&ledger, Some(base.view())).expect("compared");
    assert_eq!(differences.told, []);
}

#[tokio::test]
async fn late_receipts_of_a_closed_day_share_one_supplementary_closing() {
    let mut world = World::new().await;
    let began = world.clock.now().wall;
    world.sell("R1", &Purchase::anonymous(1_000)).await;
    world.pass(TimeDelta::days(1));
    world.sell("R2", &Purchase::anonymous(100)).await;
    world.clock.set_wall(began + TimeDelta::hours(9));
    world.sell("R3", &Purchase::anonymous(20)).await;
    world.agent().keep_up().await;
    world.sell("R4", &Purchase::anonymous(3)).await;
    assert_eq!(closings(&world).len(), 1, "the day goes on");
    world.clock.set_wall(began + TimeDelta::days(1));
    for uid in ["R5", "R6"] {
        world.sell(uid, &Purchase::anonymous(500)).await;
    }
    world.agent().keep_up().await;
    world.cut_power().await;
    world.start().await;
    let closings = closings(&world);
    let told = closings.iter().map(|closing| {
        let totals = closing.day_totals;
        (closing.day.to_string(), closing.closed_before, totals.receipts, totals.gross.value())
    });
    let day = || "2026-03-02".to_owned();
    assert_eq!(told.collect::<Vec<_>>(), [(day(), 0, 1, 1_000), (day(), 1, 3, 1_023)]);
    assert_days_follow_from_the_journal(&world);
}

#[tokio::test]
async fn a_closing_says_what_was_taken_back_and_trainings_do_not_count() {
    let world = World::new().await;
    world.sell("R1", &Purchase::of(1, 10_000).in_units(4).spending(200)).await;
    world.sell("R2", &Purchase::anonymous(700)).await;
    world.sell("R3", &Purchase::anonymous(400).in_training()).await;
    world.sell("R4", &Purchase::anonymous(900)).await;
    world.take_back("R1", 1).await;
    world.void("R2").await;
    world.void("R3").await;
    let earned_later = world.assign("R4", 2).await;
    let Body::Assign(assign) = earned_later.record.body else { panic!("a late member") };
    assert_eq!(assign.earned.value(), 9);
    assert_days_follow_from_the_journal(&world);
    world.pass(TimeDelta::days(1));
    world.agent().keep_up().await;
    let [closing] = closings(&world).try_into().expect("one closing");
    assert_eq!(closing.day_totals, closing.perpetual, "the first day, late members included");
    let back = closing.taken_back;
    assert_eq!((back.voids, back.returns), (1, 1));
    // A quarter of 100.00 less 5 % less 2.00, and 7.00.
    assert_eq!(back.refunded.value(), 2_325 + 700);
    assert_eq!((back.points_clawed_back.value(), back.points_restored.value()), (24, 50));
    assert_days_follow_from_the_journal(&world);
}

#[tokio::test]
async fn a_damaged_day_or_one_of_an_older_ledger_is_summed_anew() {
    let mut world = World::new().await;
    world.sell("R1", &Purchase::anonymous(1_000)).await;
    for (number, damage) in [
        "UPDATE days SET gross = gross + 1",
        "UPDATE days SET closed = 1",
        "UPDATE days SET day = '2026-03-02x'",
        "UPDATE days SET gross = 'much'",
        "UPDATE days SET voids = 0, checksum = 0",
    ]
    .iter()
    .enumerate()
    {
        world.stop().await;
        Connection::open(world.ledger()).expect("opens").execute(damage, []).expect("damaged");
        world.start().await;
        if number % 2 == 0 {
            world.sell(&format!("L{number}"), &Purchase::anonymous(10)).await;
        } else {
            world.agent().keep_up().await;
        }
        assert_days_follow_from_the_journal(&world);
    }
    world.pass(TimeDelta::days(1));
    world.agent().keep_up().await;
    assert_eq!(closings(&world)[0].day_totals.gross.value(), 1_030);
}

#[test]
fn the_days_of_a_ledger_of_schema_1_are_marked_to_be_summed_anew() {
    let mut connection = Connection::open_in_memory().expect("opens");
    migrate(&mut connection, &LEDGER_MIGRATIONS[..1]).expect("migrated");
    let row = "INSERT INTO days VALUES ('2026-03-02', 1, 2, 3, 4, 5, 6, 7, 8, 1)";
    connection.execute(row, []).expect("inserted");
    migrate(&mut connection, LEDGER_MIGRATIONS).expect("migrated");
    assert!(matches!(days::all(&connection), Err(StoreError::RowDamaged { .. })));
    days::sum_anew(&connection).expect("summed");
    assert_eq!(days::all(&connection).expect("read"), []);
}
