//! What `getAccessToken` gives, and that it always gives something.

use crate::server::read;
use crate::world::{StoreMode, World, config, forced, living, refused, reply, resource};
use evergrant::session::time::Wall;
use evergrant::session::{Code, Config, Input, Lock, Reason, Want};

/// The longest a caller may wait: two bounds of an attempt, the last chance, and a look.
fn patience() -> u64 {
    config().patience_ms() + 2_000
}

#[test]
fn a_token_is_handed_out_while_it_lives_five_seconds_more() {
    let mut world = World::signed_in_with(
        1,
        Config {
            automatic: false,
            ..config()
        },
    );
    world.pass(54_999);
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    world.pass(1);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn min_validity_refreshes_once_per_generation_and_no_more() {
    let mut world = World::signed_in(1);
    let call = world.ask(0, living(1_000_000));
    assert_eq!(
        world.token(0, call).as_deref(),
        Some("at0"),
        "capped below the lifetime"
    );
    world.pass(20_000);
    let call = world.ask(0, living(1_000_000));
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    let call = world.ask(0, living(30_000));
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn no_min_validity_serves_to_the_very_end() {
    let mut world = World::signed_in_with(
        1,
        Config {
            automatic: false,
            ..config()
        },
    );
    world.pass(59_999);
    let call = world.ask(0, living(0));
    assert_eq!(world.token(0, call).as_deref(), Some("at0"));
}

#[test]
fn twenty_calls_after_a_401_make_one_refresh() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let early: Vec<_> = (0..10).map(|_| world.ask(0, refused("at0"))).collect();
    assert_eq!(world.requests.len(), 1);
    world.answer_next();
    let late: Vec<_> = (0..10).map(|_| world.ask(0, refused("at0"))).collect();
    for call in early.into_iter().chain(late) {
        assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    }
    assert_eq!(world.sent, 1);
}

#[test]
fn a_refused_token_that_the_server_gives_again_is_handed_out_and_not_asked_for_for_ever() {
    let mut world = World::signed_in(1);
    let again = r#"{"access_token":"at0","refresh_token":"rt1","expires_in":60}"#;
    world.server.instead = vec![reply(200, again); 9];
    let call = world.ask(0, refused("at0"));
    assert_eq!(world.token(0, call).as_deref(), Some("at0"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_caller_joins_the_refresh_in_flight_only_if_it_has_to() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    assert_eq!(world.served(0).as_deref(), Some("at0"), "it lives");
    world.pass(4_000);
    let joining = world.force(0);
    assert_eq!(world.requests.len(), 1);
    world.answer_next();
    assert_eq!(world.token(0, joining).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_cancelled_call_is_not_settled_again_and_the_refresh_goes_on() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.send(0, Input::Cancel(call));
    world.answer_next();
    assert!(world.tabs[0].settled.iter().all(|(it, _)| *it != call));
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_signal_that_fires_after_the_answer_changes_nothing() {
    let mut world = World::signed_in(1);
    let call = world.get_token(0);
    world.send(0, Input::Cancel(call));
    assert_eq!(world.token(0, call).as_deref(), Some("at0"));
}

#[test]
fn without_a_refresh_token_a_dead_session_says_so_and_does_not_end() {
    let mut world = World::new(1);
    world.set_tokens(0, read(r#"{"access_token":"at0","expires_in":60}"#));
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    let call = world.force(0);
    assert_eq!(world.code(0, call), Some(Code::NoRefreshToken));
    world.pass(61_000);
    let call = world.get_token(0);
    assert_eq!(world.code(0, call), Some(Code::NoRefreshToken));
    assert_eq!(world.status(0), Some(evergrant::session::Status::Expired));
    assert_eq!(world.ended(0), None);
}

#[test]
fn offline_callers_get_the_living_token_and_then_offline() {
    let mut world = World::signed_in(1);
    world.send(0, Input::Online(false));
    world.pass(57_000);
    assert_eq!(
        world.served(0).as_deref(),
        Some("at0"),
        "short of its validity, alive"
    );
    let call = world.force(0);
    assert_eq!(world.code(0, call), Some(Code::Offline));
    world.pass(4_000);
    let call = world.get_token(0);
    assert_eq!(world.code(0, call), Some(Code::Offline));
    assert_eq!(world.sent, 0);
    world.send(0, Input::Online(true));
    assert_eq!(world.sent, 1);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn after_a_sign_out_callers_learn_why_there_is_no_session() {
    let mut world = World::signed_in(1);
    world.sign_out(0);
    let call = world.get_token(0);
    let error = world.error(0, call).unwrap();
    assert_eq!(error.code, Code::NotSignedIn);
    assert_eq!(error.reason, Some(Reason::SignedOut));
}

#[test]
fn a_closed_client_settles_everybody_and_keeps_its_answer() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.send(0, Input::Close);
    assert_eq!(world.code(0, call), Some(Code::Closed));
    let late = world.get_token(0);
    assert_eq!(world.code(0, late), Some(Code::Closed));
    assert!(!world.tabs[0].closed, "an answer is under way");
    world.answer_next();
    assert!(world.tabs[0].closed);
    assert_eq!(world.refresh_token(), Some("rt1"));
    assert!(!world.held(Lock::FAMILY));
}

#[test]
fn a_client_closed_while_it_waits_for_a_lock_lets_go_at_once() {
    let mut world = World::signed_in(1);
    world.hold_from_outside(Lock::FAMILY);
    world.force(0);
    world.send(0, Input::Close);
    assert!(world.tabs[0].closed);
    world.release_from_outside(Lock::FAMILY);
    assert!(!world.held(Lock::FAMILY));
}

#[test]
fn a_failed_refresh_falls_back_to_the_living_token() {
    let mut world = World::signed_in(1);
    world.cut = true;
    world.pass(20_000);
    let call = world.ask(0, living(45_000));
    assert_eq!(world.token(0, call).as_deref(), Some("at0"));
    let call = world.force(0);
    assert!(world.code(0, call).is_some(), "who insists gets the error");
    let call = world.ask(0, refused("at0"));
    assert!(
        world.code(0, call).is_some(),
        "and so does who cannot use it"
    );
}

#[test]
fn each_resource_has_its_own_token_of_the_one_family() {
    let mut world = World::signed_in(1);
    let call = world.ask(0, resource("https://a.example"));
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    let call = world.ask(0, resource("https://a.example"));
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_forced_refresh_of_one_resource_is_not_settled_by_anothers() {
    let mut world = World::signed_in(1);
    world.ask(0, resource("https://b.example"));
    world.hold = true;
    let first = world.ask(0, resource("https://a.example"));
    let forced = world.ask(
        0,
        Want {
            force: true,
            ..resource("https://b.example")
        },
    );
    world.answer_next();
    assert_eq!(world.token(0, first).as_deref(), Some("at2"));
    assert_eq!(world.settled(0, forced), None);
    world.answer_next();
    assert_eq!(world.token(0, forced).as_deref(), Some("at3"));
}

#[test]
fn refreshing_for_one_resource_does_not_put_off_the_others_renewal() {
    let mut world = World::signed_in(1);
    world.pass(40_000);
    world.ask(0, resource("https://a.example"));
    assert_eq!(world.sent, 1);
    world.pass(8_001);
    assert_eq!(world.sent, 2, "48 s after its own receipt");
    assert_eq!(world.served(0).as_deref(), Some("at2"));
}

#[test]
fn a_refusal_about_one_resource_touches_that_token_alone() {
    let mut world = World::signed_in(1);
    world.server.instead = vec![reply(400, r#"{"error":"invalid_target"}"#)];
    let call = world.ask(0, resource("https://c.example"));
    let error = world.error(0, call).unwrap();
    assert_eq!(error.code, Code::OAuth);
    assert_eq!(error.oauth_error.as_deref(), Some("invalid_target"));
    assert!(world.lineage().stalled.is_none());
    let call = world.force(0);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn the_id_token_is_handed_out_as_it_is() {
    let mut world = World::new(1);
    world.set_tokens(0, read(r#"{"access_token":"at0","id_token":"h.e.s"}"#));
    let token = world.session(0).unwrap().id_token.as_ref().unwrap();
    assert_eq!(token.expose(), "h.e.s");
}

#[test]
fn every_caller_is_settled_in_bounded_time_whatever_hangs() {
    type Evil = (&'static str, fn(&mut World));
    let evils: [Evil; 6] = [
        ("the store hangs", |world| {
            world.store_mode(StoreMode::Hangs)
        }),
        ("writes hang", |world| {
            world.store_mode(StoreMode::WritesHang)
        }),
        ("the store fails", |world| {
            world.store_mode(StoreMode::Fails)
        }),
        ("the lock hangs", |world| {
            world.hold_from_outside(Lock::FAMILY)
        }),
        ("the server hangs", |world| world.hold = true),
        ("the wire is cut", |world| world.cut = true),
    ];
    for (name, evil) in evils {
        for (dead, wakes) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut world = World::signed_in_with(
                1,
                Config {
                    automatic: false,
                    ..config()
                },
            );
            world.pass(if dead { 61_000 } else { 30_000 });
            evil(&mut world);
            if wakes {
                world.send(0, Input::Woke);
            }
            let forced = world.ask(0, forced());
            let plain = world.get_token(0);
            world.pass(patience());
            assert!(
                world.settled(0, forced).is_some(),
                "{name}, dead: {dead}, wakes: {wakes}"
            );
            let plain = world.settled(0, plain);
            // A lock whose holder has stopped is stolen.
            let served = !dead || name == "the lock hangs";
            assert_eq!(
                plain.as_ref().map(|p| p.is_ok()),
                Some(served),
                "{name}, dead: {dead}, wakes: {wakes}: {plain:?}"
            );
        }
    }
}

#[test]
fn a_store_that_hangs_after_a_wake_holds_a_living_token_back_for_a_second_at_most() {
    let mut world = World::signed_in(1);
    world.store_mode(StoreMode::Hangs);
    world.send(0, Input::Woke);
    let call = world.get_token(0);
    world.pass(1_500);
    assert_eq!(world.token(0, call).as_deref(), Some("at0"));
}

#[test]
fn a_session_whose_refresh_token_is_known_dead_still_serves_its_access_token() {
    let mut world = World::new(1);
    let members = r#"{"access_token":"at0","refresh_token":"rt0","expires_in":3600,
        "refresh_token_expires_in":60}"#;
    world.send(0, Input::Online(false));
    world.set_tokens(0, read(members));
    world.pass(61_000);
    world.send(0, Input::Online(true));
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    let call = world.force(0);
    assert_eq!(world.code(0, call), Some(Code::NoRefreshToken));
    assert_eq!(world.sent, 0);
}

#[test]
fn tokens_that_are_taken_over_dead_are_refreshed_before_one_is_handed_out() {
    let mut world = World::new(1);
    let tokens = r#"{"access_token":"old","refresh_token":"rt0","expires_in":1}"#;
    let ended = Wall(world.now.wall.0 - 60_000);
    world.hold = true;
    world.set_received(0, read(tokens), ended);
    assert_eq!(world.sent, 1);
    let call = world.get_token(0);
    assert!(world.settled(0, call).is_none(), "the dead one is not good");
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}
