//! Refusals: what is kept of them, and what is never repeated.

use evergrant::oauth::{ErrorResponse, Meaning, redact};
use serde_json::json;

use crate::meaning;

fn refused(error: &str, description: &str) -> ErrorResponse {
    let body = json!({ "error": error, "error_description": description });
    match meaning(400, &body.to_string()) {
        Meaning::Refused(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_example_of_rfc_6749_section_5_2() {
    assert_eq!(
        meaning(400, r#"{"error":"invalid_request"}"#),
        Meaning::Refused(ErrorResponse {
            error: "invalid_request".into(),
            description: String::new(),
        })
    );
}

#[test]
fn only_invalid_grant_is_invalid_grant() {
    assert!(refused("invalid_grant", "").is_invalid_grant());
    for other in [
        "INVALID_GRANT",
        "invalid_grant ",
        "invalid_grants",
        "invalid_client",
        "invalid_token",
        "use_dpop_nonce",
    ] {
        assert!(
            !refused(other, "invalid_grant").is_invalid_grant(),
            "{other}"
        );
    }
    assert!(!ErrorResponse::default().is_invalid_grant());
}

#[test]
fn scope_and_target_are_about_one_token() {
    assert!(refused("invalid_scope", "").about_one_token());
    assert!(refused("invalid_target", "").about_one_token());
    assert!(!refused("invalid_grant", "").about_one_token());
    assert!(!ErrorResponse::default().about_one_token());
}

#[test]
fn what_is_no_code_is_an_unknown_one() {
    let long = "x".repeat(65);
    for junk in ["a\"b", "a\\b", "a\nb", "ungültig", long.as_str()] {
        assert_eq!(refused(junk, "").error, "", "{junk}");
    }
    let longest = "x".repeat(64);
    for code in ["interaction_required", "vendor: code!", longest.as_str()] {
        assert_eq!(refused(code, "").error, code);
    }
}

#[test]
fn a_description_is_one_line_of_at_most_300_characters() {
    let long = format!("a\r\n\u{1b}[31mb\u{85}{}", "€".repeat(1000));
    let description = refused("invalid_request", &long).description;
    assert!(description.starts_with("a[31mb€"));
    assert_eq!(description.chars().count(), 300);
    assert!(!description.contains(char::is_control));
    assert_eq!(refused("invalid_request", "").description, "");
    assert_eq!(refused("invalid_request", "\n\r").description, "");
}

#[test]
fn our_own_secrets_are_not_repeated() {
    for (text, expected) in [
        ("no secrets", "no secrets"),
        ("token tok-123456 is dead", "token [redacted] is dead"),
        ("tok-123456tok-123456", "[redacted][redacted]"),
        (
            "tok-123456-long and tok-123456",
            "[redacted] and [redacted]",
        ),
        ("ü s€cret ü", "ü [redacted] ü"),
        ("cut off: tok-12", "cut off: [redacted]"),
        ("cut off: s€cr", "cut off: [redacted]"),
        ("too little: tok", "too little: tok"),
        ("", ""),
    ] {
        let mut redacted = String::from(text);
        for secret in ["tok-123456-long", "tok-123456", "", "s€cret"] {
            redacted = redact(&redacted, secret);
        }
        assert_eq!(redacted, expected);
    }
}

#[test]
fn a_secret_cut_off_by_the_limit_is_not_repeated() {
    let secret = "s".repeat(400);
    let description = refused("invalid_request", &format!("unknown token {secret}")).description;
    assert_eq!(redact(&description, &secret), "unknown token [redacted]");
}
