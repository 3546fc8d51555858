//! The changes a record goes through: each takes the record as it stands and gives the next one.

use super::config::Config;
use super::error::Error;
use super::history::Entry;
use super::record::{
    AccessGrant, Attempt, AttemptId, AttemptState, Ending, Lineage, LineageId, Reason, Record,
    RefreshGrant, Retry, Stalled, Target,
};
use super::time::{Moment, UNKNOWN_MS, Wall};
use super::tuning;
use crate::oauth::{Answer, Meaning, TokenResponse};
use std::sync::Arc;

/// An attempt is written, just before it is sent.
pub(super) fn mark(record: &Record, attempt: Attempt, evict: Option<AttemptId>) -> Arc<Record> {
    change(record, |lineage| {
        remove(lineage, evict);
        lineage.attempts.push(attempt);
    })
}

/// An attempt goes: it was never sent, or the server did nothing with it.
pub(super) fn withdraw(record: &Record, attempt: AttemptId) -> Arc<Record> {
    change(record, |lineage| remove(lineage, Some(attempt)))
}

/// A pause for all tabs; `attempt` goes, where the server did nothing with it.
pub(super) fn cool_down(record: &Record, attempt: Option<AttemptId>, retry: Retry) -> Arc<Record> {
    change(record, |lineage| {
        remove(lineage, attempt);
        lineage.retry = Some(retry);
    })
}

/// A refusal that ends nothing is noted, and its attempt goes.
pub(super) fn stall(record: &Record, attempt: AttemptId, error: Error, at: Wall) -> Arc<Record> {
    change(record, |lineage| {
        remove(lineage, Some(attempt));
        let tries = lineage.stalled.as_ref().map_or(0, |s| s.tries);
        lineage.stalled = Some(Stalled {
            error,
            at,
            tries: tries.saturating_add(1),
        });
    })
}

/// The rotation is lost: nobody sends again.
pub(super) fn refuse(record: &Record) -> Arc<Record> {
    change(record, |lineage| {
        for attempt in &mut lineage.attempts {
            attempt.state = AttemptState::Refused;
            attempt.answer = None;
        }
    })
}

/// An answer its sender cannot commit goes into its attempt, which may have been taken away.
pub(super) fn bring_home(
    record: &Record,
    attempt: &Attempt,
    answer: Arc<Answer>,
    at: Wall,
) -> Arc<Record> {
    change(record, |lineage| {
        remove(lineage, Some(attempt.id));
        lineage.attempts.push(Attempt {
            state: AttemptState::Answered,
            answer: Some((answer, at)),
            ..attempt.clone()
        });
    })
}

/// The good answer in `attempt` becomes the next generation, and all attempts go with the same
/// write. None if there is no such answer.
pub(super) fn commit(record: &Record, attempt: AttemptId, config: &Config) -> Option<Arc<Record>> {
    let standing = record.lineage.as_ref()?;
    let good = standing.attempt(attempt)?;
    let (answer, at) = good.answer.as_ref()?;
    let Meaning::Tokens(tokens) = &answer.meaning else {
        return None;
    };
    let others = standing.attempts.iter().any(|a| {
        // A posted attempt was never sent.
        a.id != attempt && a.state != AttemptState::Posted
    });
    let doubt = good.replays > 0 || others;
    Some(change(record, |lineage| {
        lineage.generation += 1;
        lineage.received_at = *at;
        lineage.doubt = doubt;
        lineage.retry = None;
        lineage.stalled = None;
        lineage.attempts.clear();
        take_tokens(lineage, tokens, good.target.clone(), *at, config);
    }))
}

