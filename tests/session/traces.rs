//! Orderings that killed earlier drafts of the protocol. Their numbers tell them apart, and mean nothing
//! else. The rest are in `traces_later` and `traces_of_theft`; 15 and 33 stand in `stealing`.

use crate::server::read;
use crate::world::{StoreMode, World, config};
use evergrant::session::{AttemptId, AttemptState, Code, Input, Lock, Reason};

const GOOD: &str = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9"}"#;
const ANOTHER: &str = r#"{"access_token":"b0","expires_in":60,"refresh_token":"brt0"}"#;

#[test]
fn trace_01_the_sweep() {
    let mut world = World::signed_in(1);
    world.answered(7, 200, GOOD);
    let writes = world.writes;
    world.send(0, Input::Close);
    let tab = world.open(config());
    assert_eq!(
        world.writes,
        writes + 1,
        "commit and clearing are one write"
    );
    assert!(world.attempts().is_empty());
    world.crash(tab);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at9"));
    assert!(world.revoked.is_empty());
}

#[test]
fn trace_02_read_before_judge_after() {
    let mut world = World::signed_in(1);
    world.store_mode(StoreMode::WritesHang);
    let call = world.force(0);
    world.answered(7, 200, GOOD);
    world.unhang();
    assert_eq!(world.token(0, call).as_deref(), Some("at9"));
    assert_eq!(world.sent, 0);
}

#[test]
fn trace_03_the_late_keeper() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.attempted(7, AttemptState::Posted);
    let read_by_keeper = world.store.as_ref().unwrap().stamp();
    world.force(0);
    assert_eq!(world.attempts(), [AttemptState::Claimed], "ours alone");
    let stamp = world.store.as_ref().unwrap().stamp();
    assert_ne!(stamp, read_by_keeper, "its claim fails");
    assert_eq!(world.sent, 1);
}

#[test]
fn trace_04_look_then_lock() {
    let mut world = World::signed_in(1);
    let lock = world.attempted(7, AttemptState::Claimed);
    world.hold_from_outside(lock);
    world.force(0);
    world.before_look = Some(|world| {
        world.answered(7, 200, GOOD);
        world.release_from_outside(Lock::attempt(AttemptId(7)));
    });
    world.pass(1_000);
    assert_eq!(world.sent, 0);
    assert_eq!(world.refresh_token(), Some("rt9"));
}

#[test]
fn trace_05_robbed_before_sending() {
    for heard in [true, false] {
        let mut world = World::signed_in(2);
        world.hold = true;
        world.tabs[0].store = StoreMode::WritesHang;
        let robbed = world.force(0);
        let thief = world.force(1);
        if heard {
            world.rob(Lock::FAMILY);
        } else {
            world.rob_unheard(Lock::FAMILY);
        }
        assert_eq!(world.requests.len(), 1, "the thief's");
        world.unhang();
        assert_eq!(world.requests.len(), 1, "a0 does not overwrite a1");
        world.answer_next();
        world.pass(1_000);
        assert_eq!(world.token(0, robbed).as_deref(), Some("at1"));
        assert_eq!(world.token(1, thief).as_deref(), Some("at1"));
        assert_eq!(world.sent, 1);
    }
}

#[test]
fn trace_05_granted_while_frozen() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.hold_from_outside(Lock::FAMILY);
    world.force(0);
    world.freeze(0);
    world.force(1);
    world.release_from_outside(Lock::FAMILY);
    world.rob_unheard(Lock::FAMILY);
    assert_eq!(world.requests.len(), 1);
    world.thaw(0);
    assert_eq!(world.requests.len(), 1);
}

#[test]
fn trace_06_the_stale_sign_out() {
    for signs_out in [true, false] {
        let mut world = World::signed_in(2);
        world.tabs[1].store = StoreMode::WritesHang;
        let call = world.force(1);
        if signs_out {
            world.sign_out(0);
        } else {
            world.set_tokens(0, read(ANOTHER));
        }
        let written = world.store.clone();
        world.unhang();
        assert_eq!(world.store, written);
        assert_eq!(
            world.error(1, call).unwrap().reason,
            Some(Reason::SignedOut)
        );
        assert_eq!(world.sent, 0);
    }
}

#[test]
fn trace_07_the_fence_that_died() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    let call = world.force(1);
    world.tabs[0].freezes_after_write = true;
    world.answer_next();
    world.crash(0);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.server.seen, ["rt0"]);
}

#[test]
fn trace_08_our_own_double_spend_misnamed() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    let late = world.requests[0].clone();
    world.crash(0);
    world.force(1);
    world.answer_next();
    assert_eq!(world.refresh_token(), Some("rt1"));
    let _ = world.act(&late);
    assert!(!world.server.alive(), "the server takes it for a theft");
    world.force(1);
    world.answer_next();
    assert_eq!(world.ended(1), Some(Reason::RotationLost));
}

#[test]
fn trace_09_the_forgotten_refusal() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    world.lose_answer();
    world.answer_next();
    for _ in 0..3 {
        let last = world.tabs.len() - 1;
        world.crash(last);
        world.pass(1_000);
        let tab = world.open(config());
        assert_eq!(world.served(tab).as_deref(), Some("at0"));
    }
    assert_eq!(world.sent, 2);
}

#[test]
fn trace_11_what_stays_behind() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    let request = world.requests[0].clone();
    world.sign_out(0);
    world.requests.clear();
    world.server.revive();
    let reply = world.act(&request);
    world.deliver(&request, reply);
    assert!(world.store.as_ref().unwrap().lineage.is_none());
    assert!(world.revoked.iter().any(|t| t.expose() == "rt1"));

    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.crash(0);
    world.set_tokens(1, read(ANOTHER));
    assert!(world.attempts().is_empty());
    assert!(world.revoked.is_empty());
}

#[test]
fn trace_12_revoked_then_named() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let call = world.force(1);
    world.sign_out(0);
    world.answer_next();
    for tab in 0..2 {
        assert_eq!(world.ended(tab), Some(Reason::SignedOut));
        assert_eq!(world.tabs[tab].signed_out().len(), 1);
    }
    assert_eq!(
        world.error(1, call).unwrap().reason,
        Some(Reason::SignedOut)
    );
    let ended = &world.store.as_ref().unwrap().ended;
    assert_eq!(
        ended.iter().map(|e| e.reason).collect::<Vec<_>>(),
        [Reason::SignedOut]
    );
}

#[test]
fn trace_13_the_wrong_session_ended() {
    for mode in [StoreMode::Hangs, StoreMode::WritesHang] {
        let mut world = World::signed_in(2);
        world.tabs[0].store = mode;
        let call = world.sign_out(0);
        world.sign_out(1);
        world.set_tokens(1, read(ANOTHER));
        world.unhang();
        world.pass(1_000);
        assert_eq!(world.refresh_token(), Some("brt0"), "{mode:?}");
        assert!(
            world.settled(0, call).is_some_and(|s| s.is_ok()),
            "{mode:?}"
        );
        assert_eq!(world.served(0).as_deref(), Some("b0"), "{mode:?}");
        assert!(
            !world.revoked.iter().any(|t| t.expose() == "brt0"),
            "{mode:?}"
        );
    }
}

#[test]
fn trace_14_mixed_users() {
    let mut world = World::signed_in(2);
    world.hold_from_outside(Lock::FAMILY);
    let call = world.force(1);
    world.set_tokens(0, read(ANOTHER));
    world.release_from_outside(Lock::FAMILY);
    assert_eq!(world.code(1, call), Some(Code::SessionEnded));
    assert_eq!(world.tabs[1].heard(), ["signed-out", "signed-in"]);
}
