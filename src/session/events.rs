//! What the application sees: events, and the state it can read at any time. No secrets, but for
//! the access token of [`Live`], which goes nowhere but into `getAccessToken`'s answer.

use super::error::Error;
use super::record::{Ending, LineageId, Reason};
use super::time::{Deadline, Wall};
use crate::oauth::{AccessToken, IdToken};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// This client.
    ThisTab,
    /// Another tab, or another client of the same session.
    AnotherTab,
    /// The keeper, whose answer this client saved.
    Keeper,
}

impl By {
    /// Its name in the public contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThisTab => "this-tab",
            Self::AnotherTab => "another-tab",
            Self::Keeper => "keeper",
        }
    }
}

/// The events of the public contract.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A session began. Never for a restored one.
    SignedIn {
        /// Who did it.
        by: By,
        /// The ID token of the session it replaced.
        previous: Option<IdToken>,
    },
    /// A generation was saved.
    Refreshed {
        /// Who did it.
        by: By,
    },
    /// A refresh did not succeed; the session lives on.
    RefreshFailed {
        /// Why, and when it is tried next.
        error: Error,
    },
    /// The session will end unless the user signs in again.
    SessionExpiring {
        /// When.
        at: Wall,
    },
    /// A session ended.
    SignedOut {
        /// Why and when.
        end: Ended,
        /// Who noticed first.
        by: By,
    },
    /// The client goes on with less than it was promised.
    Degraded {
        /// Less of what.
        what: Degraded,
    },
}

/// What a client can be degraded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Degraded {
    /// The session lives in memory only.
    Storage,
    /// The record was written by a newer version; it is served and not changed.
    Version,
}

/// A session's end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ended {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Wall,
    /// The refusal, where one ended it.
    pub error: Option<Error>,
}

impl Ended {
    /// One that no record remembers.
    pub(super) fn new(at: Wall, reason: Reason) -> Self {
        Self {
            reason,
            at,
            error: None,
        }
    }
}

impl From<&Ending> for Ended {
    fn from(ending: &Ending) -> Self {
        Self {
            reason: ending.reason,
            at: ending.at,
            error: ending.error.clone(),
        }
    }
}

/// All that can be read without waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Published {
    /// The session, while one lives.
    pub session: Option<Session>,
    /// How the last one ended, while none lives.
    pub ended: Option<Ended>,
    /// The token that may be handed out without asking the engine.
    pub live: Option<Live>,
}

/// `SessionInfo` of the public contract.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// Which.
    pub lineage: LineageId,
    /// How it does.
    pub status: Status,
    /// Counts the saved answers.
    pub generation: u64,
    /// Granted, or asked for where the server did not say; separated by spaces.
    pub scope: Option<String>,
    /// Where known.
    pub access_token_expires_at: Wall,
    /// Where known.
    pub refresh_token_expires_at: Wall,
    /// Where one is planned.
    pub next_refresh_at: Wall,
    /// For `subject` and `claims`.
    pub id_token: Option<IdToken>,
    /// The thumbprint of the key that the tokens are bound to, if they are.
    pub key: Option<String>,
}

/// How a session does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The access token lives.
    Active,
    /// A refresh is under way.
    Refreshing,
    /// A refresh failed and will be tried again.
    Retrying,
    /// The access token is dead and nothing is under way.
    Expired,
}

impl Status {
    /// Its name in the public contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Refreshing => "refreshing",
            Self::Retrying => "retrying",
            Self::Expired => "expired",
        }
    }
}

/// An access token for the hot path, and until when it may be handed out there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Live {
    /// The token.
    pub token: AccessToken,
    /// Its default minimum validity before its end.
    pub until: Deadline,
}
