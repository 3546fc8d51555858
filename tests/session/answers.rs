//! What each answer of the token endpoint does to the session.

use crate::world::{World, config, forced, reply, reply_after};
use evergrant::session::{Code, Failure, Reason, Reply, Status};

/// What becomes of a session whose first refresh gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It ends.
    Ends,
    /// It stands still until somebody insists, or the pause is over.
    Stalls,
    /// It is tried again by itself, after so many requests.
    Retries(usize),
}
use Fate::{Ends, Retries, Stalls};

fn error_body(code: &str) -> String {
    format!(r#"{{"error":"{code}","error_description":"words"}}"#)
}

fn table() -> Vec<(&'static str, Reply, Fate, Code)> {
    let oauth = |status, code| reply(status, &error_body(code));
    let html = "<html><body>Bad gateway</body></html>";
    vec![
        (
            "400 invalid_grant",
            oauth(400, "invalid_grant"),
            Ends,
            Code::SessionEnded,
        ),
        (
            "401 invalid_grant",
            oauth(401, "invalid_grant"),
            Ends,
            Code::SessionEnded,
        ),
        (
            "400 invalid_client",
            oauth(400, "invalid_client"),
            Stalls,
            Code::OAuth,
        ),
        (
            "401 invalid_client",
            oauth(401, "invalid_client"),
            Stalls,
            Code::OAuth,
        ),
        (
            "400 invalid_request",
            oauth(400, "invalid_request"),
            Stalls,
            Code::OAuth,
        ),
        (
            "401 unauthorized_client",
            oauth(401, "unauthorized_client"),
            Stalls,
            Code::OAuth,
        ),
        (
            "400 unsupported_grant_type",
            oauth(400, "unsupported_grant_type"),
            Stalls,
            Code::OAuth,
        ),
        (
            "400 invalid_scope",
            oauth(400, "invalid_scope"),
            Stalls,
            Code::OAuth,
        ),
        (
            "400 a code of its own",
            oauth(400, "please_retry"),
            Stalls,
            Code::OAuth,
        ),
        (
            "403 with an OAuth body",
            oauth(403, "access_denied"),
            Stalls,
            Code::OAuth,
        ),
        (
            "200 with an error",
            oauth(200, "temporarily_unavailable"),
            Stalls,
            Code::OAuth,
        ),
        ("400 empty", reply(400, ""), Stalls, Code::OAuth),
        ("401 empty", reply(401, ""), Stalls, Code::OAuth),
        ("400 HTML", reply(400, html), Stalls, Code::OAuth),
        ("401 HTML", reply(401, html), Stalls, Code::OAuth),
        ("403 HTML", reply(403, html), Retries(2), Code::Server),
        ("404 HTML", reply(404, html), Retries(2), Code::Server),
        ("408", reply(408, ""), Retries(2), Code::Server),
        ("425", reply(425, ""), Retries(1), Code::RateLimited),
        ("429", reply(429, ""), Retries(1), Code::RateLimited),
        (
            "429 invalid_grant",
            oauth(429, "invalid_grant"),
            Retries(1),
            Code::RateLimited,
        ),
        (
            "429, wait",
            reply_after(429, "", Some(7)),
            Retries(1),
            Code::RateLimited,
        ),
        ("500", reply(500, html), Retries(2), Code::Server),
        (
            "500 invalid_grant",
            oauth(500, "invalid_grant"),
            Retries(2),
            Code::Server,
        ),
        ("502 HTML", reply(502, html), Retries(2), Code::Server),
        (
            "503, wait",
            reply_after(503, "", Some(7)),
            Retries(1),
            Code::Server,
        ),
        ("200 empty", reply(200, ""), Retries(2), Code::BadResponse),
        (
            "200 garbage",
            reply(200, &"x".repeat(10_000)),
            Retries(2),
            Code::BadResponse,
        ),
        (
            "200 without a token",
            reply(200, "{}"),
            Retries(2),
            Code::BadResponse,
        ),
        (
            "no connection",
            Reply::Failed(Failure::Network),
            Retries(2),
            Code::Network,
        ),
        (
            "no answer in time",
            Reply::Failed(Failure::Timeout),
            Retries(2),
            Code::Timeout,
        ),
    ]
}

/// A world whose server gives this answer until told otherwise.
fn answering(reply: &Reply) -> World {
    let mut world = World::signed_in(2);
    world.server.instead = vec![reply.clone(); 50];
    world
}

#[test]
fn each_answer_has_its_fate_and_its_error() {
    for (name, answer, fate, code) in table() {
        let mut world = answering(&answer);
        let call = world.force(0);
        world.pass(10);
        let error = world
            .error(0, call)
            .unwrap_or_else(|| panic!("{name}: no error"));
        assert_eq!(error.code, code, "{name}");
        let requests = match fate {
            Ends | Stalls => 1,
            Retries(n) => n,
        };
        assert_eq!(world.sent, requests, "{name}");
        assert_eq!(world.ended(0).is_some(), fate == Ends, "{name}");
        assert_eq!(world.ended(1).is_some(), fate == Ends, "{name}");
        assert_eq!(error.code.retryable(), matches!(fate, Retries(_)), "{name}");
        assert_eq!(
            error.retry_at.known().is_some(),
            matches!(fate, Retries(_)),
            "{name}"
        );
        if fate == Ends {
            assert_eq!(error.reason, Some(Reason::RefreshTokenRejected), "{name}");
            continue;
        }
        assert_eq!(world.tabs[0].failures(), [code], "{name}: told once");
        assert_eq!(world.served(0).as_deref(), Some("at0"), "{name}: it lives");
        assert_eq!(world.served(1).as_deref(), Some("at0"), "{name}: it lives");
        assert_eq!(world.lineage().stalled.is_some(), fate == Stalls, "{name}");
        world.server.instead.clear();
        world.pass(61_000);
        let healed = if fate == Stalls { "at0" } else { "at1" };
        let stored = world.lineage().access[0].token.expose().to_owned();
        assert_eq!(stored, healed, "{name}");
        if fate == Stalls {
            assert_eq!(world.status(0), Some(Status::Expired), "{name}");
            assert_eq!(world.sent, 1, "{name}");
        }
    }
}

#[test]
fn what_the_server_said_reaches_the_caller() {
    let mut world = answering(&reply(401, &error_body("invalid_client")));
    let call = world.force(0);
    let error = world.error(0, call).unwrap();
    assert_eq!(error.oauth_error.as_deref(), Some("invalid_client"));
    assert_eq!(error.description.as_deref(), Some("words"));
    assert_eq!(error.status, Some(401));
}

#[test]
fn a_stalled_session_asks_again_after_a_quarter_of_an_hour_and_then_hourly_by_one_tab() {
    let mut world = answering(&reply(401, &error_body("invalid_client")));
    world.force(0);
    for (ms, sent) in [
        (899_000, 1),
        (2_000, 2),
        (3_597_000, 2),
        (4_000, 3),
        (3_597_000, 3),
        (4_000, 4),
    ] {
        world.pass(ms);
        assert_eq!(world.sent, sent);
    }
    assert_eq!(world.overlaps, 0);
    let call = world.get_token(1);
    let error = world.error(1, call).unwrap();
    assert_eq!(error.oauth_error.as_deref(), Some("invalid_client"));
    assert!(error.retry_at.known().is_some());
    assert_eq!(world.sent, 4, "a caller is no reason");
}

#[test]
fn a_stalled_session_is_left_alone_by_a_reload() {
    let mut world = answering(&reply(400, ""));
    world.force(0);
    world.crash(0);
    world.pass(120_000);
    let tab = world.open(config());
    world.get_token(tab);
    world.send(tab, evergrant::session::Input::Woke);
    assert_eq!(world.sent, 1);
}

#[test]
fn force_refresh_asks_a_stalled_server_again() {
    let mut world = answering(&reply(400, ""));
    world.force(0);
    world.server.instead.clear();
    let call = world.ask(1, forced());
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
    assert!(world.lineage().stalled.is_none());
    world.pass(48_001);
    assert_eq!(world.sent, 3, "and all is well");
}

#[test]
fn a_stall_with_a_living_token_waits_for_its_death() {
    let mut world = World::new(1);
    world.server.lifetime_s = 7_200;
    world.sign_in(0);
    world.server.instead = vec![reply(400, ""); 9];
    world.force(0);
    world.pass(7_199_000);
    assert_eq!(world.sent, 1);
    world.pass(1_001);
    assert_eq!(world.sent, 2);
}

#[test]
fn a_cool_down_holds_for_every_tab_and_every_start() {
    let mut world = answering(&reply_after(429, "", Some(30)));
    let call = world.force(0);
    let until = world.now.wall.plus(30_000);
    assert_eq!(world.error(0, call).unwrap().retry_at, until);
    for tab in [1, world.open(config())] {
        let call = world.force(tab);
        let error = world.error(tab, call).unwrap();
        assert_eq!((error.code, error.retry_at), (Code::RateLimited, until));
        assert_eq!(world.served(tab).as_deref(), Some("at0"));
    }
    assert_eq!(world.sent, 1);
    world.server.instead.clear();
    world.pass(30_001);
    let call = world.force(1);
    assert_eq!(world.token(1, call).as_deref(), Some("at1"));
}

#[test]
fn the_status_is_retrying_while_a_cool_down_lasts_and_then_it_heals_itself() {
    let mut world = World::signed_in(1);
    world.server.instead = vec![reply_after(429, "", Some(30))];
    world.pass(48_001);
    assert_eq!(world.status(0), Some(Status::Retrying));
    world.pass(30_001);
    assert_eq!(world.status(0), Some(Status::Active));
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_server_that_always_says_no_is_asked_less_and_less() {
    for (name, answer) in [
        ("429", reply(429, "")),
        ("429, wait 0", reply_after(429, "", Some(0))),
        ("500", reply(500, "")),
        ("503, wait 0", reply_after(503, "", Some(0))),
        ("200 without a token", reply(200, "{}")),
        ("no connection", Reply::Failed(Failure::Network)),
    ] {
        let mut world = World::signed_in(3);
        world.server.instead = vec![answer; 10_000];
        world.pass(48_000);
        world.pass(600_000);
        let early = world.sent;
        assert!(early < 90, "{name}: {early} requests in ten minutes");
        world.pass(3_600_000);
        let hourly = world.sent - early;
        assert!(hourly < 300, "{name}: {hourly} requests in an hour");
        assert!(hourly > 30, "{name}: it does not give up: {hourly}");
    }
}

#[test]
fn retry_after_of_a_day_is_not_believed_for_more_than_an_hour() {
    let mut world = World::signed_in(1);
    world.server.instead = vec![reply_after(429, "", Some(86400))];
    world.pass(48_001);
    world.pass(3_600_000);
    assert_eq!(world.sent, 2);
}
