//! An answer that the store will not take.

use crate::server::read;
use crate::world::{StoreMode, World, config};
use evergrant::session::{Code, Degraded, Event, Input, Lock, Reason, Settled};

/// Tab 0 has an answer in hand that its store refuses to take.
fn answered_with(mode: StoreMode) -> World {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = mode;
    world.answer_next();
    world.hold = false;
    world
}

fn unsaved(world: &World) -> Lock {
    Lock::unsaved(world.lineage().id)
}

/// A member of a later version.
const LATER: &str = r#"{"later":1}"#;

const FAILURES: [StoreMode; 5] = [
    StoreMode::Fails,
    StoreMode::WritesFail,
    StoreMode::Hangs,
    StoreMode::WritesHang,
    StoreMode::TakesNothing,
];

#[test]
fn a_tab_whose_save_of_anothers_answer_came_too_late_waits_for_its_own() {
    let mut world = World::signed_in(1);
    world.crash(0);
    world.answered(7, 200, r#"{"access_token":"at9","expires_in":60}"#);
    world.pass(100_000);
    world.hold = true;
    let tab = world.open_with(config(), StoreMode::WritesHang);
    // Another tab saves it first.
    let record = world.store.as_mut().unwrap();
    record.seq += 1;
    let lineage = record.lineage.as_mut().unwrap();
    lineage.generation += 1;
    lineage.attempts.clear();
    world.unhang();
    assert_eq!(world.requests.len(), 1);
    world.pass(config().timeout_ms - 1_000);
    assert_eq!(world.tabs[tab].failures(), []);
    world.answer_next();
    assert!(world.served(tab).is_some());
    assert_eq!(world.sent, 1);
}

#[test]
fn a_save_that_fails_for_a_moment_is_made_up_for_and_nothing_is_handed_out_before() {
    for mode in FAILURES {
        let mut world = answered_with(mode);
        let call = world.force(0);
        world.pass(1_500);
        assert_eq!(world.settled(0, call), None, "{mode:?}");
        assert!(world.held(unsaved(&world)), "{mode:?}");
        world.unhang();
        world.pass(1_500);
        assert_eq!(world.token(0, call).as_deref(), Some("at1"), "{mode:?}");
        assert_eq!(world.refresh_token(), Some("rt1"), "{mode:?}");
        assert!(!world.held(unsaved(&world)), "{mode:?}");
        assert!(!world.held(Lock::FAMILY), "{mode:?}");
        assert_eq!(world.served(1).as_deref(), Some("at1"), "{mode:?}");
        assert_eq!(world.sent, 1, "{mode:?}");
        assert!(world.unsaved.is_empty(), "{mode:?}");
        assert!(!world.tabs[0].heard().contains(&"degraded"), "{mode:?}");
    }
}

#[test]
fn past_the_timeout_it_goes_on_in_memory_and_nobody_replays() {
    for mode in FAILURES {
        let mut world = answered_with(mode);
        world.pass(6_500);
        let what = Degraded::Storage;
        assert!(
            world.tabs[0].events.contains(&Event::Degraded { what }),
            "{mode:?}"
        );
        assert_eq!(world.served(0).as_deref(), Some("at1"), "{mode:?}");
        let call = world.force(1);
        world.pass(30_000);
        assert!(world.error(1, call).is_some(), "{mode:?}");
        assert_eq!(world.sent, 1, "{mode:?}: nobody replays");
        assert_eq!(world.ended(1), None, "{mode:?}");
        assert!(world.held(unsaved(&world)), "{mode:?}");
    }
}

#[test]
fn a_session_in_memory_refreshes_on_though_others_wait_for_their_own() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(300_000);
    assert!(world.served(0).is_some());
    assert_eq!(world.server.reused, 0);
    assert!(world.sent >= 5, "{}", world.sent);
    let call = world.get_token(1);
    world.pass(5_000);
    assert_eq!(world.code(1, call), Some(Code::Storage));
    assert_eq!(world.ended(1), None);
}

