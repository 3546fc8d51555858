//! Numbers of seconds as servers write them: as a number or as text, fractional, negative, huge.

use super::json::Json;

/// Reads a number or a numeric string; NaN for what is no number.
pub(super) fn from_json<J: Json>(value: &J) -> f64 {
    let number = value.as_f64();
    if number.is_nan() {
        from_text(&value.as_str().unwrap_or_default())
    } else {
        number
    }
}

/// Reads decimal text without its fraction; NaN for what is none. Exponents are not understood:
/// parsing floats would cost kilobytes, and nobody writes seconds that way.
pub(super) fn from_text(text: &str) -> f64 {
    let mut text = text.as_bytes();
    while let [b'\t'..=b' ', inner @ ..] | [inner @ .., b'\t'..=b' '] = text {
        text = inner;
    }
    match text {
        [b'-', number @ ..] => -decimal(number),
        number => decimal(number),
    }
}

fn decimal(text: &[u8]) -> f64 {
    let mut number = f64::NAN;
    let mut fraction = false;
    for byte in text {
        match byte {
            b'0'..=b'9' if fraction => {}
            b'0'..=b'9' => {
                let tens = if number.is_nan() { 0.0 } else { number * 10.0 };
                number = tens + f64::from(byte - b'0');
            }
            b'.' if !fraction => fraction = true,
            _ => return f64::NAN,
        }
    }
    number
}
