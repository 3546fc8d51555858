//! signOut and setTokens: one write each, for the lineage they were called in.

use crate::server::{Reuse, read};
use crate::world::{Channel, StoreMode, World, config};
use evergrant::session::{By, Code, Event, Input, Lock, Reason, Settled};

const ANOTHER: &str = r#"{"access_token":"b0","expires_in":60,"refresh_token":"brt0"}"#;

fn revoked(world: &World) -> Vec<&str> {
    world.revoked.iter().map(|token| token.expose()).collect()
}

#[test]
fn it_ends_here_first_and_then_at_the_server() {
    let mut world = World::signed_in(2);
    let call = world.sign_out(0);
    assert_eq!(
        world.settled(0, call),
        Some(Ok(Settled::SignedOut { revoked: true }))
    );
    assert_eq!(revoked(&world), ["rt0"]);
    assert!(world.store.as_ref().unwrap().lineage.is_none());
    assert_eq!(
        world.tabs[0].signed_out(),
        [(Reason::SignedOut, By::ThisTab)]
    );
    assert_eq!(
        world.tabs[1].signed_out(),
        [(Reason::SignedOut, By::AnotherTab)]
    );
    assert_eq!(world.session(1), None);
}

#[test]
fn a_store_that_fails_keeps_the_tokens_from_being_revoked_before_the_end_is_written() {
    let mut world = World::signed_in(1);
    world.store_mode(StoreMode::WritesFail);
    let call = world.sign_out(0);
    world.pass(2_500);
    assert_eq!(world.settled(0, call), None);
    assert!(world.revoked.is_empty());
    world.store_mode(StoreMode::Works);
    world.pass(1_000);
    assert_eq!(
        world.settled(0, call),
        Some(Ok(Settled::SignedOut { revoked: true }))
    );
}

#[test]
fn a_store_that_never_recovers_is_an_error_of_its_own() {
    for mode in [
        StoreMode::Fails,
        StoreMode::WritesFail,
        StoreMode::Hangs,
        StoreMode::WritesHang,
    ] {
        let mut world = World::signed_in(1);
        world.store_mode(mode);
        let out = world.sign_out(0);
        let set = world.set_tokens(0, read(ANOTHER));
        world.pass(7_000);
        assert_eq!(world.code(0, out), Some(Code::Storage), "{mode:?}");
        assert_eq!(world.code(0, set), Some(Code::Storage), "{mode:?}");
        assert_eq!(
            world.served(0).as_deref(),
            Some("at0"),
            "{mode:?}: nothing has changed"
        );
    }
}

#[test]
fn a_slow_store_changes_nothing() {
    let mut world = World::signed_in(2);
    world.tabs[0].store = StoreMode::WritesHang;
    let call = world.sign_out(0);
    world.pass(3_000);
    world.unhang();
    world.pass(2_000);
    assert_eq!(
        world.settled(0, call),
        Some(Ok(Settled::SignedOut { revoked: true }))
    );
    assert_eq!(world.ended(1), Some(Reason::SignedOut));
    world.tabs[1].store = StoreMode::WritesHang;
    let call = world.set_tokens(1, read(ANOTHER));
    world.pass(3_000);
    world.unhang();
    world.pass(2_000);
    assert_eq!(world.settled(1, call), Some(Ok(Settled::Done)));
    assert_eq!(world.served(0).as_deref(), Some("b0"));
}

#[test]
fn a_sign_out_that_was_given_up_and_succeeds_late_is_noticed() {
    let mut world = World::signed_in(1);
    world.store_mode(StoreMode::WritesHang);
    let call = world.sign_out(0);
    world.pass(7_000);
    assert_eq!(world.code(0, call), Some(Code::Storage));
    world.unhang();
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
}

#[test]
fn a_refresh_in_flight_changes_nothing_afterwards_and_its_answer_is_revoked() {
    for by in [0, 1] {
        let mut world = World::signed_in(2);
        world.hold = true;
        let call = world.force(0);
        world.sign_out(by);
        assert_eq!(
            world.error(0, call).unwrap().reason,
            Some(Reason::SignedOut)
        );
        let tombstone = world.store.clone();
        let request = world.take_request();
        world.server.revive();
        let reply = world.act(&request);
        world.deliver(&request, reply);
        assert_eq!(world.store, tombstone);
        assert_eq!(revoked(&world), ["rt0", "rt1"]);
        assert!(!world.held(Lock::FAMILY));
        for tab in 0..2 {
            assert_eq!(world.session(tab), None);
        }
    }
}

