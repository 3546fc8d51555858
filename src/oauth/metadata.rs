//! The authorization server's metadata (RFC 8414; OpenID Connect Discovery).

use super::json::{Json, text};

/// Where an issuer's metadata may stand, in the order in which to ask: as OpenID Connect Discovery
/// §4 appends it, and as RFC 8414 §3.1 inserts it. Many servers have only one of the two.
#[must_use]
pub fn well_known(issuer: &str) -> [String; 2] {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    // Two slashes stand before the host.
    let path = issuer.match_indices('/').nth(2);
    let (origin, path) = issuer.split_at(path.map_or(issuer.len(), |(at, _)| at));
    [
        [issuer, "/.well-known/openid-configuration"].concat(),
        [origin, "/.well-known/oauth-authorization-server", path].concat(),
    ]
}

/// What a server says of itself (RFC 8414 §2), as far as a client needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// `token_endpoint`.
    pub token: Option<String>,
    /// `authorization_endpoint`.
    pub authorization: Option<String>,
    /// `revocation_endpoint` (RFC 7009).
    pub revocation: Option<String>,
    /// `end_session_endpoint` (OpenID Connect RP-Initiated Logout §2.1).
    pub end_session: Option<String>,
    /// `pushed_authorization_request_endpoint` (RFC 9126 §5).
    pub pushed_authorization_request: Option<String>,
    /// `jwks_uri`.
    pub jwks: Option<String>,
    /// `authorization_response_iss_parameter_supported`: every callback has `iss` (RFC 9207 §3).
    pub iss_parameter: bool,
    /// `require_pushed_authorization_requests`: no other is taken (RFC 9126 §5).
    pub requires_par: bool,
}

impl Metadata {
    /// Reads the metadata of this very issuer, compared code point by code point (RFC 8414 §3.3);
    /// `None` for anybody else's. An endpoint to which nothing may be sent counts as missing.
    pub fn read<J: Json>(json: &J, issuer: &str) -> Option<Self> {
        let endpoint = |member| text(json, member).filter(|url| is_endpoint(url));
        let says = |member| json.get(member).is_true();
        if json.get("issuer").as_str()? != issuer {
            return None;
        }
        Some(Metadata {
            token: endpoint("token_endpoint"),
            authorization: endpoint("authorization_endpoint"),
            revocation: endpoint("revocation_endpoint"),
            end_session: endpoint("end_session_endpoint"),
            pushed_authorization_request: endpoint("pushed_authorization_request_endpoint"),
            jwks: endpoint("jwks_uri"),
            iss_parameter: says("authorization_response_iss_parameter_supported"),
            requires_par: says("require_pushed_authorization_requests"),
        })
    }
}

/// An https URL, or http on this machine, without user and fragment, in the letters that
/// RFC 3986 §2 has for URLs: of others a browser makes something else, of `\` a slash, of a tab
/// nothing. `js/check.js` holds the app's own endpoints to the same.
fn is_endpoint(url: &str) -> bool {
    let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return false,
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let known =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte);
    rest.bytes().all(known)
        && !authority.is_empty()
        && !authority.contains('@')
        && (secure || is_loopback(authority))
}

/// Whether a host, with or without a port, is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = authority.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let host = host.strip_suffix(':').unwrap_or(authority);
    let label = host.strip_suffix(".localhost").unwrap_or_default();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        || !label.is_empty() && label.bytes().all(letter)
}
