//! Several attempts in a record, and senders that may still be at work.

use crate::server::read;
use crate::world::{StoreMode, World, config, reply, resource, target};
use evergrant::session::{AttemptState, By, Code, Event, Input, Lock, Reason, Target};

const OLDER: &str = r#"{"access_token":"at8","expires_in":60,"refresh_token":"rt8"}"#;
const NEWER: &str = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9"}"#;

/// A page that is closed, and whose access token lives for an hour.
fn closed() -> World {
    let mut world = World::new(1);
    let tokens = r#"{"access_token":"at0","refresh_token":"rt0","expires_in":3600}"#;
    world.set_tokens(0, read(tokens));
    world.crash(0);
    world
}

/// The same attempts, in this order and in the other one.
fn in_either_order(world: impl Fn() -> World) -> [World; 2] {
    let mut reversed = world();
    reversed.edit_lineage(|lineage| lineage.attempts.reverse());
    [world(), reversed]
}

#[test]
fn of_two_good_answers_the_one_that_came_last_is_saved() {
    let worlds = in_either_order(|| {
        let mut world = closed();
        world.answered(7, 200, OLDER);
        world.pass(1_000);
        world.answered(8, 200, NEWER);
        world
    });
    for mut world in worlds {
        let tab = world.open(config());
        assert_eq!(world.served(tab).as_deref(), Some("at9"));
        assert_eq!(world.refresh_token(), Some("rt9"));
        let by = By::ThisTab;
        assert_eq!(world.tabs[tab].events, [Event::Refreshed { by }]);
    }
}

#[test]
fn a_good_answer_is_heeded_before_one_that_asks_for_patience() {
    let worlds = in_either_order(|| {
        let mut world = closed();
        world.answered(7, 200, NEWER);
        world.answered(8, 429, "");
        world
    });
    for mut world in worlds {
        let tab = world.open(config());
        assert_eq!(world.served(tab).as_deref(), Some("at9"));
        assert_eq!(world.tabs[tab].heard(), ["refreshed"]);
        assert_eq!(world.sent, 0);
    }
}

#[test]
fn of_two_lost_answers_the_newer_says_whether_a_server_may_still_forgive() {
    let worlds = in_either_order(|| {
        let mut world = closed();
        world.attempted(7, AttemptState::Claimed);
        world.pass(100_000);
        world.attempted(8, AttemptState::Claimed);
        world.pass(10_000);
        world
    });
    for mut world in worlds {
        world.open(config());
        assert_eq!(world.sent, 1, "it is replayed at once");
    }
}

#[test]
fn where_there_is_no_room_the_oldest_gives_way() {
    let worlds = in_either_order(|| {
        let mut world = closed();
        for id in 7..11 {
            world.attempted(id, AttemptState::Claimed);
            world.pass(1_000);
        }
        world.hold = true;
        world
    });
    for mut world in worlds {
        world.open(config());
        let ids = world.lineage().attempts.iter().map(|attempt| attempt.id);
        let mut kept: Vec<_> = ids.filter(|id| id.0 < 20).map(|id| id.0).collect();
        kept.sort_unstable();
        assert_eq!(kept, [8, 9, 10]);
    }
}

#[test]
fn what_came_of_a_replay_is_in_doubt_though_the_lost_one_has_given_way() {
    let mut world = closed();
    world.answered(7, 200, NEWER);
    world.edit_lineage(|lineage| lineage.attempts[0].replays = 1);
    world.server.instead = vec![reply(400, r#"{"error":"invalid_grant"}"#)];
    let tab = world.open(config());
    world.force(tab);
    assert_eq!(world.ended(tab), Some(Reason::RotationLost));
}

#[test]
fn a_sender_that_holds_its_lock_is_waited_for_until_its_time_is_over_and_no_longer() {
    let mut world = closed();
    let lock = world.attempted(7, AttemptState::Claimed);
    world.hold_from_outside(lock);
    world.open(config());
    world.pass(config().attempt_bound_ms() - 1);
    assert_eq!(world.sent, 0);
    world.pass(1);
    assert_eq!(world.sent, 1);
}

#[test]
fn an_answer_that_another_tab_announces_is_saved_at_once() {
    let mut world = closed();
    let lock = world.attempted(7, AttemptState::Claimed);
    world.hold_from_outside(lock);
    let tab = world.open(config());
    world.pass(1_500);
    world.answered(7, 200, NEWER);
    world.release_from_outside(lock);
    world.send(tab, Input::Announced(0));
    assert_eq!(world.served(tab).as_deref(), Some("at9"));
}

#[test]
fn a_refusal_that_cannot_be_written_down_is_tried_again_for_some_seconds() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.tabs[0].store = StoreMode::Fails;
    world.server.instead = vec![reply(400, r#"{"error":"invalid_grant"}"#)];
    world.answer_next();
    world.pass(19_999);
    assert_eq!(world.settled(0, call), None);
    world.pass(1);
    assert_eq!(world.code(0, call), Some(Code::Storage));
    assert!(!world.held(Lock::FAMILY));
}

#[test]
fn a_record_that_cannot_be_read_before_a_request_is_told_of_at_once() {
    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::Fails;
    let call = world.force(0);
    assert_eq!(world.code(0, call), Some(Code::Storage));
}

#[test]
fn a_replay_asks_for_what_was_lost_and_what_is_wanted_comes_after_it() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.ask(0, resource("https://api.example"));
    world.crash(0);
    world.stray.clear();
    let call = world.force(1);
    assert_eq!(world.requests[0].target, target("https://api.example"));
    world.answer_next();
    assert_eq!(world.requests[0].target, Target::default());
    world.answer_next();
    assert_eq!(world.token(1, call).as_deref(), Some("at2"));
}
