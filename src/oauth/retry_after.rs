//! `Retry-After`: how long an answer asks to wait (RFC 9110 §10.2.3).

use super::seconds;

/// The longest wait that is obeyed: one hour, in milliseconds. Longer than rate limits and
/// maintenance pages ask for, and short enough that a nonsense value, or a date read by a wrong
/// clock, does not keep a session without tokens for the rest of the day.
pub const MAX_RETRY_AFTER_MS: u64 = 3_600_000;

/// The wait in milliseconds from the answer's receipt, at most [`MAX_RETRY_AFTER_MS`]; 0 for a
/// moment that has passed, and for a header that says neither seconds nor a date.
///
/// A date counts from the answer's own `Date`, since the server's clock wrote both; only where
/// that cannot be read, from `now_wall_ms`, the receipt by our own clock. `parse` is the platform's
/// parser of dates, in milliseconds since 1970, NaN for what is none: ECMAScript has it read what
/// servers write (RFC 9110 §5.6.7).
pub fn read(
    header: &str,
    date: Option<&str>,
    now_wall_ms: u64,
    parse: &dyn Fn(&str) -> f64,
) -> u64 {
    let seconds = seconds::from_text(header);
    let wait = if seconds.is_nan() {
        let sent = date.map_or(f64::NAN, |date| read_date(date, parse));
        let sent = if sent.is_nan() {
            now_wall_ms as f64
        } else {
            sent
        };
        read_date(header, parse) - sent
    } else {
        seconds * 1000.0
    };
    (wait as u64).min(MAX_RETRY_AFTER_MS)
}

/// Reads a date like `Sun, 06 Nov 1994 08:49:37 GMT`, the only format that servers may send. A
/// platform's parser takes much more for one, even `soon 7`; so look at its day and its zone first.
fn read_date(text: &str, parse: &dyn Fn(&str) -> f64) -> f64 {
    let day = text.as_bytes().get(5).copied().unwrap_or_default();
    if text.ends_with(" GMT") && day.is_ascii_digit() {
        parse(text)
    } else {
        f64::NAN
    }
}
