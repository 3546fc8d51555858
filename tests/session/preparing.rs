//! What a request needs before it can be sent, and takes time: its endpoint, which has to be looked up.

use crate::world::{World, config};
use evergrant::session::{AttemptState, Code, Config, Input, Reason, tuning};

fn discovers() -> Config {
    Config {
        discovers: true,
        ..config()
    }
}

#[test]
fn no_attempt_is_written_before_its_request_can_be_sent() {
    let mut world = World::signed_in_with(1, discovers());
    world.prepares = None;
    world.force(0);
    assert_eq!(world.attempts(), []);
    assert_eq!(world.sent, 0);
}

#[test]
fn what_was_got_ready_is_sent_and_got_ready_anew_for_the_next_one() {
    let mut world = World::signed_in_with(1, discovers());
    for round in 1..=3 {
        world.force(0);
        assert_eq!(world.sent, round);
        assert_eq!(world.prepared.len(), round);
    }
    assert_eq!(world.served(0).as_deref(), Some("at3"));
}

#[test]
fn what_cannot_be_got_ready_is_told_and_tried_again_and_the_record_is_not_touched() {
    let mut world = World::signed_in_with(1, discovers());
    world.prepares = Some(Err(Code::Network));
    let writes = world.writes;
    let call = world.force(0);
    assert_eq!(world.code(0, call), Some(Code::Network));
    assert!(
        world
            .error(0, call)
            .is_some_and(|error| error.code.retryable())
    );
    assert_eq!(world.writes, writes);
    world.prepares = Some(Ok(()));
    world.pass(60_000);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_request_that_took_longer_to_be_ready_than_its_window_is_long_is_sent_all_the_same() {
    let mut world = World::signed_in_with(1, discovers());
    world.prepares = None;
    let call = world.force(0);
    world.pass(tuning::SEND_WINDOW_MS + 1_000);
    let id = world.preparing.expect("it is being got ready");
    world.send(0, Input::Prepared(id, Ok(())));
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn what_is_ready_after_its_time_is_nobodys() {
    let mut world = World::signed_in_with(1, discovers());
    world.prepares = None;
    world.force(0);
    let id = world.preparing.expect("it is being got ready");
    world.pass(discovers().timeout_ms);
    world.send(0, Input::Prepared(id, Ok(())));
    assert_eq!(world.sent, 0);
}

#[test]
fn a_caller_does_not_wait_for_ever_for_a_request_to_be_ready() {
    let mut world = World::signed_in_with(1, discovers());
    world.prepares = None;
    let call = world.force(0);
    world.pass(discovers().timeout_ms);
    assert_eq!(world.code(0, call), Some(Code::Timeout));
    assert_eq!(world.ended(0), None);
}

#[test]
fn a_sign_out_while_a_request_is_got_ready_keeps_it_from_being_sent() {
    let mut world = World::signed_in_with(2, discovers());
    world.prepares = None;
    world.force(0);
    world.prepares = Some(Ok(()));
    world.sign_out(1);
    world.pass(60_000);
    assert_eq!(world.sent, 0);
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
}

#[test]
fn a_replay_is_got_ready_like_any_other_request() {
    let mut world = World::signed_in_with(1, discovers());
    world.hold = true;
    world.force(0);
    world.lose_request();
    assert_eq!(world.attempts(), [AttemptState::Claimed; 2]);
    assert_eq!(world.prepared.len(), 2);
}

#[test]
fn the_keeper_is_posted_what_was_got_ready() {
    let mut world = World::signed_in_with(1, discovers());
    world.employ_keeper();
    world.force(0);
    assert_eq!(world.prepared.len(), 1);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_tab_whose_request_is_never_ready_is_not_taken_for_a_stopped_one() {
    let mut world = World::signed_in_with(2, discovers());
    world.pass(61_000);
    world.hold = true;
    world.prepares = None;
    world.force(0);
    world.force(1);
    world.pass(120_000);
    assert_eq!(world.stolen, 0);
}

#[test]
fn nobody_waits_for_a_request_that_is_being_got_ready() {
    let mut world = World::signed_in_with(2, discovers());
    world.prepares = None;
    let first = world.force(0);
    world.prepares = Some(Ok(()));
    world.force(1);
    assert_eq!(world.served(1).as_deref(), Some("at1"));
    assert_eq!(world.token(0, first).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}
