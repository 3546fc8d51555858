//! What a browser brings back, and whom it is believed to come from.

use evergrant::oauth::{Callback, CallbackFault, ErrorResponse};

use crate::pairs;

const ISSUER: &str = "https://honest.as.example";

fn read(query: &str) -> Option<Callback> {
    Callback::read(&pairs(query))
}

/// The code of an answer, or in a word what is wrong with it.
fn outcome(query: &str, iss_required: bool) -> String {
    let Some(callback) = read(query) else {
        return "not ours".into();
    };
    match callback.check(Some(ISSUER), iss_required) {
        Ok(code) => ["code ", code.expose()].concat(),
        Err(CallbackFault::Iss) => "iss".into(),
        Err(CallbackFault::Repeated) => "repeated".into(),
        Err(CallbackFault::Refused(refused)) => ["refused ", &refused.error].concat(),
        Err(CallbackFault::NoCode) => "no code".into(),
    }
}

/// RFC 6749 §4.1.2, §4.1.2.1; RFC 9207 §2.1, §2.2.
#[test]
fn the_examples_of_rfc_6749_and_rfc_9207() {
    for (query, state, expected) in [
        (
            "code=SplxlOBeZQQYbYS6WxSbIA&state=xyz",
            "xyz",
            "code SplxlOBeZQQYbYS6WxSbIA",
        ),
        (
            "error=access_denied&state=xyz",
            "xyz",
            "refused access_denied",
        ),
        (
            "code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58\
             &state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI\
             &iss=https%3A%2F%2Fhonest.as.example",
            "ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI",
            "code x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58",
        ),
        (
            "error=access_denied&state=N2JjNDJhY2UtYjI&iss=https%3A%2F%2Fhonest.as.example",
            "N2JjNDJhY2UtYjI",
            "refused access_denied",
        ),
    ] {
        assert_eq!(read(query).map(|it| it.state).as_deref(), Some(state));
        assert_eq!(outcome(query, false), expected);
        let iss = query.contains("iss=");
        assert_eq!(outcome(query, true), if iss { expected } else { "iss" });
    }
}

#[test]
fn a_url_without_a_state_or_an_outcome_is_not_ours() {
    for query in [
        "",
        "code=a",
        "state=b",
        "error=access_denied",
        "code=a&state=",
        "state=b&error_description=x&iss=y",
        "Code=a&State=b",
        "code=a&state[]=b",
        "page=2&sort=state",
        "state=b&id_token=x.y.z",
        "state=b&access_token=x",
    ] {
        assert_eq!(outcome(query, false), "not ours", "{query}");
    }
}

#[test]
fn what_else_stands_in_the_url_does_no_harm() {
    for query in [
        "page=2&code=a&state=b&session_state=c&scope=openid&page=3",
        "code=a&state=b&error_uri=https%3A%2F%2Fx&error_uri=y",
        // Without a value it counts as omitted (RFC 6749 §3.1).
        "code=a&state=b&error=&error_description=",
    ] {
        assert_eq!(outcome(query, false), "code a", "{query}");
    }
}

/// RFC 6749 §3.1.
#[test]
fn a_parameter_that_stands_twice_spoils_the_answer() {
    for query in [
        "code=a&code=a&state=b",
        "code=a&code=evil&state=b",
        "code=a&state=b&state=c",
        "code=a&state=b&state=",
        "code=a&state=b&iss=https%3A%2F%2Fhonest.as.example&iss=https%3A%2F%2Fhonest.as.example",
        "error=x&error=y&state=b",
        "error=x&error_description=1&error_description=2&state=b",
        "code=a&error=&error=&state=b",
    ] {
        assert_eq!(outcome(query, false), "repeated", "{query}");
    }
    let state = read("state=b&code=a&state=c").map(|it| it.state);
    assert_eq!(state.as_deref(), Some("b"));
}

#[test]
fn an_error_is_believed_before_a_code_is() {
    assert_eq!(
        outcome("code=a&error=access_denied&state=b", false),
        "refused access_denied"
    );
    for query in ["code=&state=b", "error=&state=b", "code=&error=&state=b"] {
        assert_eq!(outcome(query, false), "no code", "{query}");
    }
}

/// RFC 9207 §2.4, as RFC 9700 §2.1 asks against mix-up.
#[test]
fn an_answer_of_another_issuer_is_refused_before_anything_else_is_believed() {
    for iss in [
        "https%3A%2F%2Fevil.as.example",
        "https%3A%2F%2Fhonest.as.example%2F",
        "https%3A%2F%2FHONEST.as.example",
        "https%3A%2F%2Fhonest.as.example%00",
        "https%3A%2F%2Fhonest.as.exampl",
        "https%3A%2F%2Fhonest.as.example.evil.test",
        "honest.as.example",
        "+https%3A%2F%2Fhonest.as.example",
        "null",
        "",
    ] {
        for answer in ["code=a", "error=access_denied", "code=", "code=a&code=b"] {
            let query = [answer, "&state=b&iss=", iss].concat();
            assert_eq!(outcome(&query, false), "iss", "{query}");
            assert_eq!(outcome(&query, true), "iss", "{query}");
        }
    }
    for answer in ["code=a", "error=access_denied"] {
        let query = [answer, "&state=b"].concat();
        assert_eq!(outcome(&query, true), "iss", "{query}");
        assert_ne!(outcome(&query, false), "iss", "{query}");
    }
}

#[test]
fn a_refusal_is_kept_as_one_of_the_token_endpoint_is() {
    let refused = |query| match read(query).map(|it| it.check(Some(ISSUER), false)) {
        Some(Err(CallbackFault::Refused(refused))) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused("state=b&error=login_required&error_description=User+must%0D%0Asign+in"),
        ErrorResponse {
            error: "login_required".into(),
            description: "User mustsign in".into(),
        }
    );
    assert_eq!(
        refused("state=b&error=s%C3%BC%C3%9F"),
        ErrorResponse::default()
    );
    let long = [
        "state=b&error=x&error_description=",
        &"%E2%82%AC".repeat(999),
    ]
    .concat();
    assert_eq!(refused(&long).description.chars().count(), 300);
}

#[test]
fn a_code_is_never_printed() {
    let callback = read("code=hunter2&state=b");
    let printed = format!(
        "{callback:?} {:?}",
        callback.clone().map(|it| it.check(Some(ISSUER), false))
    );
    assert!(!printed.contains("hunter2"), "{printed}");
}
