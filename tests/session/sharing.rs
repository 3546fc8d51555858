//! Many tabs, one family: robbed senders, frozen senders, and a channel that cannot be relied on.

use crate::server::{Reuse, read};
use crate::world::{Channel, StoreMode, World, config};
use evergrant::session::{AttemptState, Code, Config, Input, Lock, Reason};

/// Tab 0 has sent; tab 1 waits in the queue with a caller.
fn one_sends_one_waits() -> (World, evergrant::session::CallId) {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    let call = world.force(1);
    assert_eq!(world.requests.len(), 1);
    (world, call)
}

#[test]
fn a_tab_robbed_before_sending_sends_nothing() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.tabs[0].store = StoreMode::WritesHang;
    let robbed = world.force(0);
    let thief = world.force(1);
    world.rob(Lock::FAMILY);
    world.unhang();
    assert_eq!(world.requests.len(), 1);
    assert_eq!(world.requests[0].tab, 1);
    world.answer_next();
    assert_eq!(world.token(0, robbed).as_deref(), Some("at1"));
    assert_eq!(world.token(1, thief).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_tab_that_is_robbed_or_closed_while_its_attempt_is_written_sends_nothing() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.store_mode(StoreMode::WritesHang);
    world.tabs[1].store = StoreMode::Hangs;
    world.force(0);
    world.force(1);
    world.rob(Lock::FAMILY);
    world.write_one();
    assert_eq!(world.attempts(), [AttemptState::Claimed], "it is written");
    assert_eq!(world.sent, 0);

    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::WritesHang;
    world.force(0);
    world.send(0, Input::Close);
    world.unhang();
    assert!(world.tabs[0].closed);
    assert_eq!((world.sent, world.attempts()), (0, vec![]));
}

