//! Parameters as they stand in the body of a request and in the query of a URL, both
//! `application/x-www-form-urlencoded` (RFC 6749 appendix B).

/// The names that say what a request is and for whom. The app's own parameters never bear one,
/// whichever request it is for: RFC 6749 §3.1 and §3.2 allow each only once, and two of them,
/// `request` and `request_uri`, would speak for all others (RFC 9101 §5).
const OWN: [&str; 18] = [
    "grant_type",
    "refresh_token",
    "scope",
    "resource",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "request",
    "request_uri",
];

/// A form of those of the protocol's own parameters that have a value (one without counts as omitted anyway,
/// RFC 6749 §3.1), and after them the app's, without those that bear a name of the protocol's, or of one of
/// `own` that has a value.
pub(super) fn form(own: &[(&str, &str)], extra: &[(String, String)]) -> String {
    let mut form = String::new();
    for (name, value) in own {
        if !value.is_empty() {
            append(&mut form, name, value);
        }
    }
    for (name, value) in extra {
        let set = |(own, value): &(&str, &str)| own == name && !value.is_empty();
        if OWN.iter().all(|own| own != name) && !own.iter().any(set) {
            append(&mut form, name, value);
        }
    }
    form
}

/// Adds one parameter.
pub(super) fn append(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    encode(form, name);
    form.push('=');
    encode(form, value);
}

/// An endpoint with a query. One that it has already is kept (RFC 6749 §3.1).
pub(super) fn with_query(endpoint: &str, query: &str) -> String {
    let joint = if endpoint.contains('?') { "&" } else { "?" };
    [endpoint, joint, query].concat()
}

/// Adds a text, encoded.
///
/// Our own, because the crate `form_urlencoded` adds a quarter of a kilobyte to the compressed
/// module, most of it a table.
pub(super) fn encode(form: &mut String, text: &str) {
    for byte in text.bytes() {
        let letter = match byte {
            b'*' | b'-' | b'.' | b'_' => byte,
            _ if byte.is_ascii_alphanumeric() => byte,
            b' ' => b'+',
            _ => {
                form.push('%');
                form.push(char::from(hex(byte >> 4)));
                hex(byte & 15)
            }
        };
        form.push(char::from(letter));
    }
}

/// A hexadecimal digit.
pub(super) fn hex(digit: u8) -> u8 {
    if digit < 10 {
        b'0' + digit
    } else {
        b'A' - 10 + digit
    }
}
