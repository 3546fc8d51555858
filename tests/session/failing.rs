//! An engine that fails, and the fresh one that takes its place: the page keeps what it had sent.

use crate::world::{StoreMode, World, config, reply};
use evergrant::session::{AttemptState, Code, Input, Lock, Reason, Settled};

/// One whose only tab has just sent a request.
fn sending() -> World {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world
}

/// The session lives, on the pair that came of one request.
fn assert_rotated_once(world: &mut World) {
    world.pass(2_000);
    assert_eq!((world.sent, world.server.reused), (1, 0));
    assert_eq!(world.attempts(), []);
    for tab in [0, 1] {
        assert_eq!(world.served(tab).as_deref(), Some("at1"));
        assert_eq!(world.ended(tab), None);
    }
}

#[test]
fn an_engine_that_stands_in_for_one_that_failed_reads_the_record_and_says_so() {
    let mut world = World::signed_in(1);
    world.crash(0);
    let tab = world.begin(config(), StoreMode::Works, Input::Restarted(0));
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    let events: Vec<_> = world.tabs[tab].engine.history().iter().collect();
    assert_eq!(events[0].event, "internal");
    assert!(
        world.tabs[tab].events.is_empty(),
        "a restored session is no news"
    );
}

#[test]
fn what_it_had_sent_is_answered_to_the_fresh_one() {
    let mut world = sending();
    world.fail_engine(0, config());
    world.pass(2_000);
    assert_eq!(world.sent, 1, "nobody sends meanwhile");
    world.answer_next();
    assert_rotated_once(&mut world);
}

#[test]
fn what_was_answered_and_not_saved_is_not_lost_with_it() {
    for mode in [
        StoreMode::WritesHang,
        StoreMode::WritesFail,
        StoreMode::Fails,
        StoreMode::Hangs,
    ] {
        let mut world = sending();
        world.tabs[0].store = mode;
        world.answer_next();
        world.fail_engine(0, config());
        world.pass(2_000);
        world.tabs[0].store = StoreMode::Works;
        // What the fresh one asked of a store that hung, that answers now.
        world.unhang();
        assert_rotated_once(&mut world);
    }
}

#[test]
fn an_answer_that_does_not_come_is_asked_for_again_at_once() {
    let mut world = sending();
    let lock = Lock::attempt(world.requests[0].attempt);
    world.fail_engine(0, config());
    assert!(world.held(lock));
    world.lose_request();
    assert!(!world.held(lock));
    world.pass(1_000);
    assert_eq!(world.sent, 2);
    world.answer_next();
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_server_in_trouble_answers_the_fresh_one_as_it_does_any() {
    let mut world = sending();
    world.fail_engine(0, config());
    let request = world.take_request();
    world.deliver(&request, reply(503, ""));
    let [answered, ..] = world.attempts()[..] else {
        panic!("it is written down");
    };
    assert_eq!(answered, AttemptState::Answered);
    world.pass(1_000);
    assert_eq!(world.sent, 2);
    world.answer_next();
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn an_answer_of_a_session_that_is_over_is_nobodys() {
    let mut world = sending();
    world.fail_engine(0, config());
    world.sign_out(1);
    let lock = Lock::attempt(world.requests[0].attempt);
    let writes = world.writes;
    world.answer_next();
    world.pass(1_000);
    assert_eq!(world.writes, writes);
    assert!(!world.held(lock));
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
}

#[test]
fn an_answer_that_comes_after_a_sign_out_is_taken_back_and_after_other_tokens_forgotten() {
    for signs_out in [true, false] {
        let mut world = sending();
        world.fail_engine(0, config());
        let request = world.take_request();
        let reply = world.act(&request);
        if signs_out {
            world.sign_out(1);
        } else {
            world.sign_in(1);
        }
        world.deliver(&request, reply);
        world.pass(1_000);
        let revoked = world.revoked.iter().any(|token| token.expose() == "rt1");
        assert_eq!(revoked, signs_out);
        assert!(!world.held(Lock::attempt(request.attempt)));
    }
}

#[test]
fn an_answer_that_is_written_down_before_the_session_is_read_signs_nobody_in() {
    let mut world = sending();
    world.tabs[0].store = StoreMode::Hangs;
    world.fail_engine(0, config());
    world.tabs[0].store = StoreMode::Works;
    world.tabs[0].events.clear();
    world.answer_next();
    world.pass(2_000);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert!(!world.tabs[0].heard().contains(&"signed-in"));
}

#[test]
fn calls_wait_until_the_fresh_one_knows_what_there_is() {
    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::Hangs;
    world.fail_engine(0, config());
    let token = world.get_token(0);
    let cancelled = world.force(0);
    let out = world.sign_out(0);
    world.send(0, Input::Cancel(cancelled));
    world.pass(1_000);
    assert!(world.tabs[0].settled.is_empty());
    world.unhang();
    assert_eq!(world.token(0, token).as_deref(), Some("at0"));
    assert!(matches!(
        world.settled(0, out),
        Some(Ok(Settled::SignedOut { revoked: true }))
    ));
    assert_eq!((world.sent, world.settled(0, cancelled)), (0, None));
}

#[test]
fn calls_that_wait_for_a_store_are_told_when_it_says_nothing_and_when_it_is_over() {
    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::Hangs;
    world.fail_engine(0, config());
    let token = world.get_token(0);
    world.pass(config().timeout_ms + 1_000);
    assert_eq!(world.code(0, token), Some(Code::Storage));

    world.fail_engine(0, config());
    let token = world.get_token(0);
    world.send(0, Input::Close);
    assert_eq!(world.code(0, token), Some(Code::Closed));
    assert!(world.tabs[0].closed);
}

#[test]
fn a_client_that_is_closed_waits_for_what_the_failed_one_had_sent() {
    let mut world = sending();
    world.fail_engine(0, config());
    world.send(0, Input::Close);
    assert!(!world.tabs[0].closed);
    world.answer_next();
    assert!(world.tabs[0].closed);
    let call = world.force(1);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!((world.sent, world.server.reused), (1, 0));

    let mut world = sending();
    world.fail_engine(0, config());
    world.send(0, Input::Close);
    world.lose_request();
    assert!(world.tabs[0].closed, "nothing more will come");
}

#[test]
fn a_client_that_is_closed_begins_no_refresh_while_it_waits() {
    let mut world = World::signed_in(1);
    world.pass(46_000);
    world.hold = true;
    world.force(0);
    world.fail_engine(0, config());
    world.send(0, Input::Close);
    world.pass(3_000);
    assert!(!world.tabs[0].closed);
    assert!(!world.held(Lock::FAMILY));
    assert_eq!((world.sent, world.next_timer()), (1, None));
}

#[test]
fn a_store_that_takes_no_answer_is_not_asked_for_ever() {
    let mut world = sending();
    let lock = Lock::attempt(world.requests[0].attempt);
    world.fail_engine(0, config());
    world.tabs[0].store = StoreMode::Fails;
    world.answer_next();
    assert!(world.held(lock));
    world.pass(config().timeout_ms + 1_000);
    assert!(!world.held(lock));
}
