//! What an answer of the token endpoint means (RFC 6749 §5): liberal in reading, strict in
//! meaning. Gateways and rate limiters answer in the server's place, so the status is judged
//! before the body.

use super::error_response::ErrorResponse;
use super::json::Json;
use super::retry_after;
use super::secret::Body;
use super::token_response::TokenResponse;

/// What came back, before anybody has judged it; also what an attempt in the stored record keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: Body,
    /// The header `Retry-After`, where CORS shows it.
    pub retry_after: Option<String>,
    /// The header `DPoP-Nonce` (RFC 9449 §8), where CORS shows it.
    pub dpop_nonce: Option<String>,
    /// The header `Date`, where CORS shows it.
    pub date: Option<String>,
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
    RateLimited {
        /// How long to wait from the receipt, in milliseconds, if the answer says so.
        retry_after_ms: Option<u64>,
        /// The HTTP status.
        status: u16,
    },
    /// 408 or 5xx, whatever the body says; and any other status without an `error`, which comes
    /// from something in between. The server may or may not have acted.
    Unavailable {
        /// How long to wait from the receipt, in milliseconds, if the answer says so.
        retry_after_ms: Option<u64>,
        /// The HTTP status.
        status: u16,
    },
    /// 2xx with neither an access token that can be sent nor an `error`: the server seems to
    /// have acted, and its answer is lost.
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
}

impl Answer {
    /// Judges an answer. `parse` is the platform's JSON parser; `now_wall_ms` is the receipt,
    /// in milliseconds since 1970.
    pub fn read<J: Json>(
        raw: RawAnswer,
        parse: &dyn Fn(&str) -> Option<J>,
        now_wall_ms: u64,
    ) -> Answer {
        let status = raw.status;
        let json = || parse(raw.body.expose());
        let retry_after_ms = || retry_after::read(&raw, now_wall_ms);
        let refused = || ErrorResponse::read(&json()?, status);
        let unavailable = || Meaning::Unavailable {
            retry_after_ms: retry_after_ms(),
            status,
        };
        let meaning = match status {
            200..=299 => match json().as_ref().and_then(TokenResponse::read) {
                Some(tokens) => Meaning::Tokens(tokens),
                None => refused().map_or(Meaning::Unreadable { status }, Meaning::Refused),
            },
            425 | 429 => Meaning::RateLimited {
                retry_after_ms: retry_after_ms(),
                status,
            },
            400 | 401 => {
                Meaning::Refused(refused().unwrap_or_else(|| ErrorResponse::unreadable(status)))
            }
            402..=407 | 409..=499 => refused().map_or_else(unavailable, Meaning::Refused),
            _ => unavailable(),
        };
        Answer { raw, meaning }
    }
}
