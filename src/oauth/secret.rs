//! One type per secret: none can be taken for another, and none can be printed.

use std::fmt;
use std::mem::take;

use zeroize::Zeroize;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        ///
        /// Prints as `[redacted]` and is zeroed when dropped; copies made by the JavaScript
        /// engine are out of reach.
        #[derive(Clone, Default, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the secret's text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The secret itself: for the wire and the store, never for a message.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// The secret itself, where it is read from the store.
            pub fn expose_mut(&mut self) -> &mut String {
                &mut self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                wipe(take(&mut self.0));
            }
        }
    )*};
}

/// Overwrites a text. What it has no more than room for was never written to.
fn wipe(text: String) {
    text.into_bytes().iter_mut().zeroize();
}

secrets! {
    /// An access token (RFC 6749 §1.4).
    AccessToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// An authorization code (RFC 6749 §4.1.2).
    Code,
    /// A PKCE code verifier (RFC 7636 §4.1).
    Verifier,
    /// A client's password (RFC 6749 §2.3.1).
    ClientSecret,
    /// The body of an answer, which may hold any of the tokens.
    Body,
    /// The body of a request, `application/x-www-form-urlencoded`.
    Form,
    /// The value of an `Authorization` header (RFC 9110 §11.6.2).
    Authorization,
}
