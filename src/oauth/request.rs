//! A request ready to be sent: what the token and the revocation endpoint have in common.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::{Client, ClientAuthentication};
use super::secret::{Authorization, ClientSecret, Form};

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

/// Adds one parameter to a form.
pub(super) fn append(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    encode(form, name);
    form.push('=');
    encode(form, value);
}

/// Adds a text as `application/x-www-form-urlencoded` (RFC 6749 appendix B).
///
/// Our own, because the crate `form_urlencoded` adds a quarter of a kilobyte to the compressed
/// module, most of it a table.
fn encode(form: &mut String, text: &str) {
    for byte in text.bytes() {
        let letter = match byte {
            b'*' | b'-' | b'.' | b'_' => byte,
            _ if byte.is_ascii_alphanumeric() => byte,
            b' ' => b'+',
            _ => {
                form.push('%');
                form.push(char::from(hex(byte >> 4)));
                hex(byte & 15)
            }
        };
        form.push(char::from(letter));
    }
}

fn hex(digit: u8) -> u8 {
    if digit < 10 {
        b'0' + digit
    } else {
        b'A' - 10 + digit
    }
}

/// HTTP Basic, with the name and the password form-encoded before they are joined
/// (RFC 6749 §2.3.1), so that a colon or a letter outside ASCII in them survives.
fn basic(id: &str, secret: &str) -> Authorization {
    let mut pair = String::new();
    encode(&mut pair, id);
    pair.push(':');
    encode(&mut pair, secret);
    // As much a secret as the password in it.
    let pair = ClientSecret::new(pair);
    let mut value = String::from("Basic ");
    for bytes in pair.expose().as_bytes().chunks(3) {
        // Always three, filled up with zeros (RFC 4648 §4): what the engine has for long inputs is
        // 1.5 KB of code, and the compiler sees that three bytes do not need it.
        let byte = |i| bytes.get(i).copied().unwrap_or_default();
        let mut letters = [0; 4];
        let _ = STANDARD.encode_slice([byte(0), byte(1), byte(2)], &mut letters);
        for (i, letter) in letters.iter().enumerate() {
            let letter = if i > bytes.len() { b'=' } else { *letter };
            value.push(char::from(letter));
        }
    }
    Authorization::new(value)
}
