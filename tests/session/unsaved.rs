//! What other tabs make of an answer that one tab cannot save.

use crate::world::{StoreMode, World, config};
use evergrant::session::{CallId, Code, Config, Degraded, Event};

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
