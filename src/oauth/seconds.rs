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
    let text = text.trim_ascii().as_bytes();
    let (negative, number) = match text {
        [b'-', number @ ..] => (true, number),
        number => (false, number),
    };
    let mut whole: Option<u64> = None;
    let mut fraction = false;
    for byte in number {
        match byte {
            b'0'..=b'9' if fraction => {}
            b'0'..=b'9' => {
                let digit = u64::from(byte - b'0');
                let more = whole.unwrap_or(0).saturating_mul(10).saturating_add(digit);
                whole = Some(more);
            }
            b'.' if !fraction => fraction = true,
            _ => return None,
        }
    }
    whole.map(|seconds| if negative { 0 } else { seconds })
}
