//! A tab that has stopped holds the family lock; others have no living token.

use crate::server::Reuse;
use crate::world::{World, config, resource};
use evergrant::session::time::Mono;
use evergrant::session::{
    AttemptState, CallId, Code, Config, Effect, Holder, Input, Lock, Reason, tuning,
};
use std::sync::Arc;

/// Tab 0 has sent and is frozen; the others' tokens are dead, and one call in each waits.
fn frozen_holder(tabs: usize, reuse: Reuse) -> (World, Vec<CallId>) {
    let quiet = Config {
        automatic: false,
        ..config()
    };
    let mut world = World::signed_in_with(tabs, quiet);
    world.server.reuse = reuse;
    world.pass(61_000);
    world.hold = true;
    world.force(0);
    world.freeze(0);
    let calls = (1..tabs).map(|tab| world.get_token(tab)).collect();
    (world, calls)
}

const FORGIVING: Reuse = Reuse::ForgivesSame { grace_ms: 60_000 };

/// Twice the timeout, and what surrounds a request.
fn bound() -> u64 {
    config().hold_bound_ms()
}

#[test]
fn a_holder_that_has_stopped_is_robbed_after_its_bound_and_not_before() {
    assert!(bound() >= 2 * config().timeout_ms + tuning::ATTEMPT_SLACK_MS);
    let (mut world, calls) = frozen_holder(2, FORGIVING);
    world.hold = false;
    for _ in 1..bound() / 1_000 {
        world.pass(1_000);
        assert!(!world.held(Lock::STEAL), "nobody queues to steal yet");
    }
    assert_eq!((world.stolen, world.sent), (0, 1));
    world.pass(3_000);
    assert_eq!(world.stolen, 1);
    assert_eq!(world.token(1, calls[0]).as_deref(), Some("at1"));
    assert!(!world.held(Lock::STEAL));
}

#[test]
fn with_a_living_token_nobody_is_robbed_and_a_caller_that_insists_gets_a_timeout() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.freeze(0);
    let insists = world.force(1);
    assert_eq!(world.served(1).as_deref(), Some("at0"));
    world.pass(config().patience_ms() + 1_000);
    assert_eq!(world.code(1, insists), Some(Code::Timeout));
    assert_eq!(world.stolen, 0);
}

#[test]
fn a_holder_that_writes_is_not_robbed() {
    let (mut world, _) = frozen_holder(2, FORGIVING);
    for _ in 0..3 {
        world.pass(bound() - 3_000);
        world.edit(|record| record.seq += 1);
    }
    assert_eq!(world.stolen, 0, "whatever happens to the channel");
}

