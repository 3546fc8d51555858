//! What other tabs make of an answer that one tab cannot save.

use crate::world::{StoreMode, World, config};
use evergrant::session::{CallId, Code, Config, Degraded, Event, Input, Reason, Settled};

/// Tab 0 has an answer in memory only; a caller in tab 1 asks for a new token.
fn asked_elsewhere() -> (World, CallId) {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(10_000);
    let call = world.force(1);
    (world, call)
}

#[test]
fn it_is_waited_for_two_seconds_before_a_caller_is_told_of_the_store() {
    let (mut world, call) = asked_elsewhere();
    world.pass(1_999);
    assert_eq!(world.settled(1, call), None);
    world.pass(1);
    assert_eq!(world.code(1, call), Some(Code::Storage));
    assert_eq!(world.sent, 1);
}

#[test]
fn saved_within_two_seconds_it_is_what_the_caller_gets() {
    let (mut world, call) = asked_elsewhere();
    world.pass(500);
    world.store_mode(StoreMode::Works);
    world.pass(1_500);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn once_the_timeout_is_over_the_tab_that_has_it_goes_on_with_it() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(config().timeout_ms - 1);
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    world.pass(1);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn however_short_the_timeout_is_a_save_has_its_time_before_a_session_goes_on_in_memory() {
    let config = Config {
        timeout_ms: 1_000,
        ..config()
    };
    let mut world = World::signed_in_with(1, config);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = StoreMode::WritesHang;
    world.answer_next();
    let what = Degraded::Storage;
    world.pass(3_500);
    assert!(!world.tabs[0].events.contains(&Event::Degraded { what }));
    world.pass(1_500);
    assert!(world.tabs[0].events.contains(&Event::Degraded { what }));
}

/// Tab 0 had an answer in memory only, and the server has ended that session since.
fn ended_in_memory() -> World {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(config().timeout_ms);
    world.hold = false;
    world.server.kill();
    world.force(0);
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenRejected));
    assert_eq!(world.ended(1), None);
    world
}

#[test]
fn an_end_that_is_reached_in_memory_is_every_tabs_and_nobody_sends_the_dead_token_again() {
    let mut world = ended_in_memory();
    let sent = world.sent;
    world.tabs[0].store = StoreMode::Works;
    world.pass(1_000);
    assert_eq!(world.ended(1), Some(Reason::RefreshTokenRejected));
    world.force(1);
    assert_eq!(world.sent, sent);
}

#[test]
fn after_an_end_that_is_reached_in_memory_one_can_sign_in_before_the_store_knows() {
    let mut world = ended_in_memory();
    world.tabs[0].store = StoreMode::Works;
    let call = world.sign_in(0);
    assert_eq!(world.settled(0, call), Some(Ok(Settled::Done)));
    assert_eq!(world.ended(0), None);
}

#[test]
fn a_store_that_never_takes_an_end_keeps_the_others_from_asking_no_longer_than_a_timeout() {
    let mut world = ended_in_memory();
    let sent = world.sent;
    world.pass(config().timeout_ms + 1_000);
    world.force(1);
    assert!(world.sent > sent);
}

#[test]
fn a_store_that_takes_no_swap_is_not_offered_an_end_for_ever() {
    let mut world = ended_in_memory();
    world.tabs[0].store = StoreMode::TakesNothing;
    world.pass(2_000);
    let sent = world.sent;
    world.force(1);
    assert!(world.sent > sent);
}

#[test]
fn an_end_that_is_reached_in_memory_spares_a_session_that_another_answer_may_keep_alive() {
    let mut world = ended_in_memory();
    world.answered(7, 200, r#"{"access_token":"at7","refresh_token":"rt7"}"#);
    world.tabs[0].store = StoreMode::Works;
    world.pass(1_000);
    assert_eq!(world.ended(1), None);
    assert_eq!(world.ended(0), None, "it looks again");
}

#[test]
fn an_end_that_is_reached_in_memory_is_not_undone_by_reading_the_store() {
    let mut world = ended_in_memory();
    world.tabs[0].events.clear();
    world.send(0, Input::Woke);
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenRejected));
    assert!(world.tabs[0].events.is_empty());
}

#[test]
fn until_an_end_that_is_reached_in_memory_is_written_nobody_sends_the_dead_token() {
    let mut world = ended_in_memory();
    let sent = world.sent;
    world.force(1);
    world.pass(config().timeout_ms / 2);
    assert_eq!(world.sent, sent);
}
