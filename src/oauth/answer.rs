//! What an answer of the token endpoint means (RFC 6749 §5): liberal in reading, strict in
//! meaning. Gateways and rate limiters answer in the server's place, so the status is judged
//! before the body.

use super::dpop;
use super::error_response::ErrorResponse;
use super::json::Json;
use super::secret::{Body, RefreshToken};
use super::token_response::TokenResponse;

/// What came back, before anybody has judged it; also what an attempt in the stored record keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: Body,
    /// How long to wait from the receipt, in milliseconds; 0 if it does not say.
    pub retry_after_ms: u64,
    /// The `DPoP-Nonce` header as it came (RFC 9449 §8); [`RawAnswer::nonce`] is the one to use.
    pub dpop_nonce: Option<String>,
}

impl RawAnswer {
    /// The nonce for the next DPoP proof to this server, if it brings one that can be believed.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.dpop_nonce
            .as_deref()
            .filter(|nonce| dpop::is_nonce(nonce))
    }
}

/// An answer and its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// What came back.
    pub raw: RawAnswer,
    /// What it means.
    pub meaning: Meaning,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// 2xx with an access token that can be sent, whatever stands beside it.
    Tokens(TokenResponse),
    /// The server understood and said no: `error` in a 2xx without tokens or in a 4xx; and any
    /// other 400 or 401, with an empty `error`.
    Refused(ErrorResponse),
    /// 429 or 425, whatever the body says: nothing was done, and later it may be.
    RateLimited,
    /// 408 or 5xx, whatever the body says; and any other status without an `error`, which comes
    /// from something in between. The server may or may not have acted.
    Unavailable,
    /// 2xx with neither an access token that can be sent nor an `error`: the server seems to
    /// have acted, and its answer is lost.
    Unreadable,
}

/// What an answer means that does not hold what was asked for: the rest of [`Meaning`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// [`Meaning::Refused`].
    Refused(ErrorResponse),
    /// [`Meaning::RateLimited`].
    RateLimited,
    /// [`Meaning::Unavailable`].
    Unavailable,
    /// [`Meaning::Unreadable`].
    Unreadable,
}

impl From<Failure> for Meaning {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refused) => Self::Refused(refused),
            Failure::RateLimited => Self::RateLimited,
            Failure::Unavailable => Self::Unavailable,
            Failure::Unreadable => Self::Unreadable,
        }
    }
}

impl Answer {
    /// Judges an answer, with the platform's JSON parser.
    pub fn read<J: Json>(raw: RawAnswer) -> Answer {
        let meaning = judge(&raw, TokenResponse::read::<J>);
        let meaning = meaning.map_or_else(Meaning::from, Meaning::Tokens);
        Answer { raw, meaning }
    }

    /// The refresh token that it brings, if it brings one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        match &self.meaning {
            Meaning::Tokens(tokens) => tokens.refresh_token.as_ref(),
            _ => None,
        }
    }
}

/// What a good answer holds, as `read` finds it; or what the answer means instead.
pub(super) fn judge<J: Json, T>(
    raw: &RawAnswer,
    read: impl FnOnce(&J) -> Option<T>,
) -> Result<T, Failure> {
    let status = raw.status;
    let good = matches!(status, 200..=299);
    if matches!(status, 200..=299 | 400..=499) && !matches!(status, 408 | 425 | 429) {
        let json = J::parse(raw.body.expose());
        if good && let Some(found) = read(&json) {
            return Ok(found);
        }
        if let Some(refused) = ErrorResponse::read(&json) {
            return Err(Failure::Refused(refused));
        }
    }
    Err(match status {
        200..=299 => Failure::Unreadable,
        400 | 401 => Failure::Refused(ErrorResponse::default()),
        425 | 429 => Failure::RateLimited,
        _ => Failure::Unavailable,
    })
}
