//! More of the orderings in `traces`, by their numbers.

use crate::server::Reuse;
use crate::world::{StoreMode, World, config, resource};
use evergrant::session::{AttemptId, AttemptState, Lock, Reason};

const REFUSAL: &str = r#"{"error":"invalid_grant"}"#;

#[test]
fn trace_16_a_refusal_lost_on_the_way() {
    let mut world = World::signed_in(1);
    world.crash(0);
    world.answered(7, 400, REFUSAL);
    let writes = world.writes;
    let tab = world.open_with(config(), StoreMode::WritesHang);
    world.crash(tab);
    assert_eq!(
        world.attempts(),
        [AttemptState::Answered],
        "it stays until the tombstone"
    );
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenRejected));
    assert_eq!(world.writes, writes + 1);
    assert_eq!(world.sent, 0);
}

#[test]
fn trace_17_adopted_and_dead() {
    let mut world = World::signed_in(2);
    world.freeze(0);
    world.pass(48_001);
    world.crash(1);
    world.pass(8 * 3_600_000);
    world.thaw(0);
    assert_eq!(world.served(0).as_deref(), Some("at2"));
    assert_eq!(world.server.seen, ["rt0", "rt1"]);
}

#[test]
fn trace_18_two_resources() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let a = world.ask(0, resource("https://a.example"));
    let b = world.ask(1, resource("https://b.example"));
    world.answer_next();
    assert_eq!(world.token(0, a).as_deref(), Some("at1"));
    assert_eq!(world.settled(1, b), None, "not the other's");
    assert_eq!(world.requests.len(), 1);
    assert_eq!(
        world.requests[0].target,
        crate::world::target("https://b.example")
    );
    world.answer_next();
    assert_eq!(world.token(1, b).as_deref(), Some("at2"));
    world.pass(10_000);
    assert_eq!(world.sent, 2, "and they do not go on in turns");
    let again = world.ask(1, resource("https://a.example"));
    assert_eq!(world.token(1, again).as_deref(), Some("at1"));
}

#[test]
fn trace_19_monday() {
    let mut world = World::signed_in(1);
    world.crash(0);
    let week = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9",
        "refresh_token_expires_in":604800}"#;
    world.answered(7, 200, week);
    let friday = world.now.wall;
    world.pass(60 * 3_600_000);
    let tab = world.open(config());
    assert_eq!(
        world.server.seen,
        ["rt9"],
        "the answer was not thrown away for its age"
    );
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
    world.crash(tab);

    let mut world = World::signed_in(1);
    world.crash(0);
    world.answered(7, 200, week);
    world.pass(60 * 3_600_000);
    world.hold = true;
    let tab = world.open(config());
    assert_eq!(world.lineage().received_at, friday);
    let until = world.session(tab).unwrap().refresh_token_expires_at;
    assert_eq!(until, friday.plus(604_800_000));
}

#[test]
fn trace_20_a_save_that_fails() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let call = world.force(0);
    let other = world.force(1);
    world.tabs[0].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(10_000);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"), "from memory");
    assert_eq!(world.sent, 1, "the spent token is not sent");
    world.store_mode(StoreMode::Works);
    world.pass(2_000);
    assert!(world.settled(1, other).is_some());
    assert_eq!(world.served(1).as_deref(), Some("at1"));
}

#[test]
fn trace_26_the_same_number_twice() {
    let mut world = World::signed_in(2);
    world.tabs[0].store = StoreMode::WritesHang;
    let call = world.force(0);
    let seq = world.store.as_ref().unwrap().seq;
    world.store = None;
    world.sign_in(1);
    world.edit(|record| record.seq = seq);
    let written = world.store.clone();
    world.unhang();
    assert_eq!(world.store, written);
    assert!(world.error(0, call).is_some());
    assert_eq!(world.sent, 0);
}

#[test]
fn trace_32_posted_and_held() {
    let mut world = World::signed_in(1);
    let lock = world.attempted(7, AttemptState::Posted);
    world.hold_from_outside(lock);
    let call = world.force(0);
    world.pass(2_100);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert!(!world.lineage().doubt, "it was never sent");
}

#[test]
fn trace_35_the_list_that_forgets() {
    let mut world = World::signed_in(1);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    for id in 1..=4 {
        world.pass(10);
        world.attempted(id, AttemptState::Claimed);
    }
    let frozen = AttemptId(1);
    world.hold_from_outside(Lock::attempt(frozen));
    world.hold = true;
    world.force(0);
    world.pass(10_000);
    assert_eq!(world.sent, 0, "within its bound it is waited for");
    world.pass(3_000);
    assert_eq!(world.sent, 1);
    let ids: Vec<_> = world.lineage().attempts.iter().map(|a| a.id).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.contains(&frozen), "the oldest free one gives way");
    assert!(!ids.contains(&AttemptId(2)));
}
