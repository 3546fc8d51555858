//! The changes a record goes through. Nothing here says when.

use super::config::Config;
use super::error::{Code, Error};
use super::record::{
    AccessGrant, Attempt, AttemptId, AttemptState, Ending, Lineage, LineageId, Reason, Record,
    RefreshGrant, Retry, Stalled, Target,
};
use super::schedule::backoff_ms;
use super::time::{Moment, UNKNOWN_MS, Wall};
use super::tuning;
use crate::oauth::{Answer, Meaning, RefreshToken, TokenResponse};
use std::sync::Arc;

/// A pause for all tabs: the back-off's, or what the server asked for. `error`, its cause, learns
/// its end.
pub(super) fn pause(
    lineage: &mut Lineage,
    now: &Moment,
    failures: u64,
    asked_ms: u64,
    error: &mut Error,
) {
    let after_ms = backoff_ms(failures, now.random).max(asked_ms);
    *error = error.retrying_at(now.wall.plus(after_ms));
    lineage.retry = Some(Retry {
        at: error.retry_at,
        after_ms,
        code: error.code,
    });
}

/// A refusal that ends nothing is noted.
pub(super) fn stall(lineage: &mut Lineage, error: Error, at: Wall) {
    let tries = lineage.stalled.as_ref().map_or(0, |s| s.tries);
    lineage.stalled = Some(Stalled {
        error,
        at,
        tries: tries.saturating_add(1),
    });
}

/// The rotation is lost: nobody sends again.
pub(super) fn refuse(lineage: &mut Lineage) {
    for attempt in &mut lineage.attempts {
        attempt.state = AttemptState::Refused;
        attempt.answer = None;
    }
}

/// An attempt goes in, in the place of what was known of it.
pub(super) fn put(lineage: &mut Lineage, attempt: &Attempt) {
    take(lineage, attempt.id);
    lineage.attempts.push(attempt.clone());
}

/// What came of an attempt goes in, if it is still there.
pub(super) fn answer(
    lineage: &mut Lineage,
    attempt: AttemptId,
    answer: &Arc<Answer>,
    at: Wall,
) -> Option<()> {
    // Whatever is posted already stands before it, and is not claimed any more.
    let mut attempt = take(lineage, attempt)?;
    attempt.state = AttemptState::Answered;
    attempt.answer = Some((Arc::clone(answer), at));
    lineage.attempts.push(attempt);
    Some(())
}

/// An attempt goes out: it was never sent, or its answer is heeded.
pub(super) fn take(lineage: &mut Lineage, attempt: AttemptId) -> Option<Attempt> {
    let at = lineage.attempts.iter().position(|a| a.id == attempt)?;
    Some(lineage.attempts.swap_remove(at))
}

/// The good answer in `attempt` becomes the next generation, and all attempts go with the same
/// write. None if there is no such answer.
pub(super) fn commit(lineage: &mut Lineage, attempt: AttemptId, config: &Config) -> Option<()> {
    let good = take(lineage, attempt)?;
    let (answer, at) = good.answer.as_ref()?;
    let Meaning::Tokens(tokens) = &answer.meaning else {
        return None;
    };
    // A posted attempt was never sent.
    let sent = |a: &Attempt| a.state != AttemptState::Posted;
    lineage.doubt = good.replays > 0 || lineage.attempts.iter().any(sent);
    lineage.generation += 1;
    lineage.received_at = *at;
    lineage.retry = None;
    lineage.stalled = None;
    lineage.attempts.clear();
    let fault = fault(lineage, tokens);
    take_tokens(lineage, tokens, &good.target, *at, config);
    if let (Some(binding), Some(nonce)) = (&mut lineage.binding, answer.raw.nonce()) {
        binding.nonce = Some(nonce.into());
    }
    if let Some(code) = fault {
        // The refresh token is kept, and nothing is handed out.
        lineage.access.clear();
        stall(lineage, Error::new(code), *at);
    }
    Some(())
}

/// Why nothing of a good answer may be handed out, if that is so: another user's (OpenID Connect Core
/// §12.2), or tokens for whoever bears them, where they must be bound to a key (RFC 9449 §5).
fn fault(lineage: &Lineage, tokens: &TokenResponse) -> Option<Code> {
    let (known, told) = (lineage.subject.as_ref(), tokens.subject.as_ref());
    if known.is_some_and(|known| told.is_some_and(|told| told != known)) {
        Some(Code::IdToken)
    } else if lineage.binding.is_some() && !tokens.is_dpop() {
        Some(Code::BadResponse)
    } else {
        None
    }
}

/// RFC 6749 §5.1 and §6: what an answer leaves out stays as it was.
fn take_tokens(
    lineage: &mut Lineage,
    tokens: &TokenResponse,
    target: &Target,
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
    let subject = tokens.subject.clone();
    let known = lineage.subject.is_some();
    if !known {
        lineage.subject.clone_from(&subject);
    }
    if let Some(id_token) = &tokens.id_token
        && (!known || lineage.subject == subject)
    {
        lineage.id_token = Some(id_token.clone());
    }
    let standing = lineage.access.iter_mut().find(|a| a.target == *target);
    let scope = standing.as_ref().and_then(|a| a.scope.clone());
    let grant = AccessGrant {
        target: target.clone(),
        generation: lineage.generation,
        token: tokens.access_token.clone(),
        token_type: tokens.token_type.clone(),
        scope: tokens.scope.clone().or(scope),
        received_at: at,
        lifetime_ms: tokens.lifetime_ms,
    };
    match standing {
        Some(standing) => *standing = grant,
        None => lineage.access.push(grant),
    }
}

/// A first answer begins a new lineage; a living one it replaces ends as signed out.
pub(super) fn begin(
    record: &mut Record,
    id: LineageId,
    tokens: &TokenResponse,
    at: Wall,
    config: &Config,
    now: &Moment,
) {
    if let Some(old) = &record.lineage {
        let mut ending = Ending::new(old.id, Reason::SignedOut, now.wall);
        ending.replaced = true;
        bury(record, ending);
    }
    let lineage = record.lineage.insert(Lineage::default());
    lineage.id = id;
    lineage.generation = 1;
    lineage.received_at = at;
    take_tokens(lineage, tokens, &Target::default(), at, config);
    record.issuer.clone_from(&config.issuer);
}

/// The tombstone: no lineage, no token, no answer; final.
pub(super) fn bury(record: &mut Record, ending: Ending) {
    record.lineage = None;
    if record.ended.len() >= tuning::ENDINGS {
        record.ended.remove(0);
    }
    record.ended.push(ending);
}

/// The refresh tokens in these records, answered ones too.
pub(super) fn refresh_tokens(records: &[Option<&Record>]) -> Vec<RefreshToken> {
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
                && let Some(token) = answer.refresh_token()
            {
                add(token);
            }
        }
    }
    tokens
}
