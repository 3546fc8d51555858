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

/// The server understood the request and said no.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorResponse {
    /// The code; empty where the server gave none that RFC 6749 §5.2 allows.
    pub error: String,
    /// The server's words for developers, without control characters, at most 300 characters.
    /// It may quote what we sent: [`redact`] it before it is shown.
    pub description: Option<String>,
    /// The HTTP status.
    pub status: u16,
}

impl ErrorResponse {
    /// An answer of which nothing but the status could be read.
    pub fn unreadable(status: u16) -> Self {
        ErrorResponse {
            error: String::new(),
            description: None,
            status,
        }
    }

    /// Reads an object with an `error` that is a string and not empty; `None` for anything else.
    pub fn read<J: Json>(json: &J, status: u16) -> Option<Self> {
        let error = text(json, "error")?;
        Some(ErrorResponse {
            error: if is_code(&error) {
                error
            } else {
                String::new()
            },
            description: text(json, "error_description")
                .map(|description| shorten(&description))
                .filter(|description| !description.is_empty()),
            status,
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

/// Replaces every occurrence of a secret by `[redacted]`, and likewise a secret at the end of
/// which the text was cut off. Where secrets overlap, the longest match goes first.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let secret = secrets.iter().filter_map(|secret| matched(rest, secret));
        let skip = match secret.max() {
            Some(length) => {
                out.push_str("[redacted]");
                length
            }
            None => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(skip..).unwrap_or_default();
    }
    out
}

/// How many bytes at the beginning of the text are this secret.
fn matched(text: &str, secret: &str) -> Option<usize> {
    if !secret.is_empty() && text.starts_with(secret) {
        Some(secret.len())
    } else if text.len() >= MIN_CUT_SECRET && secret.starts_with(text) {
        Some(text.len())
    } else {
        None
    }
}

/// The characters of a code: `%x20-21 / %x23-5B / %x5D-7E`.
fn is_code(error: &str) -> bool {
    error.len() <= MAX_ERROR
        && error
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

fn shorten(description: &str) -> String {
    description
        .chars()
        .filter(|char| !char.is_control())
        .take(MAX_DESCRIPTION)
        .collect()
}
