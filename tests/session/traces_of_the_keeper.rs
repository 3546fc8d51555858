//! The orderings of `traces` in which the keeper carries the request.

use crate::keeper::Phase;
use crate::server::read;
use crate::world::{StoreMode, World, config};
use evergrant::session::{AttemptState, Lock, Reason};

const ANOTHER: &str = r#"{"access_token":"b0","expires_in":60,"refresh_token":"brt0"}"#;

/// A session with a keeper; requests wait for the test.
fn kept(tabs: usize) -> World {
    let mut world = World::signed_in(tabs);
    world.employ_keeper();
    world.hold = true;
    world
}

/// Likewise, and the keeper carries the request of tab 0.
fn carried(tabs: usize) -> World {
    let mut world = kept(tabs);
    world.force(0);
    assert_eq!(world.attempts(), [AttemptState::Claimed]);
    assert_eq!(world.keeper.phases(), [Some(Phase::Sending)]);
    world
}

fn served_everywhere(world: &mut World, token: &str) {
    for tab in 0..world.tabs.len() {
        if world.tabs[tab].alive {
            assert_eq!(world.served(tab).as_deref(), Some(token), "tab {tab}");
        }
    }
}

#[test]
fn trace_01_the_sweep() {
    let mut world = carried(1);
    world.crash(0);
    world.answer_next();
    assert_eq!(world.attempts(), [AttemptState::Answered]);
    let writes = world.writes;
    let tab = world.open(config());
    assert_eq!(world.writes, writes + 1, "commit and clearing are one");
    assert!(world.attempts().is_empty());
    world.crash(tab);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
    assert!(world.revoked.is_empty());
}

#[test]
fn trace_02_read_before_judge_after() {
    let mut world = kept(2);
    world.tabs[1].store = StoreMode::WritesHang;
    let judge = world.force(1);
    let call = world.force(0);
    world.rob_unheard(Lock::FAMILY);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    world.unhang();
    world.pass(1_000);
    assert_eq!(world.token(1, judge).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
    assert!(world.revoked.is_empty());
}

#[test]
fn trace_03_the_late_keeper() {
    let mut world = kept(2);
    world.keeper.delay_ms = None;
    world.force(0);
    assert_eq!(world.attempts(), [AttemptState::Posted]);
    world.crash(0);
    let call = world.force(1);
    assert_eq!(world.attempts(), [AttemptState::Posted], "it posts its own");
    world.keeper_starts();
    assert_eq!(world.sent, 1, "the dead page's is not claimed any more");
    world.answer_next();
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
}

#[test]
fn trace_04_look_then_lock() {
    let mut world = carried(2);
    let call = world.force(1);
    world.before_look = Some(World::answer_next);
    world.crash(0);
    assert!(world.before_look.is_none(), "it has looked");
    world.pass(1_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_11_what_stays_behind() {
    let mut world = carried(2);
    let request = world.take_request();
    world.sign_out(0);
    world.server.revive();
    let reply = world.act(&request);
    world.deliver(&request, reply);
    assert!(world.store.as_ref().unwrap().lineage.is_none());
    assert!(world.revoked.iter().any(|token| token.expose() == "rt1"));
    assert!(world.keeper.phases().is_empty());

    let mut world = carried(2);
    world.crash(0);
    world.set_tokens(1, read(ANOTHER));
    world.answer_next();
    assert_eq!(world.refresh_token(), Some("brt0"));
    assert!(world.attempts().is_empty(), "it is forgotten");
    assert!(world.revoked.is_empty(), "it may be of the same grant");
}

#[test]
fn trace_16_a_refusal_lost_on_the_way() {
    let mut world = carried(1);
    world.server.kill();
    world.tabs[0].store = StoreMode::WritesHang;
    world.answer_next();
    world.crash(0);
    assert_eq!(world.attempts(), [AttemptState::Answered]);
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenRejected));
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_24_the_wait_that_defeats_the_keeper() {
    let mut world = kept(2);
    world.keeper.delay_ms = None;
    let first = world.force(0);
    let second = world.force(1);
    let lock = Lock::attempt(world.lineage().attempts[0].id);
    world.pass(900);
    assert!(!world.held(lock), "nobody stands in the keeper's way");
    world.keeper_starts();
    world.answer_next();
    assert_eq!(world.token(0, first).as_deref(), Some("at1"));
    assert_eq!(world.token(1, second).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_25_the_slow_keeper() {
    let mut world = kept(2);
    world.keeper.delay_ms = None;
    world.force(0);
    world.pass(1_500);
    assert_eq!(world.attempts(), [AttemptState::Posted], "once more");
    world.keeper_starts();
    assert_eq!(world.sent, 1);
    world.crash(0);
    world.answer_next();
    let call = world.force(1);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_29_time_as_a_judge() {
    for sleeps in [true, false] {
        let mut world = carried(2);
        let call = world.force(1);
        world.crash(0);
        let tab = world.open(config());
        if sleeps {
            world.sleep(7_200_000, true);
        } else {
            world.set_wall(-7_200_000);
        }
        world.pass(2_000);
        assert_eq!(world.sent, 1, "sleeps: {sleeps}");
        world.answer_next();
        world.pass(1_000);
        assert_eq!(world.token(1, call).as_deref(), Some("at1"));
        assert_eq!(world.served(tab).as_deref(), Some("at1"));
        assert_eq!(world.sent, 1, "sleeps: {sleeps}");
    }
}

#[test]
fn trace_31_the_hand_over_that_lets_go() {
    for dies in [true, false] {
        let mut world = carried(2);
        world.keeper.store = StoreMode::Fails;
        world.tabs[0].store = StoreMode::WritesHang;
        let call = world.force(1);
        world.answer_next();
        if dies {
            world.crash(0);
        } else {
            world.rob(Lock::FAMILY);
        }
        world.pass(9_000);
        assert_eq!(world.sent, 1, "its lock is held, or that of the unsaved");
        world.unhang();
        world.pass(3_000);
        assert_eq!(world.token(1, call).as_deref(), Some("at1"));
        assert_eq!(world.sent, 1, "dies: {dies}");
        served_everywhere(&mut world, "at1");
    }
}

#[test]
fn trace_32_posted_and_held() {
    let mut world = kept(2);
    world.keeper.store = StoreMode::Hangs;
    world.force(0);
    assert_eq!(world.keeper.phases(), [Some(Phase::Claiming)]);
    world.crash(0);
    let call = world.force(1);
    assert_eq!(world.sent, 0);
    world.pass(8_000);
    assert_eq!(world.sent, 1, "by itself, in the end");
    world.unhang();
    assert_eq!(world.sent, 1, "none of those is claimed any more");
    world.answer_next();
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert!(!world.lineage().doubt, "no other was sent");
}
