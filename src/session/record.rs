//! The record: the one value that two tabs, a restart and the keeper must agree on.

use std::sync::Arc;

use super::codec::Extra;
use super::error::{Code, Error, names};
use super::history::Entry;
pub use super::ids::{AttemptId, LineageId};
use super::time::{Moment, Rebase, Shift, Wall};
use super::tuning;
use crate::oauth::{AccessToken, Answer, IdToken, RefreshToken, Subject};

/// What the store holds under the session's key.
///
/// It is a protocol between versions of this code: it grows by addition, and members it does not
/// know are kept when it is written again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// [`tuning::RECORD_VERSION`] of its writer, or higher.
    pub version: u64,
    /// Bumped by every write; starts at the wall clock's milliseconds and never goes back.
    pub seq: u64,
    /// Whose tokens these are: [`Config::issuer`](super::Config::issuer).
    pub issuer: String,
    /// The living session; none makes the record a tombstone, which is final.
    pub lineage: Option<Lineage>,
    /// The latest ends, oldest first.
    pub ended: Vec<Ending>,
    /// Members of a later version.
    pub extra: Extra,
}

/// One sign-in (or `setTokens`), through all its rotations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lineage {
    /// Random.
    pub id: LineageId,
    /// Counts the saved answers, from 1.
    pub generation: u64,
    /// When the newest answer came, not when it was saved.
    pub received_at: Wall,
    /// This generation may be the loser of a fork, until its refresh token has been used once.
    pub doubt: bool,
    /// A pause that all tabs keep.
    pub retry: Option<Retry>,
    /// The family's one refresh token.
    pub refresh: Option<RefreshGrant>,
    /// One access token for each resource and scope asked for.
    pub access: Vec<AccessGrant>,
    /// The newest ID token.
    pub id_token: Option<IdToken>,
    /// Whose session it is, by the first ID token that said so.
    pub subject: Option<Subject>,
    /// The key that the tokens are bound to, if they are.
    pub binding: Option<Binding>,
    /// Requests whose answer is not in this record yet.
    pub attempts: Vec<Attempt>,
    /// A refusal that ends nothing, and is not sent again as a matter of course.
    pub stalled: Option<Stalled>,
    /// Sealed members of a later version.
    pub extra: Extra,
}

/// What sender-constrained tokens are bound to (RFC 9449).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Binding {
    /// The key's thumbprint (RFC 7638), under which the platform keeps it.
    pub key: String,
    /// The authorization server's newest nonce, for the next proof (RFC 9449 §8).
    pub nonce: Option<String>,
}

/// No tab sends before this is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retry {
    /// Its end, by the clock of whoever wrote it.
    pub at: Wall,
    /// Its whole length, so that a clock that was set back since cannot stretch it.
    pub after_ms: u64,
    /// What it follows.
    pub code: Code,
}

/// A refresh token, and how long it is known to live.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RefreshGrant {
    /// The token.
    pub token: RefreshToken,
    /// When this very token first came.
    pub received_at: Wall,
    /// Its life from then on, in milliseconds, or [`UNKNOWN_MS`](super::time::UNKNOWN_MS).
    pub lifetime_ms: u64,
}

/// An access token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessGrant {
    /// What it was asked for.
    pub target: Target,
    /// The generation that brought it.
    pub generation: u64,
    /// The token.
    pub token: AccessToken,
    /// RFC 6749 §7.1, as the server spelt it.
    pub token_type: Option<String>,
    /// What the server granted, where it said.
    pub scope: Option<String>,
    /// When it came.
    pub received_at: Wall,
    /// Its life from then on, in milliseconds, or [`UNKNOWN_MS`](super::time::UNKNOWN_MS).
    pub lifetime_ms: u64,
}

/// What an access token is asked for; the client's own resource and scope are the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Target {
    /// RFC 8707.
    pub resource: Option<String>,
    /// RFC 6749 §3.3.
    pub scope: Option<String>,
}

/// One refresh request, from before it is sent until its answer is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// Random; also names the lock its sender holds.
    pub id: AttemptId,
    /// How far it has come.
    pub state: AttemptState,
    /// When it was written, just before it was sent.
    pub sent_at: Wall,
    /// How many lost answers came before it in a row.
    pub replays: u64,
    /// What it asks for.
    pub target: Target,
    /// The answer, where its sender could not commit it.
    pub answer: Option<(Arc<Answer>, Wall)>,
    /// Members of a later version.
    pub extra: Extra,
}

/// An attempt's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// Waits for the keeper, which has not claimed it; was never sent.
    Posted,
    /// Sent, or about to be; so is one in a state of a later version.
    #[default]
    Claimed,
    /// Its answer stands in it.
    Answered,
    /// A replay of it was refused: the rotation is lost.
    Refused,
}

/// A refusal that is not `invalid_grant`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stalled {
    /// What the server said.
    pub error: Error,
    /// When it said so last.
    pub at: Wall,
    /// How often it has been asked.
    pub tries: u64,
}

/// An end that the record remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ending {
    /// What ended.
    pub lineage: LineageId,
    /// Why.
    pub reason: Reason,
    /// Other tokens took its place. They may be of the same grant, so nothing of it is revoked.
    pub replaced: bool,
    /// When.
    pub at: Wall,
    /// The refusal, where one ended it.
    pub error: Option<Error>,
    /// The flight recorder's last entries.
    pub history: Vec<Entry>,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The application signed out, or took over other tokens.
    SignedOut,
    /// The server refused the current refresh token; all that is known here of a reason that a
    /// later version brought.
    #[default]
    RefreshTokenRejected,
    /// The refresh token reached its known end.
    RefreshTokenExpired,
    /// The server rotated, its answer was lost, and it did not forgive.
    RotationLost,
    /// Somebody cleared the storage.
    StorageCleared,
    /// The record was another issuer's.
    IssuerChanged,
}