#[test]
fn an_answer_that_waits_in_the_robbed_tab_is_brought_home() {
    let (mut world, calls) = frozen_holder(2, Reuse::Strict);
    world.answer_next();
    // Its attempt's time has run since the first look, and would be over.
    world.pass(bound() - 6_000);
    world.thaw(0);
    assert_eq!(world.token(1, calls[0]).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_thief_saves_what_the_robbed_tab_brings_home() {
    let (mut world, calls) = frozen_holder(2, Reuse::Strict);
    world.answer_next();
    world.freeze(1);
    world.pass(bound() * 2);
    // Both wake: the thief's looks count a second at most.
    world.thaw(1);
    assert_eq!(world.stolen, 0);
    world.thaw(0);
    assert_eq!(world.token(1, calls[0]).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_15_a_chain_of_thieves() {
    let (mut world, calls) = frozen_holder(3, FORGIVING);
    world.pass(bound() + 2_000);
    assert_eq!(world.stolen, 1, "of two that have waited, one steals");
    assert_eq!(world.requests.len(), 2);
    world.pass(2_000);
    assert_eq!(world.stolen, 1, "the other begins to wait anew");
    world.answer_next();
    world.answer_next();
    for (call, tab) in calls.iter().zip(1..) {
        assert_eq!(world.token(tab, *call).as_deref(), Some("at1"));
    }
    assert_eq!(world.sent, 2);
}

#[test]
fn trace_33_the_frozen_thief() {
    let (mut world, calls) = frozen_holder(2, FORGIVING);
    world.hold = false;
    world.hold_from_outside(Lock::STEAL);
    world.pass(bound() + 2_000);
    assert_eq!(world.stolen, 0, "it waits for its turn");
    world.pass(config().timeout_ms);
    assert_eq!(world.stolen, 1, "but not for ever");
    assert_eq!(world.token(1, calls[0]).as_deref(), Some("at1"));
}

#[test]
fn a_frozen_thief_is_passed_over_whatever_the_timeout() {
    for timeout_ms in [1_000, 10_000, 60_000] {
        let config = Config {
            automatic: false,
            timeout_ms,
            ..config()
        };
        let mut world = World::signed_in_with(2, config.clone());
        world.server.reuse = FORGIVING;
        world.pass(61_000);
        world.hold = true;
        world.force(0);
        world.freeze(0);
        world.hold = false;
        world.hold_from_outside(Lock::STEAL);
        world.get_token(1);
        world.pass(config.hold_bound_ms() + timeout_ms + 2_000);
        assert_eq!(world.stolen, 1, "{timeout_ms}");
        assert_eq!(world.lineage().generation, 2, "{timeout_ms}");
    }
}

#[test]
fn whoever_cannot_save_what_it_has_is_not_robbed() {
    let (mut world, _) = frozen_holder(2, FORGIVING);
    let unsaved = Lock::unsaved(world.lineage().id);
    world.hold_from_outside(unsaved);
    world.pass(config().patience_ms());
    assert_eq!(world.stolen, 0);
}

#[test]
fn trace_34_a_dead_lineages_lock_holds_up_no_theft() {
    let (mut world, _) = frozen_holder(3, FORGIVING);
    world.hold_from_outside(Lock::unsaved(world.lineage().id));
    world.hold = false;
    world.sign_in(2);
    world.pass(61_000);
    let call = world.get_token(2);
    world.pass(bound() + 2_000);
    assert!(world.token(2, call).is_some(), "the new one is stolen for");
}

#[test]
fn a_session_that_ends_at_the_gate_lets_go_of_everything() {
    let (mut world, calls) = frozen_holder(3, FORGIVING);
    world.hold_from_outside(Lock::STEAL);
    world.pass(bound() + 2_000);
    world.sign_out(2);
    for (call, tab) in calls.iter().zip(1..) {
        assert_eq!(
            world.error(tab, *call).and_then(|it| it.reason),
            Some(Reason::SignedOut)
        );
    }
    world.release_from_outside(Lock::STEAL);
    assert!(!world.held(Lock::STEAL));
    world.thaw(0);
    world.answer_next();
    assert!(!world.held(Lock::FAMILY));
}

#[test]
fn a_refresh_of_another_resource_waits_at_the_gate_like_any_other() {
    let (mut world, _) = frozen_holder(2, FORGIVING);
    world.hold = false;
    let call = world.ask(1, resource("https://b.example"));
    world.pass(bound() + 2_000);
    assert_eq!(world.stolen, 1);
    assert!(world.token(1, call).is_some());
}

#[test]
fn closing_at_the_gate_lets_go_of_everything() {
    let (mut world, _) = frozen_holder(2, FORGIVING);
    world.hold_from_outside(Lock::STEAL);
    world.pass(bound() + 2_000);
    world.send(1, Input::Close);
    assert!(world.tabs[1].closed);
    world.release_from_outside(Lock::STEAL);
    assert!(!world.held(Lock::STEAL));
    assert_ne!(world.next_timer().map(|(at, _)| at), Some(Mono::NEVER));
}

#[test]
fn a_look_at_the_locks_that_is_never_answered_holds_up_one_refresh_and_no_other() {
    let mut world = World::signed_in(1);
    world.looks_hang = true;
    let call = world.force(0);
    world.pass(config().patience_ms() + 1_000);
    assert_eq!(world.code(0, call), Some(Code::Timeout));
    world.looks_hang = false;
    let call = world.force(0);
    world.pass(1_000);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn a_thief_whose_own_lock_does_not_come_gives_up() {
    let mut world = World::signed_in(1);
    world.pass(0);
    let mut engine = world.tabs[0].engine.clone();
    let mut now = world.now;
    let record = world.store.clone().map(Arc::new);
    let mut inputs = vec![Input::GetToken(CallId(9), Box::new(crate::world::forced()))];
    now.wall = now.wall.plus(400_000);
    let mut released = false;
    for _ in 0..(bound() + 2 * config().patience_ms()) / 1_000 {
        while let Some(input) = inputs.pop() {
            for effect in engine.handle(&now, input) {
                match effect {
                    Effect::Read(of) => inputs.push(Input::Read(of, Ok(record.clone()))),
                    Effect::Look(_) => inputs.push(Input::Seen(vec![(Lock::FAMILY, Holder(7))])),
                    Effect::Request(Lock::STEAL) => inputs.push(Input::Granted(Lock::STEAL)),
                    Effect::Steal(lock) => inputs.push(Input::Granted(lock)),
                    Effect::Release(lock) => released |= lock == Lock::STEAL,
                    _ => {}
                }
            }
        }
        now.wall = now.wall.plus(1_000);
        now.mono = now.mono.plus(1_000);
        inputs.push(Input::Tick);
    }
    assert!(released);
}

#[test]
fn a_sender_that_begins_again_after_a_freeze_has_its_whole_time_again() {
    let quiet = Config {
        automatic: false,
        ..config()
    };
    let mut world = World::signed_in_with(2, quiet);
    world.pass(61_000);
    world.hold = true;
    world.tabs[0].freezes_after_write = true;
    world.force(0);
    let call = world.get_token(1);
    // Longer than anybody waits for an attempt; tab 1 has watched its lock all the while.
    world.pass(config().attempt_bound_ms() + 1_000);
    world.thaw(0);
    assert_eq!(world.sent, 1, "it takes its attempt out, and begins again");
    world.rob(Lock::FAMILY);
    world.pass(1_000);
    assert_eq!(world.sent, 1, "what it sends now is not lost");
    world.answer_next();
    world.pass(1_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.server.reused, 0);
}

#[test]
fn who_watches_a_sender_for_its_whole_time_is_not_robbed_however_short_the_timeout_is() {
    let hurried = Config {
        automatic: false,
        timeout_ms: 1_000,
        ..config()
    };
    // It looks once a second, and writes after its last look.
    let watches_ms = hurried.attempt_bound_ms() + tuning::LAST_CHANCE_MS;
    assert!(hurried.hold_bound_ms() > watches_ms + 1_000);
    let mut world = World::signed_in_with(2, hurried);
    world.pass(61_000);
    world.answered(8, 400, r#"{"error":"invalid_grant"}"#);
    let lock = world.attempted(7, AttemptState::Claimed);
    world.hold_from_outside(lock);
    world.force(0);
    world.force(1);
    world.send(1, Input::Woke);
    world.pass(9_500);
    assert_eq!(world.stolen, 0);
    assert_eq!(world.ended(0), Some(Reason::RotationLost));
}
