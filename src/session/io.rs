//! What goes into the engine and what comes out: its whole contact with the world.

use super::error::Error;
use super::events::{Event, Published};
use super::record::{AttemptId, LineageId, Record, Target};
use super::time::{Mono, Wall};
use crate::oauth::{AccessToken, Answer, RefreshToken, TokenResponse};
use std::sync::Arc;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The channel is open; read the record. First of all inputs, once.
    Start,
    /// What [`Effect::Read`] found.
    Read(Purpose, Result<Option<Arc<Record>>, StoreFailure>),
    /// What became of [`Effect::Write`]. Delivered in the task of the write's completion.
    Written(Purpose, Result<Swap, StoreFailure>),
    /// A requested lock is held now.
    Granted(Lock),
    /// A held lock was taken by another tab.
    Robbed(Lock),
    /// What [`Effect::Look`] saw, lock by lock.
    Seen(Vec<(Lock, Holder)>),
    /// The answer to [`Effect::Send`].
    Answered(AttemptId, Reply),
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
    Revoked(CallId, bool),
    /// `getAccessToken`.
    GetToken(CallId, Box<Want>),
    /// `setTokens`, with the time the answer came.
    SetTokens(CallId, Box<TokenResponse>, Wall),
    /// `signOut`; whether to revoke.
    SignOut(CallId, bool),
    /// The caller's signal fired.
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
    /// Let a lock go, or take the request for it back.
    Release(Lock),
    /// See who holds these locks now.
    Look(Vec<Lock>),
    /// Send the refresh request of an attempt.
    Send {
        /// Which; comes back with the answer.
        attempt: AttemptId,
        /// The token to spend.
        refresh_token: RefreshToken,
        /// What to ask for.
        target: Target,
    },
    /// Stop waiting for an answer; it comes back as [`Failure::Timeout`].
    Abort(AttemptId),
    /// Revoke tokens at the server (RFC 7009), if it can; the first call's, or nobody's.
    Revoke(CallId, Vec<RefreshToken>),
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

/// Who asked the store, so that its answer finds the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To know what the other tabs did.
    View,
    /// The refresh under way, by its attempt.
    Refresh(AttemptId),
    /// A sign-out or a setTokens, by its call; or an end that was found.
    Operation(CallId),
    /// An answer that could not be saved, once more.
    Unsaved,
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
pub enum Lock {
    /// The refresh-token family's: one refresh at a time.
    Family,
    /// An attempt's: held until its answer is in the record, or none will come.
    Attempt(AttemptId),
    /// Held by a tab that has an answer of this lineage which it cannot save.
    Unsaved(LineageId),
}

/// Who holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// It cannot be seen: whoever it is must not be taken for dead at once.
    Unseen,
    /// A tab or a service worker, by a number that differs from one to the next.
    Somebody(u64),
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
    /// What the engine does by itself: no call has this number, and nothing is settled.
    pub const NONE: Self = Self(0);
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
