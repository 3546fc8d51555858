//! Tokens taken apart, and what is none.

use evergrant::oauth::base64url::encode;
use evergrant::oauth::{Json, Jwt};
use serde_json::{Value, json};

use crate::json::TestJson;

/// The claims of all the examples of RFC 7515 appendix A but one.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                      cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const RS256: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
                     AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
                     BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
                     0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
                     hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                     p0igcN_IoypGlUPQGe77Rw";

fn read(token: &str) -> Option<Jwt<TestJson>> {
    Jwt::read(token)
}

/// A token of three parts that are any bytes.
pub(crate) fn token(header: &[u8], claims: &[u8], signature: &[u8]) -> String {
    [header, claims, signature].map(encode).join(".")
}

fn with_header(header: &Value) -> Option<Jwt<TestJson>> {
    read(&token(header.to_string().as_bytes(), b"{}", b"signature"))
}

/// RFC 7515 appendix A.1, A.2, A.3, A.5: HMAC and no signature are read too, for whoever checks them
/// to refuse.
#[test]
fn the_examples_of_rfc_7515_appendix_a() {
    for (header, signature, alg, bytes) in [
        (
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "HS256",
            32,
        ),
        ("eyJhbGciOiJSUzI1NiJ9", RS256, "RS256", 256),
        (
            "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
             pmWQxfKTUJqPP3-Kg6NU1Q",
            "ES256",
            64,
        ),
        ("eyJhbGciOiJub25lIn0", "", "none", 0),
    ] {
        let jwt = read(&[header, CLAIMS, signature].join(".")).expect(alg);
        assert_eq!(jwt.alg, alg);
        assert_eq!(jwt.kid, None);
        assert_eq!(jwt.claims.get("iss").as_str().as_deref(), Some("joe"));
        assert_eq!(jwt.claims.get("exp").as_f64(), 1_300_819_380.0);
        assert!(jwt.claims.get("http://example.com/is_root").is_true());
        assert_eq!(jwt.signing_input, [header, CLAIMS].join("."));
        assert_eq!(jwt.signature.len(), bytes);
        assert_eq!(encode(&jwt.signature), signature);
    }
}

/// RFC 7515 appendix A.4: signed, but no claims.
#[test]
fn a_signed_text_is_no_token() {
    assert!(read("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZ").is_none());
}

#[test]
fn the_key_is_named() {
    for (kid, expected) in [
        (json!("2011-04-29"), Some("2011-04-29")),
        (json!(""), None),
        (json!(7), None),
        (json!(null), None),
    ] {
        let jwt = with_header(&json!({ "alg": "RS256", "kid": kid })).expect("a token");
        assert_eq!(jwt.kid.as_deref(), expected);
    }
}

#[test]
fn any_letters_are_read_back() {
    let claims = json!({ "name": "Ada \u{1f600} \"\\\u{0}ü" });
    let header = br#" {"alg":"ES256","typ":"JWT","x":{"crit":["b64"]}}"#;
    let jwt = read(&token(header, claims.to_string().as_bytes(), &[0, 255])).expect("a token");
    assert_eq!(jwt.claims.0, Some(claims));
    assert_eq!(jwt.signature, [0, 255]);
}

/// RFC 7515 §4.1.11.
#[test]
fn an_extension_that_must_be_understood_is_not() {
    for crit in [
        json!(["exp"]),
        json!(["b64", "exp"]),
        json!(["alg"]),
        json!([]),
        json!([7]),
        json!("exp"),
        json!(null),
        json!(false),
        json!({}),
    ] {
        assert!(
            with_header(&json!({ "alg": "ES256", "crit": crit })).is_none(),
            "{crit}"
        );
    }
    let escaped = br#"{"alg":"ES256","\u0063rit":["exp"]}"#;
    assert!(read(&token(escaped, b"{}", b"")).is_none());
    assert!(with_header(&json!({ "alg": "ES256", "Crit": ["exp"] })).is_some());
}

#[test]
fn a_token_without_an_algorithm_is_none() {
    for header in [
        json!({}),
        json!({ "alg": "" }),
        json!({ "alg": null }),
        json!({ "alg": ["ES256"] }),
        json!({ "Alg": "ES256" }),
    ] {
        assert!(with_header(&header).is_none(), "{header}");
    }
}

#[test]
fn garbage_is_no_token() {
    let header = br#"{"alg":"ES256"}"#;
    let good = token(header, br#"{"sub":"a"}"#, b"signature");
    assert!(read(&good).is_some());
    let [h, c, s] = [&header[..], br#"{"sub":"a"}"#, b"signature"].map(encode);
    for text in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        h.clone(),
        [h.as_str(), &c].join("."),
        // Five parts: encrypted (RFC 7516 §3.1).
        [h.as_str(), &c, &c, &c, &s].join("."),
        [h.as_str(), &c, &s, ""].join("."),
        ["", &h, &c, &s].join("."),
        // Not base64url.
        [&good, "="].concat(),
        [&good, "\n"].concat(),
        [" ", &good].concat(),
        ["Bearer ", &good].concat(),
        [h.as_str(), "", &s].join("."),
        ["", c.as_str(), &s].join("."),
        [h.as_str(), &c, "s"].join("."),
        [h.as_str(), &c, "s+/="].join("."),
        // Not UTF-8; not JSON; not an object.
        token(header, b"{\"sub\":\"\xFF\"}", b""),
        token(b"\xEF\xBB\xBF{\"alg\":\"ES256\"}", b"{}", b""),
        token(header, b"\xEF\xBB\xBF{}", b""),
        token(header, b"{", b""),
        token(header, b"{} {}", b""),
        token(header, b"[]", b""),
        token(header, b"[{\"sub\":\"a\"}]", b""),
        token(header, b"null", b""),
        token(header, b"\"{}\"", b""),
        token(header, b"7", b""),
        token(b"[\"alg\"]", b"{}", b""),
        token(b"\"ES256\"", b"{}", b""),
        token(b"null", b"{}", b""),
    ] {
        assert!(read(&text).is_none(), "{text:?}");
    }
}
