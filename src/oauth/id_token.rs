//! The claims inside an ID token (OpenID Connect Core §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::secret::IdToken;

/// The claims as JSON text; `None` for what is no signed JWT (RFC 7519 §3), or an encrypted one.
///
/// The signature is not checked: for a token that came straight from the token endpoint, TLS
/// stands for it (OpenID Connect Core §3.1.3.7, item 6).
pub fn claims_json(token: &IdToken) -> Option<String> {
    let mut parts = token.expose().split('.');
    let (_header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
