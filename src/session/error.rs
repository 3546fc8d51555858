//! What goes wrong, by its stable code; never carries a secret.

use super::record::Reason;
use super::time::{Rebase, Shift, Wall};
use crate::oauth::{Answer, Meaning, redact};
use std::ops::Deref;
use std::sync::Arc;

/// An error as the application will see it; the platform adds the cause it kept. Shared, because
/// many are told of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error(Arc<Details>);

/// What is known of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Details {
    /// What kind.
    pub code: Code,
    /// The server's `error` (RFC 6749 §5.2), where it gave one.
    pub oauth_error: Option<String>,
    /// Its `error_description`, redacted and at most 300 characters.
    pub description: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Why the session ended.
    pub reason: Option<Reason>,
    /// When it will be tried again, if ever.
    pub retry_at: Wall,
}

/// Gives the values of an enumeration their names in the public contract and in the record.
macro_rules! names {
    ($Type:ident { $($variant:ident = $name:literal,)* }) => {
        impl $crate::session::codec::Named for $Type {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];
            const NAMES: &'static [&'static str] = &[$($name,)*];

            fn at(self) -> usize {
                self as usize
            }
        }

        impl $Type {
            /// Its name in the public contract and in the record.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                let names = <Self as $crate::session::codec::Named>::NAMES;
                names.get(self as usize).copied().unwrap_or_default()
            }
        }
    };
}
pub(super) use names;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $retryable:literal, $message:literal;)*) => {
        /// The codes of the public contract that the engine uses.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        names! { Code { $($variant = $name,)* } }

        impl Code {
            /// Whether the same call may succeed later.
            #[must_use]
            pub fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }

            /// What happened and what to do, in a sentence.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

codes! {
    /// Nobody is signed in.
    NotSignedIn = "not-signed-in", false, "Nobody is signed in: call signIn, or setTokens.";
    /// The session this call belonged to is over.
    SessionEnded = "session-ended", false, "The session ended: see `reason`. The user has to sign in again.";
    /// The access token is dead and there is nothing to refresh it with.
    NoRefreshToken = "no-refresh-token", false, "The session has no refresh token: ask for one, or have the user sign in again.";
    /// No answer came.
    Network = "network", true, "No answer: no connection, or the server's CORS refuses this origin. The session is kept.";
    /// No answer came in time.
    Timeout = "timeout", true, "It took too long. The session is kept.";
    /// The browser says that it has no connection.
    Offline = "offline", true, "The browser is offline. The session is kept.";
    /// The server has a problem of its own.
    Server = "server", true, "The server failed. The session is kept.";
    /// The server asks for patience.
    RateLimited = "rate-limited", true, "The server asks to wait until `retryAt`. The session is kept.";
    /// The answer could not be read.
    BadResponse = "bad-response", true, "The server's answer holds no token. The session is kept.";
    /// The server refused; also a code that a later version brought.
    #[default]
    OAuth = "oauth", false, "The server refused: see `oauthError`, and the client's settings there.";
    /// The store failed.
    Storage = "storage", true, "The store failed. Nothing was sent without it; try again.";
    /// The ID token that came with new tokens is another user's.
    IdToken = "id-token", false, "The server answered for another user: nothing of it is handed out. The user has to sign in again.";
    /// The server wants a nonce that the page cannot read.
    DpopNonceUnreadable = "dpop-nonce-unreadable", false, "The server wants a DPoP nonce that it does not let the page read: set `Access-Control-Expose-Headers: DPoP-Nonce` there.";
    /// The client was closed.
    Closed = "closed", false, "This client was closed: create another.";
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl From<Details> for Error {
    fn from(details: Details) -> Self {
        Self(details.into())
    }
}

impl From<Code> for Details {
    fn from(code: Code) -> Self {
        Self {
            code,
            oauth_error: None,
            description: None,
            status: None,
            reason: None,
            retry_at: Wall::NEVER,
        }
    }
}

impl Error {
    /// An error that is all in its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Details::from(code).into()
    }

    /// The session ended.
    #[must_use]
    pub fn ended(reason: Reason) -> Self {
        let code = Code::SessionEnded;
        Details {
            reason: Some(reason),
            ..code.into()
        }
        .into()
    }

    /// The server answered with something other than a token; the `secrets`, which its words may
    /// quote, are left out of them.
    #[must_use]
    pub fn answered(answer: &Answer, secrets: &[&str]) -> Self {
        let mut details = Details::from(match &answer.meaning {
            Meaning::Refused(it) if it.wants_nonce() && answer.raw.nonce().is_none() => {
                Code::DpopNonceUnreadable
            }
            Meaning::Refused(_) => Code::OAuth,
            Meaning::RateLimited => Code::RateLimited,
            Meaning::Unavailable => Code::Server,
            Meaning::Tokens(_) | Meaning::Unreadable => Code::BadResponse,
        });
        details.status = Some(answer.raw.status);
        if let Meaning::Refused(response) = &answer.meaning {
            let words = |text: &String| {
                let mut words = text.clone();
                for secret in secrets {
                    words = redact(&words, secret);
                }
                Some(words).filter(|words| !words.is_empty())
            };
            details.oauth_error = words(&response.error);
            details.description = words(&response.description);
        }
        details.into()
    }

    /// The same, with the time of the next try.
    #[must_use]
    pub fn retrying_at(&self, at: Wall) -> Self {
        Details {
            retry_at: at,
            ..Details::clone(self)
        }
        .into()
    }
}

impl Default for Error {
    fn default() -> Self {
        Self::new(Code::default())
    }
}

impl Rebase for Error {
    fn rebase(&mut self, by: &Shift) {
        let mut at = self.retry_at;
        at.rebase(by);
        *self = self.retrying_at(at);
    }
}
