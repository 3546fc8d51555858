//! Numbers of seconds as servers write them: as a number or as text, fractional, negative, huge.

use super::json::Json;

/// Reads a number or a numeric string. Fractions are dropped, a negative value is 0, a value
/// beyond any use is `u64::MAX`; `None` for what is no number.
pub(super) fn from_json<J: Json>(value: &J) -> Option<u64> {
    match value.as_f64() {
        Some(number) => (!number.is_nan()).then_some(number as u64),
        None => from_text(&value.as_str()?),
    }
}

/// Reads decimal text by the same rules. Exponents are not understood: parsing floats would cost
/// kilobytes, and nobody writes seconds that way.
pub(super) fn from_text(text: &str) -> Option<u64> {
    let text = text.trim_ascii();
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    if text.starts_with('-') {
        return Some(0);
    }
    Some(whole.parse().unwrap_or(u64::MAX))
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
