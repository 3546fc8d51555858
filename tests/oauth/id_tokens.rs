//! ID tokens, good and forged. That the signature was verified goes before all of it.

use evergrant::oauth::id_token::{Alg, Expected, TOLERANCE_S, at_hash, check, is_about_time};
use evergrant::oauth::{Jwt, Subject, base64url};
use serde_json::{Value, json};

use crate::json::TestJson;
use crate::sha256;

const ISSUER: &str = "https://server.example.com";
const CLIENT: &str = "s6BhdRkqt3";
const NONCE: &str = "n-0S6_WzA2Mj";
const NOW: u64 = 1_311_281_000;

fn expected<'a>() -> Expected<'a> {
    Expected {
        issuer: Some(ISSUER),
        client_id: CLIENT,
        nonce: Some(NONCE),
        at_hash: None,
        max_age_s: None,
        now_s: NOW,
    }
}

/// OpenID Connect Core §2.
fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "24400320",
        "aud": CLIENT,
        "nonce": NONCE,
        "exp": 1_311_281_970,
        "iat": 1_311_280_970,
        "auth_time": 1_311_280_969,
        "acr": "urn:mace:incommon:iap:silver",
    })
}

fn jwt(alg: &str, claims: Value) -> Jwt<TestJson> {
    Jwt {
        alg: alg.into(),
        kid: None,
        claims: TestJson(Some(claims)),
        signing_input: String::new(),
        signature: Vec::new(),
    }
}

fn judged(claims: Value, expected: &Expected<'_>) -> Result<Alg, &'static str> {
    check(&jwt("ES256", claims), expected)
}

/// The example with a claim that is otherwise; null takes it out.
fn with(claim: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    match value.into() {
        Value::Null => drop(claims.as_object_mut().and_then(|it| it.remove(claim))),
        value => claims[claim] = value,
    }
    claims
}

/// What is said of the example when a claim is otherwise.
fn fault(claim: &str, value: impl Into<Value>) -> Option<&'static str> {
    judged(with(claim, value), &expected()).err()
}

#[test]
fn the_example_of_openid_connect_core_section_2() {
    assert_eq!(judged(claims(), &expected()), Ok(Alg::Es256));
}

/// §3.1.3.7, 6 to 8: a page has no secret, so that an HMAC would prove nothing.
#[test]
fn only_signatures_that_prove_something_are_believed() {
    for alg in [Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::EdDsa] {
        assert_eq!(check(&jwt(alg.as_str(), claims()), &expected()), Ok(alg));
        assert_eq!(Alg::read(alg.as_str()), Some(alg));
    }
    // RFC 9864 §2.2.
    assert_eq!(Alg::read("Ed25519"), Some(Alg::EdDsa));
    for alg in [
        "none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS1", "RS384", "ES256K", "es256",
        "ES256 ", "RSA-OAEP", "dir",
    ] {
        assert_eq!(check(&jwt(alg, claims()), &expected()), Err("alg"), "{alg}");
    }
}

#[test]
fn a_token_of_another_issuer_is_refused() {
    for iss in [
        json!("https://evil.example"),
        json!("https://server.example.com/"),
        json!("HTTPS://server.example.com"),
        json!([ISSUER]),
        json!(""),
        json!(7),
        json!(null),
    ] {
        assert_eq!(fault("iss", iss.clone()), Some("iss"), "{iss}");
    }
}

#[test]
fn a_token_is_about_somebody() {
    for sub in [json!(""), json!(7), json!(["24400320"]), json!(null)] {
        assert_eq!(fault("sub", sub.clone()), Some("sub"), "{sub}");
    }
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    for aud in [
        json!("other"),
        json!("s6BhdRkqt3 "),
        json!("S6BHDRKQT3"),
        json!(""),
        json!([]),
        json!(["other"]),
        json!([[CLIENT]]),
        json!([{ "0": CLIENT }]),
        json!({ "0": CLIENT }),
        json!({ "aud": CLIENT }),
        json!(7),
        json!(null),
    ] {
        assert_eq!(fault("aud", aud.clone()), Some("aud"), "{aud}");
    }
    assert_eq!(fault("aud", json!([CLIENT])), None);
}

