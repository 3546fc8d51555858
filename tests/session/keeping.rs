//! The keeper carries a refresh: what its page, and every other, makes of that.

use crate::keeper::Phase;
use crate::server::{Reuse, read};
use crate::world::{StoreMode, World, config, reply_after};
use evergrant::session::{AttemptState, By, Code, Config, Event, Lock, Reason};

const ANOTHER: &str = r#"{"access_token":"b0","expires_in":60,"refresh_token":"brt0"}"#;

/// A session with a keeper; requests wait for the test.
fn kept(tabs: usize) -> World {
    kept_with(tabs, config())
}

fn kept_with(tabs: usize, config: Config) -> World {
    let mut world = World::signed_in_with(tabs, config);
    world.employ_keeper();
    world.hold = true;
    world
}

fn refreshed(world: &World, tab: usize) -> Vec<By> {
    let heard = world.tabs[tab].events.iter();
    heard
        .filter_map(|event| match event {
            Event::Refreshed { by } => Some(*by),
            _ => None,
        })
        .collect()
}

#[test]
fn a_refresh_is_the_keepers_for_the_page_that_posted_it() {
    let mut world = kept(2);
    let call = world.force(0);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(refreshed(&world, 0), [By::Keeper]);
    assert_eq!(refreshed(&world, 1), [By::AnotherTab]);
    assert!(world.attempts().is_empty());
    assert!(!world.lineage().doubt);
    assert!(world.keeper.phases().is_empty(), "its lock is free");
    assert!(!world.held(Lock::FAMILY));
}

#[test]
fn a_reload_while_the_keeper_carries_costs_nothing_at_a_strict_server() {
    for answered_first in [true, false] {
        let mut world = kept(1);
        world.force(0);
        world.crash(0);
        if answered_first {
            world.answer_next();
        }
        let tab = world.open(config());
        world.pass(3_000);
        assert_eq!(world.sent, 1, "it is waited for");
        if !answered_first {
            world.answer_next();
            world.pass(1_000);
        }
        assert_eq!(world.served(tab).as_deref(), Some("at1"));
        assert_eq!(world.server.seen, ["rt0"]);
        assert!(!world.lineage().doubt);
    }
}

#[test]
fn a_page_that_closes_leaves_the_answer_to_the_next() {
    let mut world = kept(1);
    world.force(0);
    world.send(0, evergrant::session::Input::Close);
    assert!(world.tabs[0].closed);
    world.answer_next();
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn an_attempt_that_is_not_claimed_is_posted_once_more_and_then_sent_by_the_page() {
    let mut world = kept(1);
    world.keeper.delay_ms = None;
    let call = world.force(0);
    let mut seen = vec![world.lineage().attempts[0].id];
    world.pass(1_500);
    assert_eq!(world.attempts(), [AttemptState::Posted]);
    seen.push(world.lineage().attempts[0].id);
    assert_ne!(seen[0], seen[1]);
    world.pass(1_000);
    assert_eq!(world.attempts(), [AttemptState::Claimed]);
    assert_eq!(world.sent, 1);
    world.keeper_starts();
    assert_eq!(world.sent, 1, "it is too late for either");
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert!(!world.lineage().doubt, "neither was sent");
}

#[test]
fn a_keeper_frozen_between_claim_and_send_sends_nothing() {
    let mut world = kept(1);
    world.keeper.freezes_after_write = true;
    let call = world.force(0);
    assert_eq!(world.attempts(), [AttemptState::Claimed]);
    world.pass(2_500);
    world.keeper_thaws();
    assert_eq!(world.sent, 1, "it is posted once more, at once");
    assert_eq!(world.server.seen.len(), 0);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert!(!world.lineage().doubt);
}

#[test]
fn a_sign_out_while_the_keeper_carries_takes_the_late_answers_token_back() {
    let mut world = kept(2);
    world.force(0);
    let request = world.take_request();
    world.sign_out(1);
    world.server.revive();
    let reply = world.act(&request);
    world.deliver(&request, reply);
    let revoked: Vec<_> = world.revoked.iter().map(|token| token.expose()).collect();
    assert_eq!(revoked, ["rt0", "rt1"]);
    assert!(world.store.as_ref().unwrap().lineage.is_none());
}

#[test]
fn set_tokens_while_the_keeper_carries_forgets_the_late_answer() {
    let mut world = kept(2);
    world.force(0);
    world.set_tokens(1, read(ANOTHER));
    world.answer_next();
    assert!(world.revoked.is_empty());
    assert!(world.attempts().is_empty());
    for tab in 0..2 {
        assert_eq!(world.served(tab).as_deref(), Some("b0"));
    }
}

/// The keeper has stood still for longer than its bound, and another request was answered.
fn overtaken() -> World {
    let mut world = kept(1);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    let call = world.force(0);
    world.keeper_freezes();
    world.pass(15_000);
    assert_eq!(world.requests.len(), 2, "the page's own, past the bound");
    world.requests.rotate_left(1);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    world
}

#[test]
fn an_answer_of_a_generation_that_is_over_is_dropped() {
    let mut world = overtaken();
    let (writes, tokens) = (world.writes, world.store.clone());
    world.answer_next();
    world.keeper_thaws();
    assert!(world.keeper.phases().is_empty());
    assert_eq!((world.writes, world.store.clone()), (writes, tokens));
    assert!(world.revoked.is_empty(), "the grant is alive");
}

#[test]
fn an_answer_that_comes_home_keeps_what_is_posted_from_being_claimed() {
    let mut world = kept(1);
    let call = world.force(0);
    world.keeper_freezes();
    world.pass(12_500);
    assert_eq!(
        world.attempts(),
        [AttemptState::Claimed, AttemptState::Posted]
    );
    world.answer_next();
    world.keeper_thaws();
    assert_eq!(world.sent, 1, "the other's answer is there");
    world.pass(1_000);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.server.seen, ["rt0"]);
    assert!(!world.lineage().doubt, "what was posted was never sent");
}

