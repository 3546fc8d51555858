//! The decision: what the holder of the family lock does next, given the record as it stands.
//!
//! Pure, and the same whoever the answers came from: this tab, the keeper, or a robbed sender.

use super::error::Code;
use super::io::{Holder, Lock};
use super::record::{Attempt, AttemptId, AttemptState, Lineage, Reason, Target};
use super::time::{Looks, Moment, Wall};
use super::tuning;
use crate::oauth::Meaning;

/// All that a decision rests on.
pub(super) struct Facts<'a> {
    /// Now.
    pub(super) now: &'a Moment,
    /// The living session, with this tab's own answer in its attempt.
    pub(super) lineage: &'a Lineage,
    /// Attempts this tab knows to be lost.
    pub(super) lost: &'a [AttemptId],
    /// Who holds the attempts' locks, as watched; none if this tab has not looked since it read.
    pub(super) locks: Option<&'a [Watched]>,
    /// Another sender's whole time, in milliseconds.
    pub(super) attempt_bound_ms: u64,
    /// How long a lost answer may still be forgiven.
    pub(super) forgiveness_ms: u64,
    /// Somebody has no token without a refresh, or one is due.
    pub(super) needed: bool,
    /// Somebody waits who will have nothing without a refresh.
    pub(super) urgent: bool,
    /// The access token is dead, or an API has refused it.
    pub(super) dead: bool,
    /// The refresh token has reached its known end.
    pub(super) refresh_dead: bool,
    /// One of the clocks, which may be wrong, says that it has.
    pub(super) refresh_past: bool,
    /// Nothing keeps a request from being sent, apart from other attempts.
    pub(super) sendable: bool,
}

/// A lock that somebody holds, as watched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Watched {
    /// Which.
    pub(super) lock: Lock,
    /// Who held it at the last look.
    pub(super) holder: Holder,
    /// For how long it has been the same holder.
    pub(super) looks: Looks,
}

/// What to do.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing: release. Those who still wait are told why nothing is sent.
    Leave,
    /// Nothing until the access token is dead.
    Postpone,
    /// See who holds the attempts' locks.
    Look,
    /// Somebody is at work: look again in a while.
    Watch,
    /// Somebody is at work and takes long: release, and come back after a pause.
    Yield(Code),
    /// Save the good answer in this attempt.
    Commit(AttemptId),
    /// Take away an attempt that was never sent, and decide again.
    Withdraw(AttemptId),
    /// Heed the answer in this attempt, which is neither good nor `invalid_grant`.
    Heed(AttemptId),
    /// The rotation is lost; the living access token is served to its end.
    Refuse,
    /// The session is over.
    End(Reason),
    /// Write an attempt and send it: which lost one gives way, and how many were lost before it.
    Mark {
        /// Gives way.
        evict: Option<AttemptId>,
        /// Lost before it.
        replays: u64,
        /// What the one that it replays asked for, if it is a replay.
        again: Option<Target>,
    },
}

impl<'a> Facts<'a> {
    /// Who is seen to hold `lock`, if anybody is.
    fn holder(&self, lock: Lock) -> Option<&'a Watched> {
        self.locks?.iter().find(|watched| watched.lock == lock)
    }
}

/// Decides.
pub(super) fn decide(facts: &Facts<'_>) -> Verdict {
    let lineage = facts.lineage;
    if let Some(verdict) = answered(lineage) {
        return verdict;
    }
    let refusal = refusal(lineage);
    let lost = match sort_out(facts, refusal.is_some()) {
        Ok(lost) => lost,
        Err(verdict) => return verdict,
    };
    if let Some(refused) = refusal {
        let ours = lost.newest.is_none() && refused.replays == 0;
        return match (ours, lineage.doubt) {
            (true, false) if facts.refresh_past => Verdict::End(Reason::RefreshTokenExpired),
            (true, false) => Verdict::End(Reason::RefreshTokenRejected),
            (false, _) if !facts.dead => Verdict::Refuse,
            _ => Verdict::End(Reason::RotationLost),
        };
    }
    if lineage.refused() {
        return rotation_lost(facts);
    }
    if facts.refresh_dead && facts.dead {
        // An end does not wait for somebody to need a token.
        return Verdict::End(Reason::RefreshTokenExpired);
    }
    if !facts.sendable || (!facts.needed && lost.newest.is_none()) {
        return Verdict::Leave;
    }
    if facts.locks.is_none() {
        return Verdict::Look;
    }
    // Whoever cannot save may be ahead of the record, even of one without a lost answer: a save
    // that hung may yet succeed, long after its tab went on in memory.
    match facts.holder(Lock::unsaved(lineage.id)) {
        Some(other) if other.looks.counted < tuning::UNSAVED_MS => return Verdict::Watch,
        // It needs the family lock for its own next refresh.
        Some(_) => return Verdict::Yield(Code::Storage),
        None => {}
    }
    if let Some(newest) = lost.newest
        && facts.now.wall.since(newest.sent_at) > facts.forgiveness_ms
        && !facts.urgent
        && !facts.dead
    {
        return Verdict::Postpone;
    }
    mark(facts, &lost)
}