/// §3.1.3.7, 4 and 5.
#[test]
fn of_several_audiences_one_is_told_to_be_the_client() {
    let both = json!([CLIENT, "other"]);
    for (aud, azp, expected) in [
        (both.clone(), json!(CLIENT), Ok(())),
        (json!(["other", CLIENT]), json!(CLIENT), Ok(())),
        (json!(["a", "b", "c", CLIENT]), json!(CLIENT), Ok(())),
        (json!([7, CLIENT]), json!(CLIENT), Ok(())),
        (json!([CLIENT]), json!(CLIENT), Ok(())),
        (json!(CLIENT), json!(CLIENT), Ok(())),
        (both.clone(), json!(null), Err("azp")),
        (both.clone(), json!("other"), Err("azp")),
        (both, json!(""), Err("azp")),
        (json!([CLIENT, CLIENT]), json!(null), Err("azp")),
        (json!([CLIENT, 7]), json!(null), Err("azp")),
        (json!([CLIENT]), json!("other"), Err("azp")),
        (json!(CLIENT), json!("other"), Err("azp")),
        (json!(CLIENT), json!([CLIENT]), Err("azp")),
        (json!(CLIENT), json!(7), Err("azp")),
        (json!(["other", "another"]), json!(CLIENT), Err("aud")),
    ] {
        let mut claims = with("azp", azp.clone());
        claims["aud"] = aud.clone();
        assert_eq!(
            judged(claims, &self::expected()).map(drop),
            expected,
            "{aud} {azp}"
        );
    }
}

#[test]
fn a_token_of_another_sign_in_is_refused() {
    for nonce in [
        json!("other"),
        json!("N-0S6_WZA2MJ"),
        json!(""),
        json!([NONCE]),
        json!(null),
    ] {
        assert_eq!(fault("nonce", nonce.clone()), Some("nonce"), "{nonce}");
    }
    let refreshed = Expected {
        nonce: None,
        ..expected()
    };
    for nonce in [json!("any"), json!(7), json!(null)] {
        assert!(judged(with("nonce", nonce), &refreshed).is_ok());
    }
}

/// OpenID Connect Core, appendix A.3.
#[test]
fn the_access_token_is_the_one_that_was_signed_with() {
    let hash = at_hash(&sha256("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"));
    assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
    let computed = Expected {
        at_hash: Some(&hash),
        ..expected()
    };
    assert!(judged(with("at_hash", hash.as_str()), &computed).is_ok());
    assert!(judged(with("at_hash", json!(null)), &computed).is_ok());
    for other in [
        json!("77QmUPtjPfzWtF2AnpK9RA"),
        json!(""),
        json!(7),
        json!([&hash]),
    ] {
        assert_eq!(
            judged(with("at_hash", other.clone()), &computed),
            Err("at_hash")
        );
        assert!(judged(with("at_hash", other), &expected()).is_ok());
    }
    assert_eq!(at_hash(&[]), "");
}

#[test]
fn a_token_lives_until_it_expires_and_was_not_made_later() {
    let edge = NOW - TOLERANCE_S;
    for (exp, expected) in [
        (json!(NOW + 1), None),
        (json!(NOW), None),
        (json!(edge + 1), None),
        (json!(edge as f64 + 0.5), None),
        (json!(1e300), None),
        (json!(edge), Some("exp")),
        (json!(NOW - 3600), Some("exp")),
        (json!(0), Some("exp")),
        (json!(-1), Some("exp")),
        (json!((NOW + 1).to_string()), Some("exp")),
        (json!([NOW + 1]), Some("exp")),
        (json!(true), Some("exp")),
        (json!(null), Some("exp")),
    ] {
        assert_eq!(fault("exp", exp.clone()), expected, "{exp}");
    }
    let edge = NOW + TOLERANCE_S;
    for (iat, expected) in [
        (json!(0), None),
        (json!(NOW), None),
        (json!(edge), None),
        (json!(edge + 1), Some("iat")),
        (json!(1e300), Some("iat")),
        (json!(NOW.to_string()), Some("iat")),
        (json!({}), Some("iat")),
        (json!(null), Some("iat")),
    ] {
        assert_eq!(fault("iat", iat.clone()), expected, "{iat}");
    }
}

