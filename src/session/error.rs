//! What goes wrong, by its stable code; never carries a secret.

use super::record::Reason;
use super::time::{Rebase, Shift, Wall};
use crate::oauth::{Answer, Meaning, redact};
use std::sync::Arc;

/// An error as the application will see it; the platform adds the cause it kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// What kind.
    pub code: Code,
    /// What the server said, where it refused.
    pub refusal: Option<Arc<Refusal>>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Why the session ended.
    pub reason: Option<Reason>,
    /// When it will be tried again, if ever.
    pub retry_at: Wall,
}

/// A server's own words (RFC 6749 §5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// `error`; none where it gave no code.
    pub error: Option<String>,
    /// `error_description`, redacted and at most 300 characters.
    pub description: Option<String>,
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
    NotSignedIn = "not-signed-in", false, "Nobody is signed in: call setTokens first.";
    /// The session this call belonged to is over.
    SessionEnded = "session-ended", false, "The session ended; `reason` says why. The user has to sign in again.";
    /// The access token is dead and there is nothing to refresh it with.
    NoRefreshToken = "no-refresh-token", false, "The session has no refresh token: ask the server for one, or have the user sign in again.";
    /// No answer came.
    Network = "network", true, "The token endpoint did not answer: no connection, or its CORS settings refuse this origin. The session is kept.";
    /// No answer came in time.
    Timeout = "timeout", true, "It took too long. The session is kept; try again.";
    /// The caller's signal fired.
    Aborted = "aborted", true, "The caller aborted.";
    /// The browser says that it has no connection.
    Offline = "offline", true, "The browser is offline. The session is kept, and refreshes by itself once it is online.";
    /// The server has a problem of its own.
    Server = "server", true, "The authorization server failed. The session is kept, and the refresh is tried again.";
    /// The server asks for patience.
    RateLimited = "rate-limited", true, "The authorization server asks to wait. The session is kept; `retryAt` says until when.";
    /// The answer could not be read.
    BadResponse = "bad-response", true, "The token endpoint's answer holds no token. The session is kept, and the refresh is tried again.";
    /// The server refused; also a code that a later version brought.
    #[default]
    OAuth = "oauth", false, "The authorization server refused; `oauthError` says why. Check the client's settings there.";
    /// The store failed.
    Storage = "storage", true, "The browser's storage failed. Nothing was sent that could not be saved; try again.";
    /// The client was closed.
    Closed = "closed", false, "This client was closed: create another.";
}

impl Error {
    /// An error that is all in its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            code,
            refusal: None,
            status: None,
            reason: None,
            retry_at: Wall::NEVER,
        }
    }

    /// The session ended.
    #[must_use]
    pub fn ended(reason: Reason) -> Self {
        Self {
            reason: Some(reason),
            ..Self::new(Code::SessionEnded)
        }
    }

    /// The server answered with something other than a token; `secret`, which its words may quote,
    /// is left out of them.
    #[must_use]
    pub fn answered(answer: &Answer, secret: &str) -> Self {
        let mut error = Self::new(match &answer.meaning {
            Meaning::Refused(_) => Code::OAuth,
            Meaning::RateLimited { .. } => Code::RateLimited,
            Meaning::Unavailable { .. } => Code::Server,
            Meaning::Tokens(_) | Meaning::Unreadable { .. } => Code::BadResponse,
        });
        error.status = Some(answer.raw.status);
        if let Meaning::Refused(response) = &answer.meaning {
            let words = |text| Some(redact(text, secret)).filter(|words| !words.is_empty());
            let refusal = Refusal {
                error: words(&response.error),
                description: words(&response.description),
            };
            error.refusal = (refusal != Refusal::default()).then(|| refusal.into());
        }
        error
    }

    /// The server's `error`, where it gave one.
    #[must_use]
    pub fn oauth_error(&self) -> Option<&str> {
        self.refusal.as_ref()?.error.as_deref()
    }

    /// The server's `error_description`, where it gave one.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.refusal.as_ref()?.description.as_deref()
    }

    /// The same, with the time of the next try.
    #[must_use]
    pub fn retrying_at(mut self, at: Wall) -> Self {
        self.retry_at = at;
        self
    }
}

impl Default for Error {
    fn default() -> Self {
        Self::new(Code::default())
    }
}

impl Rebase for Error {
    fn rebase(&mut self, by: &Shift) {
        self.retry_at.rebase(by);
    }
}
