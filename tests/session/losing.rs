//! Answers that get lost: the replay, the back-off, the doubt, and the end.

use crate::server::Reuse;
use crate::world::{StoreMode, World, config, refused, reply, reply_after};
use evergrant::session::{AttemptState, Code, Config, Input, Lock, Reason};

fn forgiving(tabs: usize) -> World {
    let mut world = World::signed_in(tabs);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 20_000 };
    world.hold = true;
    world
}

#[test]
fn a_lost_answer_is_asked_for_again_at_once_and_a_forgiving_server_gives_it() {
    let mut world = forgiving(2);
    let call = world.force(0);
    world.lose_answer();
    assert_eq!(world.requests.len(), 1, "at once");
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.served(1).as_deref(), Some("at1"));
    assert!(world.attempts().is_empty());
    assert_eq!(world.sent, 2);
    assert!(world.tabs[0].failures().is_empty(), "nobody has to know");
}

#[test]
fn a_lost_request_costs_nothing_at_a_strict_server() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.lose_request();
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn a_generation_from_a_replay_is_in_doubt_until_it_is_used() {
    let mut world = forgiving(1);
    world.force(0);
    world.lose_answer();
    world.answer_next();
    assert!(world.lineage().doubt);
    world.force(0);
    world.answer_next();
    assert!(!world.lineage().doubt);
}

#[test]
fn refused_in_doubt_the_reason_is_the_lost_rotation() {
    let mut world = forgiving(1);
    world.force(0);
    world.lose_answer();
    world.answer_next();
    world.server.kill();
    world.force(0);
    world.answer_next();
    assert_eq!(world.ended(0), Some(Reason::RotationLost));
}

#[test]
fn refused_after_a_use_the_reason_is_the_refusal() {
    let mut world = forgiving(1);
    world.force(0);
    world.lose_answer();
    world.answer_next();
    world.force(0);
    world.answer_next();
    world.server.kill();
    world.force(0);
    world.answer_next();
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenRejected));
}

/// A strict server has rotated, its answer is lost, and the replay is refused.
fn lost_at_a_strict_server() -> World {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.pass(48_000);
    world.lose_answer();
    world.answer_next();
    world
}

#[test]
fn a_refused_replay_leaves_the_living_token_to_its_end_and_says_until_when() {
    let mut world = lost_at_a_strict_server();
    assert_eq!(world.attempts(), [AttemptState::Refused; 2]);
    assert_eq!(world.sent, 2);
    for tab in 0..2 {
        assert_eq!(world.ended(tab), None);
        assert_eq!(world.served(tab).as_deref(), Some("at0"));
        assert_eq!(world.tabs[tab].heard(), ["session-expiring"]);
    }
    world.pass(11_900);
    assert_eq!(world.ended(0), None);
    world.pass(101);
    for tab in 0..2 {
        assert_eq!(world.ended(tab), Some(Reason::RotationLost));
    }
    assert_eq!(world.sent, 2, "nobody sends again");
}

#[test]
fn after_a_refused_replay_who_insists_learns_that_the_server_refused() {
    let mut world = lost_at_a_strict_server();
    let call = world.force(1);
    let error = world.error(1, call).unwrap();
    assert_eq!(error.code, Code::OAuth);
    assert_eq!(error.oauth_error.as_deref(), Some("invalid_grant"));
    assert_eq!(world.sent, 2);
}

#[test]
fn after_a_refused_replay_an_api_that_refuses_the_token_brings_the_end() {
    let mut world = lost_at_a_strict_server();
    let call = world.ask(1, refused("at0"));
    let error = world.error(1, call).unwrap();
    assert_eq!(error.code, Code::SessionEnded);
    assert_eq!(error.reason, Some(Reason::RotationLost));
    assert_eq!(world.ended(0), Some(Reason::RotationLost));
}

#[test]
fn a_refused_replay_survives_a_restart_without_a_third_request() {
    let mut world = lost_at_a_strict_server();
    world.crash(0);
    world.crash(1);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    world.pass(20_000);
    assert_eq!(world.ended(tab), Some(Reason::RotationLost));
    assert_eq!(world.sent, 2);
}

#[test]
fn the_second_loss_backs_off_for_all_tabs() {
    let mut world = forgiving(2);
    let call = world.force(0);
    world.lose_request();
    world.lose_request();
    let error = world.error(0, call).unwrap();
    assert_eq!(error.code, Code::Network);
    let until = error.retry_at.known().unwrap();
    assert!(until > world.now.wall);
    assert_eq!(world.lineage().retry.map(|retry| retry.at), Some(until));
    let call = world.force(1);
    assert_eq!(
        world.code(1, call),
        Some(Code::Network),
        "what happened, not what followed"
    );
    assert_eq!(world.sent, 2);
}

#[test]
fn a_clock_set_back_by_hours_does_not_stretch_the_back_off() {
    let mut world = forgiving(1);
    world.force(0);
    world.lose_request();
    world.lose_request();
    world.crash(0);
    world.set_wall(-6 * 3_600_000);
    world.hold = false;
    let tab = world.open(config());
    world.pass(60_000);
    assert!(world.sent > 2, "it tries again");
    assert!(world.served(tab).is_some());
}

#[test]
fn an_outage_of_minutes_is_survived_with_four_attempts_in_the_record_at_most() {
    let mut world = World::signed_in(3);
    world.cut = true;
    world.pass(48_000);
    for _ in 0..600 {
        world.pass(1_000);
        assert!(world.attempts().len() <= 4);
    }
    assert!(world.sent > 6, "it keeps trying");
    world.cut = false;
    world.pass(62_000);
    for tab in 0..3 {
        assert_eq!(world.served(tab).as_deref(), Some("at1"));
    }
    assert!(world.attempts().is_empty());
    assert!(world.unsaved.is_empty());
}

