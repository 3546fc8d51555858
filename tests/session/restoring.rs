//! What a start does with the record it finds.

use crate::server::read;
use crate::world::{START, StoreMode, World, config, forced, reply};
use evergrant::session::time::Wall;
use evergrant::session::{
    AttemptState, Code, Config, Degraded, Event, Input, Lock, Reason, Retry, Status,
};
use std::sync::Arc;

/// A page that was closed `ms` ago; its session lies in the store.
fn closed_for(ms: u64) -> World {
    let mut world = World::signed_in(1);
    world.crash(0);
    world.pass(ms);
    world
}

const GOOD: &str = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9"}"#;

#[test]
fn a_live_token_is_handed_out_with_no_lock_and_no_request() {
    let mut world = closed_for(10_000);
    world.hold_from_outside(Lock::FAMILY);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    assert_eq!((world.sent, world.writes), (0, 1));
    assert_eq!(world.status(tab), Some(Status::Active));
    assert!(
        world.tabs[tab].heard().is_empty(),
        "a restored session is no news"
    );
}

#[test]
fn a_dead_access_token_is_replaced_at_once() {
    let mut world = closed_for(3_600_000);
    let tab = world.open(config());
    assert_eq!(world.server.seen, ["rt0"]);
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
}

#[test]
fn without_automatic_refreshing_a_dead_token_waits_for_a_caller() {
    let mut world = closed_for(3_600_000);
    let tab = world.open(Config {
        automatic: false,
        ..config()
    });
    world.pass(3_600_000);
    assert_eq!(world.sent, 0);
    assert_eq!(world.status(tab), Some(Status::Expired));
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
}

#[test]
fn an_answer_in_the_record_is_saved_whatever_else_is_the_matter() {
    let mut world = closed_for(1_000);
    world.answered(7, 200, GOOD);
    let later = world.now.wall.plus(600_000);
    world.edit_lineage(|lineage| {
        lineage.retry = Some(Retry {
            at: later,
            after_ms: 3_600_000,
            code: Code::RateLimited,
        });
    });
    let offline = world.open(config());
    world.send(offline, evergrant::session::Input::Online(false));
    assert_eq!(world.served(offline).as_deref(), Some("at9"));
    assert_eq!(world.refresh_token(), Some("rt9"));
    assert_eq!((world.attempts().len(), world.sent), (0, 0));
}

#[test]
fn an_answered_refusal_in_the_record_ends_the_session_with_its_own_reason() {
    let mut world = closed_for(1_000);
    world.answered(7, 400, r#"{"error":"invalid_grant"}"#);
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenRejected));
    assert_eq!(world.sent, 0);
}

#[test]
fn an_attempt_under_way_is_waited_for_and_its_answer_saved() {
    let mut world = closed_for(1_000);
    let lock = world.attempted(7, AttemptState::Claimed);
    world.hold_from_outside(lock);
    let tab = world.open(config());
    world.pass(8_000);
    assert_eq!(world.sent, 0);
    assert_eq!(
        world.served(tab).as_deref(),
        Some("at0"),
        "the old one lives"
    );
    world.answered(7, 200, GOOD);
    world.release_from_outside(lock);
    world.pass(1_000);
    assert_eq!(world.served(tab).as_deref(), Some("at9"));
    assert_eq!(world.sent, 0);
    assert!(!world.lineage().doubt);
}

#[test]
fn an_attempt_that_nobody_claimed_is_taken_away_and_counts_for_nothing() {
    let mut world = closed_for(1_000);
    world.attempted(7, AttemptState::Posted);
    let tab = world.open(config());
    assert!(world.attempts().is_empty());
    assert_eq!(world.sent, 0);
    let call = world.force(tab);
    assert_eq!(world.token(tab, call).as_deref(), Some("at1"));
    assert!(!world.lineage().doubt);
}

#[test]
fn a_posted_attempt_whose_lock_is_held_gets_a_second_to_be_claimed() {
    let mut world = closed_for(1_000);
    let lock = world.attempted(7, AttemptState::Posted);
    world.hold_from_outside(lock);
    world.open(config());
    world.pass(900);
    assert_eq!(world.attempts(), [AttemptState::Posted]);
    world.pass(1_200);
    assert!(world.attempts().is_empty());
}

#[test]
fn a_refresh_interrupted_by_a_reload_is_replayed_at_once() {
    let mut world = World::signed_in(1);
    world.server.reuse = crate::server::Reuse::ForgivesSame { grace_ms: 5_000 };
    world.hold = true;
    world.force(0);
    let request = world.requests[0].clone();
    world.crash(0);
    let _ = world.act(&request);
    let tab = world.open(config());
    world.answer_next();
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
    assert_eq!(world.server.seen, ["rt0", "rt0"]);
    assert!(world.lineage().doubt, "until the next one is used");
}

#[test]
fn lifetimes_count_from_the_receipt() {
    let mut world = closed_for(0);
    let body = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9",
        "refresh_token_expires_in":86400}"#;
    world.answered(7, 200, body);
    let monday = 60 * 3_600_000;
    world.pass(monday);
    let refused = reply(400, r#"{"error":"invalid_grant"}"#);
    world.server.instead = vec![refused];
    let tab = world.open(config());
    assert_eq!(world.sent, 1, "the server's word, not one clock's, ends it");
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenExpired));
}

#[test]
fn a_store_that_fails_at_the_start_is_reported() {
    let mut world = closed_for(1_000);
    let tab = world.open_with(config(), StoreMode::Fails);
    let what = Degraded::Storage;
    assert!(world.tabs[tab].events.contains(&Event::Degraded { what }));
    let call = world.get_token(tab);
    assert_eq!(
        world.code(tab, call),
        Some(Code::Storage),
        "nobody can tell"
    );
    let call = world.sign_out(tab);
    assert_eq!(world.code(tab, call), Some(Code::Storage));
}

