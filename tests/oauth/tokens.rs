//! Good answers, as token endpoints really send them.

use evergrant::oauth::token_response::{MAX_LIFETIME_MS, UNKNOWN_MS};
use evergrant::oauth::{Meaning, TokenResponse};
use serde_json::json;

use crate::json::TestJson;
use crate::meaning;

fn read(value: serde_json::Value) -> Option<TokenResponse> {
    TokenResponse::read(&TestJson(Some(value)))
}

/// An answer with an access token and one more member.
fn with(member: &str, value: serde_json::Value) -> TokenResponse {
    read(json!({ "access_token": "a1", member: value })).expect("an answer with an access token")
}

#[test]
fn the_example_of_rfc_6749_section_5_1() {
    let body = r#"{
        "access_token":"2YotnFZFEjr1zCsicMWpAA",
        "token_type":"example",
        "expires_in":3600,
        "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
        "example_parameter":"example_value"
    }"#;
    let Meaning::Tokens(tokens) = meaning(200, body) else {
        panic!("no tokens")
    };
    assert_eq!(tokens.access_token.expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(tokens.token_type.as_deref(), Some("example"));
    assert_eq!(tokens.lifetime_ms, 3_600_000);
    let refresh_token = tokens.refresh_token.as_ref();
    assert_eq!(
        refresh_token.map(|token| token.expose()),
        Some("tGzv3JOkF0XG5Qx2TlKWIA")
    );
    assert_eq!(tokens.refresh_lifetime_ms, UNKNOWN_MS);
    assert_eq!(tokens.scope, None);
    assert!(tokens.id_token.is_none());
}

#[test]
fn an_access_token_alone_is_enough() {
    let tokens = read(json!({ "access_token": "a1" })).expect("tokens");
    assert_eq!(tokens.access_token.expose(), "a1");
    assert_eq!(tokens.token_type, None);
    assert_eq!(tokens.lifetime_ms, UNKNOWN_MS);
    assert!(tokens.refresh_token.is_none());
}

#[test]
fn lifetimes_are_read_however_they_are_written() {
    for (value, milliseconds) in [
        (json!(3600), Some(3_600_000)),
        (json!("3600"), Some(3_600_000)),
        (json!(" 3600 "), Some(3_600_000)),
        (json!(3599.9), Some(3_599_000)),
        (json!("3599.9"), Some(3_599_000)),
        (json!("3599."), Some(3_599_000)),
        (json!(0), Some(0)),
        (json!("0"), Some(0)),
        (json!(0.5), Some(0)),
        (json!(-1), Some(0)),
        (json!("-3600"), Some(0)),
        (json!(1e300), Some(MAX_LIFETIME_MS)),
        (json!(u64::MAX), Some(MAX_LIFETIME_MS)),
        (json!("99999999999999999999999999"), Some(MAX_LIFETIME_MS)),
        (json!(""), None),
        (json!("-"), None),
        (json!("."), None),
        (json!("+5"), None),
        (json!("1e3"), None),
        (json!("0x10"), None),
        (json!("3600s"), None),
        (json!("NaN"), None),
        (json!("1.2.3"), None),
        (json!("٣٦٠٠"), None),
        (json!(null), None),
        (json!(true), None),
        (json!([3600]), None),
        (json!({ "seconds": 3600 }), None),
    ] {
        assert_eq!(
            with("expires_in", value.clone()).lifetime_ms,
            milliseconds.unwrap_or(UNKNOWN_MS),
            "{value}"
        );
    }
}

#[test]
fn a_refresh_token_lifetime_of_nothing_means_unknown() {
    for (value, milliseconds) in [
        (json!(84600), Some(84_600_000)),
        (json!("84600"), Some(84_600_000)),
        (json!(1e300), Some(MAX_LIFETIME_MS)),
        (json!(0), None),
        (json!("0"), None),
        (json!(-1), None),
        (json!("never"), None),
        (json!(null), None),
    ] {
        for member in ["refresh_token_expires_in", "refresh_expires_in"] {
            assert_eq!(
                with(member, value.clone()).refresh_lifetime_ms,
                milliseconds.unwrap_or(UNKNOWN_MS),
                "{member}: {value}"
            );
        }
    }
    let both =
        json!({ "access_token": "a1", "refresh_token_expires_in": 0, "refresh_expires_in": 5 });
    assert_eq!(
        read(both).map(|tokens| tokens.refresh_lifetime_ms),
        Some(5_000)
    );
}

#[test]
fn what_is_empty_or_of_another_type_counts_as_omitted() {
    for junk in [json!(""), json!(null), json!(7), json!(["x"]), json!({})] {
        assert!(with("refresh_token", junk.clone()).refresh_token.is_none());
        assert!(with("id_token", junk.clone()).id_token.is_none());
        assert_eq!(with("scope", junk.clone()).scope, None);
        assert_eq!(with("token_type", junk).token_type, None);
    }
}

#[test]
fn the_token_type_is_kept_as_it_was_written() {
    for written in ["Bearer", "bearer", "BEARER", "DPoP"] {
        assert_eq!(
            with("token_type", json!(written)).token_type.as_deref(),
            Some(written)
        );
    }
}

#[test]
fn without_an_access_token_that_can_be_sent_there_are_no_tokens() {
    for junk in [
        json!(""),
        json!(null),
        json!(7),
        json!("a\nb"),
        json!("a\u{0}b"),
        json!("a\u{7f}b"),
        json!("tökén"),
    ] {
        assert_eq!(read(json!({ "access_token": junk })), None, "{junk}");
    }
    for other in [json!(null), json!([]), json!("a1"), json!(1), json!({})] {
        assert_eq!(read(other), None);
    }
}

#[test]
fn a_refresh_token_of_any_characters_is_kept_since_the_form_encodes_it() {
    let tokens = with("refresh_token", json!("tökén\n"));
    let refresh_token = tokens.refresh_token.as_ref();
    assert_eq!(refresh_token.map(|token| token.expose()), Some("tökén\n"));
}

#[test]
fn unknown_and_repeated_members_do_no_harm() {
    let body = r#"{"access_token":"old","not-before-policy":0,"session_state":"x",
        "access_token":"a1","error":null,"nested":{"access_token":"other"}}"#;
    let Meaning::Tokens(tokens) = meaning(200, body) else {
        panic!("no tokens")
    };
    assert_eq!(tokens.access_token.expose(), "a1");
}
