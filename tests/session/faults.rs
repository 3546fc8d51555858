//! Faults by table, beside the answers of `answers.rs`: what is odd about an answer, and what the store
//! does meanwhile. None of them costs the session.

use crate::world::{StoreMode, World, config, reply};
use evergrant::session::{AttemptState, Code, Input};

const TOKENS: &str = r#"{"access_token":"at9","expires_in":60,"refresh_token":"rt9"}"#;
const HTML: &str = "<!doctype html><title>Sign in to the guest network</title>";

#[test]
fn odd_answers_without_tokens_cost_a_pause() {
    let cut_off = TOKENS.split_at(40).0;
    let deep = "[".repeat(100_000);
    let lists = format!("{deep}{}", "]".repeat(100_000));
    for (status, body, code) in [
        (0, "", Code::Server),
        (101, "", Code::Server),
        (302, HTML, Code::Server),
        (304, "", Code::Server),
        (405, HTML, Code::Server),
        (407, HTML, Code::Server),
        (413, "", Code::Server),
        (422, "{}", Code::Server),
        (451, TOKENS, Code::Server),
        (504, HTML, Code::Server),
        (503, TOKENS, Code::Server),
        (520, HTML, Code::Server),
        (65_535, "", Code::Server),
        (204, "", Code::BadResponse),
        (200, HTML, Code::BadResponse),
        (200, "null", Code::BadResponse),
        (200, "[]", Code::BadResponse),
        (200, cut_off, Code::BadResponse),
        (200, &deep, Code::BadResponse),
        (200, &lists, Code::BadResponse),
        (200, r#"{"access_token":["at9"]}"#, Code::BadResponse),
        (200, r#"{"access_token":"ät9"}"#, Code::BadResponse),
        (
            200,
            r#"{"__proto__":{"access_token":"at9"}}"#,
            Code::BadResponse,
        ),
        (400, "7", Code::OAuth),
        (400, TOKENS, Code::OAuth),
        (400, &lists, Code::OAuth),
        (401, r#"{"error":{"code":"invalid_grant"}}"#, Code::OAuth),
        (404, r#"{"error":"invalid_client"}"#, Code::OAuth),
        (410, r#"{"error":"__proto__"}"#, Code::OAuth),
    ] {
        let name = format!("{status} {}", body.get(..40).unwrap_or(body));
        let mut world = World::signed_in(2);
        world.server.instead = vec![reply(status, body); 3];
        let call = world.force(0);
        assert_eq!(world.code(0, call), Some(code), "{name}");
        for tab in 0..2 {
            assert_eq!(world.served(tab).as_deref(), Some("at0"), "{name}");
            assert_eq!(world.ended(tab), None, "{name}");
        }
        assert!(world.sent <= 2, "{name}: {} requests", world.sent);
        // A refusal is asked again after a quarter of an hour, and then hourly.
        world.pass(3 * 3_600_000);
        assert!(world.served(1).is_some(), "{name}: it heals");
        assert_eq!((world.server.reused, world.overlaps), (0, 0), "{name}");
    }
}

#[test]
fn odd_answers_with_tokens_are_good_ones_and_do_not_spin() {
    for (name, members, refresh_token) in [
        ("nothing but the token", "", "rt0"),
        ("an empty refresh token", r#""refresh_token":"","#, "rt0"),
        (
            "no refresh token but null",
            r#""refresh_token":null,"#,
            "rt0",
        ),
        (
            "a refresh token that is a number",
            r#""refresh_token":7,"#,
            "rt0",
        ),
        (
            "a refresh token of any characters",
            r#""refresh_token":"ä\n","#,
            "ä\n",
        ),
        ("a life of no time", r#""expires_in":0,"#, "rt0"),
        ("a life that is over", r#""expires_in":-5,"#, "rt0"),
        ("a life for ever", r#""expires_in":1e300,"#, "rt0"),
        ("a life of a second", r#""expires_in":"1","#, "rt0"),
        ("a life that is no number", r#""expires_in":"NaN","#, "rt0"),
        (
            "a life that is an object",
            r#""expires_in":{"s":5},"#,
            "rt0",
        ),
        ("another token type", r#""token_type":"MAC","#, "rt0"),
        ("a token type that is a list", r#""token_type":[],"#, "rt0"),
        ("an error beside it", r#""error":"invalid_grant","#, "rt0"),
        ("a prototype", r#""__proto__":{"expires_in":1},"#, "rt0"),
        ("a member twice", r#""access_token":"x","#, "rt0"),
    ] {
        for status in [200, 201, 299] {
            let mut world = World::signed_in(2);
            world.server.rotates = false;
            let body = format!(r#"{{{members}"access_token":"at9"}}"#);
            world.server.instead = vec![reply(status, &body); 1_000];
            let call = world.force(0);
            assert_eq!(world.token(0, call).as_deref(), Some("at9"), "{name}");
            assert_eq!(world.refresh_token(), Some(refresh_token), "{name}");
            world.pass(600_000);
            assert!(world.ended(0).is_none(), "{name}");
            // The floor of a schedule is two seconds.
            assert!(world.sent <= 301, "{name}: {} requests", world.sent);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum When {
    Starting,
    Asking,
    /// The request is under way.
    Waiting,
}

#[test]
fn whatever_the_store_does_meanwhile_no_token_is_spent_twice() {
    let modes = [
        StoreMode::Fails,
        StoreMode::WritesFail,
        StoreMode::Hangs,
        StoreMode::WritesHang,
    ];
    for (mode, when, ms) in modes.into_iter().flat_map(|mode| {
        let times = [0, 900, 3_000, 11_000, 45_000];
        [When::Starting, When::Asking, When::Waiting]
            .into_iter()
            .flat_map(move |when| times.map(|ms| (mode, when, ms)))
    }) {
        let name = format!("{mode:?} while {when:?}, for {ms} ms");
        let mut world = World::signed_in(2);
        let mut tab = 0;
        world.hold = true;
        match when {
            When::Starting => {
                world.crash(0);
                world.store_mode(mode);
                tab = world.open_with(config(), mode);
            }
            When::Asking => {
                world.store_mode(mode);
                world.force(0);
            }
            When::Waiting => {
                world.force(0);
                world.store_mode(mode);
                world.answer_next();
            }
        }
        world.pass(ms);
        world.unhang();
        world.hold = false;
        while !world.requests.is_empty() {
            world.answer_next();
        }
        world.pass(120_000);
        for tab in [tab, 1] {
            assert_eq!(world.ended(tab), None, "{name}");
            assert!(world.served(tab).is_some(), "{name}");
        }
        assert_eq!((world.server.reused, world.overlaps), (0, 0), "{name}");
        let newest = world.server.seen.len();
        assert!(newest > 0, "{name}");
        assert_eq!(
            world.refresh_token(),
            Some(&*format!("rt{newest}")),
            "{name}"
        );
    }
}

#[test]
fn a_tab_that_closes_does_not_forget_what_it_has_sent_for_a_swap_that_it_loses() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(0);
    world.send(0, Input::Close);
    world.tabs[0].store = StoreMode::WritesHang;
    world.lose_answer();
    world.edit(|_| {});
    world.unhang();
    assert!(world.tabs[0].closed);
    assert_eq!(world.attempts(), [AttemptState::Claimed]);
}
