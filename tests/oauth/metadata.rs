//! Where a server's metadata stands, and what is believed of it.

use evergrant::oauth::{Metadata, well_known};
use serde_json::{Value, json};

use crate::json::TestJson;

const ISSUER: &str = "https://as.example";

fn read(value: Value) -> Option<Metadata> {
    Metadata::read(&TestJson(Some(value)), ISSUER)
}

/// The token endpoint that is read where a server says it is this.
fn token_endpoint(url: impl Into<Value>) -> Option<String> {
    let url = url.into();
    let metadata = read(json!({ "issuer": ISSUER, "token_endpoint": url }));
    metadata.expect("metadata of this issuer").token
}

/// RFC 8414 §3, §3.1; OpenID Connect Discovery §4.1; the last but one as WSO2 lays it out.
#[test]
fn metadata_is_asked_for_where_either_specification_has_it() {
    for (issuer, connect, oauth) in [
        (
            "https://example.com",
            "https://example.com/.well-known/openid-configuration",
            "https://example.com/.well-known/oauth-authorization-server",
        ),
        (
            "https://example.com/",
            "https://example.com/.well-known/openid-configuration",
            "https://example.com/.well-known/oauth-authorization-server",
        ),
        (
            "https://example.com/issuer1",
            "https://example.com/issuer1/.well-known/openid-configuration",
            "https://example.com/.well-known/oauth-authorization-server/issuer1",
        ),
        (
            "https://example.com/a/b/",
            "https://example.com/a/b/.well-known/openid-configuration",
            "https://example.com/.well-known/oauth-authorization-server/a/b",
        ),
        (
            "https://localhost:9443/oauth2/token",
            "https://localhost:9443/oauth2/token/.well-known/openid-configuration",
            "https://localhost:9443/.well-known/oauth-authorization-server/oauth2/token",
        ),
        (
            "http://[::1]:8080/realms/x",
            "http://[::1]:8080/realms/x/.well-known/openid-configuration",
            "http://[::1]:8080/.well-known/oauth-authorization-server/realms/x",
        ),
    ] {
        assert_eq!(well_known(issuer), [connect, oauth]);
    }
}

/// RFC 8414 §3.2, but for the members that a client of ours has no use for.
#[test]
fn what_a_server_says_of_itself_is_read() {
    let metadata = read(json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token?tenant=a",
        "revocation_endpoint": "https://as.example/revoke",
        "end_session_endpoint": "https://as.example/logout",
        "pushed_authorization_request_endpoint": "https://as.example/par",
        "jwks_uri": "https://keys.example/jwks.json",
        "authorization_response_iss_parameter_supported": true,
        "require_pushed_authorization_requests": true,
        "response_types_supported": ["code", "code token"],
        "service_documentation": 7,
    }));
    let expected = Metadata {
        token: Some("https://as.example/token?tenant=a".into()),
        authorization: Some("https://as.example/authorize".into()),
        revocation: Some("https://as.example/revoke".into()),
        end_session: Some("https://as.example/logout".into()),
        pushed_authorization_request: Some("https://as.example/par".into()),
        jwks: Some("https://keys.example/jwks.json".into()),
        iss_parameter: true,
        requires_par: true,
    };
    assert_eq!(metadata, Some(expected));
}

/// RFC 8414 §3.3, §4.
#[test]
fn metadata_of_another_issuer_is_none() {
    for issuer in [
        json!("https://as.example/"),
        json!("https://AS.example"),
        json!("HTTPS://as.example"),
        json!("https://as.example:443"),
        json!("https://as.example\u{0}"),
        json!("https://as.example.evil.test"),
        json!("https://\u{430}s.example"),
        json!("https://as.exam"),
        json!(""),
        json!(null),
        json!(["https://as.example"]),
        json!({ "0": "https://as.example" }),
    ] {
        let metadata = json!({ "issuer": issuer, "token_endpoint": "https://as.example/token" });
        assert_eq!(read(metadata), None, "{issuer}");
    }
    for other in [json!({}), json!([]), json!(null), json!(ISSUER), json!(7)] {
        assert_eq!(read(other), None);
    }
    // A letter that has two spellings: equal to a reader, not to a comparison.
    let issuer = json!({ "issuer": "https://as.example/e\u{301}" });
    let read = |it| Metadata::read(&TestJson(Some(issuer.clone())), it).is_some();
    assert!(read("https://as.example/e\u{301}"));
    assert!(!read("https://as.example/\u{e9}"));
}

#[test]
fn endpoints_are_https_or_on_this_machine() {
    for url in [
        "https://as.example",
        "https://as.example/",
        "https://as.example:8443/token",
        "https://as.example?tenant=a",
        "https://as.example/a/@b?c=d&e=%20@/?",
        "https://10.0.0.1/token",
        "https://[2001:db8::1]:8443/token",
        "http://localhost",
        "http://localhost:8080/token",
        "http://localhost:/token@",
        "http://127.0.0.1/token",
        "http://127.0.0.1:3000/token?a",
        "http://[::1]/token",
        "http://[::1]:3000/token",
        "http://as.localhost/token",
        "http://a.b.localhost:3000",
    ] {
        assert_eq!(token_endpoint(url).as_deref(), Some(url));
    }
}

#[test]
fn an_endpoint_to_which_nothing_may_be_sent_counts_as_missing() {
    for url in [
        "",
        "/token",
        "//as.example/token",
        "as.example/token",
        "ftp://as.example/token",
        "javascript:alert(1)",
        "data:text/plain,https://as.example/",
        "HTTPS://as.example/token",
        "https:as.example/token",
        "https:/as.example/token",
        "https://",
        "https:///token",
        "https://?a",
        " https://as.example/token",
        // In clear over the network.
        "http://as.example/token",
        "http://localhost.example/token",
        "http://localhost.example:80/token",
        "http://evil.test/.localhost",
        "http://evil.test?.localhost",
        "http://evil.test\\.localhost/",
        "http://evil.test\t/.localhost",
        "http://evil.test#.localhost/",
        "http://notlocalhost/",
        "http://.localhost/",
        "http://evil.test:80.localhost/",
        "http://evil.test%2F.localhost/",
        "http://[::2].localhost/",
        "http://127.0.0.1.evil.test/",
        "http://127.0.0.2/",
        "http://x.127.0.0.1/",
        "http://[::1].evil.test/",
        "http://[::2]/",
        // With a user, who might pass for a host.
        "https://user@as.example/token",
        "https://as.example:pw@evil.test/token",
        "https://@as.example/token",
        "http://localhost@evil.test/token",
        "http://localhost:80@evil.test/token",
        // With a fragment (RFC 6749 §3.2), or in letters that no URL has.
        "https://as.example/token#",
        "https://as.example/token#x",
        "https://as.example/to ken",
        "https://as.example/\"token",
        "https://as.example\\@evil.test/token",
        "https://as.example/token\n",
        "https://as.example/tökén",
    ] {
        assert_eq!(token_endpoint(url), None, "{url:?}");
    }
    for other in [
        json!(null),
        json!(7),
        json!(["https://as.example/token"]),
        json!({}),
    ] {
        assert_eq!(token_endpoint(other), None);
    }
}

#[test]
fn nothing_but_its_issuer_makes_metadata_unreadable() {
    let junk = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "nonsense",
        "token_endpoint": 7,
        "jwks_uri": ["https://as.example/jwks"],
        "authorization_response_iss_parameter_supported": "true",
        "require_pushed_authorization_requests": 1,
    });
    assert_eq!(read(junk), Some(Metadata::default()));
    assert_eq!(read(json!({ "issuer": ISSUER })), Some(Metadata::default()));
}
