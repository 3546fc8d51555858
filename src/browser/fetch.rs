//! The token request: a POST whose answer `js/http.js` reads, within bounds.

use gloo_net::Error;
use gloo_net::http::Request;
use js_sys::Date;

use super::json::JsJson;
use super::platform::Platform;
use super::task::spawn;
use crate::oauth::Json;
use crate::oauth::{Body, HttpRequest, RawAnswer, retry_after};
use crate::session::time::Wall;

/// Sends the request of an attempt. What comes of it goes to `js/http.js`: a response; or an
/// exception, where there was no connection, CORS hid it, a redirect came, or it was aborted.
pub fn send(platform: &Platform, attempt: f64, request: &HttpRequest) {
    let request = match platform.prepare(attempt, &facts(request)) {
        Ok(request) => Request::from(request),
        Err(exception) => return platform.run_with("failed", attempt, 0.0, &exception),
    };
    let platform = platform.clone();
    spawn(async move {
        match request.send().await {
            Ok(response) => {
                let response: web_sys::Response = response.into();
                platform.run_with("received", attempt, 0.0, &JsJson(response.into()));
            }
            Err(error) => platform.run_with("failed", attempt, 0.0, &exception(error)),
        }
    });
}

/// What `js/http.js` makes a `Request` of.
#[must_use]
pub fn facts(request: &HttpRequest) -> JsJson {
    let mut facts = JsJson::object();
    facts.put_text("url", &request.url);
    facts.put_text("body", request.body.expose());
    if let Some(authorization) = &request.authorization {
        facts.put_text("authorization", authorization.expose());
    }
    facts
}

/// The answer as `js/http.js` read it.
#[must_use]
pub fn answer(facts: &JsJson, now: Wall) -> RawAnswer {
    let text = |name| facts.get(name).as_str();
    RawAnswer {
        status: facts.get("status").as_f64() as u16,
        body: Body::new(text("body").unwrap_or_default()),
        retry_after_ms: text("retryAfter").map_or(0, |asked| {
            retry_after::read(&asked, text("date").as_deref(), now.0, &Date::parse)
        }),
    }
}

/// gloo-net keeps an exception's name and message, and no more.
fn exception(error: Error) -> JsJson {
    let mut facts = JsJson::object();
    if let Error::JsError(error) = error {
        facts.put_text("name", &error.name);
        facts.put_text("message", &error.message);
    }
    facts
}
