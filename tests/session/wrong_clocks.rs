//! A wall clock that is wrong before a start, or tokens from before their end.

use crate::server::read;
use crate::world::{START, World, config};
use evergrant::session::time::Wall;
use evergrant::session::{Code, Input, Reason, Settled};

#[test]
fn a_clock_that_was_wrong_before_the_start_costs_one_refresh_at_most() {
    for hours in [-5_i64, 5] {
        let mut world = World::signed_in(1);
        world.crash(0);
        world.pass(1_000);
        world.set_wall(hours * 3_600_000);
        let tab = world.open(config());
        let call = world.get_token(tab);
        assert!(world.token(tab, call).is_some());
        assert!(world.sent <= 1);
        world.pass(600_000);
        let expected = 600_000 / 48_000 + 1;
        assert!(world.sent <= expected, "{hours} h: {} requests", world.sent);
        assert!(world.sent >= expected - 2);
    }
}

#[test]
fn a_clock_set_forward_before_a_start_ends_no_session_whose_end_is_known() {
    for hours in [1, 24 * 365] {
        let mut world = World::new(1);
        world.server.refresh_lifetime_s = Some(1_800);
        world.sign_in(0);
        world.pass(10_000);
        world.set_wall(hours * 3_600_000);
        let tab = world.open(config());
        world.pass(3_600_000);
        for tab in [0, tab] {
            assert_eq!(world.ended(tab), None);
            assert!(world.served(tab).is_some());
        }
        assert_eq!(world.server.reused, 0);
    }
}

/// A session whose end is known, and a start past it by the wall clock alone.
fn seen_too_late() -> (World, usize) {
    let mut world = World::new(1);
    world.server.refresh_lifetime_s = Some(1_800);
    world.sign_in(0);
    world.crash(0);
    world.set_wall(3_600_000);
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenExpired));
    let call = world.get_token(tab);
    assert_eq!(world.code(tab, call), Some(Code::NotSignedIn));
    world.pass(600_000);
    assert_eq!((world.sent, world.writes), (0, 1), "it stays where it is");
    (world, tab)
}

#[test]
fn a_session_that_is_past_its_end_at_a_start_is_over_until_the_clock_is_set_right() {
    let (mut world, tab) = seen_too_late();
    world.set_wall(-3_600_000);
    world.send(tab, Input::Woke);
    world.pass(1_000);
    assert_eq!(world.ended(tab), None);
    assert!(world.served(tab).is_some());
    assert_eq!(world.server.reused, 0);
}

#[test]
fn a_session_that_is_past_its_end_at_a_start_is_told_of_once() {
    let (mut world, tab) = seen_too_late();
    let ended = world.tabs[tab].published.ended.clone();
    world.pass(5_000);
    world.send(tab, Input::Woke);
    assert_eq!(world.tabs[tab].published.ended, ended);
}

#[test]
fn a_session_that_is_past_its_end_at_a_start_gives_way_to_the_next_one() {
    let (mut world, tab) = seen_too_late();
    let call = world.sign_in(tab);
    assert_eq!(world.settled(tab, call), Some(Ok(Settled::Done)));
    assert_eq!(world.ended(tab), None);
    assert!(world.served(tab).is_some());
}

#[test]
fn past_its_end_at_a_start_a_session_lives_on_while_its_access_token_does() {
    let mut world = World::new(1);
    world.set_tokens(
        0,
        read(
            r#"{"access_token":"at0","refresh_token":"rt0","expires_in":7200,
                "refresh_token_expires_in":1800}"#,
        ),
    );
    world.crash(0);
    world.pass(3_600_000);
    let tab = world.open(config());
    assert_eq!(world.ended(tab), None);
    assert!(world.served(tab).is_some());
}

#[test]
fn past_its_end_at_a_start_a_session_is_given_the_answer_that_lies_in_the_record() {
    let mut world = World::new(1);
    world.server.refresh_lifetime_s = Some(1_800);
    world.sign_in(0);
    world.crash(0);
    world.pass(3_600_000);
    let answer = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9"}"#;
    world.answered(7, 200, answer);
    let tab = world.open(config());
    assert_eq!(world.served(tab).as_deref(), Some("at9"));
    assert_eq!((world.ended(tab), world.sent), (None, 0));
}

#[test]
fn tokens_that_are_taken_over_past_their_end_leave_every_tab_with_that_reason() {
    let mut world = World::signed_in(2);
    let tokens = read(
        r#"{"access_token":"b0","refresh_token":"rb","expires_in":60,
            "refresh_token_expires_in":1800}"#,
    );
    world.pass(10_000);
    world.set_received(0, tokens, Wall(START - 3_600_000));
    for tab in [0, 1] {
        assert_eq!(world.session(tab), None);
        assert_eq!(world.ended(tab), Some(Reason::RefreshTokenExpired));
    }
    assert_eq!(world.sent, 0);
}

#[test]
fn a_clock_set_forward_before_a_start_ends_no_session_that_sleeps_either() {
    let mut world = World::new(1);
    world.server.refresh_lifetime_s = Some(7_200);
    world.sign_in(0);
    world.crash(0);
    world.set_wall(3_600_000);
    let tab = world.open(config());
    world.send(tab, Input::Online(false));
    // Two hours by the clock that was set, one by the server's.
    world.pass(3_700_000);
    assert_eq!(world.ended(tab), None);
    world.send(tab, Input::Online(true));
    world.pass(1_000);
    assert!(world.served(tab).is_some());
}
