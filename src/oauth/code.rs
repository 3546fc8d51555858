//! The token request of the authorization code grant (RFC 6749 §4.1.3).

use super::client::Client;
use super::parameters::form;
use super::request::HttpRequest;
use super::secret::{Code, Verifier};

/// Asks for the tokens of an authorization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeRequest<'a> {
    /// The code of the callback. It is good for one request.
    pub code: &'a Code,
    /// The one of the authorization request, to the letter.
    pub redirect_uri: &'a str,
    /// What the challenge of the authorization request was made of (RFC 7636 §4.5).
    pub verifier: &'a Verifier,
    /// Where the access token is to be used, within what was asked for (RFC 8707 §2.2).
    pub resource: Option<&'a str>,
    /// Parameters of the server's own, like `audience`. Those that bear a name of the protocol's
    /// are left out: what the protocol says is never overridden.
    pub extra: &'a [(String, String)],
}

impl CodeRequest<'_> {
    /// The request to the token endpoint.
    pub fn prepare(&self, endpoint: &str, client: &Client) -> HttpRequest {
        let own = [
            ("grant_type", "authorization_code"),
            ("code", self.code.expose()),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", self.verifier.expose()),
            ("resource", self.resource.unwrap_or_default()),
        ];
        HttpRequest::new(endpoint, form(&own, self.extra), client)
    }
}
