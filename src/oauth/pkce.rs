//! Proof Key for Code Exchange, by SHA-256 alone (RFC 7636 §4).

use super::base64url;
use super::secret::Verifier;

/// `code_challenge_method` (RFC 7636 §4.3). There is no `plain` here, which RFC 9700 §2.1.1 is
/// against.
pub(super) const METHOD: &str = "S256";

impl Verifier {
    /// The code verifier of 32 random bytes, as RFC 7636 §4.1 recommends: 43 letters.
    #[must_use]
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self::new(base64url::encode(bytes))
    }
}

/// The code challenge (RFC 7636 §4.2), by the SHA-256 of the verifier's text.
#[must_use]
pub fn challenge(digest: &[u8]) -> String {
    base64url::encode(digest)
}
