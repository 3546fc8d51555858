//! The error answer of the token endpoint (RFC 6749 §5.2), and of the authorization endpoint, which
//! says the same in a URL (§4.1.2.1).

use super::json::{Json, is_printable, text};

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
        let error = text(json, "error")?;
        let description = text(json, "error_description").unwrap_or_default();
        Some(Self::of(error, &description))
    }

    /// What is kept of a code and a description.
    pub(super) fn of(mut error: String, description: &str) -> Self {
        if error.len() > MAX_ERROR || !is_printable(&error, false) {
            error.clear();
        }
        ErrorResponse {
            error,
            description: shorten(description),
        }
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

    /// The server wants its nonce in the DPoP proof, and has sent one (RFC 9449 §8).
    pub fn wants_nonce(&self) -> bool {
        self.error == "use_dpop_nonce"
    }

    /// The DPoP proof was refused, perhaps for its time (RFC 9449 §5). Keycloak says so in the
    /// description of an `invalid_request`.
    pub fn doubts_proof(&self) -> bool {
        let named = |word: &[u8]| word.eq_ignore_ascii_case(b"dpop");
        self.error == "invalid_dpop_proof"
            || self.error == "invalid_request" && self.description.as_bytes().windows(4).any(named)
    }
}

/// Replaces every occurrence of a secret by `[redacted]`, and likewise its beginning where the text
/// was cut off.
pub fn redact(text: &str, secret: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while !rest.is_empty() {
        if begins(rest, secret) {
            out.push_str("[redacted]");
            rest = rest.get(secret.len()..).unwrap_or_default();
        } else {
            out.push_str(first(&mut rest));
        }
    }
    out
}

/// Whether a text begins with the secret, or is a telling beginning of it.
fn begins(text: &str, secret: &str) -> bool {
    let whole = !secret.is_empty() && text.starts_with(secret);
    whole || (text.len() >= MIN_CUT_SECRET && secret.starts_with(text))
}

fn shorten(words: &str) -> String {
    let (mut out, mut rest) = (String::new(), words);
    let mut left = MAX_DESCRIPTION;
    while left > 0 && !rest.is_empty() {
        let letter = first(&mut rest);
        // The control characters, in UTF-8.
        if !matches!(letter.as_bytes(), [..=0x1F | 0x7F] | [0xC2, ..=0x9F]) {
            out.push_str(letter);
            left -= 1;
        }
    }
    out
}

/// Takes the first character off a text.
fn first<'a>(text: &mut &'a str) -> &'a str {
    let length = text.ceil_char_boundary(1);
    let (first, rest) = text.split_at(length);
    *text = rest;
    first
}
