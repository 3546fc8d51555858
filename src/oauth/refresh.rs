//! The refresh request (RFC 6749 §6).

use super::client::Client;
use super::parameters::form;
use super::request::HttpRequest;
use super::secret::RefreshToken;

/// Asks for a new access token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefreshRequest<'a> {
    /// The refresh token that is spent.
    pub refresh_token: &'a RefreshToken,
    /// Scopes separated by spaces, within those granted; without it, all of them.
    pub scope: Option<&'a str>,
    /// Where the access token is to be used (RFC 8707 §2.2).
    pub resource: Option<&'a str>,
    /// Parameters of the server's own, like `audience`. Those that bear a name of the protocol's
    /// are left out: what the protocol says is never overridden.
    pub extra: &'a [(String, String)],
}

impl RefreshRequest<'_> {
    /// The request to the token endpoint.
    pub fn prepare(&self, endpoint: &str, client: &Client) -> HttpRequest {
        let own = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.refresh_token.expose()),
            ("scope", self.scope.unwrap_or_default()),
            ("resource", self.resource.unwrap_or_default()),
        ];
        HttpRequest::new(endpoint, form(&own, self.extra), client)
    }
}
