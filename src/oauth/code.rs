//! The token request of the authorization code grant (RFC 6749 §4.1.3).

use super::client::Client;
use super::parameters::{append, append_extra};
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
    pub resource: &'a [String],
    /// Parameters of the server's own, like `audience`. Those that bear a name of the protocol's
    /// are left out: what the protocol says is never overridden.
    pub extra: &'a [(String, String)],
}

impl CodeRequest<'_> {
    /// The request to the token endpoint.
    pub fn prepare(&self, endpoint: &str, client: &Client) -> HttpRequest {
        let mut form = String::new();
        append(&mut form, "grant_type", "authorization_code");
        append(&mut form, "code", self.code.expose());
        append(&mut form, "redirect_uri", self.redirect_uri);
        append(&mut form, "code_verifier", self.verifier.expose());
        for resource in self.resource {
            append(&mut form, "resource", resource);
        }
        append_extra(&mut form, self.extra, &[]);
        HttpRequest::new(endpoint, form, client)
    }
}
