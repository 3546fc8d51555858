//! Sign-out and setTokens: one write each, without the family lock, and only for the lineage they
//! were called in. Also the end that is found when somebody has cleared the storage.

use super::changes::{self, End};
use super::error::{Code, Error};
use super::events::By;
use super::io::{CallId, Durability, Effect, Purpose, Settled, StoreFailure, Swap};
use super::record::{LineageId, Reason, Record};
use super::time::{Looks, Moment, Mono, Rebase, Shift, Wall};
use super::{Engine, tuning};
use crate::oauth::{Meaning, RefreshToken, TokenResponse};
use std::sync::Arc;

/// One under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Operation {
    call: CallId,
    kind: Kind,
    /// Which record is being written after which; none while it reads.
    writing: Option<(Option<Arc<Record>>, Arc<Record>)>,
    /// It is written; all that is left is the server's word.
    revoking: bool,
    looks: Looks,
    swaps: u8,
}

/// Each is for the session it was called in, and touches no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// A new session, after this one, with the time its tokens came.
    Begin(LineageId, LineageId, Box<TokenResponse>, Wall),
    /// A tombstone.
    End {
        lineage: LineageId,
        reason: Reason,
        /// The last `seq` that was seen of a record that is gone: it never goes back.
        after: u64,
        /// Whether the tokens are taken back.
        revoke: bool,
    },
}

impl Operation {
    /// When it next counts the time.
    pub(super) fn wake(&self) -> Mono {
        self.looks.next()
    }

    fn reading(&self) -> bool {
        self.writing.is_none() && !self.revoking
    }
}

impl Engine {
    pub(super) fn on_set_tokens(
        &mut self,
        now: &Moment,
        call: CallId,
        tokens: Box<TokenResponse>,
        received_at: Wall,
    ) {
        let id = LineageId::random(now);
        let at = received_at.min(now.wall);
        let living = self.view.lineage_id();
        self.operate(now, call, Kind::Begin(living, id, tokens, at));
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
        self.operate(now, call, end);
    }

    /// The record is gone: leave a tombstone, so that every tab and the next start know why.
    pub(super) fn on_cleared(&mut self, now: &Moment, lineage: LineageId, seq: u64) {
        if self.operation(CallId::NONE).is_none() {
            let end = Kind::End {
                lineage,
                reason: Reason::StorageCleared,
                after: seq,
                revoke: false,
            };
            self.operate(now, CallId::NONE, end);
        }
    }

    fn operate(&mut self, now: &Moment, call: CallId, kind: Kind) {
        self.operations.push(Operation {
            call,
            kind,
            writing: None,
            revoking: false,
            looks: Looks::from(now),
            swaps: 0,
        });
        self.ask(Purpose::Operation(call));
    }

    fn operation(&mut self, call: CallId) -> Option<&mut Operation> {
        self.operations.iter_mut().find(|o| o.call == call)
    }

