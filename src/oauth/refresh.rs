//! The refresh request (RFC 6749 §6).

use super::client::Client;
use super::parameters::{append, append_extra};
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
    pub resource: &'a [String],
    /// Parameters of the server's own, like `audience`. Those that bear a name of the protocol's
    /// are left out: what the protocol says is never overridden.
    pub extra: &'a [(String, String)],
}

impl RefreshRequest<'_> {
    /// The request to the token endpoint.
    pub fn prepare(&self, endpoint: &str, client: &Client) -> HttpRequest {
        let mut form = String::new();
        append(&mut form, "grant_type", "refresh_token");
        append(&mut form, "refresh_token", self.refresh_token.expose());
        if let Some(scope) = self.scope.filter(|scope| !scope.is_empty()) {
            append(&mut form, "scope", scope);
        }
        for resource in self.resource {
            append(&mut form, "resource", resource);
        }
        append_extra(&mut form, self.extra, &[]);
        HttpRequest::new(endpoint, form, client)
    }
}
