//! The orderings of `traces` in which a lock is taken from its holder by force.

use crate::server::{Reuse, read};
use crate::world::{StoreMode, World, config};
use evergrant::session::time::Mono;
use evergrant::session::{AttemptState, CallId, Config, Input, Lock, Reason};

/// Without automatic refreshing, so that nothing but the trace happens. Tab 0 has sent; the caller
/// in tab 1 waits for the family lock.
fn sent_and_waiting() -> (World, CallId) {
    let mut world = World::signed_in_with(
        2,
        Config {
            automatic: false,
            ..config()
        },
    );
    world.pass(61_000);
    world.hold = true;
    world.force(0);
    let call = world.force(1);
    (world, call)
}

/// Likewise, and the answer has come while tab 0 is frozen.
fn frozen_with_the_answer() -> (World, CallId) {
    let (mut world, call) = sent_and_waiting();
    world.freeze(0);
    world.answer_next();
    world.rob(Lock::FAMILY);
    (world, call)
}

#[test]
fn trace_10_a_server_that_refuses_but_does_not_revoke() {
    let (mut world, call) = frozen_with_the_answer();
    world.server.reuse = Reuse::Refuses;
    world.pass(8_000);
    assert_eq!(world.sent, 1, "its bound is waited for");
    world.thaw(0);
    world.pass(1_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_21_robbed_with_the_answer_in_hand() {
    for heard in [true, false] {
        let (mut world, call) = sent_and_waiting();
        world.tabs[0].store = StoreMode::WritesHang;
        world.answer_next();
        if heard {
            world.rob(Lock::FAMILY);
        } else {
            world.rob_unheard(Lock::FAMILY);
        }
        world.pass(500);
        world.unhang();
        world.pass(1_000);
        assert_eq!(
            world.token(1, call).as_deref(),
            Some("at1"),
            "heard: {heard}"
        );
        assert_eq!(world.sent, 1, "heard: {heard}");
    }
}

#[test]
fn trace_22_frozen_between_write_and_send() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.tabs[0].freezes_after_write = true;
    world.force(0);
    let call = world.force(1);
    world.rob(Lock::FAMILY);
    world.pass(10_000);
    assert_eq!(world.sent, 0, "nobody calls it lost before its bound");
    world.pass(3_000);
    assert_eq!(world.sent, 1);
    world.thaw(0);
    assert_eq!(world.sent, 1, "it looks at the clock, and does not send");
    world.answer_next();
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    world.pass(1_000);
    assert_eq!(world.sent, 1);
    assert_eq!(world.server.reused, 0);
}

#[test]
fn trace_23_waiting_for_the_frozen() {
    let (mut world, call) = sent_and_waiting();
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    world.freeze(0);
    world.rob(Lock::FAMILY);
    world.hold = false;
    world.pass(13_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
}

/// What could not be saved is saved now, and handed out in the other tab.
fn assert_saved_without_another_request(mut world: World, mode: StoreMode) {
    world.pass(2_000);
    let call = world.get_token(1);
    world.pass(5_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"), "{mode:?}");
    assert_eq!(world.sent, 1, "{mode:?}");
}

#[test]
fn trace_27_robbing_the_one_who_cannot_save() {
    for mode in [StoreMode::Fails, StoreMode::WritesFail] {
        let (mut world, _) = sent_and_waiting();
        world.tabs[0].store = mode;
        world.answer_next();
        world.pass(1_500);
        world.rob(Lock::FAMILY);
        world.pass(12_000);
        assert_eq!(world.sent, 1, "{mode:?}: the spent token is not sent");
        world.store_mode(StoreMode::Works);
        assert_saved_without_another_request(world, mode);
    }
}

#[test]
fn trace_28_doubt_asked_the_wrong_question() {
    let (mut world, call) = sent_and_waiting();
    world.server.reuse = Reuse::ForgivesNew { grace_ms: 60_000 };
    world.freeze(0);
    world.answer_next();
    world.rob(Lock::FAMILY);
    world.pass(13_000);
    assert_eq!(world.requests.len(), 1, "the replay");
    world.thaw(0);
    assert!(world.attempts().contains(&AttemptState::Answered));
    world.answer_next();
    assert!(world.token(1, call).is_some());
    assert!(world.lineage().doubt, "two answers were out");
    world.server.kill();
    world.force(1);
    world.answer_next();
    assert_eq!(world.ended(1), Some(Reason::RotationLost));
}

#[test]
fn an_answer_brought_home_beside_a_replay_is_in_doubt() {
    let (mut world, _) = frozen_with_the_answer();
    world.pass(13_000);
    assert_eq!(world.requests.len(), 1, "the replay");
    world.thaw(0);
    world.crash(1);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
    assert!(world.lineage().doubt, "the replay may reach the server yet");
    let late = world.stray.remove(0);
    let _ = world.server.act(&late, world.now.wall);
    world.force(tab);
    world.answer_next();
    assert_eq!(world.ended(tab), Some(Reason::RotationLost));
}

#[test]
fn trace_29_time_as_a_judge() {
    for set_back in [true, false] {
        let (mut world, call) = sent_and_waiting();
        world.rob(Lock::FAMILY);
        if set_back {
            world.set_wall(-7_200_000);
        } else {
            world.set_wall(7_200_000);
            world.now.mono = Mono(world.now.mono.0 + 7_200_000);
        }
        for tab in 0..2 {
            world.send(tab, Input::Woke);
        }
        world.pass(2_000);
        assert_eq!(world.sent, 1, "set back: {set_back}");
        world.answer_next();
        world.pass(1_000);
        assert_eq!(world.token(1, call).as_deref(), Some("at1"));
        assert_eq!(world.sent, 1, "set back: {set_back}");
    }
}

#[test]
fn trace_30_the_save_that_hangs() {
    for mode in [StoreMode::Hangs, StoreMode::WritesHang] {
        let (mut world, _) = sent_and_waiting();
        world.tabs[0].store = mode;
        world.answer_next();
        world.pass(1_500);
        world.rob(Lock::FAMILY);
        world.pass(12_000);
        assert_eq!(world.sent, 1, "{mode:?}");
        world.unhang();
        assert_saved_without_another_request(world, mode);
    }
}

#[test]
fn trace_34_a_dead_lineages_lock() {
    let (mut world, _) = sent_and_waiting();
    world.tabs[0].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(6_000);
    assert!(world.held(Lock::unsaved(world.lineage().id)));
    world.freeze(0);
    world.set_tokens(1, read(r#"{"access_token":"b0","refresh_token":"rt0"}"#));
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    let call = world.force(1);
    world.lose_request();
    assert_eq!(world.requests.len(), 1, "the new lineage replays");
    world.answer_next();
    assert!(world.token(1, call).is_some());
    world.thaw(0);
    world.pass(2_000);
    assert_eq!(world.ended(0), None);
}

#[test]
fn trace_36_two_seconds_too_early() {
    for dead in [true, false] {
        let mut world = World::signed_in_with(
            2,
            Config {
                automatic: false,
                ..config()
            },
        );
        world.server.reuse = Reuse::Refuses;
        world.pass(if dead { 61_000 } else { 40_000 });
        world.hold = true;
        world.force(0);
        world.freeze(0);
        world.answer_next();
        world.force(1);
        world.rob(Lock::FAMILY);
        world.pass(13_000);
        assert_eq!(world.requests.len(), 1, "the replay, past the bound");
        world.answer_next();
        assert_eq!(world.ended(1), None, "a lock is held: two seconds more");
        if !dead {
            world.pass(7_100);
            assert_eq!(world.ended(1), None, "the token died; a lock is held");
        }
        world.pass(500);
        world.thaw(0);
        world.pass(2_000);
        assert_eq!(world.ended(1), None, "dead: {dead}");
        let call = world.get_token(1);
        world.pass(1_000);
        assert_eq!(world.token(1, call).as_deref(), Some("at1"), "dead: {dead}");
    }
}

#[test]
fn a_lock_that_stays_held_delays_the_end_by_two_seconds_only() {
    let (mut world, call) = frozen_with_the_answer();
    world.server.reuse = Reuse::Refuses;
    world.hold = false;
    world.pass(16_500);
    assert_eq!(
        world.error(1, call).unwrap().reason,
        Some(Reason::RotationLost)
    );
}