/// Identifies a state of the record; what a compare-and-swap compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The lineage, if one lives.
    pub lineage: LineageId,
    /// The write.
    pub seq: u64,
}

impl Record {
    /// The record after `before`, or the first one.
    #[must_use]
    pub fn after(before: Option<&Self>, issuer: &str, wall: Wall) -> Self {
        before.map_or_else(
            || Self {
                version: tuning::RECORD_VERSION,
                seq: wall.0,
                issuer: issuer.into(),
                lineage: None,
                ended: Vec::new(),
                extra: None,
            },
            Self::next,
        )
    }

    /// The record after this one, before its changes.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut next = self.clone();
        next.seq += 1;
        next
    }

    /// The record's stamp.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp {
            lineage: self.lineage_id(),
            seq: self.seq,
        }
    }

    /// The living lineage's name.
    #[must_use]
    pub fn lineage_id(&self) -> LineageId {
        self.lineage.as_ref().map_or(LineageId::NONE, |l| l.id)
    }

    /// Whether a later version wrote it: it is served, and not changed.
    #[must_use]
    pub fn newer(&self) -> bool {
        self.version > tuning::RECORD_VERSION
    }

    /// Why `lineage` ended, if this record remembers it.
    #[must_use]
    pub fn ending(&self, lineage: LineageId) -> Option<&Ending> {
        self.ended.iter().rev().find(|e| e.lineage == lineage)
    }
}

impl Ending {
    /// An end without a refusal.
    #[must_use]
    pub fn new(lineage: LineageId, reason: Reason, at: Wall) -> Self {
        Self {
            lineage,
            reason,
            replaced: false,
            at,
            error: None,
            history: Vec::new(),
        }
    }

    /// Whether what comes after it is taken back. After a replacement it may be of the new grant, and is
    /// only forgotten.
    #[must_use]
    pub fn takes_back(&self) -> bool {
        self.reason == Reason::SignedOut && !self.replaced
    }
}

impl Target {
    /// The client's own.
    pub const OWN: &Self = &Self {
        resource: None,
        scope: None,
    };
}

impl Lineage {
    /// The access token for `target`.
    #[must_use]
    pub fn access(&self, target: &Target) -> Option<&AccessGrant> {
        self.access.iter().find(|a| a.target == *target)
    }

    /// The refresh token; empty where there is none.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.refresh
            .as_ref()
            .map_or("", |grant| grant.token.expose())
    }

    /// When its refresh token died, if the wall clock says that this one and its access token are dead,
    /// with no answer that may bring others.
    #[must_use]
    pub fn past(&self, now: &Moment) -> Option<Wall> {
        let dead = |end: &Wall| now.wall >= *end;
        let own = self.access(Target::OWN);
        let over = self.attempts.iter().all(|a| a.answer.is_none())
            && own.is_none_or(|a| dead(&a.received_at.plus(a.life_ms())));
        let refresh = self.refresh.as_ref().filter(|_| over)?;
        Some(refresh.received_at.plus(refresh.lifetime_ms)).filter(dead)
    }

    /// Whether nothing is sent for it as a matter of course.
    #[must_use]
    pub fn stuck(&self) -> bool {
        self.refresh.is_none() || self.stalled.is_some() || self.refused()
    }

    /// Whether a replay was refused: nobody sends for this lineage again.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.attempts
            .iter()
            .any(|a| a.state == AttemptState::Refused)
    }
}

impl AccessGrant {
    /// Its life, in milliseconds; a token said to live less than a second lives one.
    #[must_use]
    pub fn life_ms(&self) -> u64 {
        self.lifetime_ms.max(tuning::SHORTEST_LIFE_MS)
    }
}

impl Stalled {
    /// How long after it the server may be asked again, with a dead access token.
    #[must_use]
    pub fn pause_ms(&self) -> u64 {
        if self.tries > 1 {
            tuning::STALLED_NEXT_MS
        } else {
            tuning::STALLED_FIRST_MS
        }
    }
}

names! { Reason {
    SignedOut = "signed-out",
    RefreshTokenRejected = "refresh-token-rejected",
    RefreshTokenExpired = "refresh-token-expired",
    RotationLost = "rotation-lost",
    StorageCleared = "storage-cleared",
    IssuerChanged = "issuer-changed",
} }
names! { AttemptState {
    Posted = "posted",
    Claimed = "claimed",
    Answered = "answered",
    Refused = "refused",
} }

impl Rebase for Record {
    fn rebase(&mut self, by: &Shift) {
        self.seq = self.seq.saturating_sub(by.seq);
        self.lineage.rebase(by);
        for ending in &mut self.ended {
            ending.at.rebase(by);
        }
    }
}

impl Rebase for Lineage {
    fn rebase(&mut self, by: &Shift) {
        self.received_at.rebase(by);
        if let Some(retry) = &mut self.retry {
            retry.at.rebase(by);
        }
        if let Some(refresh) = &mut self.refresh {
            refresh.received_at.rebase(by);
        }
        for access in &mut self.access {
            access.received_at.rebase(by);
        }
        self.attempts.rebase(by);
        if let Some(stalled) = &mut self.stalled {
            stalled.at.rebase(by);
        }
    }
}

impl Rebase for Attempt {
    fn rebase(&mut self, by: &Shift) {
        self.sent_at.rebase(by);
        if let Some((_, at)) = &mut self.answer {
            at.rebase(by);
        }
    }
}
