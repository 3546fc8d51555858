//! What the answers of real token endpoints, and of whatever stands before them, mean.

use evergrant::oauth::{Answer, Meaning};

use crate::json::TestJson;
use crate::{meaning, raw};

/// A meaning in a word: `refused` with its code.
fn word(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Tokens(_) => "tokens".into(),
        Meaning::Refused(error) => format!("refused {}", error.error).trim_end().into(),
        Meaning::RateLimited => "rate-limited".into(),
        Meaning::Unavailable => "unavailable".into(),
        Meaning::Unreadable => "unreadable".into(),
    }
}

const TOKENS: &str = r#"{"access_token":"a1","refresh_token":"r2"}"#;
const GRANT: &str = r#"{"error":"invalid_grant"}"#;
const CLIENT: &str = r#"{"error":"invalid_client","error_description":"no such client"}"#;
const NONCE: &str = r#"{"error":"use_dpop_nonce"}"#;
const HTML: &str = "<!doctype html><title>Bad gateway</title>";

#[test]
fn answers_mean_what_the_server_meant() {
    for (status, body, expected) in [
        // Good answers, with junk beside the tokens or not.
        (200, TOKENS, "tokens"),
        (201, TOKENS, "tokens"),
        (
            200,
            r#"{"access_token":"a1","error":"invalid_grant"}"#,
            "tokens",
        ),
        (
            200,
            r#"{"access_token":"a1","error":7,"expires_in":{}}"#,
            "tokens",
        ),
        // A refusal that calls itself a success.
        (200, GRANT, "refused invalid_grant"),
        (
            200,
            r#"{"access_token":"","error":"invalid_grant"}"#,
            "refused invalid_grant",
        ),
        (200, r#"{"error":"süß"}"#, "refused"),
        // A success whose tokens do not reach us.
        (200, "", "unreadable"),
        (204, "", "unreadable"),
        (200, HTML, "unreadable"),
        (200, "{}", "unreadable"),
        (200, "null", "unreadable"),
        (200, "[]", "unreadable"),
        (200, r#"[{"access_token":"a1"}]"#, "unreadable"),
        (200, r#""access_token""#, "unreadable"),
        (200, r#"{"access_token":"a1""#, "unreadable"),
        (200, r#"{"access_token":"a\n1"}"#, "unreadable"),
        (200, r#"{"access_token":["a1"]}"#, "unreadable"),
        (200, r#"{"error":""}"#, "unreadable"),
        (200, r#"{"error":{"code":"invalid_grant"}}"#, "unreadable"),
        // Refusals, with whatever status.
        (400, GRANT, "refused invalid_grant"),
        (401, CLIENT, "refused invalid_client"),
        (
            401,
            r#"{"error":"unauthorized_client"}"#,
            "refused unauthorized_client",
        ),
        (403, GRANT, "refused invalid_grant"),
        (404, CLIENT, "refused invalid_client"),
        (422, GRANT, "refused invalid_grant"),
        (400, NONCE, "refused use_dpop_nonce"),
        (401, NONCE, "refused use_dpop_nonce"),
        (
            400,
            r#"{"error":"vendor_code_42"}"#,
            "refused vendor_code_42",
        ),
        // A refusal without a reason.
        (400, "", "refused"),
        (401, "", "refused"),
        (400, HTML, "refused"),
        (401, HTML, "refused"),
        (400, "invalid_grant", "refused"),
        (400, r#"{"error":{"code":"invalid_grant"}}"#, "refused"),
        (400, r#"{"error":7}"#, "refused"),
        (400, r#"{"message":"Bad Request"}"#, "refused"),
        (400, TOKENS, "refused"),
        // Limits, whoever sets them.
        (429, "", "rate-limited"),
        (429, GRANT, "rate-limited"),
        (429, HTML, "rate-limited"),
        (425, GRANT, "rate-limited"),
        // Trouble on the way or at the server, whatever the body says.
        (408, GRANT, "unavailable"),
        (500, GRANT, "unavailable"),
        (500, TOKENS, "unavailable"),
        (502, HTML, "unavailable"),
        (503, "", "unavailable"),
        (504, "", "unavailable"),
        (520, GRANT, "unavailable"),
        (599, "", "unavailable"),
        (403, HTML, "unavailable"),
        (403, "", "unavailable"),
        (404, HTML, "unavailable"),
        (405, "", "unavailable"),
        (407, HTML, "unavailable"),
        (413, "", "unavailable"),
        (451, TOKENS, "unavailable"),
        (0, "", "unavailable"),
        (101, "", "unavailable"),
        (302, HTML, "unavailable"),
        (304, GRANT, "unavailable"),
        (600, GRANT, "unavailable"),
        (u16::MAX, TOKENS, "unavailable"),
    ] {
        assert_eq!(word(&meaning(status, body)), expected, "{status} {body}");
    }
}

#[test]
fn five_megabytes_of_garbage_are_no_answer() {
    let garbage = "{\"access_token\":".repeat(5 << 16);
    assert_eq!(word(&meaning(200, &garbage)), "unreadable");
    assert_eq!(word(&meaning(400, &garbage)), "refused");
    assert_eq!(word(&meaning(502, &garbage)), "unavailable");
}

#[test]
fn the_status_is_told() {
    for (status, body) in [
        (400, GRANT),
        (401, ""),
        (429, ""),
        (503, ""),
        (302, ""),
        (200, ""),
    ] {
        let told = Answer::read::<TestJson>(raw(status, body)).raw.status;
        assert_eq!(told, status);
    }
}

#[test]
fn limits_and_trouble_say_how_long_to_wait() {
    for (status, expected) in [
        (429, Meaning::RateLimited),
        (425, Meaning::RateLimited),
        (503, Meaning::Unavailable),
        (403, Meaning::Unavailable),
    ] {
        let mut answer = raw(status, "");
        answer.retry_after_ms = 7_000;
        let answer = Answer::read::<TestJson>(answer);
        assert_eq!(answer.meaning, expected);
        assert_eq!(answer.raw.retry_after_ms, 7_000);
    }
    let answer = Answer::read::<TestJson>(raw(429, ""));
    assert_eq!(answer.meaning, Meaning::RateLimited);
    assert_eq!(answer.raw.retry_after_ms, 0);
}

#[test]
fn the_answer_is_kept_as_it_came() {
    let mut answer = raw(200, TOKENS);
    answer.retry_after_ms = 7_000;
    assert_eq!(Answer::read::<TestJson>(answer.clone()).raw, answer);
}
