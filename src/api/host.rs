//! What the application sees and hears: facts by name, of which `js/shapes.js` makes objects. Times
//! are in milliseconds since 1970; those beyond all dates never come.

use crate::browser::json::JsJson;
use crate::browser::platform::Platform;
use crate::session::time::Wall;
use crate::session::{Degraded, Effect, Ended, Error, Event, Published, Settled};

/// Tells the application of an effect, if it is to hear of it.
pub(super) fn tell(platform: &Platform, effect: &Effect) {
    let (what, call, facts) = match effect {
        Effect::Publish(published) => ("publish", 0, publish(published)),
        Effect::Emit(event) => ("emit", 0, emit(event)),
        Effect::Settle(call, outcome) => ("settle", call.0, settle(outcome)),
        _ => ("closed", 0, JsJson::object()),
    };
    platform.run_with(what, call.into(), 0.0, &facts);
}

fn publish(published: &Published) -> JsJson {
    let mut facts = JsJson::object();
    if let Some(live) = &published.live {
        facts.put_text("token", live.token.expose());
        time(&mut facts, "untilWall", live.until.wall);
        facts.put_number("untilMono", live.until.mono.0 as f64);
    }
    if let Some(session) = &published.session {
        facts.put_text("status", session.status.as_str());
        facts.put_number("generation", session.generation as f64);
        text(&mut facts, "scope", session.scope.as_deref());
        time(
            &mut facts,
            "accessTokenExpiresAt",
            session.access_token_expires_at,
        );
        time(
            &mut facts,
            "refreshTokenExpiresAt",
            session.refresh_token_expires_at,
        );
        time(&mut facts, "nextRefreshAt", session.next_refresh_at);
        let id_token = session.id_token.as_ref();
        text(&mut facts, "idToken", id_token.map(|token| token.expose()));
    } else if let Some(end) = &published.ended {
        ended(&mut facts, end);
    }
    facts
}

fn emit(event: &Event) -> JsJson {
    let mut facts = JsJson::object();
    let name = match event {
        Event::SignedIn { by, previous } => {
            facts.put_text("by", by.as_str());
            text(
                &mut facts,
                "idToken",
                previous.as_ref().map(|token| token.expose()),
            );
            "signed-in"
        }
        Event::Refreshed { by } => {
            facts.put_text("by", by.as_str());
            "refreshed"
        }
        Event::RefreshFailed { error: it } => {
            facts.put("error", &error(it));
            time(&mut facts, "at", it.retry_at);
            "refresh-failed"
        }
        Event::SessionExpiring { at } => {
            time(&mut facts, "at", *at);
            "session-expiring"
        }
        Event::SignedOut { end, by } => {
            facts.put_text("by", by.as_str());
            ended(&mut facts, end);
            "signed-out"
        }
        Event::Degraded { what } => {
            facts.put_text(
                "what",
                match what {
                    Degraded::Storage => "storage",
                    Degraded::Version => "version",
                },
            );
            "degraded"
        }
    };
    facts.put_text("type", name);
    facts
}

fn settle(outcome: &Result<Settled, Error>) -> JsJson {
    let mut facts = JsJson::object();
    match outcome {
        Ok(Settled::Done) => {}
        Ok(Settled::Token(token)) => facts.put_text("value", token.expose()),
        Ok(Settled::SignedOut { revoked }) => facts.put_flag("value", *revoked),
        Err(it) => facts.put("error", &error(it)),
    }
    facts
}

fn ended(facts: &mut JsJson, end: &Ended) {
    facts.put_text("reason", end.reason.as_str());
    time(facts, "at", end.at);
    if let Some(it) = &end.error {
        facts.put("error", &error(it));
    }
}

fn error(error: &Error) -> JsJson {
    let mut facts = JsJson::object();
    facts.put_text("code", error.code.as_str());
    facts.put_text("message", error.code.message());
    facts.put_flag("retryable", error.code.retryable());
    text(&mut facts, "oauthError", error.oauth_error.as_deref());
    text(
        &mut facts,
        "oauthErrorDescription",
        error.description.as_deref(),
    );
    if let Some(status) = error.status {
        facts.put_number("status", status.into());
    }
    text(
        &mut facts,
        "reason",
        error.reason.map(|reason| reason.as_str()),
    );
    time(&mut facts, "retryAt", error.retry_at);
    facts
}

fn text(facts: &mut JsJson, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        facts.put_text(name, value);
    }
}

fn time(facts: &mut JsJson, name: &str, at: Wall) {
    facts.put_number(name, at.0 as f64);
}
