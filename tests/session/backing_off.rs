//! How long the pauses between tries are.

use crate::world::{StoreMode, World, reply};
use evergrant::session::{Code, Input, Retry, tuning};

/// A session whose luck is this; its server asks for patience.
fn in_trouble(luck: u64) -> World {
    let mut world = World::signed_in(1);
    world.now.random = luck.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    world.server.instead = vec![reply(429, ""); 100];
    world
}

/// A refresh fails; the pause that follows, in milliseconds.
fn fails(world: &mut World) -> u64 {
    world.force(0);
    let pause = world.lineage().retry.expect("a pause").after_ms;
    world.forget();
    pause
}

/// The longest of the pauses that many a session makes.
fn longest(pause: impl Fn(u64) -> u64) -> u64 {
    let pauses = (0..100).map(|luck| {
        let pause = pause(luck);
        assert!(pause >= tuning::BACKOFF_FLOOR_MS, "{pause}");
        pause
    });
    pauses.max().unwrap()
}

#[test]
fn each_failure_doubles_the_pause_that_may_follow_up_to_a_minute() {
    for (failures, most) in [
        (1, 1_000),
        (2, 2_000),
        (3, 4_000),
        (7, 60_000),
        (30, 60_000),
    ] {
        let pause = longest(|luck| {
            let mut world = in_trouble(luck);
            for _ in 1..failures {
                let pause = fails(&mut world);
                world.sleep(pause, true);
                world.pass(0);
            }
            fails(&mut world)
        });
        let range = most * 9 / 10..=most;
        assert!(range.contains(&pause), "{failures} failures: {pause} ms");
    }
}

#[test]
fn after_an_outage_that_is_over_the_first_pause_is_short_again() {
    let pause = longest(|luck| {
        let mut world = in_trouble(luck);
        let pause = fails(&mut world);
        world.server.instead.clear();
        world.pass(pause);
        world.force(0);
        assert!(world.lineage().retry.is_none(), "it is over");
        world.server.instead = vec![reply(429, "")];
        fails(&mut world)
    });
    assert!(pause <= 1_000, "{pause}");
}

#[test]
fn seeing_a_pause_again_is_no_further_failure() {
    let pause = longest(|luck| {
        let mut world = in_trouble(luck);
        let pause = fails(&mut world);
        for _ in 0..5 {
            world.edit(|_| {});
            world.send(0, Input::Announced(0));
        }
        world.pass(pause);
        world.lineage().retry.expect("a pause").after_ms
    });
    assert!(pause <= 2_000, "{pause}");
}

#[test]
fn what_a_server_asked_is_told_though_it_cannot_be_written_down() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.tabs[0].store = StoreMode::WritesFail;
    world.server.instead = vec![reply(429, "")];
    world.answer_next();
    assert_eq!(world.code(0, call), Some(Code::RateLimited));
}

#[test]
fn a_pause_that_another_tab_has_written_meanwhile_stands() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    world.lose_request();
    world.tabs[0].store = StoreMode::WritesHang;
    world.lose_request();
    let retry = Retry {
        at: world.now.wall.plus(1_800_000),
        after_ms: 1_800_000,
        code: Code::RateLimited,
    };
    world.edit_lineage(|lineage| lineage.retry = Some(retry));
    world.unhang();
    world.pass(1_000);
    assert_eq!(world.lineage().retry, Some(retry));
    assert_eq!(world.sent, 2);
}