/// §3.1.3.7, 13.
#[test]
fn a_sign_in_is_as_recent_as_was_asked_for() {
    let asked = |age| Expected {
        max_age_s: Some(age),
        ..expected()
    };
    let at = NOW - 100 - TOLERANCE_S;
    for (auth_time, expected) in [
        (json!(at), Ok(Alg::Es256)),
        (json!(NOW), Ok(Alg::Es256)),
        (json!(at - 1), Err("auth_time")),
        (json!(at.to_string()), Err("auth_time")),
        (json!(null), Err("auth_time")),
    ] {
        let claims = with("auth_time", auth_time.clone());
        assert_eq!(judged(claims.clone(), &asked(100)), expected, "{auth_time}");
        assert!(judged(claims, &self::expected()).is_ok());
    }
    assert!(judged(with("auth_time", NOW), &asked(0)).is_ok());
    assert!(judged(with("auth_time", 0), &asked(u64::MAX)).is_ok());
}

#[test]
fn who_hears_of_a_wrong_time_knows_that_the_rest_is_right() {
    for claim in ["exp", "iat", "auth_time"] {
        assert!(is_about_time(claim));
    }
    for claim in ["alg", "iss", "sub", "aud", "azp", "nonce", "at_hash", ""] {
        assert!(!is_about_time(claim));
    }
    let by_clock = |now_s, claims| {
        judged(
            claims,
            &Expected {
                now_s,
                ..expected()
            },
        )
    };
    for now in [0, NOW - 3600, NOW + 3600, u64::MAX] {
        let fault = by_clock(now, claims()).expect_err("another time");
        assert!(is_about_time(fault), "{fault}");
        for (claim, value) in [
            ("iss", "x"),
            ("sub", ""),
            ("aud", "x"),
            ("azp", "x"),
            ("nonce", "x"),
        ] {
            assert_eq!(by_clock(now, with(claim, value)), Err(claim));
        }
        assert_eq!(check(&jwt("none", claims()), &expected()), Err("alg"));
    }
    assert!(by_clock(NOW, claims()).is_ok());
}

#[test]
fn claims_that_are_no_object_say_nothing() {
    for claims in [json!([]), json!(null), json!("x"), json!(7), json!({})] {
        assert_eq!(judged(claims, &expected()), Err("iss"));
    }
}

/// §12.2.
#[test]
fn a_refreshed_token_is_about_the_same_user_or_about_another() {
    let about = |claims: Value| {
        let part = |json: Value| base64url::encode(json.to_string().as_bytes());
        let token = [&part(json!({"alg": "RS256"})), ".", &part(claims), ".c2ln"].concat();
        Subject::read::<TestJson>(&token)
    };
    for same in [
        claims(),
        with("nonce", json!(null)),
        with("iat", NOW),
        with("aud", json!([CLIENT])),
    ] {
        assert_eq!(about(same.clone()), about(claims()), "{same}");
    }
    for other in [with("sub", "other"), with("iss", "https://evil.example")] {
        assert_ne!(about(other.clone()), about(claims()), "{other}");
    }
    for nobody in [
        with("sub", json!(null)),
        with("sub", ""),
        with("sub", 24_400_320),
        with("iss", json!(null)),
        json!({}),
        json!([]),
    ] {
        assert_eq!(about(nobody.clone()), None, "{nobody}");
    }
    assert_eq!(Subject::read::<TestJson>("five.parts.of.a.jwe"), None);
}
