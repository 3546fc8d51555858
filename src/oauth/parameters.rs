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

/// Adds one parameter.
pub(super) fn append(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    encode(form, name);
    form.push('=');
    encode(form, value);
}

/// Adds those that have a value; one without counts as omitted anyway (RFC 6749 §3.1).
pub(super) fn append_all(form: &mut String, parameters: &[(&str, &str)]) {
    for (name, value) in parameters {
        if !value.is_empty() {
            append(form, name, value);
        }
    }
}

/// Adds the app's own, without those that bear a name of the protocol's, or of one of `options`
/// that has a value.
pub(super) fn append_extra(
    form: &mut String,
    extra: &[(String, String)],
    options: &[(&str, &str)],
) {
    for (name, value) in extra {
        let set = |(option, value): &(&str, &str)| option == name && !value.is_empty();
        if OWN.iter().all(|own| own != name) && !options.iter().any(set) {
            append(form, name, value);
        }
    }
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