#[test]
fn a_store_that_recovers_gets_the_newest_generation_and_every_tab_with_it() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(120_000);
    let newest = world.served(0).unwrap();
    world.store_mode(StoreMode::Works);
    world.pass(1_100);
    assert_eq!(world.lineage().access[0].token.expose(), newest);
    assert_eq!(world.served(1), Some(newest));
    assert!(!world.held(unsaved(&world)));
    world.pass(300_000);
    assert_eq!(world.server.reused, 0);
    assert!(world.served(1).is_some());
}

#[test]
fn a_write_that_never_ends_does_not_keep_a_store_that_works_again_from_the_newest_generation() {
    let mut world = answered_with(StoreMode::WritesHang);
    world.pass(120_000);
    let newest = world.served(0).unwrap();
    world.store_mode(StoreMode::Works);
    world.pass(8_000);
    assert_eq!(world.lineage().access[0].token.expose(), newest);
    assert!(!world.held(unsaved(&world)));
    // What hung does harm neither, should it end after all.
    world.unhang();
    world.pass(300_000);
    assert_eq!(world.server.reused, 0);
    assert!(world.served(0).is_some());
    assert!(world.served(1).is_some());
}

#[test]
fn a_refresh_in_flight_in_memory_while_the_store_recovers_is_saved_like_any_other() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.hold = true;
    let call = world.force(0);
    world.store_mode(StoreMode::Works);
    world.pass(2_000);
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at2"));
    assert_eq!(world.refresh_token(), Some("rt2"));
    assert_eq!(world.served(1).as_deref(), Some("at2"));
    assert!(!world.held(unsaved(&world)));
}

#[test]
fn a_sign_out_elsewhere_ends_the_session_in_memory() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    let lock = unsaved(&world);
    world.sign_out(1);
    world.pass(1_100);
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
    assert!(!world.held(lock));
    world.store_mode(StoreMode::Works);
    world.pass(10_000);
    assert!(world.store.as_ref().unwrap().lineage.is_none());
}

#[test]
fn a_sign_out_elsewhere_while_the_save_is_tried_revokes_the_answer() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(1_500);
    world.sign_out(1);
    world.pass(3_000);
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
    assert_eq!(world.revoked.last().map(|t| t.expose()), Some("rt1"));
}

#[test]
fn a_sign_out_here_revokes_the_tokens_in_memory_too() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.store_mode(StoreMode::Works);
    let call = world.sign_out(0);
    assert_eq!(
        world.settled(0, call),
        Some(Ok(Settled::SignedOut { revoked: true }))
    );
    let revoked: Vec<_> = world.revoked.iter().map(|t| t.expose()).collect();
    assert!(revoked.contains(&"rt1"), "{revoked:?}");
}

#[test]
fn other_tokens_elsewhere_end_the_session_in_memory_and_free_its_lock() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    let lock = unsaved(&world);
    world.set_tokens(1, read(r#"{"access_token":"b0","refresh_token":"brt0"}"#));
    world.pass(1_100);
    assert!(!world.held(lock));
    assert_eq!(world.served(0).as_deref(), Some("b0"));
    assert!(world.revoked.is_empty());
}

#[test]
fn a_crash_in_memory_leaves_a_lost_answer() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.server.reuse = crate::server::Reuse::ForgivesSame { grace_ms: 60_000 };
    world.pass(10_000);
    world.crash(0);
    let call = world.force(1);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
}

#[test]
fn an_answer_that_cannot_be_saved_does_not_outlive_its_session() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    world.set_tokens(0, read(r#"{"access_token":"b0","refresh_token":"brt0"}"#));
    world.store_mode(StoreMode::Fails);
    world.answer_next();
    world.pass(20_000);
    assert_eq!(world.served(0).as_deref(), Some("b0"));
    assert!(!world.held(Lock::FAMILY));
}

#[test]
fn a_session_in_memory_replays_its_own_lost_answers() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.hold = true;
    let call = world.force(0);
    world.lose_request();
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at2"));
}

