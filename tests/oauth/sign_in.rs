//! Where a user is sent to sign in, and what is pushed there beforehand.

use evergrant::oauth::ErrorResponse;
use evergrant::oauth::answer::Failure;
use evergrant::oauth::authorization::{AuthorizationRequest, pushed_url, request_uri};

use crate::json::TestJson;
use crate::requests::{header, public, with_basic, with_post};
use crate::{owned, pairs, raw};

const ENDPOINT: &str = "https://server.example.com/authorize";
const PAR: &str = "https://as.example.com/as/par";

fn plain<'a>() -> AuthorizationRequest<'a> {
    AuthorizationRequest {
        client_id: "s6BhdRkqt3",
        redirect_uri: "https://client.example.com/cb",
        state: "xyz",
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ..AuthorizationRequest::default()
    }
}

/// RFC 6749 §4.1.1, with PKCE's two parameters (RFC 7636 §4.3).
#[test]
fn the_example_of_rfc_6749_section_4_1_1() {
    assert_eq!(
        plain().url(ENDPOINT),
        "https://server.example.com/authorize?response_type=code&client_id=s6BhdRkqt3\
         &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&state=xyz\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
}

/// OpenID Connect Core §3.1.2.1, RFC 8707 §2.1, RFC 9449 §10.
#[test]
fn what_may_be_asked_for_is_asked_for() {
    let resource = [
        "https://cal.example.com/".into(),
        "https://contacts.example.com/".into(),
    ];
    let extra = owned([
        ("audience", "the api"),
        ("ui_locales", "fr-CA fr"),
        ("", "ü"),
    ]);
    let request = AuthorizationRequest {
        scope: "openid profile",
        resource: &resource,
        nonce: Some("n-0S6_WzA2Mj"),
        login_hint: Some("ada+work@example.com"),
        prompt: Some("login consent"),
        acr_values: Some("phr pwd"),
        max_age: Some("3600"),
        dpop_jkt: Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        extra: &extra,
        ..plain()
    };
    let url = request.url(ENDPOINT);
    let query = url.strip_prefix("https://server.example.com/authorize?");
    assert_eq!(
        pairs(query.expect("a query")),
        owned([
            ("response_type", "code"),
            ("client_id", "s6BhdRkqt3"),
            ("redirect_uri", "https://client.example.com/cb"),
            ("scope", "openid profile"),
            ("state", "xyz"),
            (
                "code_challenge",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            ),
            ("code_challenge_method", "S256"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("login_hint", "ada+work@example.com"),
            ("prompt", "login consent"),
            ("acr_values", "phr pwd"),
            ("max_age", "3600"),
            ("dpop_jkt", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
            ("audience", "the api"),
            ("ui_locales", "fr-CA fr"),
            ("", "ü"),
            ("resource", "https://cal.example.com/"),
            ("resource", "https://contacts.example.com/"),
        ])
    );
}

/// RFC 6749 §3.1.
#[test]
fn the_query_of_an_endpoint_is_kept() {
    for (endpoint, kept) in [
        (
            "https://as.example/authorize?tenant=a%20b",
            "?tenant=a%20b&response_type=code&",
        ),
        (
            "https://as.example/authorize?a=b&c",
            "?a=b&c&response_type=code&",
        ),
        (
            "https://as.example",
            "https://as.example?response_type=code&",
        ),
    ] {
        let url = plain().url(endpoint);
        assert!(url.starts_with(endpoint), "{url}");
        assert!(url.contains(kept), "{url}");
    }
    assert_eq!(
        pushed_url("https://as.example/authorize?tenant=a", "app", "urn:x"),
        "https://as.example/authorize?tenant=a&client_id=app&request_uri=urn%3Ax"
    );
}

#[test]
fn what_is_empty_is_left_out() {
    let request = AuthorizationRequest {
        nonce: Some(""),
        login_hint: Some(""),
        ..plain()
    };
    assert_eq!(request.url(ENDPOINT), plain().url(ENDPOINT));
}

const OWN: [&str; 15] = [
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "resource",
    "state",
    "nonce",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "dpop_jkt",
    "request",
    "request_uri",
];

#[test]
fn extra_parameters_never_override_what_a_sign_in_says() {
    let extra = OWN.map(|name| (String::from(name), String::from("evil")));
    let request = AuthorizationRequest {
        extra: &extra,
        ..plain()
    };
    assert_eq!(request.url(ENDPOINT), plain().url(ENDPOINT));
    for client in [public(), with_basic("app", "s"), with_post("app", "s")] {
        let pushed = request.push(PAR, &client).body;
        assert_eq!(pushed, plain().push(PAR, &client).body);
    }
}

#[test]
fn an_option_may_be_an_extra_parameter_unless_it_is_set() {
    let extra = owned([
        ("login_hint", "eve"),
        ("prompt", "none"),
        ("acr_values", "weak"),
        ("max_age", "9"),
    ]);
    let request = AuthorizationRequest {
        extra: &extra,
        ..plain()
    };
    let url = request.url(ENDPOINT);
    assert!(
        url.ends_with("&login_hint=eve&prompt=none&acr_values=weak&max_age=9"),
        "{url}"
    );
    let request = AuthorizationRequest {
        login_hint: Some("ada"),
        prompt: Some("login"),
        acr_values: Some("phr"),
        max_age: Some("0"),
        ..request
    };
    let url = request.url(ENDPOINT);
    assert!(
        url.ends_with("&login_hint=ada&prompt=login&acr_values=phr&max_age=0"),
        "{url}"
    );
}

/// RFC 9126 §2.1.
#[test]
fn the_example_of_rfc_9126_section_2_1() {
    let request = AuthorizationRequest {
        client_id: "s6BhdRkqt3",
        redirect_uri: "https://client.example.org/cb",
        scope: "account-information",
        state: "af0ifjsldkj",
        challenge: "K2-ltc83acc4h0c9w6ESC_rEMTJ3bww-uCHaoeK1t8U",
        ..AuthorizationRequest::default()
    };
    let pushed = request.push(PAR, &with_basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"));
    assert_eq!(pushed.url, PAR);
    assert_eq!(
        header(&pushed),
        Some("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3")
    );
    let mut sent = pairs(pushed.body.expose());
    let mut example = pairs(
        "response_type=code&state=af0ifjsldkj&client_id=s6BhdRkqt3\
         &redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb\
         &code_challenge=K2-ltc83acc4h0c9w6ESC_rEMTJ3bww-uCHaoeK1t8U\
         &code_challenge_method=S256&scope=account-information",
    );
    sent.sort();
    example.sort();
    assert_eq!(sent, example);
}

#[test]
fn a_pushed_request_names_its_client_once() {
    for (client, secrets) in [
        (public(), 0),
        (with_basic("s6BhdRkqt3", "s"), 0),
        (with_post("s6BhdRkqt3", "s"), 1),
    ] {
        let pushed = plain().push(PAR, &client);
        let count = |pair| pushed.body.expose().matches(pair).count();
        assert_eq!(count("client_id=s6BhdRkqt3"), 1);
        assert_eq!(count("client_secret=s"), secrets);
    }
    assert_eq!(header(&plain().push(PAR, &public())), None);
}

fn pushed(status: u16, body: &str) -> Result<String, Failure> {
    request_uri::<TestJson>(&raw(status, body))
}

/// RFC 9126 §2.2, §2.3, §4.
#[test]
fn the_answers_of_rfc_9126() {
    let uri = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";
    let body = r#"{"request_uri":
        "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#;
    assert_eq!(pushed(201, body).as_deref(), Ok(uri));
    assert_eq!(
        pushed_url(ENDPOINT, "s6BhdRkqt3", uri),
        "https://server.example.com/authorize?client_id=s6BhdRkqt3\
         &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c"
    );
    let body = r#"{"error":"invalid_request",
        "error_description":"The redirect_uri is not valid for the given client"}"#;
    let refused = ErrorResponse {
        error: "invalid_request".into(),
        description: "The redirect_uri is not valid for the given client".into(),
    };
    assert_eq!(pushed(400, body), Err(Failure::Refused(refused)));
}

#[test]
fn a_pushed_request_is_answered_as_a_token_request_is() {
    let uri = r#"{"request_uri":"urn:x","error":"invalid_request"}"#;
    let nonce = r#"{"error":"use_dpop_nonce"}"#;
    for (status, body, expected) in [
        (200, uri, Ok("urn:x")),
        (201, uri, Ok("urn:x")),
        (201, "", Err("unreadable")),
        (201, "{}", Err("unreadable")),
        (201, r#"{"request_uri":""}"#, Err("unreadable")),
        (201, r#"{"request_uri":7}"#, Err("unreadable")),
        (201, r#"{"request_uri":["urn:x"]}"#, Err("unreadable")),
        (201, nonce, Err("refused use_dpop_nonce")),
        (400, nonce, Err("refused use_dpop_nonce")),
        (400, uri, Err("refused invalid_request")),
        (401, "<html>", Err("refused ")),
        (413, "", Err("unavailable")),
        (429, nonce, Err("rate-limited")),
        (500, uri, Err("unavailable")),
        (302, uri, Err("unavailable")),
        (0, "", Err("unavailable")),
    ] {
        let told = pushed(status, body).map_err(|failure| match failure {
            Failure::Refused(error) => ["refused ", &error.error].concat(),
            Failure::RateLimited => "rate-limited".into(),
            Failure::Unavailable => "unavailable".into(),
            Failure::Unreadable => "unreadable".into(),
        });
        let told = told.as_ref().map(String::as_str).map_err(String::as_str);
        assert_eq!(told, expected, "{status} {body}");
    }
}
