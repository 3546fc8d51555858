//! The error answer of the token endpoint (RFC 6749 §5.2).

use super::json::{Json, text};

/// The longest `error` that is believed to be a code, in characters. The longest registered
/// ones have about 30.
const MAX_ERROR: usize = 64;

/// How much of `error_description` is kept, in characters: enough for a sentence or two, too
/// little for a page of HTML.
const MAX_DESCRIPTION: usize = 300;

/// The shortest beginning of a secret that [`redact`] takes for one at the end of a text, in
/// bytes. Fewer give nothing away, and would match by chance.
const MIN_CUT_SECRET: usize = 6;

/// The server understood the request and said no. The default is an answer that says no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ErrorResponse {
    /// The code; empty where the server gave none that RFC 6749 §5.2 allows.
    pub error: String,
    /// The server's words for developers, without control characters, at most 300 characters;
    /// empty where it gave none. It may quote what we sent: [`redact`] it before it is shown.
    pub description: String,
}

impl ErrorResponse {
    /// Reads an object with an `error` that is a string and not empty; `None` for anything else.
    pub fn read<J: Json>(json: &J) -> Option<Self> {
        let mut error = text(json, "error")?;
        if !is_code(&error) {
            error.clear();
        }
        Some(ErrorResponse {
            error,
            description: shorten(&text(json, "error_description").unwrap_or_default()),
        })
    }

    /// The refresh token is invalid, expired, revoked or not this client's: the only refusal
    /// that can end a session.
    pub fn is_invalid_grant(&self) -> bool {
        self.error == "invalid_grant"
    }

    /// The refusal is about the scope (RFC 6749 §5.2) or the resource (RFC 8707 §2) asked for;
    /// tokens for others are not concerned.
    pub fn about_one_token(&self) -> bool {
        self.error == "invalid_scope" || self.error == "invalid_target"
    }
}

/// Replaces every occurrence of a secret by `[redacted]`, and likewise its beginning where the text
/// was cut off.
pub fn redact(text: &str, secret: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    loop {
        let here = rest.as_str();
        if begins(here, secret) {
            out.push_str("[redacted]");
            rest = here.get(secret.len()..).unwrap_or_default().chars();
        } else if let Some(char) = rest.next() {
            out.push(char);
        } else {
            return out;
        }
    }
}

/// Whether a text begins with the secret, or is a telling beginning of it.
fn begins(text: &str, secret: &str) -> bool {
    let common = text.len().min(secret.len());
    common >= secret.len().clamp(1, MIN_CUT_SECRET)
        && text.as_bytes().get(..common) == secret.as_bytes().get(..common)
}

/// The characters of a code: `%x20-21 / %x23-5B / %x5D-7E`.
fn is_code(error: &str) -> bool {
    error.len() <= MAX_ERROR
        && error
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

fn shorten(words: &str) -> String {
    let mut out = String::new();
    let printable = words.chars().filter(|char| !char.is_control());
    for char in printable.take(MAX_DESCRIPTION) {
        out.push(char);
    }
    out
}