#[test]
fn an_answer_that_the_keeper_cannot_write_is_saved_by_its_page() {
    for mode in [StoreMode::Fails, StoreMode::Hangs] {
        let mut world = kept(1);
        let call = world.force(0);
        world.keeper.store = mode;
        world.answer_next();
        world.pass(1_000);
        assert_eq!(world.token(0, call).as_deref(), Some("at1"), "{mode:?}");
        world.pass(1_000);
        assert!(world.keeper.phases().is_empty(), "the page has let go");
        assert_eq!(world.sent, 1, "{mode:?}");
    }
}

#[test]
fn a_tab_that_cannot_save_what_it_found_does_not_overlook_one_that_is_further() {
    let mut world = kept_with(
        2,
        Config {
            automatic: false,
            ..config()
        },
    );
    world.force(0);
    world.store_mode(StoreMode::WritesHang);
    world.answer_next();
    world.pass(6_000);
    assert_eq!(world.served(0).as_deref(), Some("at1"), "from memory");
    world.pass(61_000);
    world.force(0);
    world.lose_request();
    world.lose_request();
    assert!(world.requests.is_empty(), "it has lost two answers to rt1");
    let call = world.force(1);
    world.pass(1_200);
    let sent = world.sent;
    world.unhang();
    assert_eq!(world.refresh_token(), Some("rt1"), "a late save");
    assert_eq!(world.sent, sent, "the other may have sent it");
    world.hold = false;
    world.pass(5_000);
    assert!(world.settled(1, call).is_some());
    let call = world.force(1);
    world.pass(1_000);
    assert!(world.token(1, call).is_some());
    assert_eq!(world.server.reused, 0);
}

#[test]
fn a_keeper_killed_at_work_is_replayed_at_once_and_the_second_loss_backs_off() {
    let mut world = kept(1);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    let call = world.force(0);
    world.keeper_dies();
    world.pass(1_000);
    assert_eq!(world.keeper.phases(), [Some(Phase::Sending)], "at once");
    assert_eq!(world.sent, 2);
    world.keeper_dies();
    world.pass(1_000);
    assert_eq!(world.tabs[0].failures(), [Code::Network]);
    assert_eq!(world.code(0, call), Some(Code::Network));
    assert!(world.lineage().retry.is_some(), "all tabs keep the pause");
    world.pass(500);
    assert_eq!(world.sent, 2, "it does not go on at once");
    world.hold = false;
    let call = world.force(0);
    world.pass(5_000);
    let _ = world.settled(0, call);
    assert_eq!(world.tabs[0].failures().len(), 1);
}

#[test]
fn a_keeper_that_dies_again_and_again_makes_no_storm() {
    let mut world = kept(1);
    world.pass(49_000);
    for _ in 0..300 {
        world.keeper_dies();
        world.pass(1_000);
    }
    assert!(world.sent < 30, "{}", world.sent);
    assert!(world.tabs[0].failures().len() < 20);
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    for (status, code) in [(429, Code::RateLimited), (503, Code::Server)] {
        let mut world = kept(2);
        world.hold = false;
        world.server.instead = vec![reply_after(status, "", Some(30))];
        let call = world.force(0);
        world.pass(1_000);
        assert_eq!(world.code(0, call), Some(code));
        let refused = world.force(1);
        world.pass(28_000);
        assert!(world.error(1, refused).is_some());
        assert_eq!(world.sent, 1, "{status}: by no tab");
        world.pass(2_000);
        let call = world.force(1);
        world.pass(1_000);
        assert_eq!(world.token(1, call).as_deref(), Some("at1"), "{status}");
    }
}

#[test]
fn a_refusal_that_ends_nothing_is_noted() {
    let mut world = kept(1);
    world.hold = false;
    world.server.instead = vec![reply_after(401, r#"{"error":"invalid_client"}"#, None)];
    world.force(0);
    world.pass(1_000);
    assert!(world.lineage().stalled.is_some());
    assert!(world.attempts().is_empty());
    assert_eq!(world.sent, 1);
}

#[test]
fn a_refused_token_ends_the_session_with_the_servers_words() {
    let mut world = kept(2);
    world.server.kill();
    world.force(0);
    world.answer_next();
    for tab in 0..2 {
        assert_eq!(world.ended(tab), Some(Reason::RefreshTokenRejected));
    }
    let end = &world.store.as_ref().unwrap().ended[0];
    assert!(end.error.is_some());
    assert_eq!(world.sent, 1);
}

#[test]
fn a_lost_answer_is_asked_for_again_by_the_keeper() {
    let mut world = kept(1);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    let call = world.force(0);
    world.lose_answer();
    assert_eq!(world.keeper.phases(), [Some(Phase::Sending)]);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert!(world.tabs[0].failures().is_empty(), "nobody has to know");
    assert!(world.lineage().doubt);
}