#[test]
fn an_outage_is_survived_where_nobody_can_see_who_holds_a_lock() {
    let mut world = World::signed_in(2);
    world.blind = true;
    world.cut = true;
    world.pass(30 * 60_000);
    assert!(world.sent > 4, "it keeps trying");
    world.cut = false;
    world.pass(5 * 60_000);
    for tab in 0..2 {
        assert!(world.served(tab).is_some());
    }
}

#[test]
fn past_the_servers_grace_a_living_token_is_used_up_before_the_replay() {
    let mut world = World::new(1);
    world.server.lifetime_s = 3_600;
    world.sign_in(0);
    world.hold = true;
    world.force(0);
    let request = world.requests[0].clone();
    world.crash(0);
    let _ = world.act(&request);
    world.hold = false;
    world.pass(61_000);
    let tab = world.open(config());
    world.pass(3_000_000);
    assert_eq!(world.sent, 1, "nothing is to be gained");
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
    world.pass(600_000);
    assert_eq!(world.sent, 2, "now it is needed");
}

#[test]
fn a_server_that_promises_a_longer_grace_is_asked_within_it() {
    let mut world = World::new(0);
    let config = Config {
        grace_ms: 600_000,
        ..config()
    };
    world.open(config.clone());
    world.server.lifetime_s = 3_600;
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 600_000 };
    world.sign_in(0);
    world.hold = true;
    world.force(0);
    let request = world.requests[0].clone();
    world.crash(0);
    let _ = world.act(&request);
    world.pass(500_000);
    let tab = world.open(config);
    world.answer_next();
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
}

#[test]
fn retry_after_is_obeyed_before_the_replay() {
    let mut world = forgiving(1);
    world.force(0);
    let request = world.take_request();
    world.deliver(&request, reply_after(503, "", Some(20)));
    world.pass(19_900);
    assert_eq!(world.sent, 1);
    world.force(0);
    assert_eq!(world.sent, 1, "not even for who insists");
    world.pass(101);
    world.force(0);
    assert_eq!(world.sent, 2);
}

#[test]
fn a_timeout_covers_the_whole_answer_and_is_a_lost_answer() {
    let mut world = forgiving(1);
    let call = world.force(0);
    world.pass(4_900);
    assert_eq!(world.sent, 1);
    world.pass(200);
    assert_eq!(world.sent, 2, "the replay");
    world.pass(5_200);
    assert_eq!(world.code(0, call), Some(Code::Timeout));
    assert_eq!(world.sent, 2);
}

#[test]
fn a_wake_does_not_abort_an_answer_that_is_there() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.freeze(0);
    let request = world.take_request();
    world.pass(3_600_000);
    let reply = world.act(&request);
    world.deliver(&request, reply);
    world.thaw(0);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_server_that_gives_each_replay_a_new_pair_keeps_the_session() {
    let mut world = forgiving(1);
    world.server.reuse = Reuse::ForgivesNew { grace_ms: 20_000 };
    world.force(0);
    world.lose_answer();
    world.answer_next();
    world.hold = false;
    world.pass(200_000);
    assert!(world.served(0).is_some());
    assert_eq!(world.server.reused, 0);
}

#[test]
fn going_offline_in_the_middle_waits_for_the_connection() {
    let mut world = forgiving(1);
    let call = world.force(0);
    world.send(0, Input::Online(false));
    world.lose_answer();
    assert!(world.error(0, call).is_some());
    world.pass(8_000);
    assert_eq!(world.sent, 1);
    world.send(0, Input::Online(true));
    let call = world.force(0);
    assert_eq!(world.sent, 2);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn an_unreadable_good_answer_is_a_lost_one() {
    let mut world = forgiving(1);
    let call = world.force(0);
    let request = world.take_request();
    let _ = world.act(&request);
    world.deliver(&request, reply(200, "<html>cut off"));
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn a_crash_in_the_middle_is_replayed_by_the_next_in_the_queue() {
    let mut world = forgiving(2);
    world.pass(48_000);
    assert_eq!(world.sent, 1);
    let request = world.requests[0].clone();
    let other = 1 - request.tab;
    world.crash(request.tab);
    let _ = world.act(&request);
    assert_eq!(
        world.requests.len(),
        1,
        "the lock is free: the answer is lost"
    );
    world.answer_next();
    assert_eq!(world.served(other).as_deref(), Some("at1"));
}

#[test]
fn an_answer_in_hand_does_not_wait_idly_for_a_store_that_failed_once() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let call = world.force(0);
    world.tabs[0].store = StoreMode::Fails;
    let request = world.take_request();
    world.deliver(&request, reply_after(429, "", Some(3)));
    world.store_mode(StoreMode::Works);
    world.pass(1_100);
    assert_eq!(world.code(0, call), Some(Code::RateLimited));
    assert!(!world.held(Lock::FAMILY), "and nobody waits for it");
    let retry = world.lineage().retry.as_ref().map(|retry| retry.code);
    assert_eq!(retry, Some(Code::RateLimited), "all tabs know");
}

#[test]
fn the_history_tells_a_replay_from_a_first_request() {
    let mut world = forgiving(1);
    world.force(0);
    world.lose_answer();
    let history = world.tabs[0].engine.history().iter();
    let sent: Vec<_> = history
        .filter(|entry| entry.event == "sent")
        .map(|entry| entry.detail.as_str())
        .collect();
    assert_eq!(sent, ["", "a replay"]);
}
