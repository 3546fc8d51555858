//! Demonstrating proof of possession (RFC 9449): the proof, but for its signature, and the nonce.

use super::base64url;
use super::json::is_printable;
use super::parameters::hex;

/// The longest nonce that is believed, in characters. Servers' have up to about a hundred, and this
/// one goes into every proof.
const MAX_NONCE: usize = 512;

/// The public key of a P-256 pair, by its coordinates in base64url (RFC 7518 §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// The x coordinate.
    pub x: String,
    /// The y coordinate.
    pub y: String,
}

impl PublicKey {
    /// What the thumbprint is the SHA-256 of (RFC 7638 §3.1): no space, no other member, and in
    /// this order. It is a JWK, too.
    #[must_use]
    pub fn thumbprint_input(&self) -> String {
        let mut jwk = String::new();
        member(&mut jwk, "crv", "P-256");
        member(&mut jwk, "kty", "EC");
        member(&mut jwk, "x", &self.x);
        member(&mut jwk, "y", &self.y);
        jwk.push('}');
        jwk
    }
}

/// A proof for one request (RFC 9449 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proof<'a> {
    /// The key that signs it.
    pub key: &'a PublicKey,
    /// The request's method, in upper case as it is sent.
    pub method: &'a str,
    /// The request's URL as it is sent; query and fragment are left out.
    pub url: &'a str,
    /// Never used before: 96 random bits, or more.
    pub jti: &'a str,
    /// The time, in seconds since 1970.
    pub iat_s: u64,
    /// The server's last nonce, if it ever sent one (§8, §9).
    pub nonce: Option<&'a str>,
    /// The SHA-256 of the access token in base64url, where one is sent along (§7).
    pub ath: Option<&'a str>,
}

impl Proof<'_> {
    /// What is signed by ES256.
    #[must_use]
    pub fn signing_input(&self) -> String {
        let mut header = String::new();
        member(&mut header, "typ", "dpop+jwt");
        member(&mut header, "alg", "ES256");
        header.push_str(",\"jwk\":");
        header.push_str(&self.key.thumbprint_input());
        header.push('}');
        let mut claims = String::new();
        member(&mut claims, "jti", self.jti);
        member(&mut claims, "htm", self.method);
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        member(&mut claims, "htu", url);
        for (name, value) in [("nonce", self.nonce), ("ath", self.ath)] {
            if let Some(value) = value {
                member(&mut claims, name, value);
            }
        }
        claims.push_str(",\"iat\":");
        decimal(&mut claims, self.iat_s);
        claims.push('}');
        let [header, claims] = [header, claims].map(|it| base64url::encode(it.as_bytes()));
        [&header, ".", &claims].concat()
    }
}

/// A JWT of what was signed and of its signature (RFC 7515 §3.1), for ES256 the 64 bytes as Web
/// Cryptography gives them (RFC 7518 §3.4).
#[must_use]
pub fn joined(signing_input: &str, signature: &[u8]) -> String {
    [signing_input, ".", &base64url::encode(signature)].concat()
}

/// Whether a nonce can be believed: `NQCHAR`s (RFC 9449 §8.1), and not too many.
#[must_use]
pub fn is_nonce(nonce: &str) -> bool {
    is_printable(nonce, false) && !nonce.contains(' ') && (1..=MAX_NONCE).contains(&nonce.len())
}

/// Adds a string to the JSON text of an object, which it opens if need be (RFC 8259 §4, §7).
fn member(json: &mut String, name: &str, value: &str) {
    json.push(if json.is_empty() { '{' } else { ',' });
    string(json, name);
    json.push(':');
    string(json, value);
}

fn string(json: &mut String, text: &str) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.push('\\'),
            '\0'..='\x1F' => {
                let byte = letter as u8;
                json.push_str("\\u00");
                json.push(char::from(hex(byte >> 4)));
                json.push(char::from(hex(byte & 15)));
                continue;
            }
            _ => {}
        }
        json.push(letter);
    }
    json.push('"');
}

/// Our own, because `Display` brings more code than that.
fn decimal(text: &mut String, number: u64) {
    if number > 9 {
        decimal(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}
