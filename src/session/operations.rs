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
    call: Option<CallId>,
    /// The session it was called in; it touches no other.
    lineage: Option<LineageId>,
    kind: Kind,
    stage: Stage,
    /// What to revoke once it is written.
    tokens: Vec<RefreshToken>,
    looks: Looks,
    swaps: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    SetTokens(LineageId, Box<TokenResponse>, Wall),
    SignOut {
        revoke: bool,
    },
    /// With the `seq` last seen, which never goes back.
    Cleared(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Reading,
    Writing(Arc<Record>),
    /// All that is left is the server's word.
    Revoking,
}

impl Operation {
    /// When it next counts the time.
    pub(super) fn wake(&self) -> Mono {
        self.looks.next()
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
        let id = LineageId(now.random >> 11);
        let at = received_at.min(now.wall);
        self.operate(now, Some(call), Kind::SetTokens(id, tokens, at));
    }

    pub(super) fn on_sign_out(&mut self, now: &Moment, call: CallId, revoke: bool) {
        if self.view.lineage().is_none() {
            // Nobody is signed in; or nobody can tell.
            let settled = match self.opening {
                Some(_) => Err(Error::new(Code::Storage)),
                None => Ok(Settled::SignedOut { revoked: false }),
            };
            self.settle(call, settled);
            return;
        }
        self.operate(now, Some(call), Kind::SignOut { revoke });
    }

    /// The record is gone: leave a tombstone, so that every tab and the next start know why.
    pub(super) fn on_cleared(&mut self, now: &Moment, lineage: LineageId, seq: u64) {
        if self.operation(None).is_some() {
            return;
        }
        self.operate(now, None, Kind::Cleared(seq));
        if let Some(operation) = self.operations.last_mut() {
            operation.lineage = Some(lineage);
        }
    }

    fn operate(&mut self, now: &Moment, call: Option<CallId>, kind: Kind) {
        self.operations.push(Operation {
            call,
            lineage: self.view.lineage_id(),
            kind,
            stage: Stage::Reading,
            tokens: Vec::new(),
            looks: Looks::from(now),
            swaps: 0,
        });
        self.effects.push(Effect::Read(Purpose::Operation(call)));
    }

    fn operation(&mut self, call: Option<CallId>) -> Option<&mut Operation> {
        self.operations.iter_mut().find(|o| o.call == call)
    }

    pub(super) fn on_operation_read(
        &mut self,
        now: &Moment,
        call: Option<CallId>,
        result: Result<Option<Arc<Record>>, StoreFailure>,
    ) {
        let found = match result {
            Ok(found) => found,
            Err(StoreFailure::Unreadable) => None,
            // The next look tries again.
            Err(StoreFailure::Unavailable) => return,
        };
        let stored = found.as_deref();
        let history = self.history.last_words();
        let over = |lineage, reason| End {
            lineage,
            reason,
            error: None,
            history,
            after: 0,
        };
        let config = self.config.clone();
        let detached = self.detached.as_ref().map(|d| d.record.clone());
        let reading = |o: &&mut Operation| matches!(o.stage, Stage::Reading);
        let Some(operation) = self.operation(call).filter(reading) else {
            return;
        };
        let living = stored.and_then(|r| r.lineage.as_ref());
        if stored.is_some_and(|r| r.version > tuning::RECORD_VERSION) {
            return self.give_up(call, Error::new(Code::Storage));
        }
        let bound = operation.lineage;
        let ours = stored.is_none_or(|r| r.issuer == config.issuer);
        let next = match &operation.kind {
            Kind::SetTokens(id, tokens, at) => {
                if ours && living.is_some_and(|l| Some(l.id) != bound) {
                    // Another tab has signed in since: this call was about an older session.
                    self.give_up(call, Error::ended(Reason::SignedOut));
                    return self.observe(now, found, By::AnotherTab);
                }
                changes::begin(stored, *id, tokens, *at, &config, now)
            }
            Kind::SignOut { revoke } => {
                let Some(lineage) = living.filter(|l| Some(l.id) == bound) else {
                    // It is over already, by another hand.
                    self.finish_operation(call, Ok(Settled::SignedOut { revoked: false }));
                    return self.observe(now, found, By::AnotherTab);
                };
                if *revoke {
                    operation.tokens = refresh_tokens(&[stored, detached.as_deref()]);
                }
                changes::end(stored, over(lineage.id, Reason::SignedOut), &config, now)
            }
            Kind::Cleared(seq) => {
                let (None, Some(id)) = (stored, bound) else {
                    self.finish_operation(call, Ok(Settled::Done));
                    return self.observe(now, found, By::AnotherTab);
                };
                let mut end = over(id, Reason::StorageCleared);
                end.after = *seq;
                changes::end(None, end, &config, now)
            }
        };
        operation.stage = Stage::Writing(next.clone());
        self.effects.push(Effect::Write {
            purpose: Purpose::Operation(call),
            expected: stored.map(Record::stamp),
            record: next,
            durability: Durability::Strict,
        });
    }

