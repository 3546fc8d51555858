//! What is read, changed and written apart from a refresh, and without the family lock: sign-out and
//! setTokens, each only for the lineage it was called in; the end that is found when somebody has
//! cleared the storage; what could not be saved, once more; and the answer to a failed engine's request.

use super::changes;
use super::error::{Code, Error};
use super::events::By;
use super::io::{CallId, Durability, Effect, Lock, Purpose, Reply, Settled, StoreFailure, Swap};
use super::record::{AttemptId, Binding, Ending, LineageId, Reason, Record};
use super::time::{Looks, Moment, Mono, Rebase, Shift, Wall};
use super::{Engine, tuning, unsaved};
use crate::oauth::{Answer, TokenResponse};
use std::sync::Arc;

/// One under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Operation {
    pub(super) purpose: Purpose,
    kind: Kind,
    /// Which record is being written after which; none while it reads.
    writing: Option<(Option<Arc<Record>>, Arc<Record>)>,
    /// It is written; all that is left is the server's word.
    revoking: bool,
    looks: Looks,
    swaps: u8,
}

/// Each is for the session it was begun in, and touches no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A new session, after this one, with the time its tokens came, and what they are bound to.
    Begin(
        LineageId,
        LineageId,
        Box<TokenResponse>,
        Wall,
        Option<Binding>,
    ),
    /// A tombstone.
    End {
        lineage: LineageId,
        reason: Reason,
        /// The last `seq` that was seen of a record that is gone: it never goes back.
        after: u64,
        /// Whether the tokens are taken back.
        revoke: bool,
    },
    /// The detached session, as it was at this `seq`.
    Save(u64),
    /// A tombstone for a session that has ended in memory: how it was before, and its end.
    Bury(Arc<Record>, Box<Ending>),
    /// What came of an attempt that an engine before this one had sent, and when.
    Answer(AttemptId, Arc<Answer>, Wall),
}

impl Operation {
    /// When it next counts the time.
    pub(super) fn wake(&self) -> Mono {
        self.looks.next()
    }

    fn reading(&self) -> bool {
        self.writing.is_none() && !self.revoking
    }

    /// Whether it is not given up: the revocation's request has its own bound, and what could not be
    /// saved goes on until it is, or the session is over.
    fn patient(&self) -> bool {
        self.revoking || self.saves()
    }

    /// The session that it buries, which has ended in memory.
    pub(super) fn buries(&self) -> Option<LineageId> {
        match &self.kind {
            Kind::Bury(before, _) => Some(before.lineage_id()),
            _ => None,
        }
    }

    /// Whether it is about what could not be saved; nobody waits for that.
    pub(super) fn saves(&self) -> bool {
        matches!(self.kind, Kind::Save(_))
    }
}

impl Engine {
    pub(super) fn on_set_tokens(
        &mut self,
        now: &Moment,
        call: CallId,
        tokens: Box<TokenResponse>,
        received_at: Wall,
        binding: Option<Binding>,
    ) {
        let id = LineageId::random(now);
        let at = received_at.min(now.wall);
        let living = self.view.lineage_id();
        self.operate(
            now,
            call.purpose(),
            Kind::Begin(living, id, tokens, at, binding),
        );
    }

    pub(super) fn on_sign_out(&mut self, now: &Moment, call: CallId, revoke: bool) {
        let lineage = self.view.lineage_id();
        if lineage == LineageId::NONE {
            // Nobody is signed in; or nobody can tell.
            let settled = match self.opening {
                Some(_) => Err(Error::new(Code::Storage)),
                None => Ok(Settled::SignedOut { revoked: false }),
            };
            return self.settle(call, settled);
        }
        let end = Kind::End {
            lineage,
            reason: Reason::SignedOut,
            after: 0,
            revoke,
        };
        self.operate(now, call.purpose(), end);
    }

    /// The answer to an attempt that is not this engine's own: one that failed had sent it, and its lock
    /// is still held. Whoever has the family's goes on with what is in the record.
    pub(super) fn on_inherited(&mut self, now: &Moment, id: AttemptId, reply: Reply) {
        self.inherited = self.inherited.saturating_sub(1);
        match reply {
            Reply::Answer(answer) => {
                let kind = Kind::Answer(id, answer, now.wall);
                self.operate(now, Purpose::saving(id), kind);
            }
            Reply::Failed(_) => self.release(Lock::attempt(id)),
        }
    }