#[test]
fn a_save_that_succeeds_long_after_it_was_given_up_does_not_send_others_with_a_spent_token() {
    let mut world = answered_with(StoreMode::WritesHang);
    world.pass(70_000);
    assert_eq!(
        world.served(0).as_deref(),
        Some("at2"),
        "refreshed in memory"
    );
    world.write_one();
    assert_eq!(
        world.refresh_token(),
        Some("rt1"),
        "the late save: spent by now"
    );
    let call = world.force(1);
    world.pass(5_000);
    assert!(world.error(1, call).is_some());
    assert_eq!(world.server.reused, 0);
    world.unhang();
    world.pass(5_000);
    assert_eq!(world.served(1).as_deref(), Some("at2"));
}

#[test]
fn a_late_save_does_not_forget_what_was_sent_since() {
    let mut world = answered_with(StoreMode::Hangs);
    world.pass(10_000);
    world.hold = true;
    world.force(0);
    world.lose_answer();
    world.lose_request();
    world.unhang();
    world.pass(1_100);
    assert_eq!(world.attempts().len(), 2);
    world.hold = false;
    world.pass(10_000);
    assert_ne!(world.ended(1), Some(Reason::RefreshTokenRejected));
}

#[test]
fn a_session_in_memory_is_not_put_back_by_reading_the_older_record() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.send(0, Input::Woke);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn the_late_end_of_an_older_save_is_not_taken_for_the_newest_ones() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(6_500);
    world.tabs[0].store = StoreMode::WritesHang;
    world.pass(60_000);
    assert_eq!(
        world.served(0).as_deref(),
        Some("at2"),
        "refreshed in memory"
    );
    world.unhang();
    world.pass(2_000);
    assert_eq!(world.refresh_token(), Some("rt2"));
    world.pass(100_000);
    assert_eq!(world.server.reused, 0);
}

#[test]
fn closing_lets_go_of_everything() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    let lock = unsaved(&world);
    world.send(0, Input::Close);
    assert!(world.tabs[0].closed);
    assert!(!world.held(lock));
}

#[test]
fn an_attempt_that_cannot_be_written_is_not_sent() {
    for mode in FAILURES {
        let mut world = World::signed_in(1);
        world.store_mode(mode);
        let call = world.force(0);
        world.pass(30_000);
        assert!(world.error(0, call).is_some(), "{mode:?}");
        assert_eq!(world.sent, 0, "{mode:?}");
        assert!(!world.held(Lock::FAMILY), "{mode:?}");
    }
}

#[test]
fn a_swap_lost_to_another_writer_is_decided_again() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.edit_lineage(|lineage| lineage.extra = Some(LATER.into()));
    world.answer_next();
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    assert_eq!(world.lineage().extra.as_deref(), Some(LATER));
}

#[test]
fn a_restart_after_a_recovery_finds_the_newest_tokens() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.store_mode(StoreMode::Works);
    world.pass(1_100);
    world.crash(0);
    world.crash(1);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
}

#[test]
fn a_record_that_cannot_be_read_for_a_moment_does_not_end_a_session_in_memory() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.garbage = true;
    world.pass(1_100);
    assert_eq!(world.ended(0), None);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert!(world.held(unsaved(&world)));
}

#[test]
fn a_session_in_memory_leaves_a_later_versions_record_alone_and_stays_there() {
    let mut world = answered_with(StoreMode::WritesFail);
    world.pass(10_000);
    world.edit(|record| record.version = 2);
    world.store_mode(StoreMode::Works);
    let stored = world.store.clone();
    let noted = world.tabs[0].engine.history().len();
    world.pass(10_000);
    assert_eq!(world.store, stored);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert!(world.held(unsaved(&world)), "nobody spends the old token");
    let history = world.tabs[0].engine.history();
    assert!(history.len() < noted + 10, "and nothing turns in circles");
}

#[test]
fn the_late_end_of_a_refreshs_own_write_is_not_the_end_of_its_save() {
    let mut world = answered_with(StoreMode::WritesHang);
    world.pass(8_000);
    // The store takes the refresh's write at last; the save's own still hangs.
    world.write_one();
    assert!(world.held(unsaved(&world)));
    world.unhang();
    world.sign_out(1);
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
}
