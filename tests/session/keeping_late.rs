//! A keeper that comes late, or too late; and what comes in before it does.

use crate::server::Reuse;
use crate::world::{World, config};
use evergrant::session::{AttemptState, CallId, Config, Input};

/// A session with a keeper; requests wait for the test.
fn kept(tabs: usize) -> World {
    let mut world = World::signed_in(tabs);
    world.employ_keeper();
    world.hold = true;
    world
}

#[test]
fn an_answer_that_a_failed_engine_had_asked_for_keeps_what_is_posted_from_being_claimed() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.keeper.delay_ms = None;
    world.send(1, Input::Keeper(true));
    let call = world.force(1);
    let request = world.take_request();
    world.fail_engine(0, config());
    world.freeze(0);
    for _ in 0..400 {
        if world.attempts().contains(&AttemptState::Posted) {
            break;
        }
        world.pass(250);
    }
    assert_eq!(
        world.attempts(),
        [AttemptState::Claimed, AttemptState::Posted]
    );
    let reply = world.act(&request);
    world.deliver(&request, reply);
    world.thaw(0);
    world.keeper_starts();
    assert_eq!(world.sent, 1, "the answer is there");
    world.hold = false;
    world.pass(2_500);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.server.reused, 0);
}

/// A refresh whose keeper stands still each time until it is too late to send.
fn force_with_late_keeper(world: &mut World) -> CallId {
    world.keeper.freezes_after_write = true;
    let call = world.force(0);
    for _ in 0..8 {
        world.pass(2_500);
        // It takes the attempt out again, and is late with the next one.
        for _ in 0..2 {
            world.keeper.freezes_after_write = true;
            world.keeper_thaws();
        }
    }
    call
}

#[test]
fn a_keeper_that_is_late_each_time_is_given_up_after_two_posts() {
    let mut world = kept(1);
    world.hold = false;
    let call = force_with_late_keeper(&mut world);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

/// It takes out again what it was too late to send. That is no answer that was lost.
#[test]
fn what_somebody_else_has_lost_is_not_the_keepers_loss() {
    let mut world = kept(1);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    world.hold = false;
    world.attempted(7, AttemptState::Claimed);
    let call = force_with_late_keeper(&mut world);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert!(world.tabs[0].failures().is_empty());
}

#[test]
fn what_another_tab_says_does_not_cut_the_keepers_time_short() {
    let mut world = kept(2);
    world.keeper.delay_ms = Some(500);
    world.force(0);
    assert_eq!(world.attempts(), [AttemptState::Posted]);
    world.send(0, Input::Announced(1));
    world.pass(600);
    assert_eq!(world.attempts(), [AttemptState::Claimed]);
    let history = world.tabs[0].engine.history().iter();
    let posted = history.filter(|entry| entry.event == "posted");
    assert_eq!(posted.count(), 1);
}

#[test]
fn a_keeper_that_comes_while_a_tab_waits_for_its_turn_carries_its_request() {
    let mut world = World::signed_in_with(2, quiet());
    world.pass(61_000);
    world.hold = true;
    world.force(0);
    let call = world.force(1);
    world.lose_request();
    world.employ_keeper();
    world.crash(0);
    assert_eq!(world.requests.last().map(|it| it.carried), Some(true));
    world.answer_next();
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
}

fn quiet() -> Config {
    Config {
        automatic: false,
        ..config()
    }
}
