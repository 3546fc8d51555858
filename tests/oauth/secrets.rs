//! No secret is ever printed.

use std::fmt::Debug;

use evergrant::oauth::{
    AccessToken, Authorization, Body, Client, ClientAuthentication, ClientSecret, Code,
    CodeRequest, Form, IdToken, RefreshRequest, RefreshToken, RevocationRequest, Verifier,
};

use crate::json::TestJson;
use crate::raw;

const SECRET: &str = "hunter2";

fn printed(value: &dyn Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[test]
fn every_secret_prints_its_type_and_nothing_else() {
    assert_eq!(
        format!("{:?}", AccessToken::new(SECRET)),
        "AccessToken([redacted])"
    );
    assert_eq!(
        format!("{:?}", RefreshToken::new(SECRET)),
        "RefreshToken([redacted])"
    );
    assert_eq!(format!("{:?}", IdToken::new(SECRET)), "IdToken([redacted])");
    assert_eq!(format!("{:?}", Code::new(SECRET)), "Code([redacted])");
    assert_eq!(
        format!("{:?}", Verifier::new(SECRET)),
        "Verifier([redacted])"
    );
    assert_eq!(
        format!("{:?}", ClientSecret::new(SECRET)),
        "ClientSecret([redacted])"
    );
    assert_eq!(format!("{:?}", Body::new(SECRET)), "Body([redacted])");
    assert_eq!(format!("{:?}", Form::new(SECRET)), "Form([redacted])");
    assert_eq!(
        format!("{:?}", Authorization::new(SECRET)),
        "Authorization([redacted])"
    );
}

#[test]
fn requests_and_answers_print_no_secret() {
    let refresh_token = RefreshToken::new(SECRET);
    let refresh = RefreshRequest {
        refresh_token: &refresh_token,
        scope: None,
        resource: None,
        extra: &[],
    };
    let revocation = RevocationRequest {
        refresh_token: &refresh_token,
    };
    let (code, verifier) = (Code::new(SECRET), Verifier::new(SECRET));
    let turned_in = CodeRequest {
        code: &code,
        redirect_uri: "https://app.example/",
        verifier: &verifier,
        resource: None,
        extra: &[],
    };
    for authentication in [
        ClientAuthentication::None,
        ClientAuthentication::SecretBasic,
        ClientAuthentication::SecretPost,
    ] {
        let client = Client {
            id: "app".into(),
            authentication,
            secret: ClientSecret::new(SECRET),
        };
        let base64 = "YXBwOmh1bnRlcjI=";
        for output in [
            printed(&client),
            printed(&refresh),
            printed(&revocation),
            printed(&turned_in),
            printed(&turned_in.prepare("https://as.example/token", &client)),
            printed(&refresh.prepare("https://as.example/token", &client)),
            printed(&revocation.prepare("https://as.example/revoke", &client)),
        ] {
            assert!(!output.contains(SECRET), "{output}");
            assert!(!output.contains(base64), "{output}");
        }
    }
    let body = r#"{"access_token":"hunter2","refresh_token":"hunter2","id_token":"hunter2"}"#;
    let answer = evergrant::oauth::Answer::read::<TestJson>(raw(200, body));
    let output = printed(&answer);
    assert!(output.contains("Tokens"), "{output}");
    assert!(!output.contains(SECRET), "{output}");
}

#[test]
fn a_secret_is_equal_to_its_like_and_keeps_its_text() {
    assert_eq!(RefreshToken::new(SECRET), RefreshToken::new(SECRET).clone());
    assert_ne!(RefreshToken::new(SECRET), RefreshToken::new("other"));
    assert_eq!(RefreshToken::new(SECRET).expose(), SECRET);
}
