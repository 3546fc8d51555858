//! signOut, setTokens and late saves that meet what others have written.

use crate::server::read;
use crate::world::{Channel, StoreMode, World, reply};
use evergrant::session::{AttemptId, Code, Input, Lock, Reason, Settled};

const ANOTHER: &str = r#"{"access_token":"b0","expires_in":60,"refresh_token":"brt0"}"#;

/// Tab 0 goes on in memory, while its store treats it so.
fn in_memory(mode: StoreMode) -> World {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = mode;
    world.answer_next();
    world.pass(20_000);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    world
}

#[test]
fn a_sign_out_that_another_write_came_before_is_written_after_it_at_once() {
    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::WritesHang;
    let call = world.sign_out(0);
    world.edit(|_| {});
    world.unhang();
    let done = Settled::SignedOut { revoked: true };
    assert_eq!(world.settled(0, call), Some(Ok(done)));
}

#[test]
fn a_store_that_takes_no_swap_is_not_asked_for_ever() {
    let mut world = World::signed_in(1);
    world.store_mode(StoreMode::TakesNothing);
    let out = world.sign_out(0);
    assert_eq!(world.code(0, out), Some(Code::Storage));
    let set = world.set_tokens(0, read(ANOTHER));
    assert_eq!(world.code(0, set), Some(Code::Storage));
    assert_eq!(world.served(0).as_deref(), Some("at0"));
}

#[test]
fn tokens_for_nobodys_session_do_not_replace_one_that_was_begun_meanwhile() {
    let mut world = World::new(2);
    world.channel = Channel::Drops;
    world.sign_in(1);
    let call = world.set_tokens(0, read(ANOTHER));
    let error = world.error(0, call).unwrap();
    assert_eq!(error.reason, Some(Reason::SignedOut));
    assert_eq!(world.served(0).as_deref(), Some("at0"));
}

#[test]
fn an_answer_to_nobodys_request_leaves_a_session_in_memory_alone() {
    let mut world = in_memory(StoreMode::WritesFail);
    let stray = reply(200, ANOTHER);
    world.send(0, Input::Answered(AttemptId(12), stray));
    assert!(world.held(Lock::unsaved(world.lineage().id)));
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_save_that_hangs_keeps_no_token_back_after_a_wake() {
    let mut world = in_memory(StoreMode::WritesHang);
    world.send(0, Input::Woke);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}
