//! A signed JSON Web Token, taken apart (RFC 7519 §7.2; RFC 7515 §5.2). Nothing here proves who
//! wrote it.

use super::base64url;
use super::json::{Json, text};

/// The parts of a token.
#[derive(Clone)]
pub struct Jwt<J> {
    /// The header's `alg`, whatever it may be (RFC 7515 §4.1.1).
    pub alg: String,
    /// The header's `kid`: which of the issuer's keys signed it (RFC 7515 §4.1.4).
    pub kid: Option<String>,
    /// The claims, an object.
    pub claims: J,
    /// What was signed: the text of the first two parts.
    pub signing_input: String,
    /// The signature.
    pub signature: Vec<u8>,
}

impl<J: Json> Jwt<J> {
    /// Takes a token apart. `None` for what is none, for one that is encrypted, and for one whose
    /// header has `crit`: no extension is understood here (RFC 7515 §4.1.11).
    #[must_use]
    pub fn read(token: &str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, claims) = signing_input.split_once('.')?;
        let header = object::<J>(header)?;
        if header.get("crit").is_there() {
            return None;
        }
        Some(Jwt {
            alg: text(&header, "alg")?,
            kid: text(&header, "kid"),
            claims: object(claims)?,
            signing_input: signing_input.into(),
            signature: base64url::decode(signature)?,
        })
    }
}

/// A part that is a JSON object in UTF-8.
fn object<J: Json>(part: &str) -> Option<J> {
    let text = String::from_utf8(base64url::decode(part)?).ok()?;
    let json = J::parse(&text);
    let object = text.trim_ascii_start().starts_with('{') && json.is_there();
    object.then_some(json)
}