#[test]
fn a_tab_robbed_while_it_waits_for_its_answer_brings_it_home_and_the_thief_saves_it() {
    let (mut world, call) = one_sends_one_waits();
    world.rob(Lock::FAMILY);
    world.pass(2_000);
    assert_eq!(
        world.requests.len(),
        1,
        "the thief waits for the sender's lock"
    );
    world.answer_next();
    world.pass(1_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert_eq!(world.refresh_token(), Some("rt1"));
    assert_eq!(world.sent, 1);
    assert!(!world.lineage().doubt);
}

#[test]
fn a_tab_robbed_with_its_answer_in_hand_lets_go_only_once_it_is_in_the_record() {
    let (mut world, call) = one_sends_one_waits();
    world.tabs[0].store = StoreMode::WritesHang;
    world.answer_next();
    world.rob(Lock::FAMILY);
    world.pass(3_000);
    assert_eq!(world.requests.len(), 0, "nobody replays");
    world.unhang();
    world.pass(2_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.refresh_token(), Some("rt1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_robbed_sender_whose_store_takes_no_swap_tries_again_in_a_while_and_not_at_once() {
    let (mut world, call) = one_sends_one_waits();
    world.store_mode(StoreMode::TakesNothing);
    world.rob(Lock::FAMILY);
    world.answer_next();
    world.pass(3_000);
    world.store_mode(StoreMode::Works);
    world.pass(3_000);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_robbed_sender_whose_request_is_lost_leaves_the_replay_to_the_thief() {
    let (mut world, call) = one_sends_one_waits();
    world.rob(Lock::FAMILY);
    world.lose_request();
    world.pass(1_000);
    assert_eq!(world.requests.len(), 1);
    assert_eq!(world.requests[0].tab, 1);
    world.answer_next();
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert_eq!(world.sent, 2);
}

#[test]
fn a_robbed_senders_refusal_is_brought_home_too() {
    let (mut world, call) = one_sends_one_waits();
    world.rob(Lock::FAMILY);
    world.server.kill();
    world.answer_next();
    world.pass(1_000);
    assert_eq!(
        world.error(1, call).unwrap().reason,
        Some(Reason::RefreshTokenRejected)
    );
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenRejected));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_tab_frozen_between_write_and_send_does_not_send_after_two_seconds() {
    for (passes, wall) in [(3_000, 0), (3_000, -3_000), (0, -1), (0, 2_001)] {
        let mut world = World::signed_in(1);
        world.hold = true;
        world.tabs[0].freezes_after_write = true;
        let call = world.force(0);
        assert_eq!(world.attempts(), [AttemptState::Claimed]);
        world.pass(passes);
        world.set_wall(wall);
        let writes = world.writes;
        world.thaw(0);
        assert_eq!(world.sent, 1, "it begins again");
        assert!(world.writes > writes, "with another attempt");
        assert_eq!(world.attempts().len(), 1, "without the one it gave up");
        world.answer_next();
        assert_eq!(world.token(0, call).as_deref(), Some("at1"));
        assert!(!world.lineage().doubt);
    }
}

#[test]
fn a_tab_frozen_for_a_moment_sends_what_it_wrote() {
    let mut world = World::signed_in(1);
    world.tabs[0].freezes_after_write = true;
    let call = world.force(0);
    world.pass(1_900);
    world.thaw(0);
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn a_tab_frozen_again_and_again_gives_up_after_two_new_beginnings() {
    let mut world = World::signed_in(1);
    let call = world.force_late(3);
    assert_eq!(world.code(0, call), Some(Code::Storage));
    assert_eq!(world.sent, 0);
    assert!(world.attempts().is_empty());
    assert!(!world.held(Lock::FAMILY));
    world.pass(60_000);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

impl World {
    /// Forces a refresh in tab 0, whose attempts are written two seconds too slowly `times` times.
    fn force_late(&mut self, times: usize) -> evergrant::session::CallId {
        self.tabs[0].freezes_after_write = true;
        let call = self.force(0);
        for n in 1..=times {
            self.pass(2_500);
            // The withdrawal is written in time; the next attempt is not.
            self.tabs[0].store = StoreMode::WritesHang;
            self.thaw(0);
            self.write_one();
            self.tabs[0].freezes_after_write = n < times;
            self.unhang();
        }
        call
    }
}

#[test]
fn a_frozen_holder_with_the_lock_keeps_others_waiting_only_so_long() {
    let mut world = World::signed_in_with(
        2,
        Config {
            automatic: false,
            ..config()
        },
    );
    world.hold = true;
    world.force(0);
    world.freeze(0);
    let forced = world.force(1);
    let plain = world.get_token(1);
    assert_eq!(world.token(1, plain).as_deref(), Some("at0"));
    world.pass(26_000);
    assert_eq!(world.code(1, forced), Some(Code::Timeout));
}

#[test]
fn other_tabs_hear_of_an_answer_once_it_is_saved_and_not_before() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = StoreMode::WritesHang;
    world.answer_next();
    assert_eq!(world.served(1).as_deref(), Some("at0"));
    world.unhang();
    assert_eq!(world.served(1).as_deref(), Some("at1"), "at once");
    assert_eq!(world.sent, 1);
}

#[test]
fn announcements_that_are_lost_cost_no_request() {
    for channel in [Channel::Drops, Channel::Doubles] {
        let mut world = World::signed_in(6);
        world.channel = channel;
        world.pass(6 * 48_000 + 10);
        assert_eq!(world.sent, 6, "{channel:?}");
        assert_eq!(world.overlaps, 0);
        for tab in 0..6 {
            let call = world.get_token(tab);
            assert_eq!(
                world.token(tab, call).as_deref(),
                Some("at6"),
                "{channel:?}"
            );
        }
    }
}

#[test]
fn fifty_tabs_make_one_request_per_expiry() {
    let mut world = World::signed_in(50);
    world.pass(3 * 48_000 + 10);
    assert_eq!(world.sent, 3);
    for tab in 0..50 {
        assert_eq!(world.served(tab).as_deref(), Some("at3"));
    }
}

#[test]
fn a_refresh_is_reported_in_each_tab_by_whom_it_was() {
    let mut world = World::signed_in(2);
    world.force(0);
    use evergrant::session::{By, Event};
    assert_eq!(world.tabs[0].events, [Event::Refreshed { by: By::ThisTab }]);
    assert_eq!(
        world.tabs[1].events,
        [Event::Refreshed { by: By::AnotherTab }]
    );
}

#[test]
fn a_user_who_changes_elsewhere_never_gets_the_others_token() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let calls = [world.force(1), world.force(1)];
    world.set_tokens(0, read(r#"{"access_token":"b0","refresh_token":"brt0"}"#));
    for call in calls {
        assert_eq!(world.code(1, call), Some(Code::SessionEnded));
    }
    assert_eq!(world.served(1).as_deref(), Some("b0"));
}

#[test]
fn two_copies_that_force_at_once_make_two_generations_and_never_reuse_a_token() {
    let mut world = World::signed_in(2);
    world.hold = true;
    let first = world.force(0);
    let second = world.force(1);
    world.answer_next();
    assert_eq!(world.token(0, first).as_deref(), Some("at1"));
    assert_eq!(
        world.token(1, second).as_deref(),
        Some("at1"),
        "newer than what it knew"
    );
    assert_eq!(world.sent, 1);
    assert_eq!(world.server.reused, 0);
}

#[test]
fn a_dead_tab_in_the_queue_harms_nobody() {
    let mut world = World::signed_in(3);
    world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
    world.hold = true;
    world.force(0);
    world.force(1);
    let call = world.force(2);
    world.crash(1);
    world.answer_next();
    assert_eq!(world.token(2, call).as_deref(), Some("at1"));
    world.send(2, Input::Close);
    assert!(!world.held(Lock::FAMILY));
}