    pub(super) fn on_operation_read(
        &mut self,
        now: &Moment,
        call: CallId,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        let found = match result {
            Ok(found) => found,
            Err(StoreFailure::Unreadable) => None,
            // The next look tries again.
            Err(StoreFailure::Unavailable) => return,
        };
        let Some(operation) = self.operations.iter_mut().find(|o| o.call == call) else {
            return;
        };
        if !operation.reading() {
            return;
        }
        let config = &self.config;
        let stored = found.as_deref();
        let newer = stored.is_some_and(|r| r.version > tuning::RECORD_VERSION);
        if newer || operation.swaps > tuning::SWAPS {
            return self.finish_operation(call, Err(Error::new(Code::Storage)));
        }
        let ours = stored.filter(|r| r.issuer == config.issuer);
        let living = ours.map_or(LineageId::NONE, Record::lineage_id);
        let next = match &operation.kind {
            Kind::Begin(before, id, tokens, at)
                if living == LineageId::NONE || living == *before =>
            {
                changes::begin(stored, *id, tokens, *at, config, now)
            }
            Kind::Begin(..) => {
                // Another tab has signed in since: this call was about an older session.
                self.finish_operation(call, Err(Error::ended(Reason::SignedOut)));
                return self.observe(now, found, By::AnotherTab);
            }
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
                if !stands {
                    // It is over already, by another hand.
                    self.complete(call, false);
                    return self.observe(now, found, By::AnotherTab);
                }
                let end = End {
                    lineage: *lineage,
                    reason: *reason,
                    history: self.history.last_words(),
                    after: *after,
                };
                changes::end(stored, end, config, now)
            }
        };
        operation.writing = Some((found.clone(), next.clone()));
        let purpose = Purpose::Operation(call);
        self.swap(purpose, found, next, Durability::Strict);
    }

    pub(super) fn on_operation_written(
        &mut self,
        now: &Moment,
        call: CallId,
        result: Result<Swap, StoreFailure>,
    ) {
        let Some(operation) = self.operation(call) else {
            // It was given up; whether it was written is for the record to say.
            return self.look_again();
        };
        let Some((before, written)) = operation.writing.take() else {
            return;
        };
        match result {
            Ok(Swap::Done) => {
                operation.revoking = true;
                let mut tokens = Vec::new();
                if let Kind::End { revoke: true, .. } = operation.kind {
                    let detached = self.detached.as_ref().map(|d| &*d.record);
                    tokens = refresh_tokens(&[before.as_deref(), detached]);
                }
                self.announce(&written);
                self.observe(now, Some(written), By::ThisTab);
                if tokens.is_empty() {
                    self.complete(call, false);
                } else {
                    // Settled when the server has answered.
                    self.effects.push(Effect::Revoke(call, tokens));
                }
            }
            Ok(Swap::Lost) => {
                operation.swaps += 1;
                self.ask(Purpose::Operation(call));
            }
            // The next look tries again.
            Err(_) => {}
        }
    }

    pub(super) fn on_revoked(&mut self, now: &Moment, call: CallId, revoked: bool) {
        self.note(now, "revocation", if revoked { "done" } else { "not done" });
        if call != CallId::NONE {
            self.complete(call, revoked);
        }
    }

    fn complete(&mut self, call: CallId, revoked: bool) {
        let settled = match self.operation(call).map(|o| &o.kind) {
            Some(Kind::Begin(..)) => Settled::Done,
            _ => Settled::SignedOut { revoked },
        };
        self.finish_operation(call, Ok(settled));
    }

    fn finish_operation(&mut self, call: CallId, settled: Result<Settled, Error>) {
        if let Some(at) = self.operations.iter().position(|o| o.call == call) {
            self.operations.swap_remove(at);
        }
        if call != CallId::NONE {
            self.settle(call, settled);
        }
    }

    /// Counts the time: a store that fails is tried again each second, and given up in the end.
    pub(super) fn tick_operations(&mut self, now: &Moment) {
        for at in (0..self.operations.len()).rev() {
            let Some(operation) = self.operations.get_mut(at) else {
                continue;
            };
            if operation.wake() > now.mono {
                continue;
            }
            let call = operation.call;
            let waited = operation.looks.look(now);
            // The revocation's request has its own bound.
            if waited >= self.config.timeout_ms && !operation.revoking {
                self.finish_operation(call, Err(Error::new(Code::Storage)));
            } else if operation.reading() {
                // A slow write may yet succeed, and a second one would lose its swap to it.
                self.ask(Purpose::Operation(call));
            }
        }
    }
}

/// The refresh tokens in these records, answered ones too.
fn refresh_tokens(records: &[Option<&Record>]) -> Vec<RefreshToken> {
    let mut tokens = Vec::new();
    let mut add = |token: &RefreshToken| {
        if !tokens.contains(token) {
            tokens.push(token.clone());
        }
    };
    for lineage in records.iter().flatten().filter_map(|r| r.lineage.as_ref()) {
        if let Some(grant) = &lineage.refresh {
            add(&grant.token);
        }
        for attempt in &lineage.attempts {
            if let Some((answer, _)) = &attempt.answer
                && let Meaning::Tokens(answered) = &answer.meaning
                && let Some(token) = &answered.refresh_token
            {
                add(token);
            }
        }
    }
    tokens
}

impl Rebase for Operation {
    fn rebase(&mut self, by: &Shift) {
        self.looks.rebase(by);
        if let Some((before, next)) = &mut self.writing {
            before.rebase(by);
            next.rebase(by);
        }
        match &mut self.kind {
            Kind::Begin(.., at) => at.rebase(by),
            Kind::End { after, .. } => *after = after.saturating_sub(by.seq),
        }
    }
}
