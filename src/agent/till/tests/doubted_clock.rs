//! What a start makes of a journal that was written while the clock was doubted.

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;

use super::check_accounts;
use crate::agent::clock::Clock;
use crate::agent::testing::{Purchase, World};
use crate::journal::ClockTrust;

#[tokio::test]
async fn a_start_while_the_clock_is_doubted_does_not_turn_time_back() {
    let mut world = World::new().await;
    let sure = world.clock.now().wall;
    world.clock.tell(ClockTrust::Untrusted);
    world.pass(TimeDelta::hours(3));
    let sold = world.sell("R1", &Purchase::of(1, 10_000)).await;
    assert_eq!(sold.record.header.decided_at(), sure + TimeDelta::hours(3));
    world.stop().await;
    // The battery is dead: after the boot it is 1970 again.
    world.clock = Clock::simulated(DateTime::UNIX_EPOCH, Tz::Europe__Prague);
    world.clock.tell(ClockTrust::Untrusted);
    world.start().await;
    let voided = world.void("R1").await;
    assert!(voided.record.header.decided_at() >= sold.record.header.decided_at());
    assert_eq!(world.balance(1).await, 1_000);
    check_accounts(&world);
    world.clock.set_wall(sure + TimeDelta::hours(4));
    world.clock.tell(ClockTrust::Trusted);
    let after = world.sell("R2", &Purchase::of(1, 10_000)).await;
    assert_eq!(
        after.record.header.clock.trust,
        ClockTrust::Trusted,
        "what was believed binds nobody"
    );
}
