//! What goes into the engine and what comes out: its whole contact with the world.

use super::error::{Code, Error};
use super::events::{Event, Published};
use super::record::{AttemptId, Binding, LineageId, Record, Target};
use super::time::{Mono, Wall};
use crate::oauth::{AccessToken, Answer, RefreshToken, TokenResponse};
use std::sync::Arc;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The channel is open; read the record. First of all inputs, once.
    Start,
    /// Likewise, of an engine that stands in for one that failed, and had sent so many requests that are
    /// still to be answered, or whose answers are to be saved.
    Restarted(u32),
    /// Whether there is a keeper, which carries requests. There is none at first.
    Keeper(bool),
    /// What [`Effect::Read`] found; or what the keeper has written, for the refresh that posted an attempt
    /// to it.
    Read(Purpose, Result<Option<Arc<Record>>, StoreFailure>),
    /// What became of [`Effect::Write`]. Delivered in the task of the write's completion.
    Written(Purpose, Result<Swap, StoreFailure>),
    /// A requested lock is held now.
    Granted(Lock),
    /// A held lock was taken by another tab.
    Robbed(Lock),
    /// What [`Effect::Look`] saw: of the locks it asked for, those that are held.
    Seen(Vec<(Lock, Holder)>),
    /// The answer to [`Effect::Send`]; to a posted one only if the keeper cannot write it down, or there
    /// is none.
    Answered(AttemptId, Reply),
    /// The request of [`Effect::Prepare`] can be sent; or why not: the session has ended if the key is gone that
    /// its tokens are bound to.
    Prepared(AttemptId, Result<(), Code>),
    /// Another tab wrote the record.
    Announced(u64),
    /// The timer of [`Effect::WakeAt`] fired.
    Tick,
    /// The page woke, came back, got the focus: clocks and record may be anywhere.
    Woke,
    /// The page was hidden or shown.
    Visible(bool),
    /// The browser gained or lost its connection.
    Online(bool),
    /// The revocation of [`Effect::Revoke`] is over; true where the server said yes.
    Revoked(Purpose, bool),
    /// `getAccessToken`.
    GetToken(CallId, Box<Want>),
    /// `setTokens`, or a sign-in: with the time the answer came, and what the tokens are bound to.
    SetTokens(CallId, Box<TokenResponse>, Wall, Option<Binding>),
    /// `signOut`; whether to revoke.
    SignOut(CallId, bool),
    /// The caller's signal fired; its promise is settled already.
    Cancel(CallId),
    /// `close`.
    Close,
}

/// Something is to be done. Effects are run in order; none is answered before all have been taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Read the record.
    Read(Purpose),
    /// Write `record` if the store still holds what has the [stamp](Record::stamp) of `before`.
    Write {
        /// Comes back with the answer.
        purpose: Purpose,
        /// What must still be there, if anything.
        before: Option<Arc<Record>>,
        /// What to put there.
        record: Arc<Record>,
        /// Whether a power cut may undo it.
        durability: Durability,
    },
    /// Ask for a lock, and wait in its queue.
    Request(Lock),
    /// Take a lock from its holder, or out of its queue's turn; it comes back as granted.
    Steal(Lock),
    /// Let a lock go, or take the request for it back.
    Release(Lock),
    /// See who holds these locks now. What an older look saw says nothing of what this one asks for, and
    /// is not told any more.
    Look(Vec<Lock>),
    /// Get ready what the request of an attempt needs and takes time: the endpoint, and a DPoP proof.
    Prepare {
        /// Which; comes back with the answer.
        attempt: AttemptId,
        /// What the tokens are bound to, if they are.
        binding: Option<Binding>,
        /// The server has refused a proof for its time: learn what time it is first.
        late: bool,
    },
    /// Send the refresh request of an attempt.
    Send {
        /// Which; comes back with the answer.
        attempt: AttemptId,
        /// Whether the keeper is to send it, once it has claimed it.
        posted: bool,
        /// The token to spend.
        refresh_token: RefreshToken,
        /// What to ask for.
        target: Target,
    },
    /// Stop waiting for an answer; it comes back as [`Failure::Timeout`].
    Abort(AttemptId),
    /// Revoke tokens at the server (RFC 7009), if it can; for a call's sake, or nobody's.
    Revoke(Purpose, Vec<RefreshToken>),
    /// Tell the other tabs that the record has this `seq` now.
    Announce(u64),
    /// Set the one timer; [`Mono::NEVER`] clears it.
    WakeAt(Mono),
    /// What can be seen from outside, after each input; often it is what it was.
    Publish(Box<Published>),
    /// Tell the listeners.
    Emit(Event),
    /// Settle a call's promise.
    Settle(CallId, Result<Settled, Error>),
    /// Everything is let go; drop the engine.
    Closed,
}

