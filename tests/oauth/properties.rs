//! Whatever arrives, reading it neither panics nor prints a token. `PROPTEST_CASES` sets how many
//! answers are tried.

use evergrant::oauth::token_response::{MAX_LIFETIME_MS, UNKNOWN_MS};
use evergrant::oauth::{
    Answer, Body, Client, ClientAuthentication, ClientSecret, Meaning, RawAnswer, RefreshRequest,
    RefreshToken, RevocationRequest, redact,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::json::TestJson;
use crate::pairs;
use crate::requests::{decode_base64, header, with_basic};

/// A marker that is in every token made here and in nothing else.
const MARKER: &str = "S3CRET";

fn status() -> impl Strategy<Value = u16> {
    let likely = vec![200, 204, 400, 401, 403, 408, 425, 429, 500, 503];
    prop_oneof![4 => prop::sample::select(likely), 1 => any::<u16>()]
}

/// Any JSON value, not deeply nested.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "-?[0-9]{0,25}(\\.[0-9]{0,3})?".prop_map(Value::from),
        ".{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        let object = vec((".{0,8}", inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An object with any of the members that a token endpoint sends, of any type, and often with one
/// that decides what it means.
fn likely_object() -> impl Strategy<Value = String> {
    let names = vec![
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "refresh_token_expires_in",
        "refresh_expires_in",
        "scope",
        "id_token",
        "error",
        "error_description",
    ];
    let member = (prop::sample::select(names), any_json());
    let decisive = prop::sample::select(vec!["access_token", "error"]);
    let decisive = option::of((decisive, "[ -~]{1,12}".prop_map(Value::from)));
    (vec(member, 0..6), decisive).prop_map(|(members, decisive)| {
        let members = members.into_iter().chain(decisive);
        let members = members.map(|(name, value)| (name.into(), value));
        Value::Object(members.collect::<Map<_, _>>()).to_string()
    })
}

fn body() -> impl Strategy<Value = String> {
    prop_oneof![
        likely_object(),
        any_json().prop_map(|value| value.to_string()),
        vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

prop_compose! {
    pub(crate) fn answer()(status in status(), body in body(), retry_after_ms in any::<u64>()) -> RawAnswer {
        RawAnswer { status, body: Body::new(body), retry_after_ms, ..RawAnswer::default() }
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_within_its_bounds(raw in answer()) {
        let answer = Answer::read::<TestJson>(raw.clone());
        prop_assert_eq!(&answer.raw, &raw);
        match answer.meaning {
            Meaning::Tokens(tokens) => {
                prop_assert!((200..300).contains(&raw.status));
                prop_assert!(!tokens.access_token.expose().is_empty());
                for life in [tokens.lifetime_ms, tokens.refresh_lifetime_ms] {
                    prop_assert!(life <= MAX_LIFETIME_MS || life == UNKNOWN_MS);
                }
                prop_assert_ne!(tokens.refresh_lifetime_ms, 0);
            }
            Meaning::Refused(error) => {
                prop_assert!(raw.status < 500 && ![408, 425, 429].contains(&raw.status));
                prop_assert!(error.error.len() <= 64 && error.error.is_ascii());
                let description = error.description;
                prop_assert!(description.chars().count() <= 300);
                prop_assert!(!description.contains(char::is_control));
            }
            Meaning::RateLimited => prop_assert!([425, 429].contains(&raw.status)),
            Meaning::Unavailable => prop_assert!(!(200..300).contains(&raw.status)),
            Meaning::Unreadable => prop_assert!((200..300).contains(&raw.status)),
        }
    }

    #[test]
    fn tokens_in_a_body_are_never_printed(
        status in status(),
        tokens in prop::array::uniform3("[!-~]{0,20}"),
        junk in ".{0,20}",
    ) {
        let [access, refresh, id] = tokens.map(|token| [MARKER, token.as_str()].concat());
        let members = serde_json::json!({
            "access_token": access, "refresh_token": refresh, "id_token": id, "error": junk, "scope": junk,
        });
        for body in [members.to_string(), [&members.to_string(), junk.as_str()].concat()] {
            let raw = RawAnswer {
                status,
                body: Body::new(body),
                ..RawAnswer::default()
            };
            let answer = Answer::read::<TestJson>(raw);
            let printed = format!("{:?}", answer);
            prop_assert!(!printed.contains(MARKER));
        }
    }

    #[test]
    fn a_redacted_text_holds_no_secret(before in ".{0,40}", secret in "[a-z€]{6,20}", after in "[^a-z€]{0,10}") {
        let text = [&before, &secret, &after].map(String::as_str).concat();
        prop_assert!(!redact(&text, &secret).contains(&secret));
    }

    #[test]
    fn basic_is_base64_whatever_the_secret(id in ".{0,9}|[ -~]{0,9}", secret in ".{0,9}|[ -~]{0,9}") {
        let request = RevocationRequest { refresh_token: &RefreshToken::new("r1") };
        let request = request.prepare("https://as.example/revoke", &with_basic(&id, &secret));
        let pair = header(&request).and_then(|it| it.strip_prefix("Basic ")).map(decode_base64);
        let decode = |text| pairs(text).pop().unwrap_or_default().0;
        let pair = pair.unwrap_or_default();
        let (id_sent, secret_sent) = pair.split_once(':').unwrap_or_default();
        prop_assert_eq!((decode(id_sent), decode(secret_sent)), (id, secret));
    }

    #[test]
    fn a_form_carries_any_text(token in ".{1,40}", id in ".{0,20}", secret in ".{0,20}", value in ".{0,20}") {
        let request = RefreshRequest {
            refresh_token: &RefreshToken::new(token.clone()),
            scope: None,
            resource: None,
            extra: &[("x".into(), value.clone())],
        };
        let client = Client {
            id: id.clone(),
            authentication: ClientAuthentication::SecretPost,
            secret: ClientSecret::new(secret.clone()),
        };
        let request = request.prepare("https://as.example/token", &client);
        let read: Vec<(String, String)> = form_urlencoded::parse(request.body.expose().as_bytes()).into_owned().collect();
        let sent = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &token),
            ("x", &value),
            ("client_id", &id),
            ("client_secret", &secret),
        ];
        prop_assert_eq!(read, sent.map(|(name, value)| (name.into(), value.into())));
    }
}
