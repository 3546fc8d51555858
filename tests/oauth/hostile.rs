//! Whatever a token endpoint, or something in its place, answers: it is read within its bounds.

use evergrant::oauth::token_response::{MAX_LIFETIME_MS, UNKNOWN_MS};
use evergrant::oauth::{Answer, Body, Meaning, RawAnswer, redact};
use serde_json::{Value, json};

use crate::dice::{Dice, try_all};
use crate::json::TestJson;

const STATUSES: &[u16] = &[
    200, 400, 401, 403, 404, 429, 500, 503, 204, 408, 425, 302, 0, 599, 65_535,
];

/// Members that mean something, with what a server gives.
fn good(dice: &mut Dice) -> Value {
    let tokens = json!({
        "access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt",
        "refresh_token_expires_in": "86400", "refresh_expires_in": 0, "scope": "a b", "id_token": "x.y.z",
    });
    let refusal =
        json!({ "error": "invalid_grant", "error_description": "Token is used", "error_uri": "u" });
    dice.pick(&[tokens, refusal])
}

fn body(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => dice.text(),
        1 => dice.json().to_string(),
        // Cut off.
        2 => {
            let mut body = good(dice).to_string();
            body.truncate(dice.below(body.len()));
            body
        }
        _ => {
            let mut value = good(dice);
            for _ in 0..dice.below(4) {
                dice.spoil(&mut value);
            }
            value.to_string()
        }
    }
}

#[test]
fn any_answer_is_read_within_its_bounds() {
    try_all("token and error answers", 700_000, 24, |dice| {
        let status = dice.pick(STATUSES);
        let raw = RawAnswer {
            status,
            body: Body::new(body(dice)),
            ..RawAnswer::default()
        };
        let good = (200..300).contains(&status);
        match Answer::read::<TestJson>(raw).meaning {
            Meaning::Tokens(tokens) => {
                assert!(good);
                let token = tokens.access_token.expose();
                assert!(!token.is_empty() && token.bytes().all(|it| (b' '..=b'~').contains(&it)));
                for life in [tokens.lifetime_ms, tokens.refresh_lifetime_ms] {
                    assert!(life <= MAX_LIFETIME_MS || life == UNKNOWN_MS);
                }
            }
            Meaning::Refused(error) => {
                assert!(status < 500 && ![408, 425, 429].contains(&status));
                assert!(error.error.len() <= 64 && error.error.is_ascii());
                assert!(error.description.chars().count() <= 300);
                let redacted = redact(&error.description, "Token is used");
                assert!(!redacted.contains("Token is used"));
            }
            Meaning::RateLimited => assert!([425, 429].contains(&status)),
            Meaning::Unavailable => assert!(!good),
            Meaning::Unreadable => assert!(good),
        }
    });
}
