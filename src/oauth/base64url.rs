//! base64url without padding (RFC 4648 §5; RFC 7515 §2): how PKCE, DPoP and JWT write bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text for some bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for bytes in bytes.chunks(3) {
        // Always three, filled up with zeros: what the engine has for long inputs is 1.5 KB of
        // code, and the compiler sees that three bytes do not need it.
        let byte = |i| bytes.get(i).copied().unwrap_or_default();
        let mut letters = [0; 4];
        let _ = URL_SAFE_NO_PAD.encode_slice([byte(0), byte(1), byte(2)], &mut letters);
        for letter in letters.iter().take(bytes.len() + 1) {
            text.push(char::from(*letter));
        }
    }
    text
}

/// The bytes of a text; `None` where [`encode`] would have written it otherwise: with padding, with
/// a letter too many, with a letter of another alphabet, with bits that say nothing.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for letters in text.as_bytes().chunks(4) {
        // Always four, filled up with the letter for zero, as above.
        let letter = |i| letters.get(i).copied().unwrap_or(b'A');
        let four = [letter(0), letter(1), letter(2), letter(3)];
        let mut three = [0; 3];
        URL_SAFE_NO_PAD.decode_slice(four, &mut three).ok()?;
        let (said, unsaid) = three.split_at_checked(letters.len() - 1)?;
        if said.is_empty() || unsaid.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(said);
    }
    Some(bytes)
}
