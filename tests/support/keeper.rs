//! The keeper's rules, as a table: what `js/keeper.js` does with one posted attempt, step by step. The
//! model check and the simulation play by it, and tests/keeper drives the script through each row.

use std::sync::Arc;

use evergrant::oauth::Answer;
use evergrant::session::time::Wall;
use evergrant::session::{Attempt, AttemptId, AttemptState, LineageId, Record};

/// How far it has come with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    /// Asks for the attempt's lock.
    Asking,
    /// Holds the lock, and claims the attempt.
    Claiming,
    /// Was frozen since, and takes the attempt out again.
    Withdrawing,
    /// Waits for the server.
    Sending,
    /// Writes the answer down.
    Saving,
    /// Could not, and has handed it to the page.
    Unsaved,
    /// Has let the lock go.
    Done,
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Seen {
    /// The lock is its own.
    Granted,
    /// The lock was not to be had in time.
    TooLate,
    /// The attempt was posted, and is claimed.
    Claimed,
    /// Likewise; but more than the send window has passed since.
    ClaimedLate,
    /// There was no posted attempt of that name; or none at all any more.
    NotPosted,
    /// The attempt has been taken out.
    Withdrawn,
    /// The store fails, or hangs.
    StoreFails,
    /// The server has answered, whatever it says.
    Answered,
    /// The connection broke.
    Broken,
    /// The page's timeout is over.
    TimedOut,
    /// The answer is in the record.
    Written,
    /// The session was signed out.
    SignedOut,
    /// The session goes on without this answer, or is over for another reason.
    Forgotten,
    /// The page has it, and lets go.
    LetGo,
    /// A second has passed.
    Second,
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Deed {
    /// Edits the record: [`claim`].
    Claim,
    /// Edits the record: [`withdraw`].
    Withdraw,
    /// Sends the request.
    Send,
    /// Edits the record: [`bring_home`].
    Save,
    /// Gives the page the record, and tells the other tabs its `seq`.
    TellRecord,
    /// Tells the page that no answer comes.
    TellNone,
    /// Gives the page the answer, once for a request: a save that fails again gives nothing anew.
    HandOver,
    /// Takes the answer's token back at the server.
    Revoke,
}

/// A row: in this phase, when this is seen, it does that, and is in the next phase.
pub(crate) type Row = (Phase, Seen, &'static [Deed], Phase);

/// The whole of it. What is not in it does not happen.
pub(crate) const TABLE: &[Row] = &[
    (
        Phase::Asking,
        Seen::Granted,
        &[Deed::Claim],
        Phase::Claiming,
    ),
    (Phase::Asking, Seen::TooLate, &[], Phase::Done),
    (
        Phase::Claiming,
        Seen::Claimed,
        &[Deed::Send],
        Phase::Sending,
    ),
    (
        Phase::Claiming,
        Seen::ClaimedLate,
        &[Deed::Withdraw],
        Phase::Withdrawing,
    ),
    (Phase::Claiming, Seen::NotPosted, &[], Phase::Done),
    (Phase::Claiming, Seen::StoreFails, &[], Phase::Done),
    (
        Phase::Withdrawing,
        Seen::Withdrawn,
        &[Deed::TellRecord],
        Phase::Done,
    ),
    (Phase::Withdrawing, Seen::NotPosted, &[], Phase::Done),
    (Phase::Withdrawing, Seen::StoreFails, &[], Phase::Done),
    (Phase::Sending, Seen::Answered, &[Deed::Save], Phase::Saving),
    (Phase::Sending, Seen::Broken, &[Deed::TellNone], Phase::Done),
    (
        Phase::Sending,
        Seen::TimedOut,
        &[Deed::TellNone],
        Phase::Done,
    ),
    (
        Phase::Saving,
        Seen::Written,
        &[Deed::TellRecord],
        Phase::Done,
    ),
    (Phase::Saving, Seen::SignedOut, &[Deed::Revoke], Phase::Done),
    (Phase::Saving, Seen::Forgotten, &[], Phase::Done),
    (
        Phase::Saving,
        Seen::StoreFails,
        &[Deed::HandOver],
        Phase::Unsaved,
    ),
    (Phase::Unsaved, Seen::LetGo, &[], Phase::Done),
    (Phase::Unsaved, Seen::Second, &[Deed::Save], Phase::Saving),
];

/// What it does when it sees this, and its next phase.
pub(crate) fn step(phase: Phase, seen: Seen) -> (&'static [Deed], Phase) {
    let row = TABLE.iter().find(|row| (row.0, row.1) == (phase, seen));
    let (_, _, deeds, next) = row.unwrap_or_else(|| panic!("{phase:?} {seen:?}"));
    (deeds, *next)
}

/// An attempt that it has claimed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claim {
    pub(crate) lineage: LineageId,
    pub(crate) generation: u64,
    pub(crate) attempt: Attempt,
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// This is to be written.
    Written(Box<Record>),
    /// Its token is to be taken back.
    SignedOut,
    /// Nothing.
    Forgotten,
}

impl Home {
    pub(crate) fn seen(&self) -> Seen {
        match self {
            Self::Written(_) => Seen::Written,
            Self::SignedOut => Seen::SignedOut,
            Self::Forgotten => Seen::Forgotten,
        }
    }
}

/// The record in which the attempt is claimed; none if it is not posted there, or was before another came
/// in: that may be an answer.
pub(crate) fn claim(record: &Record, id: AttemptId, now: Wall) -> Option<(Record, Claim)> {
    let mut next = record.next();
    let lineage = next.lineage.as_mut().filter(|_| !record.newer())?;
    let at = lineage.attempts.iter().position(|it| it.id == id)?;
    let mut attempt = lineage.attempts.remove(at);
    if attempt.state != AttemptState::Posted || at < lineage.attempts.len() {
        return None;
    }
    attempt.state = AttemptState::Claimed;
    attempt.sent_at = now;
    lineage.attempts.push(attempt.clone());
    let claim = Claim {
        lineage: lineage.id,
        generation: lineage.generation,
        attempt,
    };
    Some((next, claim))
}

/// The record without the attempt; none if it is gone.
pub(crate) fn withdraw(record: &Record, id: AttemptId) -> Option<Record> {
    let mut next = record.next();
    let attempts = &mut next.lineage.as_mut()?.attempts;
    let at = attempts.iter().position(|it| it.id == id)?;
    attempts.remove(at);
    Some(next)
}

/// What becomes of an answer, given the record; none if somebody cleared the storage.
pub(crate) fn bring_home(
    record: Option<&Record>,
    claim: &Claim,
    answer: &Arc<Answer>,
    at: Wall,
) -> Home {
    let Some(record) = record else {
        return Home::Forgotten;
    };
    let mut next = record.next();
    match &mut next.lineage {
        Some(lineage) if lineage.id == claim.lineage => {
            if lineage.generation != claim.generation {
                return Home::Forgotten;
            }
            let mut attempt = claim.attempt.clone();
            attempt.state = AttemptState::Answered;
            attempt.answer = Some((Arc::clone(answer), at));
            lineage.attempts.retain(|it| it.id != attempt.id);
            lineage.attempts.push(attempt);
            Home::Written(Box::new(next))
        }
        _ => {
            let ending = record.ending(claim.lineage);
            if ending.is_some_and(|ending| ending.takes_back()) {
                Home::SignedOut
            } else {
                Home::Forgotten
            }
        }
    }
}
