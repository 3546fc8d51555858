//! Where a user is sent to end the server's session.

use evergrant::oauth::{IdToken, LogoutRequest};

const ENDPOINT: &str = "https://server.example.com/logout";

fn plain<'a>() -> LogoutRequest<'a> {
    LogoutRequest {
        id_token_hint: None,
        client_id: "s6BhdRkqt3",
        post_logout_redirect_uri: None,
    }
}

/// OpenID Connect RP-Initiated Logout §2.
#[test]
fn a_logout_says_who_asks_and_where_to_go_on() {
    assert_eq!(
        plain().url(ENDPOINT),
        "https://server.example.com/logout?client_id=s6BhdRkqt3"
    );
    let hint = IdToken::new("e30.e30.c2ln");
    let request = LogoutRequest {
        id_token_hint: Some(&hint),
        post_logout_redirect_uri: Some("https://app.example/bye?a=b"),
        ..plain()
    };
    assert_eq!(
        request.url(ENDPOINT),
        "https://server.example.com/logout?id_token_hint=e30.e30.c2ln&client_id=s6BhdRkqt3\
         &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye%3Fa%3Db"
    );
    let printed = format!("{request:?}");
    assert!(!printed.contains("e30"), "{printed}");
}

#[test]
fn the_query_of_a_logout_endpoint_is_kept() {
    assert_eq!(
        plain().url("https://as.example/logout?p=B2C_1_policy"),
        "https://as.example/logout?p=B2C_1_policy&client_id=s6BhdRkqt3"
    );
}

#[test]
fn what_is_empty_is_not_said() {
    let hint = IdToken::new("");
    let request = LogoutRequest {
        id_token_hint: Some(&hint),
        post_logout_redirect_uri: Some(""),
        ..plain()
    };
    assert_eq!(request.url(ENDPOINT), plain().url(ENDPOINT));
}
