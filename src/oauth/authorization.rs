//! The authorization request (RFC 6749 §4.1.1), through the browser or pushed (RFC 9126).

use super::answer::{Failure, RawAnswer, judge};
use super::client::{Client, ClientAuthentication};
use super::json::{Json, text};
use super::parameters::{append, form, with_query};
use super::request::HttpRequest;

/// How the challenge is made of the verifier (RFC 7636 §4.3). There is no `plain` here, which RFC 9700
/// §2.1.1 is against.
const METHOD: &str = "S256";

/// Asks for an authorization code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AuthorizationRequest<'a> {
    /// The client identifier.
    pub client_id: &'a str,
    /// Where the answer goes; one that was registered.
    pub redirect_uri: &'a str,
    /// Scopes separated by spaces; empty: the server's default.
    pub scope: &'a str,
    /// Where the access token is to be used (RFC 8707 §2.1).
    pub resource: &'a [String],
    /// Comes back with the answer, and binds it to this browser (RFC 6749 §10.12).
    pub state: &'a str,
    /// Comes back in the ID token (OpenID Connect Core §3.1.2.1).
    pub nonce: Option<&'a str>,
    /// The code challenge: the SHA-256 of the verifier's text, in base64url (RFC 7636 §4.2).
    pub challenge: &'a str,
    /// Who will sign in, as far as is known (OpenID Connect Core §3.1.2.1, like the next three).
    pub login_hint: Option<&'a str>,
    /// What the server is to ask the user, or `none`.
    pub prompt: Option<&'a str>,
    /// Which ways to sign in will do (RFC 9470 §4).
    pub acr_values: Option<&'a str>,
    /// How old the sign-in may be, in seconds.
    pub max_age: Option<&'a str>,
    /// The thumbprint of the key to which the code is bound (RFC 9449 §10).
    pub dpop_jkt: Option<&'a str>,
    /// Parameters of the server's own, like `audience`. Left out are those that bear a name of the
    /// protocol's, whether or not this request makes use of it, and those that bear the name of a
    /// field above that is set.
    pub extra: &'a [(String, String)],
}

impl AuthorizationRequest<'_> {
    /// Where to send the user. An endpoint's own query is kept (RFC 6749 §3.1).
    #[must_use]
    pub fn url(&self, endpoint: &str) -> String {
        with_query(endpoint, &self.parameters(self.client_id))
    }

    /// The request to the PAR endpoint (RFC 9126 §2.1), which needs the same parameters and the
    /// client's authentication.
    pub fn push(&self, endpoint: &str, client: &Client) -> HttpRequest {
        // Here the client is named beside Basic too: it is a parameter of the authorization.
        let named = client.authentication == ClientAuthentication::SecretBasic;
        let client_id = if named { self.client_id } else { "" };
        HttpRequest::new(endpoint, self.parameters(client_id), client)
    }

    fn parameters(&self, client_id: &str) -> String {
        let own = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", self.redirect_uri),
            ("scope", self.scope),
            ("state", self.state),
            ("code_challenge", self.challenge),
            ("code_challenge_method", METHOD),
            ("nonce", self.nonce.unwrap_or_default()),
            ("login_hint", self.login_hint.unwrap_or_default()),
            ("prompt", self.prompt.unwrap_or_default()),
            ("acr_values", self.acr_values.unwrap_or_default()),
            ("max_age", self.max_age.unwrap_or_default()),
            ("dpop_jkt", self.dpop_jkt.unwrap_or_default()),
        ];
        let mut form = form(&own, self.extra);
        for resource in self.resource {
            append(&mut form, "resource", resource);
        }
        form
    }
}

/// Reads the answer of the PAR endpoint (RFC 9126 §2.2, §2.3), which is judged like one of the token
/// endpoint.
pub fn request_uri<J: Json>(raw: &RawAnswer) -> Result<String, Failure> {
    judge(raw, |json: &J| text(json, "request_uri"))
}

/// Where to send the user with a request that was pushed (RFC 9126 §4).
#[must_use]
pub fn pushed_url(endpoint: &str, client_id: &str, request_uri: &str) -> String {
    let own = [("client_id", client_id), ("request_uri", request_uri)];
    with_query(endpoint, &form(&own, &[]))
}
