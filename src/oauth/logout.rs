//! The logout request (OpenID Connect RP-Initiated Logout §2).

use super::parameters::{form, with_query};
use super::secret::IdToken;

/// Asks the server to end its own session, by sending the user there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogoutRequest<'a> {
    /// Whose session it is. It stands in the URL, where the browser's history and the server's
    /// logs keep it; many servers ask the user before they act without one.
    pub id_token_hint: Option<&'a IdToken>,
    /// The client identifier: without a hint, the only word about who asks.
    pub client_id: &'a str,
    /// Where the user is sent afterwards, if it was registered for that.
    pub post_logout_redirect_uri: Option<&'a str>,
}

impl LogoutRequest<'_> {
    /// Where to send the user. An endpoint's own query is kept.
    #[must_use]
    pub fn url(&self, endpoint: &str) -> String {
        let hint = self.id_token_hint.map(IdToken::expose);
        let uri = self.post_logout_redirect_uri;
        let own = [
            ("id_token_hint", hint.unwrap_or_default()),
            ("client_id", self.client_id),
            ("post_logout_redirect_uri", uri.unwrap_or_default()),
        ];
        with_query(endpoint, &form(&own, &[]))
    }
}
