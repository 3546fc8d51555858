//! A request ready to be sent: what the token and the revocation endpoint have in common.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::client::{Client, ClientAuthentication};
use super::secret::{Authorization, Form};

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
        let mut authorization = None;
        match &client.authentication {
            ClientAuthentication::None => append(&mut form, "client_id", &client.id),
            ClientAuthentication::SecretBasic(secret) => {
                authorization = Some(basic(&client.id, secret.expose()));
            }
            ClientAuthentication::SecretPost(secret) => {
                append(&mut form, "client_id", &client.id);
                append(&mut form, "client_secret", secret.expose());
            }
        }
        HttpRequest {
            url: endpoint.into(),
            authorization,
            body: Form::new(form),
        }
    }
}

/// Adds one parameter to a form.
pub(super) fn append(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form.extend(byte_serialize(name.as_bytes()));
    form.push('=');
    form.extend(byte_serialize(value.as_bytes()));
}

/// HTTP Basic, with the name and the password form-encoded before they are joined
/// (RFC 6749 §2.3.1), so that a colon or a letter outside ASCII in them survives.
fn basic(id: &str, secret: &str) -> Authorization {
    let mut pair = Zeroizing::new(String::new());
    pair.extend(byte_serialize(id.as_bytes()));
    pair.push(':');
    pair.extend(byte_serialize(secret.as_bytes()));
    // Four letters for each three bytes that were begun.
    let mut letters = Zeroizing::new(vec![0; pair.len().div_ceil(3) * 4]);
    let length = STANDARD
        .encode_slice(pair.as_bytes(), &mut letters)
        .unwrap_or_default();
    let mut value = String::from("Basic ");
    value.extend(
        letters
            .iter()
            .take(length)
            .map(|letter| char::from(*letter)),
    );
    Authorization::new(value)
}
