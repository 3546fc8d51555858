//! A POST, with a signal to abort it and a bound on its answer.

use gloo_net::http::Request;
use js_sys::{Error, Promise, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use zeroize::Zeroizing;

use crate::oauth::answer::RawAnswer;
use crate::oauth::{Body, HttpRequest};

/// The longest body that is read, in bytes. No token response comes near it; an error page might.
pub const MAX_BODY: usize = 256 * 1024;

#[wasm_bindgen]
extern "C" {
    type Reader;
    #[wasm_bindgen(catch, method)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn cancel(this: &Reader) -> Result<JsValue, JsValue>;

    type Chunk;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Chunk) -> Option<Uint8Array>;

    type Stream;
    #[wasm_bindgen(catch, method, js_name = getReader)]
    fn get_reader(this: &Stream) -> Result<Reader, JsValue>;

    #[wasm_bindgen(catch, js_namespace = AbortSignal)]
    fn timeout(ms: f64) -> Result<JsValue, JsValue>;
}

/// The second argument of `new Request()`: nothing of the user's but what the request says, and
/// nothing that is not CORS-simple unless the client has a secret.
#[derive(Serialize)]
struct Init<'a> {
    method: &'static str,
    headers: Headers<'a>,
    body: &'a str,
    redirect: &'static str,
    credentials: &'static str,
    cache: &'static str,
    keepalive: bool,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    signal: JsValue,
}

#[derive(Serialize)]
struct Headers<'a> {
    #[serde(rename = "content-type")]
    content_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<&'a str>,
}

/// Sends a request, reads its answer whole, and gives it to `then`; of one that is longer than
/// [`MAX_BODY`], nothing but the head. A request that is `keepalive` arrives even if the page goes.
/// Instead of an answer there may be an exception: no connection, CORS, a redirect, the signal.
pub fn post(
    request: HttpRequest,
    signal: JsValue,
    keepalive: bool,
    then: impl FnOnce(Result<RawAnswer, JsValue>) + 'static,
) {
    let then: Box<dyn FnOnce(_)> = Box::new(then);
    spawn_local(exchange(request, signal, keepalive, then));
}

/// A signal that fires after this many milliseconds; undefined where there is no such thing.
#[must_use]
pub fn deadline(ms: u64) -> JsValue {
    timeout(ms as f64).unwrap_or_default()
}

/// One future for all callers: each type of future would be compiled anew.
async fn exchange(
    request: HttpRequest,
    signal: JsValue,
    keepalive: bool,
    then: Box<dyn FnOnce(Result<RawAnswer, JsValue>)>,
) {
    then(answer(request, signal, keepalive).await);
}

async fn answer(
    request: HttpRequest,
    signal: JsValue,
    keepalive: bool,
) -> Result<RawAnswer, JsValue> {
    let init = serde_wasm_bindgen::to_value(&Init {
        method: "POST",
        headers: Headers {
            content_type: HttpRequest::CONTENT_TYPE,
            authorization: request.authorization.as_ref().map(|it| it.expose()),
        },
        body: request.body.expose(),
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
        keepalive,
        signal,
    })?;
    let prepared = web_sys::Request::new_with_str_and_init(&request.url, init.unchecked_ref())?;
    let response = Request::from(prepared).send().await.map_err(exception)?;
    let header = |name: &str| response.headers().get(name);
    Ok(RawAnswer {
        status: response.status(),
        retry_after: header("retry-after"),
        dpop_nonce: header("dpop-nonce"),
        date: header("date"),
        body: match response.body() {
            Some(stream) => text(stream.unchecked_into()).await?,
            None => Body::new(""),
        },
    })
}

/// The body, if it keeps to the bound; else nothing.
async fn text(stream: Stream) -> Result<Body, JsValue> {
    let reader = stream.get_reader()?;
    let mut bytes = Zeroizing::new(Vec::new());
    loop {
        let chunk: Chunk = JsFuture::from(reader.read()?).await?.unchecked_into();
        let Some(part) = chunk.value() else {
            break;
        };
        if bytes.len() + part.length() as usize > MAX_BODY {
            let _ = reader.cancel();
            return Ok(Body::new(""));
        }
        bytes.extend(part.to_vec());
    }
    // One letter in a foreign encoding must not cost a rotated token.
    let text = String::from_utf8_lossy(&bytes);
    Ok(Body::new(text.trim_start_matches('\u{feff}')))
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
