//! The good answer of the token endpoint (RFC 6749 §5.1).

use super::id_token::Subject;
use super::json::{Json, is_printable, text};
use super::seconds;
use super::secret::{AccessToken, IdToken, RefreshToken};

/// The longest lifetime that is told apart from a longer one: 100 years of 365 days, in
/// milliseconds. Added to any date it stays within what a JavaScript `Date` can hold.
pub const MAX_LIFETIME_MS: u64 = 100 * 365 * 86_400_000;

/// The lifetime of what is not known to end.
pub const UNKNOWN_MS: u64 = u64::MAX;

/// The tokens of an answer. Lifetimes are in milliseconds from its receipt, so that no clock but
/// the receiver's matters; [`UNKNOWN_MS`] where the answer does not say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenResponse {
    /// The new access token.
    pub access_token: AccessToken,
    /// As the server wrote it; compare without regard to case (RFC 6749 §5.1).
    pub token_type: Option<String>,
    /// `expires_in`, in whole seconds, at most [`MAX_LIFETIME_MS`]; 0 if that is what was said.
    pub lifetime_ms: u64,
    /// The refresh token to use from now on; `None` keeps the old one (RFC 6749 §6).
    pub refresh_token: Option<RefreshToken>,
    /// `refresh_token_expires_in`, or `refresh_expires_in` as Keycloak has it. Unknown
    /// where it is 0, by which Keycloak means that the token does not expire.
    pub refresh_lifetime_ms: u64,
    /// Scopes separated by spaces; `None` means as asked for (RFC 6749 §5.1).
    pub scope: Option<String>,
    /// The ID token, unchecked.
    pub id_token: Option<IdToken>,
    /// Whom that is about, if it can be read.
    pub subject: Option<Subject>,
}

impl TokenResponse {
    /// Reads an object with an access token that can be sent; `None` for anything else. What
    /// else the object holds never makes it unreadable: the old refresh token may be spent.
    pub fn read<J: Json>(json: &J) -> Option<Self> {
        let refresh_lifetime = |member| match lifetime(json, member) {
            0 => UNKNOWN_MS,
            told => told,
        };
        let id_token = text(json, "id_token");
        Some(TokenResponse {
            access_token: text(json, "access_token")
                .filter(|token| is_printable(token, true))
                .map(AccessToken::new)?,
            token_type: text(json, "token_type"),
            lifetime_ms: lifetime(json, "expires_in"),
            refresh_token: text(json, "refresh_token").map(RefreshToken::new),
            refresh_lifetime_ms: match refresh_lifetime("refresh_token_expires_in") {
                UNKNOWN_MS => refresh_lifetime("refresh_expires_in"),
                told => told,
            },
            scope: text(json, "scope"),
            subject: id_token.as_deref().and_then(Subject::read::<J>),
            id_token: id_token.map(IdToken::new),
        })
    }

    /// Whether the access token is bound to a key (RFC 9449 §5).
    pub fn is_dpop(&self) -> bool {
        let named = |name: &String| name.eq_ignore_ascii_case("DPoP");
        self.token_type.as_ref().is_some_and(named)
    }
}

fn lifetime<J: Json>(json: &J, member: &str) -> u64 {
    let seconds = seconds::from_json(&json.get(member));
    if seconds.is_nan() {
        return UNKNOWN_MS;
    }
    (seconds as u64).min(MAX_LIFETIME_MS / 1000) * 1000
}
