//! The token request: a POST whose answer `js/http.js` reads, within bounds.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use gloo_net::http::Request;

use super::json::JsJson;
use crate::oauth::{HttpRequest, RawAnswer};
use crate::session::codec::{Members, Visitor};

/// Sends the request of an attempt. Its answer is read by `js/http.js`, for it has to outlive this
/// module if that fails: here nobody waits for it, and no executor is needed.
pub fn send(request: JsJson) {
    let request = Request::from(web_sys::Request::from(request.0));
    // It is sent when it is first polled.
    let sent = pin!(request.send()).poll(&mut Context::from_waker(Waker::noop()));
    drop(sent);
}

/// Adds what `js/request.js` makes a `Request` of.
pub fn add_facts(facts: &mut JsJson, request: &HttpRequest) {
    facts.add_text(Some(&request.url));
    facts.add_text(Some(request.body.expose()));
    facts.add_text(request.authorization.as_ref().map(|it| it.expose()));
}

/// The answer as `js/request.js` read it.
#[must_use]
pub fn answer(facts: JsJson) -> RawAnswer {
    let mut answer = RawAnswer::default();
    answer.visit(&mut Visitor::reading(facts));
    answer
}