#[test]
fn a_store_that_recovers_after_the_start_gives_the_session_back() {
    let mut world = closed_for(1_000);
    let tab = world.open_with(config(), StoreMode::Fails);
    world.pass(5_000);
    world.store_mode(StoreMode::Works);
    world.pass(2_000);
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    let heard = world.tabs[tab].heard();
    assert!(!heard.contains(&"signed-in"), "restored: {heard:?}");
}

#[test]
fn a_store_that_hangs_at_the_start_does_not_keep_the_page_waiting_for_ever() {
    let mut world = closed_for(1_000);
    let tab = world.open_with(config(), StoreMode::Hangs);
    assert!(!world.tabs[tab].ready);
    world.pass(6_000);
    assert!(world.tabs[tab].ready);
    world.unhang();
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
}

#[test]
fn however_long_requests_may_take_a_store_that_hangs_at_the_start_is_waited_for_no_longer() {
    let mut world = World::new(0);
    let slow = Config {
        timeout_ms: 120_000,
        ..config()
    };
    let tab = world.open_with(slow, StoreMode::Hangs);
    world.pass(119_000);
    assert!(!world.tabs[tab].ready);
    world.pass(2_000);
    assert!(world.tabs[tab].ready);
}

#[test]
fn an_unreadable_record_is_nobody_signed_in_and_can_be_replaced() {
    let mut world = World::new(0);
    world.garbage = true;
    let tab = world.open(config());
    let call = world.get_token(tab);
    assert_eq!(world.code(tab, call), Some(Code::NotSignedIn));
    world.sign_in(tab);
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
}

#[test]
fn another_issuers_record_is_neither_sent_nor_overwritten() {
    let mut world = closed_for(3_600_000);
    let before = world.store.clone();
    let tab = world.open(Config {
        issuer: "https://other.example/token".into(),
        ..config()
    });
    let call = world.ask(tab, forced());
    assert_eq!(world.code(tab, call), Some(Code::NotSignedIn));
    assert_eq!(
        world.error(tab, call).unwrap().reason,
        Some(Reason::IssuerChanged)
    );
    world.pass(3_600_000);
    assert_eq!(world.ended(tab), Some(Reason::IssuerChanged));
    assert_eq!((world.sent, &world.store), (0, &before));
    world.sign_in(tab);
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
}

#[test]
fn a_record_of_a_newer_version_is_served_and_never_written() {
    let mut world = closed_for(1_000);
    world.edit(|record| record.version = 2);
    let before = world.store.clone();
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    let what = Degraded::Version;
    assert_eq!(world.tabs[tab].events, [Event::Degraded { what }]);
    let call = world.force(tab);
    assert!(world.error(tab, call).is_some());
    let out = world.sign_out(tab);
    assert_eq!(world.code(tab, out), Some(Code::Storage));
    world.pass(3_600_000);
    assert_eq!((world.sent, &world.store), (0, &before));
    assert_eq!(world.tabs[tab].heard().len(), 1, "it is said once");
}

#[test]
fn a_record_that_a_newer_version_takes_over_in_the_meantime_is_not_written() {
    let mut world = World::signed_in(1);
    world.hold_from_outside(Lock::FAMILY);
    let call = world.force(0);
    world.edit(|record| record.version = 2);
    let before = world.store.clone();
    world.release_from_outside(Lock::FAMILY);
    assert!(world.error(0, call).is_some());
    assert_eq!((world.sent, &world.store), (0, &before));
}

#[test]
fn a_lost_answer_is_not_replayed_with_a_refresh_token_known_dead() {
    let mut world = World::new(2);
    world.server.lifetime_s = 3_600;
    world.server.refresh_lifetime_s = Some(50);
    world.sign_in(0);
    world.crash(0);
    let tab = 1;
    world.send(tab, Input::Online(false));
    world.attempted(7, AttemptState::Claimed);
    world.pass(51_000);
    world.send(tab, Input::Online(true));
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    world.pass(3_600_000);
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenExpired));
    assert_eq!(world.sent, 0);
}

#[test]
fn an_end_is_remembered_with_its_history_by_the_next_start() {
    let mut world = World::signed_in(1);
    world.sign_out(0);
    let words: Vec<_> = world.tabs[0]
        .engine
        .history()
        .iter()
        .map(|e| e.event.clone())
        .collect();
    world.crash(0);
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::SignedOut));
    let recalled: Vec<_> = world.tabs[tab]
        .engine
        .history()
        .iter()
        .map(|e| e.event.clone())
        .collect();
    assert!(
        recalled.iter().any(|event| words.contains(event)),
        "{recalled:?}"
    );
    assert!(world.tabs[tab].heard().is_empty());
    assert!(world.now.wall >= Wall(START));
}

#[test]
fn a_late_reading_for_a_call_that_is_over_says_nothing() {
    let mut world = World::signed_in(1);
    let former = world.store.clone().map(Arc::new);
    let call = world.set_tokens(
        0,
        read(r#"{"access_token":"b0","refresh_token":"rb","expires_in":60}"#),
    );
    for late in [former, None] {
        world.forget();
        world.send(0, Input::Read(call.purpose(), Ok(late)));
        assert!(world.tabs[0].events.is_empty());
        assert_eq!(
            world.served(0).as_deref(),
            Some("b0"),
            "not the former user's"
        );
    }
}
