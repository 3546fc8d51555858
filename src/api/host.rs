//! What the application sees and hears: facts in a fixed order, of which `js/shapes.js` makes objects.
//! Times are in milliseconds since 1970; those beyond all dates never come.

use crate::browser::json::JsJson;
use crate::browser::order;
use crate::browser::platform::Platform;
use crate::session::codec::Tree;
use crate::session::{Degraded, Effect, Ended, Error, Event, Published, Settled};

/// Tells the application of an effect, if it is to hear of it.
pub(super) fn tell(platform: &Platform, effect: &Effect) {
    let (what, a, b, facts) = match effect {
        Effect::Publish(published) => {
            let (wall, mono) = until(published);
            (order::PUBLISH, wall, mono, publish(published))
        }
        Effect::Emit(event) => (order::EMIT, 0.0, 0.0, emit(event)),
        Effect::Settle(call, outcome) => {
            let (what, value) = settle(outcome);
            (what, call.0.into(), 0.0, value)
        }
        _ => (order::CLOSED, 0.0, 0.0, JsJson::default()),
    };
    platform.run_with(what, a, b, &facts);
}

fn until(published: &Published) -> (f64, f64) {
    published.live.as_ref().map_or((0.0, 0.0), |live| {
        (live.until.wall.0 as f64, live.until.mono.0 as f64)
    })
}

/// The live token, then the session's facts, or those of how the last one ended.
fn publish(published: &Published) -> JsJson {
    let mut facts = JsJson::list();
    let live = published.live.as_ref();
    facts.add_text(live.map(|it| it.token.expose()));
    if let Some(session) = &published.session {
        facts.add_text(Some(session.status.as_str()));
        facts.add_text(session.id_token.as_ref().map(|token| token.expose()));
        facts.add_number(session.generation);
        facts.add_text(session.scope.as_deref());
        facts.add_number(session.access_token_expires_at.0);
        facts.add_number(session.refresh_token_expires_at.0);
        facts.add_number(session.next_refresh_at.0);
        facts.add_text(session.key.as_deref());
    } else if let Some(end) = &published.ended {
        facts.add_text(None);
        facts.add_text(Some(end.reason.as_str()));
        ended(&mut facts, end);
    }
    facts
}

/// The event's name; who did it, or what is missing; the ID token before, or why it ended; when; and
/// the error.
fn emit(event: &Event) -> JsJson {
    let mut facts = JsJson::list();
    let mut begin = |name, what, detail| {
        facts.add_text(Some(name));
        facts.add_text(what);
        facts.add_text(detail);
    };
    match event {
        Event::SignedIn { by, previous } => {
            let previous = previous.as_ref().map(|token| token.expose());
            begin("signed-in", Some(by.as_str()), previous);
        }
        Event::Refreshed { by } => begin("refreshed", Some(by.as_str()), None),
        Event::RefreshFailed { error: it } => {
            begin("refresh-failed", None, None);
            facts.add_number(it.retry_at.0);
            facts.add(&error(it));
        }
        Event::SessionExpiring { at } => {
            begin("session-expiring", None, None);
            facts.add_number(at.0);
        }
        Event::SignedOut { end, by } => {
            begin("signed-out", Some(by.as_str()), Some(end.reason.as_str()));
            ended(&mut facts, end);
        }
        Event::Degraded { what } => {
            let what = match what {
                Degraded::Storage => "storage",
                Degraded::Version => "version",
            };
            begin("degraded", Some(what), None);
        }
    }
    facts
}

fn settle(outcome: &Result<Settled, Error>) -> (u32, JsJson) {
    match outcome {
        Ok(Settled::Done) => (order::RESOLVE, JsJson::default()),
        Ok(Settled::Token(token)) => (order::RESOLVE, JsJson::text(token.expose())),
        Ok(Settled::SignedOut { revoked }) => (order::RESOLVE, JsJson::flag(*revoked)),
        Err(it) => (order::REJECT, error(it)),
    }
}

fn ended(facts: &mut JsJson, end: &Ended) {
    facts.add_number(end.at.0);
    if let Some(it) = &end.error {
        facts.add(&error(it));
    }
}

/// An error.
pub(super) fn error(error: &Error) -> JsJson {
    let mut facts = JsJson::list();
    facts.add_text(Some(error.code.as_str()));
    facts.add_text(Some(error.code.message()));
    facts.add(&JsJson::flag(error.code.retryable()));
    facts.add_text(error.oauth_error.as_deref());
    facts.add_text(error.description.as_deref());
    facts.add_text(error.reason.map(|reason| reason.as_str()));
    facts.add_number(error.retry_at.0);
    if let Some(status) = error.status {
        facts.add_number(status.into());
    }
    facts
}
