//! The plain objects that JavaScript is given, as `js/types.d.ts` names their members.

use js_sys::Date;
use serde::Serialize;
use serde_wasm_bindgen::{Serializer, preserve};
use wasm_bindgen::prelude::*;

use crate::browser::json::{JsJson, parse};
use crate::oauth::{IdToken, Json, id_token};
use crate::session::time::Wall;
use crate::session::{Ended, Entry, Error, Session};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionInfo<'a> {
    status: &'static str,
    generation: u64,
    scope: Vec<&'a str>,
    #[serde(with = "preserve")]
    access_token_expires_at: JsValue,
    #[serde(with = "preserve")]
    refresh_token_expires_at: JsValue,
    #[serde(with = "preserve")]
    next_refresh_at: JsValue,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    subject: JsValue,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    claims: JsValue,
}

#[derive(Serialize)]
struct SessionEnd {
    reason: &'static str,
    #[serde(with = "preserve")]
    at: JsValue,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    error: JsValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorFields<'a> {
    code: &'static str,
    message: &'static str,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_error_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_null")]
    retry_at: JsValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    by: &'static str,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    previous_subject: JsValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefreshFailed {
    #[serde(with = "preserve")]
    error: JsValue,
    #[serde(with = "preserve")]
    retry_at: JsValue,
}

#[derive(Serialize)]
struct Expiring {
    #[serde(with = "preserve")]
    at: JsValue,
}

#[derive(Serialize)]
struct Degraded {
    what: &'static str,
    #[serde(with = "preserve")]
    error: JsValue,
}

#[derive(Serialize)]
struct HistoryEntry<'a> {
    #[serde(with = "preserve")]
    at: JsValue,
    event: &'a str,
    detail: &'a str,
}

/// `SessionInfo`, or null.
pub(super) fn session(session: Option<&Session>, asked_scope: Option<&str>) -> JsValue {
    let Some(session) = session else {
        return JsValue::NULL;
    };
    let claims = session.id_token.as_ref().and_then(claims);
    let scope = session.scope.as_deref().or(asked_scope).unwrap_or_default();
    object(&SessionInfo {
        status: session.status.as_str(),
        generation: session.generation,
        scope: scope.split(' ').filter(|it| !it.is_empty()).collect(),
        access_token_expires_at: date(session.access_token_expires_at),
        refresh_token_expires_at: date(session.refresh_token_expires_at),
        next_refresh_at: date(session.next_refresh_at),
        subject: subject(claims.as_ref()),
        claims: claims.map(|it| it.0).unwrap_or_default(),
    })
}

/// `SessionEnd`; with `by`, the event `signed-out`.
pub(super) fn ended(ended: &Ended, by: Option<&'static str>, error: Option<JsValue>) -> JsValue {
    object(&SessionEnd {
        reason: ended.reason.as_str(),
        at: date(Some(ended.at)),
        error: error.unwrap_or_default(),
        by,
    })
}

/// What `OAuthClientError` is made of.
pub(super) fn error(error: &Error) -> JsValue {
    object(&ErrorFields {
        code: error.code.as_str(),
        message: error.code.message(),
        retryable: error.code.retryable(),
        oauth_error: error.oauth_error.as_deref(),
        oauth_error_description: error.description.as_deref(),
        status: error.status,
        reason: error.reason.map(|reason| reason.as_str()),
        retry_at: date(error.retry_at),
    })
}

/// The event `signed-in`, but for its session.
pub(super) fn signed_in(by: &'static str, previous: Option<&IdToken>) -> JsValue {
    object(&Change {
        by,
        previous_subject: subject(previous.and_then(claims).as_ref()),
    })
}

/// The event `refreshed`, but for its session.
pub(super) fn refreshed(by: &'static str) -> JsValue {
    object(&Change {
        by,
        previous_subject: JsValue::UNDEFINED,
    })
}

/// The event `refresh-failed`.
pub(super) fn refresh_failed(error: JsValue, retry_at: Option<Wall>) -> JsValue {
    object(&RefreshFailed {
        error,
        retry_at: date(retry_at),
    })
}

/// The event `session-expiring`.
pub(super) fn expiring(at: Wall) -> JsValue {
    object(&Expiring { at: date(Some(at)) })
}

/// The event `degraded`.
pub(super) fn degraded(what: &'static str, error: JsValue) -> JsValue {
    object(&Degraded { what, error })
}

/// An array of `HistoryEntry`.
pub(super) fn history(entries: &[Entry]) -> JsValue {
    let entries = entries.iter().map(|entry| HistoryEntry {
        at: date(Some(entry.at)),
        event: &entry.event,
        detail: &entry.detail,
    });
    object(&entries.collect::<Vec<_>>())
}

fn object<T: Serialize>(value: &T) -> JsValue {
    let serializer = Serializer::new();
    value.serialize(&serializer).unwrap_or_default()
}

fn date(at: Option<Wall>) -> JsValue {
    let date = at.map(|at| Date::new(&JsValue::from_f64(at.0 as f64)));
    date.map_or(JsValue::NULL, JsValue::from)
}

fn claims(token: &IdToken) -> Option<JsJson> {
    parse(&id_token::claims_json(token)?)
}

fn subject(claims: Option<&JsJson>) -> JsValue {
    let subject = claims.and_then(|claims| claims.get("sub"));
    subject.map(|it| it.0).unwrap_or_default()
}
