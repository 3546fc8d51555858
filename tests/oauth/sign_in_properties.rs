//! Whatever a server, or somebody in its place, sends into a sign-in, reading it does not panic; and
//! what is built is read back. `PROPTEST_CASES` sets how many inputs are tried.

use evergrant::oauth::authorization::{AuthorizationRequest, pushed_url, request_uri};
use evergrant::oauth::base64url::{decode, encode};
use evergrant::oauth::dpop::{Proof, PublicKey, is_nonce, joined};
use evergrant::oauth::id_token::{Expected, check};
use evergrant::oauth::{
    Callback, CallbackFault, Code, CodeRequest, IdToken, Jwt, LogoutRequest, Metadata, Subject,
    Verifier, well_known,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::json::TestJson;
use crate::properties::{answer, any_json};
use crate::requests::{public, with_basic, with_post};
use crate::{owned, pairs};

const ISSUER: &str = "https://as.example";

/// Texts that mean something, and any others.
fn word(likely: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(likely).prop_map(String::from),
        1 => ".{0,12}",
    ]
}

fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = word(&["state", "code", "iss", "error", "error_description"]);
    let value = word(&["", "a", ISSUER, "access_denied"]);
    vec((name, value), 0..6)
}

/// An object with some of these members, of any type.
fn object(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        any_json(),
        Just(json!(ISSUER)),
        Just(json!(["app", "other"])),
        Just(json!("app")),
        (0..3_000_u64).prop_map(Value::from),
    ];
    let member = (word(names), value);
    vec(member, 0..10).prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn claims() -> impl Strategy<Value = Value> {
    object(&[
        "iss",
        "sub",
        "aud",
        "azp",
        "nonce",
        "exp",
        "iat",
        "auth_time",
        "at_hash",
    ])
}

fn header() -> impl Strategy<Value = Value> {
    let alg = prop::sample::select(vec!["ES256", "RS256", "none", "HS256"]);
    (object(&["alg", "kid", "crit", "typ"]), option::of(alg)).prop_map(|(mut header, alg)| {
        if let Some(alg) = alg {
            header["alg"] = alg.into();
        }
        header
    })
}

/// Texts that are nearly a token.
fn token() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        vec(any::<u8>(), 0..20).prop_map(|bytes| encode(&bytes)),
        any_json().prop_map(|json| encode(json.to_string().as_bytes())),
        header().prop_map(|json| encode(json.to_string().as_bytes())),
        ".{0,10}",
    ];
    let parts = vec(part, 0..6).prop_map(|parts| parts.join("."));
    let whole =
        (header(), claims(), vec(any::<u8>(), 0..70)).prop_map(|(header, claims, signature)| {
            let [header, claims] = [header, claims].map(|json| json.to_string().into_bytes());
            [header, claims, signature].map(|it| encode(&it)).join(".")
        });
    prop_oneof![1 => parts, 2 => whole]
}

fn query(url: &str) -> Vec<(String, String)> {
    pairs(url.split_once('?').expect("a query").1)
}

