//! When a session refreshes by itself.

use crate::server::read;
use crate::world::{START, StoreMode, World, config};
use evergrant::session::time::Mono;
use evergrant::session::{Config, Input, Reason, Status, tuning};

fn signed_in_for(lifetime: &str) -> World {
    with(lifetime, config())
}

fn with(members: &str, config: Config) -> World {
    let mut world = World::with(1, config);
    let body = format!(r#"{{"access_token":"at0","refresh_token":"rt0"{members}}}"#);
    world.set_tokens(0, read(&body));
    world.forget();
    world
}

/// When the next automatic refresh is planned, in milliseconds from now.
fn planned(world: &World) -> Option<u64> {
    let at = world.session(0).unwrap().next_refresh_at;
    at.known().map(|at| at.since(world.now.wall))
}

#[test]
fn the_lead_is_the_leeway_and_a_fifth_of_the_lifetime_at_most() {
    for (seconds, leeway, delay) in [
        (60, 60_000, 48_000),
        (3_600, 60_000, 3_540_000),
        (300, 60_000, 240_000),
        (300, 10_000, 290_000),
        (300, 0, 300_000),
        (5, 60_000, 4_000),
    ] {
        let config = Config {
            leeway_ms: leeway,
            ..config()
        };
        let world = with(&format!(r#","expires_in":{seconds}"#), config);
        assert_eq!(planned(&world), Some(delay), "{seconds} s, leeway {leeway}");
    }
}

#[test]
fn jitter_only_ever_shortens_the_lead_and_stays_within_its_half() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..300_u64 {
        let mut world = World::with(
            1,
            Config {
                jitter_ms: 6_000,
                ..config()
            },
        );
        world.now.random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        world.sign_in(0);
        let delay = planned(&world).unwrap();
        assert!((48_000..=54_000).contains(&delay), "{delay}");
        seen.insert(delay / 1_000);
    }
    assert!(seen.len() > 4, "it is spread: {seen:?}");
    for random in [0, 1, u64::MAX, u64::MAX / 2] {
        let mut world = World::with(
            1,
            Config {
                jitter_ms: u64::MAX / 2,
                ..config()
            },
        );
        world.now.random = random;
        world.sign_in(0);
        assert!(planned(&world).unwrap() <= 54_000);
    }
}

#[test]
fn tokens_of_five_seconds_do_not_spin() {
    let mut world = World::new(1);
    world.server.lifetime_s = 5;
    world.sign_in(0);
    world.pass(60_000);
    assert_eq!(world.sent, 15);
    assert_eq!(world.served(0).as_deref(), Some("at15"));
}

#[test]
fn tokens_of_a_second_are_renewed_every_two_at_most() {
    for seconds in [0, 1] {
        let mut world = World::new(1);
        world.server.lifetime_s = seconds;
        world.sign_in(0);
        world.pass(60_000);
        assert!(world.sent <= 30, "{seconds} s: {}", world.sent);
    }
}

#[test]
fn a_token_said_to_live_no_time_is_still_handed_out() {
    let mut world = World::new(1);
    world.server.lifetime_s = 0;
    world.sign_in(0);
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    world.pass(5_000);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_token_of_unknown_life_lives_until_an_api_refuses_it() {
    let mut world = signed_in_for("");
    world.pass(100 * 86_400_000);
    assert_eq!(world.sent, 0);
    assert_eq!(world.served(0).as_deref(), Some("at0"));
    assert_eq!(world.status(0), Some(Status::Active));
    let call = world.ask(0, crate::world::refused("at0"));
    assert_eq!(world.token(0, call).as_deref(), Some("at1"));
}

#[test]
fn a_lifetime_of_a_hundred_years_is_slept_through_in_chunks() {
    let mut world = signed_in_for(r#","expires_in":3153600000"#);
    for _ in 0..20 {
        let (at, _) = world.next_timer().expect("a timer is set");
        let wait = at.since(world.now.mono);
        assert!((1..=tuning::LONGEST_TIMER_MS).contains(&wait), "{wait}");
        world.pass(wait);
    }
    assert_eq!(world.sent, 0);
    assert_eq!(world.served(0).as_deref(), Some("at0"));
}

#[test]
fn a_refresh_token_that_dies_before_the_access_token_is_renewed_in_time() {
    let members = r#","expires_in":3600,"refresh_token_expires_in":1000"#;
    let mut world = signed_in_for(members);
    assert_eq!(planned(&world), Some(940_000));
    world.pass(940_001);
    assert_eq!(world.server.seen, ["rt0"]);
}

#[test]
fn a_refresh_token_kept_from_the_first_answer_is_not_renewed_early_for_nothing() {
    let members = r#","expires_in":600,"refresh_token_expires_in":1000"#;
    let mut world = signed_in_for(members);
    world.server.instead = vec![crate::world::reply(
        200,
        r#"{"access_token":"at1","expires_in":3600}"#,
    )];
    world.pass(540_001);
    assert_eq!(world.sent, 1);
    world.pass(459_000);
    assert_eq!(world.sent, 1, "the token dies when it dies");
}

#[test]
fn session_expiring_gives_notice_of_the_refresh_tokens_end_once() {
    let members = r#","expires_in":3600,"refresh_token_expires_in":3000"#;
    let mut world = with(
        members,
        Config {
            automatic: false,
            ..config()
        },
    );
    world.pass(2_700_001);
    assert_eq!(world.tabs[0].heard(), ["session-expiring"]);
    world.pass(200_000);
    assert_eq!(world.tabs[0].heard(), ["session-expiring"]);
}

#[test]
fn a_wall_clock_set_forward_makes_one_refresh() {
    for hours in [1, 24, 24 * 365] {
        let mut world = World::signed_in(1);
        world.set_wall(hours * 3_600_000);
        world.pass(10);
        world.send(0, Input::Woke);
        world.pass(40_000);
        assert_eq!(world.sent, 1, "{hours} h");
        world.pass(48_000);
        assert_eq!(world.sent, 2, "{hours} h");
    }
}

#[test]
fn a_wall_clock_set_back_delays_nothing() {
    for hours in [1, 24, 24 * 365] {
        let mut world = World::signed_in(1);
        world.set_wall(-hours * 3_600_000);
        world.send(0, Input::Woke);
        world.pass(6 * 48_000 + 10);
        assert_eq!(world.sent, 6, "{hours} h");
        assert!(world.served(0).is_some());
    }
}

#[test]
fn a_wall_clock_set_back_stretches_no_token_though_the_record_is_read_again() {
    let quiet = Config {
        automatic: false,
        ..config()
    };
    let mut world = World::signed_in_with(1, quiet);
    world.pass(30_000);
    world.set_wall(-3_600_000);
    world.edit(|_| {});
    world.send(0, Input::Woke);
    assert_eq!(world.status(0), Some(Status::Active));
    world.pass(30_000);
    assert_eq!(world.status(0), Some(Status::Expired));
}

#[test]
fn a_laptop_that_wakes_refreshes_at_once_though_its_own_clock_stood_still() {
    let mut world = World::signed_in(1);
    world.set_wall(8 * 3_600_000);
    assert_eq!(world.now.mono, Mono(1_000));
    world.send(0, Input::Woke);
    assert_eq!(world.sent, 1);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn after_a_wake_no_token_is_handed_out_before_the_record_is_read() {
    let mut world = World::signed_in(2);
    world.freeze(1);
    world.force(0);
    world.tabs[1].store = StoreMode::Hangs;
    world.thaw(1);
    let call = world.get_token(1);
    assert_eq!(world.settled(1, call), None);
    world.unhang();
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
}

#[test]
fn a_timer_that_fires_early_is_set_again() {
    let mut world = World::signed_in(1);
    for _ in 0..50 {
        world.send(0, Input::Tick);
    }
    assert_eq!(world.sent, 0);
    world.pass(48_001);
    assert_eq!(world.sent, 1);
}

#[test]
fn a_hidden_page_that_pauses_leaves_refreshing_until_it_is_shown() {
    let mut world = World::signed_in_with(
        1,
        Config {
            pause_when_hidden: true,
            ..config()
        },
    );
    world.send(0, Input::Visible(false));
    world.pass(600_000);
    assert_eq!(world.sent, 0);
    world.send(0, Input::Visible(true));
    assert_eq!(world.sent, 1);
    world.send(0, Input::Visible(false));
    world.pass(600_000);
    assert_eq!(world.sent, 1);
    assert_eq!(world.served(0).as_deref(), Some("at2"), "a caller counts");
}

#[test]
fn a_hidden_page_refreshes_like_any_other_by_default() {
    let mut world = World::signed_in(1);
    world.send(0, Input::Visible(false));
    world.pass(48_001);
    assert_eq!(world.sent, 1);
}

#[test]
fn received_at_dates_the_first_answer() {
    let mut world = World::new(1);
    let tokens = world.server.first_tokens(world.truth());
    let call = evergrant::session::CallId(900);
    let earlier = evergrant::session::time::Wall(START - 40_000);
    world.send(0, Input::SetTokens(call, Box::new(tokens), earlier, None));
    assert_eq!(planned(&world), Some(8_000));
}

#[test]
fn a_clock_set_forward_by_days_does_not_end_a_session_whose_refresh_token_lives_a_day() {
    let mut world = World::signed_in_with(
        2,
        Config {
            refresh_lifetime_ms: Some(86_400_000),
            ..config()
        },
    );
    world.pass(10_000);
    world.set_wall(3 * 86_400_000);
    world.pass(60_000);
    for tab in 0..2 {
        assert_eq!(world.ended(tab), None);
        assert!(world.served(tab).is_some());
    }
    assert_eq!(world.server.reused, 0);
}

#[test]
fn a_refresh_token_that_dies_while_the_machine_sleeps_ends_the_session_as_expired() {
    let mut world = World::signed_in_with(
        1,
        Config {
            refresh_lifetime_ms: Some(86_400_000),
            ..config()
        },
    );
    // The monotonic clock stands still.
    world.set_wall(3 * 86_400_000);
    world.server.kill();
    world.send(0, Input::Woke);
    world.pass(1_000);
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenExpired));
}