    pub(super) fn on_operation_written(
        &mut self,
        now: &Moment,
        call: Option<CallId>,
        result: Result<Swap, StoreFailure>,
    ) {
        let Some(operation) = self.operation(call) else {
            // It was given up; whether it was written is for the record to say.
            return self.look_again();
        };
        let stage = std::mem::replace(&mut operation.stage, Stage::Reading);
        let written = match stage {
            Stage::Writing(written) => written,
            other => {
                operation.stage = other;
                return;
            }
        };
        match result {
            Ok(Swap::Done) => self.operated(now, call, written),
            Ok(Swap::Lost) => {
                operation.swaps = operation.swaps.saturating_add(1);
                if operation.swaps > tuning::SWAPS {
                    self.give_up(call, Error::new(Code::Storage));
                } else {
                    self.effects.push(Effect::Read(Purpose::Operation(call)));
                }
            }
            // The next look tries again.
            Err(_) => {}
        }
    }

    fn operated(&mut self, now: &Moment, call: Option<CallId>, written: Arc<Record>) {
        let Some(operation) = self.operation(call) else {
            return;
        };
        operation.stage = Stage::Revoking;
        let tokens = std::mem::take(&mut operation.tokens);
        let signing_out = matches!(operation.kind, Kind::SignOut { .. });
        self.announce(&written);
        self.observe(now, Some(written), By::ThisTab);
        match call {
            // Settled when the server has answered.
            Some(call) if !tokens.is_empty() => {
                self.effects.push(Effect::Revoke(Some(call), tokens));
            }
            _ if signing_out => {
                self.finish_operation(call, Ok(Settled::SignedOut { revoked: false }));
            }
            _ => self.finish_operation(call, Ok(Settled::Done)),
        }
    }

    pub(super) fn on_revoked(&mut self, now: &Moment, call: Option<CallId>, revoked: bool) {
        self.note(now, "revocation", if revoked { "done" } else { "not done" });
        if call.is_some() {
            self.finish_operation(call, Ok(Settled::SignedOut { revoked }));
        }
    }

    fn give_up(&mut self, call: Option<CallId>, error: Error) {
        self.finish_operation(call, Err(error));
    }

    fn finish_operation(&mut self, call: Option<CallId>, settled: Result<Settled, Error>) {
        if let Some(at) = self.operations.iter().position(|o| o.call == call) {
            self.operations.remove(at);
        }
        if let Some(call) = call {
            self.settle(call, settled);
        }
    }

    /// Counts the time: a store that fails is tried again each second, and given up in the end.
    pub(super) fn tick_operations(&mut self, now: &Moment) {
        let timeout = self.config.timeout_ms;
        let mut over = Vec::new();
        for operation in &mut self.operations {
            if operation.wake() > now.mono {
                continue;
            }
            let waited = operation.looks.look(now);
            match operation.stage {
                // The request has its own bound.
                Stage::Revoking => {}
                _ if waited >= timeout => over.push(operation.call),
                // A slow write may yet succeed, and a second one would lose its swap to it.
                Stage::Writing(_) => {}
                Stage::Reading => {
                    let purpose = Purpose::Operation(operation.call);
                    self.effects.push(Effect::Read(purpose));
                }
            }
        }
        for call in over {
            self.give_up(call, Error::new(Code::Storage));
        }
    }
}

/// The refresh tokens in these records, answered ones too.
fn refresh_tokens(records: &[Option<&Record>]) -> Vec<RefreshToken> {
    let mut tokens = Vec::new();
    let mut add = |token: &Option<RefreshToken>| {
        if let Some(token) = token
            && !tokens.contains(token)
        {
            tokens.push(token.clone());
        }
    };
    for lineage in records.iter().flatten().filter_map(|r| r.lineage.as_ref()) {
        add(&lineage.refresh.as_ref().map(|grant| grant.token.clone()));
        for attempt in &lineage.attempts {
            if let Some((answer, _)) = &attempt.answer
                && let Meaning::Tokens(answered) = &answer.meaning
            {
                add(&answered.refresh_token);
            }
        }
    }
    tokens
}

impl Rebase for Operation {
    fn rebase(&mut self, by: &Shift) {
        self.looks.rebase(by);
        if let Stage::Writing(writing) = &mut self.stage {
            writing.rebase(by);
        }
        match &mut self.kind {
            Kind::SetTokens(_, _, at) => at.rebase(by),
            Kind::Cleared(seq) => *seq = seq.saturating_sub(by.seq),
            Kind::SignOut { .. } => {}
        }
    }
}