proptest! {
    #[test]
    fn any_callback_gives_one_code_or_says_why_not(pairs in parameters(), required in any::<bool>()) {
        let count = |name| pairs.iter().filter(|(it, _)| it == name).count();
        let is = |name: &str, value: &str| pairs.iter().any(|(n, v)| n == name && v == value);
        let Some(callback) = Callback::read(&pairs) else {
            let nameless = count("state") == 0 || is("state", "");
            prop_assert!(nameless || count("code") + count("error") == 0);
            return Ok(());
        };
        prop_assert!(is("state", &callback.state) && !callback.state.is_empty());
        match callback.check(Some(ISSUER), required) {
            Ok(code) => {
                for name in ["state", "code", "iss", "error", "error_description"] {
                    prop_assert!(count(name) <= 1);
                }
                prop_assert!(is("code", code.expose()) && !code.expose().is_empty());
                prop_assert!(count("error") == 0 || is("error", ""));
                prop_assert!(is("iss", ISSUER) || !required && count("iss") == 0);
            }
            Err(CallbackFault::Refused(refused)) => {
                prop_assert!(refused.error.len() <= 64 && refused.error.is_ascii());
                prop_assert!(is("iss", ISSUER) || !required && count("iss") == 0);
            }
            Err(_) => {}
        }
    }

    #[test]
    fn any_metadata_is_of_its_issuer_and_names_endpoints_that_may_be_used(
        json in prop_oneof![object(&["issuer", "token_endpoint", "jwks_uri"]), any_json()],
        url in "(https?|ftp)://[a-z.:@\\\\/?#\\[\\]0-9]{0,20}",
    ) {
        let mut json = json;
        if let Some(members) = json.as_object_mut() {
            members.insert("token_endpoint".into(), url.into());
        }
        let issuer = json.get("issuer").and_then(Value::as_str).map(String::from);
        let read = Metadata::read(&TestJson(Some(json.clone())), ISSUER);
        prop_assert_eq!(read.is_some(), issuer.as_deref() == Some(ISSUER));
        let issuer = issuer.unwrap_or_default();
        let read = Metadata::read(&TestJson(Some(json)), &issuer);
        for url in read.into_iter().flat_map(|it| [it.token, it.jwks]).flatten() {
            prop_assert!(url.starts_with("https://") || url.starts_with("http://"));
            prop_assert!(!url.contains(['#', '\\', ' ']));
        }
    }

    #[test]
    fn any_issuer_has_its_two_places(issuer in ".{0,30}|https?://[a-z./]{0,20}") {
        for url in well_known(&issuer) {
            prop_assert!(url.contains("/.well-known/o"));
        }
    }

    #[test]
    fn any_text_is_a_token_or_none(text in token(), now_s in 0..3_000_u64, age in option::of(any::<u64>())) {
        let Some(jwt) = Jwt::<TestJson>::read(&text) else {
            return Ok(());
        };
        prop_assert_eq!(&joined(&jwt.signing_input, &jwt.signature), &text);
        prop_assert!(jwt.claims.0.as_ref().is_some_and(Value::is_object));
        let expected = Expected {
            issuer: Some(ISSUER),
            client_id: "app",
            nonce: None,
            at_hash: None,
            max_age_s: age,
            now_s,
        };
        let claims = jwt.claims.0.clone().unwrap_or_default();
        if check(&jwt, &expected).is_ok() {
            prop_assert_eq!(&claims["iss"], ISSUER);
            let exp = claims["exp"].as_f64().unwrap_or_default();
            prop_assert!(exp + 60.0 > now_s as f64);
        }
        let told = |claim: &str| claims[claim].as_str().is_some_and(|it| !it.is_empty());
        prop_assert_eq!(Subject::read::<TestJson>(&text).is_some(), told("iss") && told("sub"));
    }

    #[test]
    fn any_answer_to_a_pushed_request_is_read(raw in answer()) {
        if let Ok(uri) = request_uri::<TestJson>(&raw) {
            prop_assert!((200..300).contains(&raw.status) && !uri.is_empty());
        }
    }

    #[test]
    fn a_sign_in_carries_any_text(
        texts in vec(".{1,20}", 12),
        value in ".{0,20}",
    ) {
        let text = |i: usize| texts[i].as_str();
        let extra = owned([("x", &value)]);
        let request = AuthorizationRequest {
            client_id: text(0),
            redirect_uri: text(1),
            scope: text(2),
            resource: &texts[3..4],
            state: text(4),
            nonce: Some(text(5)),
            challenge: text(6),
            login_hint: Some(text(7)),
            prompt: Some(text(8)),
            acr_values: Some(text(9)),
            max_age: Some(text(10)),
            dpop_jkt: Some(text(11)),
            extra: &extra,
        };
        let sent = owned([
            ("response_type", "code"),
            ("client_id", text(0)),
            ("redirect_uri", text(1)),
            ("scope", text(2)),
            ("state", text(4)),
            ("code_challenge", text(6)),
            ("code_challenge_method", "S256"),
            ("nonce", text(5)),
            ("login_hint", text(7)),
            ("prompt", text(8)),
            ("acr_values", text(9)),
            ("max_age", text(10)),
            ("dpop_jkt", text(11)),
            ("x", &value),
            ("resource", text(3)),
        ]);
        let url = request.url("https://as.example/authorize?a=b");
        let whole = [owned([("a", "b")]), sent.clone()].concat();
        prop_assert_eq!(query(&url), whole);
        for client in [public(), with_basic("s6BhdRkqt3", "s"), with_post("s6BhdRkqt3", "s")] {
            let pushed = request.push("https://as.example/par", &client);
            let pushed = pairs(pushed.body.expose());
            for pair in sent.iter().filter(|(name, _)| name != "client_id") {
                prop_assert!(pushed.contains(pair));
            }
        }
        let url = pushed_url("https://as.example/authorize", text(0), text(1));
        prop_assert_eq!(query(&url), owned([("client_id", text(0)), ("request_uri", text(1))]));
    }

    #[test]
    fn a_code_and_a_logout_carry_any_text(texts in vec(".{1,20}", 5)) {
        let text = |i: usize| texts[i].as_str();
        let (code, verifier) = (Code::new(text(0)), Verifier::new(text(1)));
        let request = CodeRequest {
            code: &code,
            redirect_uri: text(2),
            verifier: &verifier,
            resource: Some(&texts[3]),
            extra: &[],
        };
        let request = request.prepare("https://as.example/token", &public());
        let sent = owned([
            ("grant_type", "authorization_code"),
            ("code", text(0)),
            ("redirect_uri", text(2)),
            ("code_verifier", text(1)),
            ("resource", text(3)),
            ("client_id", "s6BhdRkqt3"),
        ]);
        prop_assert_eq!(pairs(request.body.expose()), sent);
        let hint = IdToken::new(text(4));
        let logout = LogoutRequest {
            id_token_hint: Some(&hint),
            client_id: text(0),
            post_logout_redirect_uri: Some(text(1)),
        };
        let sent = owned([
            ("id_token_hint", text(4)),
            ("client_id", text(0)),
            ("post_logout_redirect_uri", text(1)),
        ]);
        prop_assert_eq!(query(&logout.url("https://as.example/logout")), sent);
    }

    #[test]
    fn a_proof_carries_any_text(texts in vec(".{0,20}", 6), iat_s in any::<u64>(), url in "[^?#]{0,30}") {
        let text = |i: usize| texts[i].as_str();
        let key = PublicKey { x: text(0).into(), y: text(1).into() };
        let with_query = [&url, "?a#b"].concat();
        let proof = Proof {
            key: &key,
            method: text(2),
            url: &with_query,
            jti: text(3),
            iat_s,
            nonce: Some(text(4)),
            ath: Some(text(5)),
        };
        let input = proof.signing_input();
        let [header, claims] = [0, 1].map(|part| {
            let part = input.split('.').nth(part).and_then(decode).unwrap_or_default();
            serde_json::from_slice::<Value>(&part).unwrap_or_default()
        });
        let jwk = json!({ "crv": "P-256", "kty": "EC", "x": text(0), "y": text(1) });
        prop_assert_eq!(&header, &json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }));
        let expected = json!({
            "jti": text(3), "htm": text(2), "htu": url, "iat": iat_s, "nonce": text(4), "ath": text(5),
        });
        prop_assert_eq!(claims, expected);
    }

    #[test]
    fn a_nonce_that_is_believed_could_stand_in_a_header(nonce in "[ -~]{0,8}|.{0,8}") {
        if is_nonce(&nonce) {
            prop_assert!(!nonce.is_empty() && nonce.bytes().all(|it| it.is_ascii_graphic()));
            prop_assert!(!nonce.contains(['"', '\\']));
        }
    }
}