/// A replay was refused. The end comes with the access token's; but a sender that still holds its
/// lock may have woken with a good answer in hand.
fn rotation_lost(facts: &Facts<'_>) -> Verdict {
    if !facts.dead {
        return Verdict::Leave;
    }
    if facts.locks.is_none() {
        return Verdict::Look;
    }
    for attempt in &facts.lineage.attempts {
        if held_within(facts, attempt, tuning::LAST_CHANCE_MS) {
            return Verdict::Watch;
        }
    }
    Verdict::End(Reason::RotationLost)
}

/// Whether the sender of `attempt` has held its lock, but not yet for `ms`.
fn held_within(facts: &Facts<'_>, attempt: &Attempt, ms: u64) -> bool {
    facts
        .holder(Lock::attempt(attempt.id))
        .is_some_and(|sender| sender.looks.counted < ms)
}

/// What an answer in the record asks for: the newest good one; else one that says neither yes nor
/// `invalid_grant`, and that a write can settle.
fn answered(lineage: &Lineage) -> Option<Verdict> {
    let mut verdict = None;
    let mut newest = Wall(0);
    for attempt in &lineage.attempts {
        match (meaning(attempt), &attempt.answer) {
            (Some(Meaning::Tokens(_)), Some((_, at))) if *at >= newest => {
                newest = *at;
                verdict = Some(Verdict::Commit(attempt.id));
            }
            (Some(Meaning::Refused(response)), _) if response.is_invalid_grant() => {}
            (Some(Meaning::RateLimited | Meaning::Refused(_)), _) if verdict.is_none() => {
                verdict = Some(Verdict::Heed(attempt.id));
            }
            _ => {}
        }
    }
    verdict
}

/// An attempt answered with `invalid_grant`.
pub(super) fn refusal(lineage: &Lineage) -> Option<&Attempt> {
    lineage.attempts.iter().find(
        |a| matches!(meaning(a), Some(Meaning::Refused(response)) if response.is_invalid_grant()),
    )
}

/// The attempts whose answers are lost, taken together.
#[derive(Default)]
struct Lost<'a> {
    /// The one sent last, if there is one at all.
    newest: Option<&'a Attempt>,
    /// How many a replay would be preceded by.
    replays: u64,
    /// The oldest whose sender is not seen to hold its lock: any other may yet bring a good answer
    /// home.
    oldest: Option<&'a Attempt>,
}

impl<'a> Lost<'a> {
    fn add(&mut self, facts: &Facts<'_>, attempt: &'a Attempt) {
        self.replays = self.replays.max(attempt.replays.saturating_add(1));
        if self.newest.is_none_or(|a| a.sent_at < attempt.sent_at) {
            self.newest = Some(attempt);
        }
        let sender = facts.holder(Lock::attempt(attempt.id));
        if sender.is_none_or(|w| w.holder == Holder::UNSEEN)
            && self.oldest.is_none_or(|a| attempt.sent_at < a.sent_at)
        {
            self.oldest = Some(attempt);
        }
    }
}

/// The attempts whose answers are lost; or what has to come first.
fn sort_out<'a>(facts: &Facts<'a>, refused: bool) -> Result<Lost<'a>, Verdict> {
    let mut lost = Lost::default();
    for attempt in &facts.lineage.attempts {
        match attempt.state {
            AttemptState::Answered if matches!(meaning(attempt), Some(Meaning::Refused(_))) => {
                continue;
            }
            AttemptState::Refused => continue,
            AttemptState::Answered => {}
            _ if facts.lost.contains(&attempt.id) => {}
            AttemptState::Posted | AttemptState::Claimed => {
                if facts.locks.is_none() {
                    return Err(Verdict::Look);
                }
                let posted = attempt.state == AttemptState::Posted;
                let bound = match (posted, refused) {
                    (true, _) => tuning::KEEPER_START_MS,
                    (false, true) => facts.attempt_bound_ms + tuning::LAST_CHANCE_MS,
                    (false, false) => facts.attempt_bound_ms,
                };
                if held_within(facts, attempt, bound) {
                    return Err(Verdict::Watch);
                }
                if posted {
                    return Err(Verdict::Withdraw(attempt.id));
                }
            }
        }
        lost.add(facts, attempt);
    }
    Ok(lost)
}

/// A new attempt, if there is room for it.
fn mark(facts: &Facts<'_>, lost: &Lost<'_>) -> Verdict {
    let full = facts.lineage.attempts.len() >= tuning::ATTEMPTS;
    let evict = lost.oldest.filter(|_| full).map(|attempt| attempt.id);
    if full && evict.is_none() {
        return Verdict::Yield(Code::Timeout);
    }
    Verdict::Mark {
        evict,
        replays: lost.replays,
        again: lost.newest.map(|attempt| attempt.target.clone()),
    }
}

fn meaning(attempt: &Attempt) -> Option<&Meaning> {
    match attempt.state {
        AttemptState::Answered => attempt.answer.as_ref().map(|(answer, _)| &answer.meaning),
        _ => None,
    }
}
