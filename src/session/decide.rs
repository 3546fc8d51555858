//! The decision: what the holder of the family lock does next, given the record as it stands.
//!
//! Pure, and the same whoever the answers came from: this tab, the keeper, or a robbed sender.

use super::error::{Code, Error, Refusal};
use super::io::{Holder, Lock};
use super::record::{Attempt, AttemptId, AttemptState, Lineage, Reason, Target};
use super::time::{Deadline, Looks, Moment, Wall};
use super::tuning;
use crate::oauth::{ErrorResponse, Meaning, redact};

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
    /// Whether a refusal that ends nothing may be asked again.
    pub(super) insist: bool,
    /// Until when no tab sends.
    pub(super) cooldown: Deadline,
    /// The browser's word.
    pub(super) online: bool,
}

/// A lock, as watched.
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
    /// Nothing: release. The error is for those who still wait.
    Leave(Option<Error>),
    /// Nothing until the access token is dead.
    Postpone,
    /// See who holds the attempts' locks.
    Look,
    /// Somebody is at work: look again in a while.
    Watch,
    /// Somebody is at work and takes long: release, and come back after a pause.
    Yield(Error),
    /// Save the good answer in this attempt.
    Commit(AttemptId),
    /// Take away an attempt that was never sent, and decide again.
    Withdraw(AttemptId),
    /// The server asks for patience: take the attempt away and write until when.
    CoolDown(AttemptId, u64, Error),
    /// A refusal that ends nothing.
    Stall(AttemptId, Error),
    /// A refusal about one resource or scope only.
    Deny(AttemptId, Error),
    /// The rotation is lost; the living access token is served to its end.
    Refuse,
    /// The session is over.
    End(Reason, Option<Error>),
    /// Write an attempt and send it: which lost one gives way, and how many were lost before it.
    Mark {
        /// Gives way.
        evict: Option<AttemptId>,
        /// Lost before it.
        replays: u64,
    },
}

/// Decides.
pub(super) fn decide(facts: &Facts<'_>) -> Verdict {
    let lineage = facts.lineage;
    if let Some(good) = best_answer(lineage) {
        return Verdict::Commit(good);
    }
    if let Some(verdict) = answered_otherwise(lineage) {
        return verdict;
    }
    let lost = match sort_out(facts) {
        Ok(lost) => lost,
        Err(verdict) => return verdict,
    };
    if let Some((refused, error)) = refusal(lineage) {
        let ours = !lost.any && refused.replays == 0;
        return match (ours, lineage.doubt) {
            (true, false) if facts.refresh_past => {
                Verdict::End(Reason::RefreshTokenExpired, Some(error))
            }
            (true, false) => Verdict::End(Reason::RefreshTokenRejected, Some(error)),
            (false, _) if !facts.dead => Verdict::Refuse,
            _ => Verdict::End(Reason::RotationLost, Some(error)),
        };
    }
    if lineage.refused() {
        return rotation_lost(facts);
    }
    if let Some(verdict) = gate(facts, !lost.any) {
        return verdict;
    }
    if facts.locks.is_none() {
        return Verdict::Look;
    }
    // Whoever cannot save may be ahead of the record, even of one without a lost answer: a save
    // that hung may yet succeed, long after its tab went on in memory.
    match unsaved_elsewhere(facts) {
        Some(ms) if ms < tuning::UNSAVED_MS => return Verdict::Watch,
        // Its holder needs the family lock for its own next refresh.
        Some(_) => return Verdict::Yield(Error::new(Code::Storage)),
        None => {}
    }
    let old = facts.now.wall.since(lost.sent_at) > facts.forgiveness_ms;
    if lost.any && old && !facts.urgent && !facts.dead {
        return Verdict::Postpone;
    }
    mark(facts, &lost)
}

/// A replay was refused. The end comes with the access token's; but a sender that still holds its
/// lock may have woken with a good answer in hand.
fn rotation_lost(facts: &Facts<'_>) -> Verdict {
    if !facts.dead {
        return Verdict::Leave(None);
    }
    let Some(locks) = facts.locks else {
        return Verdict::Look;
    };
    for attempt in &facts.lineage.attempts {
        if watched_ms(locks, Lock::Attempt(attempt.id))
            .is_some_and(|ms| ms < tuning::LAST_CHANCE_MS)
        {
            return Verdict::Watch;
        }
    }
    Verdict::End(Reason::RotationLost, None)
}

/// What keeps a refresh from being sent, apart from other attempts.
fn gate(facts: &Facts<'_>, nothing_lost: bool) -> Option<Verdict> {
    let lineage = facts.lineage;
    // An end does not wait for somebody to need a token.
    if facts.refresh_dead && facts.dead {
        return Some(Verdict::End(Reason::RefreshTokenExpired, None));
    }
    if facts.refresh_dead || (!facts.needed && nothing_lost) {
        return Some(Verdict::Leave(None));
    }
    if lineage.refresh.is_none() {
        return Some(Verdict::Leave(Some(Error::new(Code::NoRefreshToken))));
    }
    if let Some(stalled) = lineage.stalled.as_ref().filter(|_| !facts.insist) {
        return Some(Verdict::Leave(Some(stalled.error.clone())));
    }
    if facts.cooldown.pending(facts.now) {
        let code = lineage.retry.map_or(Code::Server, |retry| retry.code);
        let error = Error::new(code).retrying_at(facts.cooldown.wall);
        return Some(Verdict::Leave(Some(error)));
    }
    if !facts.online {
        return Some(Verdict::Leave(Some(Error::new(Code::Offline))));
    }
    None
}

