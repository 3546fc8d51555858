//! What an ID token must say to be believed, once its signature was verified (OpenID Connect Core
//! §3.1.3.7).

use super::base64url;
use super::json::{Json, text};
use super::jwt::Jwt;

/// How far two clocks may differ, in seconds: enough for clocks that are set over the network,
/// little beside a token's lifetime.
pub const TOLERANCE_S: u64 = 60;

/// The signatures that are believed. There is no `none` among them and no HMAC, for which a page
/// has no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 (RFC 7518 §3.3), which every OpenID provider can (Core §15.1).
    Rs256,
    /// RSASSA-PSS (RFC 7518 §3.5).
    Ps256,
    /// ECDSA over P-256 (RFC 7518 §3.4).
    Es256,
    /// Ed25519 (RFC 8037 §3.1).
    EdDsa,
}

impl Alg {
    /// One by its name; `None` for any other.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            // The second is its name since RFC 9864 (§2.2).
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }

    /// Its name in a header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// What an ID token is held to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expected<'a> {
    /// Who issued it; `None` where the server has no name.
    pub issuer: Option<&'a str>,
    /// For whom.
    pub client_id: &'a str,
    /// The one of the authorization request; `None` for a token that came with a refresh.
    pub nonce: Option<&'a str>,
    /// The [`at_hash`] of the access token that came with it; only a token that has the claim is
    /// held to it (§3.1.3.8).
    pub at_hash: Option<&'a str>,
    /// The `max_age` of the authorization request, in seconds.
    pub max_age_s: Option<u64>,
    /// The time, in seconds since 1970.
    pub now_s: u64,
}

/// Checks a token's algorithm and its claims (§3.1.3.7; for one that came with a refresh, §12.2,
/// together with its [`Subject`]). The error is the name of the claim that is wrong, or `alg`.
/// Time comes last: where the fault [`is_about_time`], all else is as it should be.
pub fn check<J: Json>(jwt: &Jwt<J>, expected: &Expected<'_>) -> Result<Alg, &'static str> {
    let claims = &jwt.claims;
    let alg = Alg::read(&jwt.alg).ok_or("alg")?;
    let is = |claim, value| is(&claims.get(claim), value);
    let number = |claim| claims.get(claim).as_f64();
    let there = |claim| claims.get(claim).is_there();
    let aud = claims.get("aud");
    let azp = there("azp") || aud.at(1).is_there();
    let (now, tolerance) = (expected.now_s as f64, TOLERANCE_S as f64);
    // A number that is missing is NaN, which is neither more nor less than anything.
    let recent = |age| now <= number("auth_time") + age as f64 + tolerance;
    let rules = [
        ("iss", expected.issuer.is_none_or(|it| is("iss", it))),
        ("sub", text(claims, "sub").is_some()),
        ("aud", holds(&aud, expected.client_id)),
        ("azp", !azp || is("azp", expected.client_id)),
        ("nonce", expected.nonce.is_none_or(|it| is("nonce", it))),
        (
            "at_hash",
            !there("at_hash") || expected.at_hash.is_none_or(|it| is("at_hash", it)),
        ),
        ("exp", now < number("exp") + tolerance),
        ("iat", number("iat") <= now + tolerance),
        ("auth_time", expected.max_age_s.is_none_or(recent)),
    ];
    let fault = rules.iter().find(|(_, kept)| !kept);
    fault.map_or(Ok(alg), |(claim, _)| Err(claim))
}

/// Whether a fault is about time: then it may be our clock that is wrong, and the token is worth
/// another check by a better one.
#[must_use]
pub fn is_about_time(fault: &str) -> bool {
    matches!(fault, "exp" | "iat" | "auth_time")
}

/// Whom an ID token is about. A `sub` is somebody's only together with its issuer (§2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subject {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub sub: String,
}

impl Subject {
    /// Reads what a token says, unchecked; `None` where it does not say.
    #[must_use]
    pub fn read<J: Json>(token: &str) -> Option<Self> {
        let claims = Jwt::<J>::read(token)?.claims;
        Some(Self {
            issuer: text(&claims, "iss")?,
            sub: text(&claims, "sub")?,
        })
    }
}

/// The value of `at_hash` (§3.1.3.6): the left half of the access token's hash, which is
/// [`Alg::hash`].
#[must_use]
pub fn at_hash(digest: &[u8]) -> String {
    let (left, _) = digest.split_at(digest.len() / 2);
    base64url::encode(left)
}

/// `aud` is a string, or a list of them (RFC 7519 §4.1.3).
fn holds<J: Json>(aud: &J, client_id: &str) -> bool {
    let mut list = (0..).map(|i| aud.at(i)).take_while(J::is_there);
    is(aud, client_id) || list.any(|it| is(&it, client_id))
}

fn is<J: Json>(json: &J, value: &str) -> bool {
    json.as_str().as_deref() == Some(value)
}
