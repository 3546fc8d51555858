//! The claims inside an ID token.

use evergrant::oauth::IdToken;
use evergrant::oauth::id_token::claims_json;

fn claims(token: &str) -> Option<String> {
    claims_json(&IdToken::new(token))
}

#[test]
fn the_example_of_rfc_7519_section_3_1() {
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
        .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let text = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(claims(token).as_deref(), Some(text));
}

#[test]
fn letters_outside_ascii_and_the_url_safe_alphabet_are_read() {
    assert_eq!(
        claims("e30.eyJzdWIiOiLDvMO_w74_Pz8-fiJ9.c2ln").as_deref(),
        Some("{\"sub\":\"üÿþ???>~\"}")
    );
}

#[test]
fn what_is_no_signed_jwt_has_no_claims() {
    for junk in [
        "",
        "opaque",
        "e30.e30",
        "e30.e30.sig.more",
        "e30.key.iv.ciphertext.tag",
        "e30.e3.sig",
        "e30.{}.sig",
        "e30.e30=.sig",
        "e30.ab+/.sig",
        "e30._w.sig",
        "e30.ü.sig",
    ] {
        assert_eq!(claims(junk), None, "{junk}");
    }
}

#[test]
fn an_unsigned_token_is_read_too_since_tls_stands_for_the_signature() {
    assert_eq!(claims("e30.e30.").as_deref(), Some("{}"));
}