    /// The record is gone: leave a tombstone, so that every tab and the next start know why.
    pub(super) fn on_cleared(&mut self, now: &Moment, lineage: LineageId, seq: u64) {
        let end = Kind::End {
            lineage,
            reason: Reason::StorageCleared,
            after: seq,
            revoke: false,
        };
        self.operate(now, Purpose(AttemptId::random(now).0), end);
    }

    pub(super) fn operate(&mut self, now: &Moment, purpose: Purpose, kind: Kind) {
        self.operations.push(Operation {
            purpose,
            kind,
            writing: None,
            revoking: false,
            looks: Looks::from(now),
            swaps: 0,
        });
        self.ask(purpose);
    }

    /// The operation that asked the store.
    pub(super) fn operation(&mut self, purpose: Purpose) -> Option<&mut Operation> {
        self.operations.iter_mut().find(|o| o.purpose == purpose)
    }

    pub(super) fn on_operation_read(
        &mut self,
        now: &Moment,
        purpose: Purpose,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        let saves = self.operation(purpose).is_some_and(|o| o.saves());
        let found = match result {
            // What could not be saved is not given up for a later version's record, which is not
            // changed, nor for one that cannot be read: the next look tries again.
            Ok(Some(stored)) if saves && stored.newer() => return,
            Ok(found) => found,
            Err(StoreFailure::Unreadable) if !saves => None,
            Err(_) => return,
        };
        let buried = self.burying();
        let position = self.operations.iter().position(|o| o.purpose == purpose);
        let Some(operation) = position.and_then(|at| self.operations.get_mut(at)) else {
            return;
        };
        if !operation.reading() {
            return;
        }
        let stored = found.as_deref();
        let config = &self.config;
        let ours = stored.filter(|r| r.issuer == config.issuer);
        let living = ours.map_or(LineageId::NONE, Record::lineage_id);
        let lineage = ours.and_then(|record| record.lineage.as_ref());
        let late = || lineage.is_some_and(|lineage| lineage.past(now).is_some());
        let next = || Record::after(stored, &config.issuer, now.wall);
        let made = match &mut operation.kind {
            Kind::Save(of) => match (&self.detached, stored) {
                (Some(ours), Some(stored)) => {
                    *of = ours.seq;
                    unsaved::over(stored, ours)
                }
                _ => None,
            },
            _ if operation.swaps > tuning::SWAPS || stored.is_some_and(Record::newer) => {
                return self.finish_operation(purpose, Err(Error::new(Code::Storage)));
            }
            Kind::Bury(before, ending) => {
                stored.and_then(|stored| unsaved::bury(stored, before, ending))
            }
            Kind::Answer(id, answer, at) => stored.and_then(|stored| {
                let mut next = stored.next();
                changes::answer(next.lineage.as_mut()?, *id, answer, *at)?;
                Some(next)
            }),
            Kind::Begin(before, id, tokens, at, binding) => (living == LineageId::NONE
                || living == *before
                || Some(living) == buried
                // Nobody's any more, as far as this client could see.
                || (*before == LineageId::NONE && late()))
            .then(|| {
                let mut next = next();
                changes::begin(&mut next, *id, tokens, *at, config, now);
                if let Some(lineage) = &mut next.lineage {
                    lineage.binding.clone_from(binding);
                }
                next
            }),
            Kind::End {
                lineage,
                reason,
                after,
                ..
            } => {
                let stands = match reason {
                    Reason::StorageCleared => stored.is_none(),
                    _ => living == *lineage,
                };
                stands.then(|| {
                    let mut next = next();
                    next.seq = next.seq.max(*after + 1);
                    let mut ending = Ending::new(*lineage, *reason, now.wall);
                    ending.history = self.history.last_words();
                    changes::bury(&mut next, ending);
                    next
                })
            }
        };
        if let Some(next) = made {
            let next = Arc::new(next);
            operation.writing = Some((found.clone(), next.clone()));
            return self.swap(purpose, found, next, Durability::Strict);
        }
        // It is over already, by another hand.
        let settled = match &operation.kind {
            Kind::Begin(..) => Err(Error::ended(Reason::SignedOut)),
            Kind::Answer(_, answer, _) => {
                // After a sign-out nothing of the session stays behind.
                if let (Some(ours), None) = (ours, lineage)
                    && let Some(ending) = ours.ended.last()
                    && ending.takes_back()
                    && let Some(token) = answer.refresh_token()
                {
                    self.effects
                        .push(Effect::Revoke(Purpose::VIEW, vec![token.clone()]));
                }
                Ok(Settled::Done)
            }
            _ => Ok(Settled::SignedOut { revoked: false }),
        };
        self.finish_operation(purpose, settled);
        if saves && self.detached.is_some() {
            self.reattach();
        }
        self.observe(now, found, By::AnotherTab);
    }

