//! A POST, with a signal to abort it and a bound on its answer.

use gloo_net::http::Request;
use js_sys::{Date, Error, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::clock::wall;
use crate::oauth::answer::RawAnswer;
use crate::oauth::{Body, HttpRequest, retry_after};

#[wasm_bindgen(raw_module = "./http.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn prepare(
        url: &str,
        form: &str,
        authorization: Option<&str>,
        keepalive: bool,
        signal: &JsValue,
    ) -> Result<web_sys::Request, JsValue>;
    #[wasm_bindgen(catch, js_name = text)]
    fn read_text(stream: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = deadline)]
    fn js_deadline(ms: f64) -> Result<JsValue, JsValue>;
}

/// What becomes of a request: an answer; or an exception, where there was no connection, CORS hid
/// it, a redirect came, or the signal fired.
pub type Outcome = Result<RawAnswer, JsValue>;

/// Sends a request, reads its answer whole, and gives it to `then`; of one with an unreasonably long
/// body, nothing but the head. A request that is `keepalive` arrives even if the page goes.
pub fn post(
    request: HttpRequest,
    signal: JsValue,
    keepalive: bool,
    then: impl FnOnce(Outcome) + 'static,
) {
    let then: Box<dyn FnOnce(Outcome)> = Box::new(then);
    spawn_local(async move { then(answer(request, signal, keepalive).await) });
}

/// A signal that fires after this many milliseconds; undefined where there is no such thing.
#[must_use]
pub fn deadline(ms: u64) -> JsValue {
    js_deadline(ms as f64).unwrap_or_default()
}

async fn answer(request: HttpRequest, signal: JsValue, keepalive: bool) -> Outcome {
    let prepared = prepare(
        &request.url,
        request.body.expose(),
        request.authorization.as_ref().map(|it| it.expose()),
        keepalive,
        &signal,
    )?;
    let response = Request::from(prepared).send().await.map_err(exception)?;
    let body = match response.body() {
        Some(stream) => JsFuture::from(read_text(&stream)?).await?.as_string(),
        None => None,
    };
    let headers = response.headers();
    let header = |name: &str| headers.get(name);
    Ok(RawAnswer {
        status: response.status(),
        retry_after_ms: header("retry-after").map_or(0, |asked| {
            let date = header("date");
            retry_after::read(&asked, date.as_deref(), wall().0, &Date::parse)
        }),
        body: Body::new(body.unwrap_or_default()),
    })
}

/// gloo-net keeps an exception's name and message, and no more.
fn exception(error: gloo_net::Error) -> JsValue {
    match error {
        gloo_net::Error::JsError(it) => {
            let error = Error::new(&it.message);
            error.set_name(&it.name);
            error.into()
        }
        _ => JsValue::UNDEFINED,
    }
}