/// Who asked the store, so that its answer finds the way back: a call by its number, which has 32
/// bits; what the engine does by itself by an [`AttemptId`]'s, which has 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(pub u64);

impl Purpose {
    /// To know what the other tabs did.
    pub const VIEW: Self = Self(0);

    /// To save what came of this attempt, where that took too long; the late end of one of its own
    /// writes is none of this one's.
    #[must_use]
    pub fn saving(attempt: AttemptId) -> Self {
        Self(attempt.0 | 1)
    }
}

/// How a swap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Swap {
    /// Written.
    Done,
    /// The store holds something else; nothing was written.
    Lost,
}

/// Whether a power cut may undo a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Durability {
    /// It must not: an attempt, the first save of an answer, a tombstone, a new lineage.
    Strict,
    /// It may.
    Relaxed,
}

/// Why the store gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreFailure {
    /// It refused, is full, or broke.
    Unavailable,
    /// It holds something that cannot be read.
    Unreadable,
}

/// A lock that all tabs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lock {
    /// Which.
    pub kind: LockKind,
    /// Whose: an [`AttemptId`]'s or a [`LineageId`]'s number.
    pub id: u64,
}

/// What a lock stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockKind {
    /// The refresh-token family's: one refresh at a time.
    Family,
    /// An attempt's: held until its answer is in the record, or none will come.
    Attempt,
    /// Held by a tab that has an answer of this lineage which it cannot save.
    Unsaved,
    /// Held by a tab that is about to steal the family's.
    Steal,
}

impl Lock {
    /// The refresh-token family's.
    pub const FAMILY: Self = Self {
        kind: LockKind::Family,
        id: 0,
    };

    /// The one under which the family's is stolen.
    pub const STEAL: Self = Self {
        kind: LockKind::Steal,
        id: 0,
    };

    /// An attempt's.
    #[must_use]
    pub fn attempt(id: AttemptId) -> Self {
        Self {
            kind: LockKind::Attempt,
            id: id.0,
        }
    }

    /// The one that keeps others from replaying what is not saved yet.
    #[must_use]
    pub fn unsaved(lineage: LineageId) -> Self {
        Self {
            kind: LockKind::Unsaved,
            id: lineage.0,
        }
    }
}

/// Who holds a lock: a tab or a service worker, by a number that differs from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holder(pub u64);

impl Holder {
    /// It cannot be seen: whoever it is must not be taken for dead at once.
    pub const UNSEEN: Self = Self(1);
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// An answer, whatever it says.
    Answer(Arc<Answer>),
    /// None.
    Failed(Failure),
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The connection broke, or CORS hid the answer.
    Network,
    /// [`Effect::Abort`].
    Timeout,
}

/// Names a call from JavaScript that waits to be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

impl CallId {
    /// As which it asks the store.
    #[must_use]
    pub fn purpose(self) -> Purpose {
        Purpose(self.0.into())
    }
}

/// What `getAccessToken` was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Want {
    /// Which token.
    pub target: Target,
    /// How long it must live, where the caller said.
    pub min_validity_ms: Option<u64>,
    /// Only a newer one will do.
    pub force: bool,
    /// The one an API refused.
    pub refused: Option<AccessToken>,
}

/// What a call is settled with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    /// Nothing.
    Done,
    /// `getAccessToken`.
    Token(AccessToken),
    /// `signOut`: whether the server took the tokens back.
    SignedOut {
        /// It did.
        revoked: bool,
    },
}
