//! From parsed JSON to the record. Whatever is not as expected makes the whole no record; whatever
//! is unknown is kept.

use std::sync::Arc;

use crate::oauth::{AccessToken, Answer, Body, IdToken, Json, RawAnswer, RefreshToken};
use crate::session::time::{UNKNOWN_MS, Wall};
use crate::session::{
    AccessGrant, Attempt, AttemptId, AttemptState, Code, Ending, Entry, Error, Extra, Lineage,
    LineageId, Reason, Record, RefreshGrant, Refusal, Retry, Stalled, Target, tuning,
};

/// The members of the record that this version knows.
const RECORD: [&str; 14] = [
    "version",
    "seq",
    "issuer",
    "ended",
    "lineage",
    "generation",
    "received_at",
    "doubt",
    "retry_at",
    "retry_after_ms",
    "retry_code",
    "tokens",
    "attempts",
    "stalled",
];

/// Likewise, of its `tokens`.
const TOKENS: [&str; 3] = ["refresh", "access", "id_token"];

/// Likewise, of an attempt.
const ATTEMPT: [&str; 8] = [
    "id",
    "state",
    "sent_at",
    "replays",
    "resource",
    "scope",
    "answer",
    "answered_at",
];

/// The largest integer that JSON numbers hold exactly.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

pub(super) fn record<J: Json>(json: &J, parse: &dyn Fn(&str) -> Option<J>) -> Option<Record> {
    Some(Record {
        version: small(json, "version")?,
        seq: number(json, "seq")?,
        issuer: string(json, "issuer")?,
        lineage: match json.get("lineage") {
            Some(_) => Some(lineage(json, parse)?),
            None => None,
        },
        ended: list(json, "ended", ending)?,
        extra: extra(json, &RECORD),
    })
}

fn lineage<J: Json>(json: &J, parse: &dyn Fn(&str) -> Option<J>) -> Option<Lineage> {
    let tokens = json.get("tokens")?;
    Some(Lineage {
        id: LineageId(number(json, "lineage")?),
        generation: number(json, "generation")?,
        received_at: wall(json, "received_at")?,
        doubt: flag(json, "doubt"),
        retry: retry(json),
        refresh: match tokens.get("refresh") {
            Some(grant) => Some(refresh(&grant)?),
            None => None,
        },
        access: list(&tokens, "access", access)?,
        id_token: string(&tokens, "id_token").map(IdToken::new),
        attempts: list(json, "attempts", |a| attempt(a, parse))?,
        stalled: match json.get("stalled") {
            Some(value) => Some(stalled(&value)?),
            None => None,
        },
        extra: extra(&tokens, &TOKENS),
    })
}

fn retry<J: Json>(json: &J) -> Option<Retry> {
    Some(Retry {
        at: wall(json, "retry_at")?,
        after_ms: number(json, "retry_after_ms").unwrap_or(tuning::COOLDOWN_CAP_MS),
        code: string(json, "retry_code")
            .and_then(|code| Code::parse(&code))
            .unwrap_or(Code::Server),
    })
}

fn refresh<J: Json>(json: &J) -> Option<RefreshGrant> {
    Some(RefreshGrant {
        token: RefreshToken::new(string(json, "token")?),
        received_at: wall(json, "received_at")?,
        lifetime_ms: number(json, "lifetime_ms").unwrap_or(UNKNOWN_MS),
    })
}

fn access<J: Json>(json: &J) -> Option<AccessGrant> {
    Some(AccessGrant {
        target: Target {
            resource: string(json, "resource"),
            scope: string(json, "for_scope"),
        },
        generation: number(json, "generation").unwrap_or(0),
        token: AccessToken::new(string(json, "token")?),
        token_type: string(json, "token_type"),
        scope: string(json, "scope"),
        received_at: wall(json, "received_at")?,
        lifetime_ms: number(json, "lifetime_ms").unwrap_or(UNKNOWN_MS),
    })
}