/// RFC 6749 §5.1 and §6: what an answer leaves out stays as it was.
fn take_tokens(
    lineage: &mut Lineage,
    tokens: &TokenResponse,
    target: Target,
    at: Wall,
    config: &Config,
) {
    let told = tokens.refresh_lifetime_ms;
    match (&tokens.refresh_token, &mut lineage.refresh) {
        (Some(token), refresh) if refresh.as_ref().is_none_or(|grant| grant.token != *token) => {
            let configured = config.refresh_lifetime_ms.filter(|_| told == UNKNOWN_MS);
            *refresh = Some(RefreshGrant {
                token: token.clone(),
                received_at: at,
                lifetime_ms: configured.unwrap_or(told),
            });
        }
        (_, Some(grant)) => {
            if told != UNKNOWN_MS {
                grant.received_at = at;
                grant.lifetime_ms = told;
            }
        }
        (_, None) => {}
    }
    if let Some(id_token) = &tokens.id_token {
        lineage.id_token = Some(id_token.clone());
    }
    let before = lineage.access.iter().position(|a| a.target == target);
    let scope = before
        .and_then(|i| lineage.access.get(i))
        .and_then(|a| a.scope.clone());
    let grant = AccessGrant {
        target,
        generation: lineage.generation,
        token: tokens.access_token.clone(),
        token_type: tokens.token_type.clone(),
        scope: tokens.scope.clone().or(scope),
        received_at: at,
        lifetime_ms: tokens.lifetime_ms,
    };
    match before.and_then(|i| lineage.access.get_mut(i)) {
        Some(standing) => *standing = grant,
        None => lineage.access.push(grant),
    }
}

/// A first answer begins a new lineage; a living one it replaces ends as signed out.
pub(super) fn begin(
    record: Option<&Record>,
    id: LineageId,
    tokens: &TokenResponse,
    at: Wall,
    config: &Config,
    now: &Moment,
) -> Arc<Record> {
    let mut next = Record::next(record, &config.issuer, now.wall);
    if let Some(old) = next.lineage.take() {
        remember(
            &mut next,
            Ending {
                lineage: old.id,
                reason: Reason::SignedOut,
                replaced: true,
                at: now.wall,
                error: None,
                history: Vec::new(),
            },
        );
    }
    let mut lineage = Lineage {
        id,
        generation: 1,
        received_at: at,
        doubt: false,
        retry: None,
        refresh: None,
        access: Vec::new(),
        id_token: None,
        attempts: Vec::new(),
        stalled: None,
        extra: None,
    };
    take_tokens(&mut lineage, tokens, Target::default(), at, config);
    next.issuer.clone_from(&config.issuer);
    next.lineage = Some(lineage);
    Arc::new(next)
}

/// How a session ends.
pub(super) struct End {
    pub(super) lineage: LineageId,
    pub(super) reason: Reason,
    pub(super) error: Option<Error>,
    pub(super) history: Vec<Entry>,
    /// The last `seq` that was seen of a record that is gone.
    pub(super) after: u64,
}

/// The tombstone: no lineage, no token, no answer; final.
pub(super) fn end(record: Option<&Record>, end: End, config: &Config, now: &Moment) -> Arc<Record> {
    let mut next = Record::next(record, &config.issuer, now.wall);
    next.seq = next.seq.max(end.after + 1);
    next.lineage = None;
    remember(
        &mut next,
        Ending {
            lineage: end.lineage,
            reason: end.reason,
            replaced: false,
            at: now.wall,
            error: end.error,
            history: end.history,
        },
    );
    Arc::new(next)
}

fn remember(record: &mut Record, ending: Ending) {
    if record.ended.len() >= tuning::ENDINGS {
        record.ended.remove(0);
    }
    record.ended.push(ending);
}

fn remove(lineage: &mut Lineage, attempt: Option<AttemptId>) {
    let at = lineage.attempts.iter().position(|a| Some(a.id) == attempt);
    if let Some(at) = at {
        lineage.attempts.remove(at);
    }
}

fn change(record: &Record, how: impl FnOnce(&mut Lineage)) -> Arc<Record> {
    let mut next = record.clone();
    next.seq += 1;
    if let Some(lineage) = &mut next.lineage {
        how(lineage);
    }
    Arc::new(next)
}
