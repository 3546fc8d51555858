//! What goes over the wire, byte for byte.

use evergrant::oauth::{
    Client, ClientAuthentication, ClientSecret, HttpRequest, RefreshRequest, RefreshToken,
    RevocationRequest,
};

const ENDPOINT: &str = "https://server.example.com/token";

pub(crate) fn client(id: &str, authentication: ClientAuthentication, secret: &str) -> Client {
    Client {
        id: id.into(),
        authentication,
        secret: ClientSecret::new(secret),
    }
}

pub(crate) fn public() -> Client {
    client("s6BhdRkqt3", ClientAuthentication::None, "")
}

pub(crate) fn with_basic(id: &str, secret: &str) -> Client {
    client(id, ClientAuthentication::SecretBasic, secret)
}

pub(crate) fn with_post(id: &str, secret: &str) -> Client {
    client(id, ClientAuthentication::SecretPost, secret)
}

fn refresh(token: &str, client: &Client) -> HttpRequest {
    let request = RefreshRequest {
        refresh_token: &RefreshToken::new(token),
        scope: None,
        resource: None,
        extra: &[],
    };
    request.prepare(ENDPOINT, client)
}

pub(crate) fn header(request: &HttpRequest) -> Option<&str> {
    request.authorization.as_ref().map(|value| value.expose())
}

#[test]
fn the_example_of_rfc_6749_section_6() {
    let request = refresh(
        "tGzv3JOkF0XG5Qx2TlKWIA",
        &with_basic("s6BhdRkqt3", "gX1fBat3bV"),
    );
    assert_eq!(request.url, ENDPOINT);
    assert_eq!(header(&request), Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"));
    assert_eq!(
        request.body.expose(),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA"
    );
}

#[test]
fn the_example_of_rfc_6749_section_2_3_1() {
    let request = refresh(
        "tGzv3JOkF0XG5Qx2TlKWIA",
        &with_post("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"),
    );
    assert_eq!(header(&request), None);
    assert_eq!(
        request.body.expose(),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA\
         &client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw"
    );
}

#[test]
fn the_example_of_rfc_7009_section_2_1() {
    let request = RevocationRequest {
        refresh_token: &RefreshToken::new("45ghiukldjahdnhzdauz"),
    };
    let request = request.prepare(
        "https://server.example.com/revoke",
        &with_basic("s6BhdRkqt3", "gX1fBat3bV"),
    );
    assert_eq!(request.url, "https://server.example.com/revoke");
    assert_eq!(header(&request), Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"));
    assert_eq!(
        request.body.expose(),
        "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token"
    );
}

/// `curl -d "grant_type=refresh_token&refresh_token=…" -H "Authorization: Basic …"
/// -H "Content-Type: application/x-www-form-urlencoded"`, as the WSO2 documentation gives it.
#[test]
fn a_confidential_client_sends_the_curl_call_of_wso2() {
    let request = refresh(
        "2fb9bb5a-4bc6-3b55-9e1c-b9a7dbc2b4b0",
        &with_basic(
            "rgfKVdnMQnJHSr_pKFTxj3apiwYa",
            "BRebJ0aqfclQB9v7yZwhj0JfW0ga",
        ),
    );
    assert_eq!(
        header(&request),
        Some("Basic cmdmS1Zkbk1RbkpIU3JfcEtGVHhqM2FwaXdZYTpCUmViSjBhcWZjbFFCOXY3eVp3aGowSmZXMGdh")
    );
    assert_eq!(
        request.body.expose(),
        "grant_type=refresh_token&refresh_token=2fb9bb5a-4bc6-3b55-9e1c-b9a7dbc2b4b0"
    );
}

#[test]
fn a_public_client_only_says_its_name() {
    let request = refresh("r1", &public());
    assert_eq!(header(&request), None);
    assert_eq!(
        request.body.expose(),
        "grant_type=refresh_token&refresh_token=r1&client_id=s6BhdRkqt3"
    );
    let revocation = RevocationRequest {
        refresh_token: &RefreshToken::new("r1"),
    };
    assert_eq!(
        revocation.prepare(ENDPOINT, &public()).body.expose(),
        "token=r1&token_type_hint=refresh_token&client_id=s6BhdRkqt3"
    );
}

#[test]
fn the_parameters_stand_in_their_order() {
    let extra = [
        ("audience".into(), "the api".into()),
        ("t".into(), "ü".into()),
    ];
    let request = RefreshRequest {
        refresh_token: &RefreshToken::new("a+b/c=&d"),
        scope: Some("openid profile"),
        resource: Some("https://b.example/x?y"),
        extra: &extra,
    };
    assert_eq!(
        request
            .prepare(ENDPOINT, &with_post("app", "s"))
            .body
            .expose(),
        "grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D%26d&scope=openid+profile\
         &resource=https%3A%2F%2Fb.example%2Fx%3Fy\
         &audience=the+api&t=%C3%BC&client_id=app&client_secret=s"
    );
}

#[test]
fn extra_parameters_never_override_the_protocols_own() {
    let own = [
        "grant_type",
        "refresh_token",
        "scope",
        "resource",
        "client_id",
        "client_secret",
    ];
    let extra = own.map(|name| (String::from(name), String::from("evil")));
    let request = RefreshRequest {
        refresh_token: &RefreshToken::new("r1"),
        scope: None,
        resource: None,
        extra: &extra,
    };
    for client in [public(), with_basic("app", "s"), with_post("app", "s")] {
        let body = request.prepare(ENDPOINT, &client).body;
        assert!(!body.expose().contains("evil"), "{}", body.expose());
    }
}

#[test]
fn an_empty_scope_is_not_sent() {
    let request = RefreshRequest {
        refresh_token: &RefreshToken::new("r1"),
        scope: Some(""),
        resource: None,
        extra: &[],
    };
    assert!(
        !request
            .prepare(ENDPOINT, &public())
            .body
            .expose()
            .contains("scope")
    );
}

/// RFC 6749 §2.3.1 and appendix B: form-encoded first, then joined, then Base64.
#[test]
fn basic_carries_any_name_and_any_secret() {
    for (id, secret, pair) in [
        ("a:b", "c:d", "a%3Ab:c%3Ad"),
        ("app", "", "app:"),
        (
            " %&+£€",
            " %&+£€",
            "+%25%26%2B%C2%A3%E2%82%AC:+%25%26%2B%C2%A3%E2%82%AC",
        ),
        (
            "https://rp.example",
            "p@ss/w=rd?#",
            "https%3A%2F%2Frp.example:p%40ss%2Fw%3Drd%3F%23",
        ),
        (
            "a-b_c.d*e",
            "~!'()\"\\\u{0}\u{1f600}",
            "a-b_c.d*e:%7E%21%27%28%29%22%5C%00%F0%9F%98%80",
        ),
    ] {
        let request = refresh("r1", &with_basic(id, secret));
        let value = header(&request).and_then(|value| value.strip_prefix("Basic "));
        assert_eq!(value.map(decode_base64).as_deref(), Some(pair));
        assert_eq!(
            request.body.expose(),
            "grant_type=refresh_token&refresh_token=r1"
        );
    }
}

/// RFC 4648 §4, the other way round.
pub(crate) fn decode_base64(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = alphabet.iter().position(|letter| *letter == byte);
        bits = bits << 6 | value.expect("the standard alphabet") as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    assert_eq!(text.len() % 4, 0, "padded");
    String::from_utf8(bytes).expect("ASCII inside")
}
