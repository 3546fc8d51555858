//! A request ready to be sent: what the token, the revocation and the PAR endpoint have
//! in common.

use super::base64url;
use super::client::{Client, ClientAuthentication};
use super::parameters::{append, encode};
use super::secret::{Authorization, ClientSecret, Form};

/// The scheme, before the credentials (RFC 7617 §2).
const BASIC: &str = "Basic ";

/// A POST whose body is a form (RFC 6749 §3.2). A public client's has no header that is not
/// CORS-simple, so that it needs no preflight, which many token endpoints do not answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpRequest {
    /// The endpoint, as it was configured.
    pub url: String,
    /// The `Authorization` header, if the client authenticates by one.
    pub authorization: Option<Authorization>,
    /// The body.
    pub body: Form,
}

impl HttpRequest {
    /// Adds the client's authentication to the parameters. With Basic the body does not name
    /// the client again: no more than one method per request (RFC 6749 §2.3).
    pub(super) fn new(endpoint: &str, mut form: String, client: &Client) -> Self {
        let (id, secret) = (&client.id, client.secret.expose());
        let authorization = if client.authentication == ClientAuthentication::SecretBasic {
            Some(basic(id, secret))
        } else {
            append(&mut form, "client_id", id);
            None
        };
        if client.authentication == ClientAuthentication::SecretPost {
            append(&mut form, "client_secret", secret);
        }
        HttpRequest {
            url: endpoint.into(),
            authorization,
            body: Form::new(form),
        }
    }
}

/// HTTP Basic, with the name and the password form-encoded before they are joined
/// (RFC 6749 §2.3.1), so that a colon or a letter outside ASCII in them survives.
fn basic(id: &str, secret: &str) -> Authorization {
    let mut pair = String::new();
    encode(&mut pair, id);
    pair.push(':');
    encode(&mut pair, secret);
    // As much a secret as the password in it. What form-encoding leaves has no `>`, `?` or `~`, and
    // ASCII without them looks the same in base64 and in base64url.
    let pair = ClientSecret::new(pair);
    let letters = ClientSecret::new(base64url::encode(pair.expose().as_bytes()));
    let mut value = String::from(BASIC);
    value.push_str(letters.expose());
    while !(value.len() - BASIC.len()).is_multiple_of(4) {
        value.push('=');
    }
    Authorization::new(value)
}