/// The newest good answer in the record.
fn best_answer(lineage: &Lineage) -> Option<AttemptId> {
    let mut best = None;
    let mut newest = Wall(0);
    for attempt in &lineage.attempts {
        if let (Some(Meaning::Tokens(_)), Some((_, at))) = (meaning(attempt), &attempt.answer)
            && *at >= newest
        {
            best = Some(attempt.id);
            newest = *at;
        }
    }
    best
}

/// An answer that says neither yes nor `invalid_grant`, and that a write can settle.
fn answered_otherwise(lineage: &Lineage) -> Option<Verdict> {
    lineage.attempts.iter().find_map(|a| match meaning(a)? {
        Meaning::RateLimited {
            retry_after_ms,
            status,
        } => Some(Verdict::CoolDown(
            a.id,
            *retry_after_ms,
            Error::status(Code::RateLimited, *status),
        )),
        Meaning::Refused(response) if !response.is_invalid_grant() => {
            let error = refused(lineage, response);
            Some(
                if response.about_one_token() && a.target != Target::default() {
                    Verdict::Deny(a.id, error)
                } else {
                    Verdict::Stall(a.id, error)
                },
            )
        }
        _ => None,
    })
}

/// The attempts whose answers are lost, taken together.
#[derive(Default)]
struct Lost {
    /// There is one.
    any: bool,
    /// When the newest was sent.
    sent_at: Wall,
    /// How many a replay would be preceded by.
    replays: u64,
    /// The oldest whose sender is not seen to hold its lock, and when it was sent: any other may
    /// yet bring a good answer home.
    oldest: Option<(AttemptId, Wall)>,
}

impl Lost {
    fn add(&mut self, facts: &Facts<'_>, attempt: &Attempt) {
        self.any = true;
        self.sent_at = self.sent_at.max(attempt.sent_at);
        self.replays = self.replays.max(attempt.replays.saturating_add(1));
        let lock = Lock::Attempt(attempt.id);
        let held = |w: &Watched| w.lock == lock && matches!(w.holder, Holder::Somebody(_));
        if !facts.locks.unwrap_or_default().iter().any(held)
            && self.oldest.is_none_or(|(_, at)| attempt.sent_at < at)
        {
            self.oldest = Some((attempt.id, attempt.sent_at));
        }
    }
}

/// The attempts whose answers are lost; or what has to come first.
fn sort_out(facts: &Facts<'_>) -> Result<Lost, Verdict> {
    let lineage = facts.lineage;
    let refused = refusal(lineage).is_some();
    let mut lost = Lost::default();
    for attempt in &lineage.attempts {
        match attempt.state {
            AttemptState::Answered if matches!(meaning(attempt), Some(Meaning::Refused(_))) => {
                continue;
            }
            AttemptState::Refused => continue,
            AttemptState::Answered => {}
            _ if facts.lost.contains(&attempt.id) => {}
            AttemptState::Posted | AttemptState::Claimed => {
                let locks = facts.locks.ok_or(Verdict::Look)?;
                let held = watched_ms(locks, Lock::Attempt(attempt.id));
                let posted = attempt.state == AttemptState::Posted;
                let bound = match (posted, refused) {
                    (true, _) => tuning::KEEPER_START_MS,
                    (false, true) => facts.attempt_bound_ms + tuning::LAST_CHANCE_MS,
                    (false, false) => facts.attempt_bound_ms,
                };
                if held.is_some_and(|ms| ms < bound) {
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

/// An attempt answered with `invalid_grant`, and what the server said.
fn refusal(lineage: &Lineage) -> Option<(&Attempt, Error)> {
    lineage.attempts.iter().find_map(|a| match meaning(a)? {
        Meaning::Refused(response) if response.is_invalid_grant() => {
            Some((a, refused(lineage, response)))
        }
        _ => None,
    })
}

/// A new attempt, if there is room for it.
fn mark(facts: &Facts<'_>, lost: &Lost) -> Verdict {
    let full = facts.lineage.attempts.len() >= tuning::ATTEMPTS;
    let evict = lost.oldest.filter(|_| full).map(|(id, _)| id);
    if full && evict.is_none() {
        return Verdict::Yield(Error::new(Code::Timeout));
    }
    Verdict::Mark {
        evict,
        replays: lost.replays,
    }
}

/// For how long another tab has been seen with an answer of this lineage that it cannot save.
fn unsaved_elsewhere(facts: &Facts<'_>) -> Option<u64> {
    let locks = facts.locks.unwrap_or_default();
    watched_ms(locks, Lock::Unsaved(facts.lineage.id))
}

/// For how long `lock` has been held by its holder; none if it is free.
fn watched_ms(locks: &[Watched], lock: Lock) -> Option<u64> {
    locks
        .iter()
        .find(|w| w.lock == lock && w.holder != Holder::Nobody)
        .map(|w| w.looks.counted)
}

fn meaning(attempt: &Attempt) -> Option<&Meaning> {
    match attempt.state {
        AttemptState::Answered => attempt.answer.as_ref().map(|(answer, _)| &answer.meaning),
        _ => None,
    }
}

/// The server's refusal, without the token that it may quote.
fn refused(lineage: &Lineage, response: &ErrorResponse) -> Error {
    let grant = lineage.refresh.as_ref();
    let secret = grant.map_or("", |grant| grant.token.expose());
    let words = |text| Some(redact(text, secret)).filter(|text| !text.is_empty());
    let refusal = Refusal {
        error: words(&response.error),
        description: words(&response.description),
    };
    Error {
        refusal: (refusal != Refusal::default()).then(|| refusal.into()),
        ..Error::status(Code::OAuth, response.status)
    }
}
