//! The revocation request (RFC 7009 §2.1).

use super::client::Client;
use super::parameters::append;
use super::request::HttpRequest;
use super::secret::RefreshToken;

/// Asks the server to forget a refresh token, and with it the access tokens of its grant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RevocationRequest<'a> {
    /// The refresh token that is given up.
    pub refresh_token: &'a RefreshToken,
}

impl RevocationRequest<'_> {
    /// The request to the revocation endpoint.
    pub fn prepare(&self, endpoint: &str, client: &Client) -> HttpRequest {
        let mut form = String::new();
        append(&mut form, "token", self.refresh_token.expose());
        append(&mut form, "token_type_hint", "refresh_token");
        HttpRequest::new(endpoint, form, client)
    }
}
