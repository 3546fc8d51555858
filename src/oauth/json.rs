//! How a parsed JSON value is read. The platform parses; the rules here only look.

/// A parsed JSON value, as far as OAuth needs one.
pub trait Json: Sized {
    /// The value that a text stands for (RFC 8259); where it is no JSON, one that is nothing.
    fn parse(text: &str) -> Self;
    /// An object's own member; for anything else, what is nothing.
    fn get(&self, member: &str) -> Self;
    /// An array's element; for anything else, and where there is none, what is nothing.
    fn at(&self, index: usize) -> Self;
    /// Whether it is anything at all; null is.
    fn is_there(&self) -> bool;
    /// The text of a string.
    fn as_str(&self) -> Option<String>;
    /// The value of a number; NaN for anything else.
    fn as_f64(&self) -> f64;
    /// Whether it is the boolean true.
    fn is_true(&self) -> bool;
}

/// A member that is a string and not empty. A parameter without a value counts as omitted
/// (RFC 6749 §3.1), and an empty token is none.
pub(super) fn text<J: Json>(json: &J, member: &str) -> Option<String> {
    json.get(member).as_str().filter(|text| !text.is_empty())
}

/// The characters of a token, `VSCHAR` (RFC 6749 appendix A.12), which an `Authorization` header can
/// carry; without the quotes, those of an error's code (§5.2).
pub(super) fn is_printable(text: &str, quotes: bool) -> bool {
    for byte in text.bytes() {
        let allowed = match byte {
            b'"' | b'\\' => quotes,
            _ => matches!(byte, b' '..=b'~'),
        };
        if !allowed {
            return false;
        }
    }
    true
}