#[test]
fn tokens_in_answered_attempts_are_revoked_too() {
    let mut world = World::signed_in(1);
    world.hold_from_outside(Lock::FAMILY);
    world.answered(7, 200, ANOTHER);
    world.sign_out(0);
    assert_eq!(revoked(&world), ["rt0", "brt0"]);
}

#[test]
fn without_revocation_the_server_is_left_alone() {
    let mut world = World::signed_in(1);
    let call = evergrant::session::CallId(900);
    world.send(0, Input::SignOut(call, false));
    assert_eq!(
        world.settled(0, call),
        Some(Ok(Settled::SignedOut { revoked: false }))
    );
    assert!(world.revoked.is_empty());
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
}

#[test]
fn nobody_signed_in_can_sign_out_all_the_same() {
    let mut world = World::new(1);
    let call = world.sign_out(0);
    assert_eq!(
        world.settled(0, call),
        Some(Ok(Settled::SignedOut { revoked: false }))
    );
    assert_eq!(world.store, None);
}

#[test]
fn signing_out_in_two_tabs_at_once_is_signing_out_once() {
    let mut world = World::signed_in(2);
    world.tabs[0].store = StoreMode::Hangs;
    let first = world.sign_out(0);
    let second = world.sign_out(1);
    world.unhang();
    for (tab, call) in [(0, first), (1, second)] {
        assert!(matches!(
            world.settled(tab, call),
            Some(Ok(Settled::SignedOut { .. }))
        ));
        assert_eq!(world.tabs[tab].signed_out().len(), 1);
        assert_eq!(world.session(tab), None);
    }
    assert_eq!(revoked(&world), ["rt0"]);
}

#[test]
fn a_tab_that_missed_the_news_is_signed_out_by_its_own_sign_out() {
    let mut world = World::signed_in(2);
    world.channel = Channel::Drops;
    world.sign_out(0);
    assert_eq!(world.served(1).as_deref(), Some("at0"), "it does not know");
    let call = world.sign_out(1);
    assert_eq!(
        world.settled(1, call),
        Some(Ok(Settled::SignedOut { revoked: false }))
    );
    assert_eq!(world.ended(1), Some(Reason::SignedOut));
    assert_eq!(world.session(1), None);
}

#[test]
fn set_tokens_over_a_living_session_ends_it_and_revokes_nothing() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let call = world.force(1);
    let set = world.set_tokens(0, read(ANOTHER));
    assert_eq!(world.settled(0, set), Some(Ok(Settled::Done)));
    assert_eq!(world.error(1, call).unwrap().code, Code::SessionEnded);
    world.answer_next();
    assert!(world.revoked.is_empty(), "a late answer is only forgotten");
    assert_eq!(world.refresh_token(), Some("brt0"));
    assert_eq!(world.served(1).as_deref(), Some("b0"));
    assert!(world.attempts().is_empty());
}

#[test]
fn set_tokens_in_a_tab_that_missed_another_sign_in_is_refused_and_shows_it() {
    let mut world = World::signed_in(2);
    world.channel = Channel::Drops;
    world.set_tokens(0, read(ANOTHER));
    let call = world.set_tokens(1, read(r#"{"access_token":"c0"}"#));
    let error = world.error(1, call).unwrap();
    assert_eq!(
        (error.code, error.reason),
        (Code::SessionEnded, Some(Reason::SignedOut))
    );
    assert_eq!(world.served(1).as_deref(), Some("b0"));
    assert_eq!(world.tabs[1].heard(), ["signed-out", "signed-in"]);
    let call = world.set_tokens(1, read(r#"{"access_token":"c0"}"#));
    assert_eq!(world.settled(1, call), Some(Ok(Settled::Done)));
}

#[test]
fn after_a_sign_out_one_can_sign_in_again_in_any_tab() {
    let mut world = World::signed_in(3);
    world.sign_out(1);
    world.forget();
    world.sign_in(2);
    for tab in 0..3 {
        assert_eq!(world.served(tab).as_deref(), Some("at1"));
        let by = if tab == 2 {
            By::ThisTab
        } else {
            By::AnotherTab
        };
        let signed_in = Event::SignedIn { by, previous: None };
        assert_eq!(world.tabs[tab].events, [signed_in]);
    }
}

#[test]
fn a_replay_is_not_sent_for_a_session_that_was_signed_out_meanwhile() {
    let mut world = World::signed_in(2);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    world.hold = true;
    world.force(0);
    world.sign_out(1);
    world.lose_answer();
    assert_eq!(world.sent, 1);
    assert!(!world.held(Lock::FAMILY));
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::SignedOut));
}