    pub(super) fn on_operation_written(
        &mut self,
        now: &Moment,
        purpose: Purpose,
        result: Result<Swap, StoreFailure>,
    ) {
        let Some(operation) = self.operations.iter_mut().find(|o| o.purpose == purpose) else {
            return;
        };
        let Some((before, written)) = operation.writing.take() else {
            return;
        };
        // The session in which an answer is written down was begun before.
        let by = match operation.kind {
            Kind::Answer(..) => By::AnotherTab,
            _ => By::ThisTab,
        };
        let mut tokens = Vec::new();
        match (result, &operation.kind) {
            (Ok(Swap::Done), Kind::Save(of)) => {
                if self.detached.as_ref().is_none_or(|ours| ours.seq != *of) {
                    // It has gone on in memory since: the next look saves that.
                    return;
                }
                self.note(now, "saved", "the store works again");
                self.reattach();
            }
            (Ok(Swap::Done), kind) => {
                if let Kind::End { revoke: true, .. } = kind {
                    tokens =
                        changes::refresh_tokens(&[before.as_deref(), self.detached.as_deref()]);
                }
                operation.revoking = true;
            }
            (Ok(Swap::Lost), kind) if !matches!(kind, Kind::Save(_)) => {
                operation.swaps += 1;
                return self.ask(purpose);
            }
            // The next look tries again.
            _ => return,
        }
        self.announce(&written);
        self.observe(now, Some(written), by);
        if tokens.is_empty() {
            self.complete(purpose, false);
        } else {
            // Settled when the server has answered.
            self.effects.push(Effect::Revoke(purpose, tokens));
        }
    }

    pub(super) fn on_revoked(&mut self, now: &Moment, purpose: Purpose, revoked: bool) {
        self.note(now, "revocation", if revoked { "done" } else { "not done" });
        self.complete(purpose, revoked);
    }

    fn complete(&mut self, purpose: Purpose, revoked: bool) {
        let settled = match self.operation(purpose).map(|o| &o.kind) {
            Some(Kind::Begin(..)) => Settled::Done,
            Some(_) => Settled::SignedOut { revoked },
            None => return,
        };
        self.finish_operation(purpose, Ok(settled));
    }

    fn finish_operation(&mut self, purpose: Purpose, settled: Result<Settled, Error>) {
        if let Some(Kind::Answer(id, ..)) = self.operation(purpose).map(|o| &o.kind) {
            let lock = Lock::attempt(*id);
            self.release(lock);
        }
        let buried = self.operation(purpose).and_then(|o| o.buries());
        self.operations.retain(|o| o.purpose != purpose);
        if buried.is_some() {
            self.has_saved();
        }
        if let Ok(call) = u32::try_from(purpose.0) {
            self.settle(CallId(call), settled);
        }
    }

    /// Counts the time: a store that fails is tried again each second, and given up in the end.
    pub(super) fn tick_operations(&mut self, now: &Moment) {
        let timeout = self.config.timeout_ms;
        let mut late = Vec::new();
        // Not the number of a refresh that begins at this very moment.
        let mut fresh = Some(Purpose(AttemptId::random(now).0 ^ 1));
        for operation in &mut self.operations {
            if operation.wake() <= now.mono {
                let is_late = operation.looks.look(now) >= timeout;
                if is_late && operation.saves() && !operation.reading() {
                    // A write that hangs is not waited for; its end, if it comes, is nobody's.
                    if let Some(purpose) = fresh.take() {
                        operation.purpose = purpose;
                        operation.writing = None;
                        operation.looks = Looks::from(now);
                    }
                }
                if is_late && !operation.patient() {
                    late.push(operation.purpose);
                } else if operation.reading() {
                    // A slow write may yet succeed, and a second one would lose its swap to it.
                    self.effects.push(Effect::Read(operation.purpose));
                }
            }
        }
        for purpose in late {
            self.finish_operation(purpose, Err(Error::new(Code::Storage)));
        }
    }
}

impl Rebase for Operation {
    fn rebase(&mut self, by: &Shift) {
        self.looks.rebase(by);
        if let Some((before, next)) = &mut self.writing {
            before.rebase(by);
            next.rebase(by);
        }
        match &mut self.kind {
            Kind::Begin(_, _, _, at, _) | Kind::Answer(.., at) => at.rebase(by),
            Kind::End { after: seq, .. } | Kind::Save(seq) => *seq = seq.saturating_sub(by.seq),
            Kind::Bury(before, ending) => {
                before.rebase(by);
                ending.at.rebase(by);
            }
        }
    }
}
