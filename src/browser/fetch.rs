//! The token request: a POST whose answer `js/http.js` reads, within bounds.

use gloo_net::Error;
use gloo_net::http::Request;
use js_sys::Date;

use super::json::JsJson;
use super::order;
use super::platform::Platform;
use super::task::spawn;
use crate::oauth::{HttpRequest, RawAnswer, retry_after};
use crate::session::codec::{Members, Visitor};
use crate::session::time::Wall;

/// Sends the request of an attempt. What comes of it goes to `js/http.js`: a response; or an
/// exception, where there was no connection, CORS hid it, a redirect came, or it was aborted.
pub fn send(platform: &Platform, attempt: f64, request: JsJson) {
    let request = Request::from(web_sys::Request::from(request.0));
    let platform = platform.clone();
    spawn(async move {
        let (what, facts) = match request.send().await {
            Ok(response) => {
                let response: web_sys::Response = response.into();
                (order::RECEIVED, JsJson(response.into()))
            }
            Err(error) => (order::FAILED, exception(&error)),
        };
        platform.run_with(what, attempt, 0.0, &facts);
    });
}

/// What `js/http.js` makes a `Request` of.
#[must_use]
pub fn facts(request: &HttpRequest) -> JsJson {
    let mut facts = JsJson::list();
    facts.add_text(Some(&request.url));
    facts.add_text(Some(request.body.expose()));
    facts.add_text(request.authorization.as_ref().map(|it| it.expose()));
    facts
}

/// The answer as `js/http.js` read it.
#[must_use]
pub fn answer(facts: JsJson, now: Wall) -> RawAnswer {
    let (mut answer, mut asked, mut date) = (RawAnswer::default(), None, None);
    let mut v = Visitor::reading(facts);
    answer.visit(&mut v);
    v.maybe_text("retryAfter", &mut asked);
    v.maybe_text("date", &mut date);
    if let Some(asked) = asked {
        let date = date.as_deref();
        answer.retry_after_ms = retry_after::read(&asked, date, now.0, &Date::parse);
    }
    answer
}

/// gloo-net keeps an exception's name and message, and no more.
fn exception(error: &Error) -> JsJson {
    let mut facts = JsJson::list();
    if let Error::JsError(error) = error {
        facts.add_text(Some(&error.name));
        facts.add_text(Some(&error.message));
    }
    facts
}