fn attempt<J: Json>(json: &J, parse: &dyn Fn(&str) -> Option<J>) -> Option<Attempt> {
    let answered_at = wall(json, "answered_at");
    Some(Attempt {
        id: AttemptId(number(json, "id")?),
        // A state of a later version: whoever made it is taken to be at work.
        state: AttemptState::parse(&string(json, "state")?).unwrap_or(AttemptState::Claimed),
        sent_at: wall(json, "sent_at")?,
        replays: small(json, "replays").unwrap_or(0),
        target: Target {
            resource: string(json, "resource"),
            scope: string(json, "scope"),
        },
        answer: match (json.get("answer"), answered_at) {
            (Some(value), Some(at)) => Some((Arc::new(Answer::read(raw(&value)?, parse)), at)),
            _ => None,
        },
        extra: extra(json, &ATTEMPT),
    })
}

fn raw<J: Json>(json: &J) -> Option<RawAnswer> {
    Some(RawAnswer {
        status: u16::try_from(number(json, "status")?).ok()?,
        body: Body::new(string(json, "body")?),
        retry_after_ms: number(json, "retry_after_ms").unwrap_or(0),
    })
}

fn stalled<J: Json>(json: &J) -> Option<Stalled> {
    Some(Stalled {
        error: error(&json.get("error")?)?,
        at: wall(json, "at")?,
        tries: small(json, "tries").unwrap_or(1),
    })
}

/// An error of a code that a later version brought is still an error.
fn error<J: Json>(json: &J) -> Option<Error> {
    let code = Code::parse(&string(json, "code")?).unwrap_or(Code::OAuth);
    let refusal = Refusal {
        error: string(json, "oauth_error"),
        description: string(json, "description"),
    };
    Some(Error {
        refusal: (refusal != Refusal::default()).then(|| refusal.into()),
        status: number(json, "status").and_then(|s| u16::try_from(s).ok()),
        ..Error::new(code)
    })
}

fn ending<J: Json>(json: &J) -> Option<Ending> {
    Some(Ending {
        lineage: LineageId(number(json, "lineage")?),
        // A reason of a later version: all that is known here is that the server said no.
        reason: Reason::parse(&string(json, "reason")?).unwrap_or(Reason::RefreshTokenRejected),
        replaced: flag(json, "replaced"),
        at: wall(json, "at")?,
        error: json.get("error").and_then(|e| error(&e)),
        history: list(json, "history", |entry| {
            Some(Entry {
                at: wall(entry, "at")?,
                event: string(entry, "event")?,
                detail: string(entry, "detail").unwrap_or_default(),
            })
        })?,
    })
}

#[inline(never)]
fn string<J: Json>(json: &J, name: &str) -> Option<String> {
    json.get(name)?.as_str()
}

#[inline(never)]
fn number<J: Json>(json: &J, name: &str) -> Option<u64> {
    let value = json.get(name)?.as_f64()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..=MAX_SAFE_INTEGER)
        .contains(&value)
        .then_some(value as u64)
}

#[inline(never)]
fn flag<J: Json>(json: &J, name: &str) -> bool {
    json.get(name).and_then(|flag| flag.as_bool()) == Some(true)
}

fn small<J: Json>(json: &J, name: &str) -> Option<u32> {
    u32::try_from(number(json, name)?).ok()
}

fn wall<J: Json>(json: &J, name: &str) -> Option<Wall> {
    number(json, name).map(Wall)
}

fn list<J: Json, T>(json: &J, name: &str, read: impl Fn(&J) -> Option<T>) -> Option<Vec<T>> {
    let mut list = Vec::new();
    for item in items(json, name) {
        list.push(read(&item)?);
    }
    Some(list)
}

#[inline(never)]
fn items<J: Json>(json: &J, name: &str) -> Vec<J> {
    json.get(name).map_or_else(Vec::new, |list| list.items())
}

/// The members that are not known, as they are.
#[inline(never)]
fn extra<J: Json>(json: &J, known: &[&str]) -> Extra {
    let mut extra = Extra::new();
    for name in json.keys() {
        if !known.contains(&name.as_str())
            && let Some(value) = json.get(&name)
        {
            extra.push((name, value.to_text()));
        }
    }
    extra
}
