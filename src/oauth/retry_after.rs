//! `Retry-After`: how long an answer asks to wait (RFC 9110 §10.2.3).

use super::answer::RawAnswer;
use super::{http_date, seconds};

/// The longest wait that is obeyed: one hour, in milliseconds. Longer than rate limits and
/// maintenance pages ask for, and short enough that a nonsense value, or a date read by a wrong
/// clock, does not keep a session without tokens for the rest of the day.
pub const MAX_RETRY_AFTER_MS: u64 = 3_600_000;

/// The wait in milliseconds from the answer's receipt, at most [`MAX_RETRY_AFTER_MS`]; a moment
/// that has passed is 0; `None` if the header is missing or says neither seconds nor a date.
///
/// A date counts from the answer's own `Date`, since the server's clock wrote both; only where
/// that cannot be read, from `now_wall_ms`, the receipt by our own clock.
pub fn read(answer: &RawAnswer, now_wall_ms: u64) -> Option<u64> {
    let header = answer.retry_after.as_deref()?;
    let wait = match seconds::from_text(header) {
        Some(seconds) => seconds.saturating_mul(1000),
        None => {
            let sent = answer.date.as_deref().and_then(http_date::parse);
            http_date::parse(header.trim_ascii())?.saturating_sub(sent.unwrap_or(now_wall_ms))
        }
    };
    Some(wait.min(MAX_RETRY_AFTER_MS))
}
