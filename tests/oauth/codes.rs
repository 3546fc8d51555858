//! Codes: what they are bound to, and how they are turned in.

use evergrant::oauth::base64url::encode;
use evergrant::oauth::{Code, CodeRequest, Verifier};

use crate::requests::{header, public, with_basic, with_post};
use crate::{owned, pairs, sha256};

const ENDPOINT: &str = "https://server.example.com/token";

/// RFC 7636 appendix B.
const RANDOM: [u8; 32] = [
    116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77,
    105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
];
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[test]
fn the_example_of_rfc_7636_appendix_b() {
    let verifier = encode(&RANDOM);
    assert_eq!(verifier, VERIFIER);
    assert_eq!(
        encode(&sha256(&verifier)),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

/// RFC 7636 §4.1.
#[test]
fn a_verifier_is_as_long_as_it_must_be_and_of_letters_that_nobody_encodes() {
    for random in [[0; 32], [255; 32], RANDOM] {
        let verifier = encode(&random);
        assert_eq!(verifier.len(), 43);
        let unreserved = |it: u8| it.is_ascii_alphanumeric() || b"-._~".contains(&it);
        assert!(verifier.bytes().all(unreserved));
    }
}

fn request<'a>(code: &'a Code, verifier: &'a Verifier) -> CodeRequest<'a> {
    CodeRequest {
        code,
        redirect_uri: "https://client.example.com/cb",
        verifier,
        resource: None,
        extra: &[],
    }
}

/// RFC 6749 §4.1.3, with PKCE's parameter (RFC 7636 §4.5).
#[test]
fn the_example_of_rfc_6749_section_4_1_3() {
    let (code, verifier) = (Code::new("SplxlOBeZQQYbYS6WxSbIA"), Verifier::new(VERIFIER));
    let sent = request(&code, &verifier).prepare(ENDPOINT, &with_basic("s6BhdRkqt3", "gX1fBat3bV"));
    assert_eq!(sent.url, ENDPOINT);
    assert_eq!(header(&sent), Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"));
    assert_eq!(
        sent.body.expose(),
        "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA\
         &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb\
         &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
}

/// RFC 8707 §2.2.
#[test]
fn a_code_is_turned_in_for_the_resource_that_is_named() {
    let (code, verifier) = (Code::new("c&d"), Verifier::new(VERIFIER));
    let extra = owned([("audience", "the api")]);
    let sent = CodeRequest {
        resource: Some("https://b.example/?c"),
        extra: &extra,
        ..request(&code, &verifier)
    };
    assert_eq!(
        pairs(sent.prepare(ENDPOINT, &public()).body.expose()),
        owned([
            ("grant_type", "authorization_code"),
            ("code", "c&d"),
            ("redirect_uri", "https://client.example.com/cb"),
            ("code_verifier", VERIFIER),
            ("resource", "https://b.example/?c"),
            ("audience", "the api"),
            ("client_id", "s6BhdRkqt3"),
        ])
    );
}

#[test]
fn extra_parameters_never_override_what_a_code_is_turned_in_with() {
    let (code, verifier) = (Code::new("c"), Verifier::new(VERIFIER));
    let extra = [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "resource",
        "scope",
        "client_id",
        "client_secret",
        "refresh_token",
    ];
    let extra = extra.map(|name| (String::from(name), String::from("evil")));
    for client in [public(), with_basic("app", "s"), with_post("app", "s")] {
        let plain = request(&code, &verifier);
        let sent = CodeRequest {
            extra: &extra,
            ..plain.clone()
        };
        assert_eq!(
            sent.prepare(ENDPOINT, &client),
            plain.prepare(ENDPOINT, &client)
        );
    }
}
