//! What `js/` calls: conversions, no logic. Engines are named by number: an exported class would
//! cost more than 1 KB, for its finalizer and for the checks of what is borrowed.

mod host;
mod options;
mod signal;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::browser::driver::Driver;
use crate::browser::json::JsJson;
use crate::browser::platform::{Platform, purpose};
use crate::oauth::{AccessToken, Json, TokenResponse};
use crate::session::codec::Visitor;
use crate::session::time::Wall;
use crate::session::{AttemptId, CallId, Input, Target, Want};

thread_local! {
    /// By number; those that let everything go are forgotten.
    static ENGINES: RefCell<Vec<Option<Rc<Driver>>>> = const { RefCell::new(Vec::new()) };
}

/// An engine that has not begun, by its number. `options` are checked and complete:
/// `js/options.js`. Calls are numbered by the caller, from 1, and settled through the platform.
#[wasm_bindgen]
#[must_use]
pub fn create(options: JsValue, platform: Platform) -> usize {
    let (config, settings) = options::read(JsJson(options));
    let driver = Driver::new(config, settings, platform, host::tell);
    ENGINES.with_borrow_mut(|engines| {
        engines.push(Some(Rc::new(driver)));
        engines.len() - 1
    })
}

/// Something happened that can be said in numbers: `js/signals.js`.
#[wasm_bindgen]
pub fn signal(engine: usize, what: u32, a: f64, b: f64, c: f64) {
    if what == signal::FORGET {
        ENGINES.with_borrow_mut(|engines| engines.get_mut(engine).and_then(Option::take));
    } else if let Some(driver) = driver(engine) {
        signal::take(&driver, what, a, b, c);
    }
}

/// `getAccessToken`; `min_validity_ms` is NaN and `refused` undefined where the caller did not say.
#[wasm_bindgen(js_name = getToken)]
pub fn get_token(engine: usize, call: u32, min_validity_ms: f64, force: bool, refused: JsValue) {
    let want = Want {
        target: Target::default(),
        min_validity_ms: (min_validity_ms >= 0.0).then_some(min_validity_ms as u64),
        force,
        refused: JsJson(refused).as_str().map(AccessToken::new),
    };
    push(engine, Input::GetToken(CallId(call), Box::new(want)));
}

/// `setTokens`; false, and nothing done, if there is no access token in the response.
#[wasm_bindgen(js_name = setTokens)]
pub fn set_tokens(engine: usize, call: u32, response: JsValue, received_at_ms: f64) -> bool {
    let Some(tokens) = TokenResponse::read(&JsJson(response)) else {
        return false;
    };
    let received_at = Wall(received_at_ms as u64);
    let input = Input::SetTokens(CallId(call), Box::new(tokens), received_at);
    push(engine, input);
    true
}

/// What a reading found, parsed and unsealed: `js/records.js`.
#[wasm_bindgen]
pub fn found(engine: usize, kind: f64, id: f64, record: JsValue) {
    if let Some(driver) = driver(engine) {
        driver.found(purpose(kind, id), JsJson(record));
    }
}

/// An attempt's answer, as `js/http.js` read it.
#[wasm_bindgen]
pub fn answered(engine: usize, attempt: f64, answer: JsValue) {
    if let Some(driver) = driver(engine) {
        driver.answered(AttemptId(attempt as u64), JsJson(answer));
    }
}

/// The flight recorder, as `{ history: [{ at, event, detail }] }`.
#[wasm_bindgen]
#[must_use]
pub fn history(engine: usize) -> JsValue {
    let mut entries = driver(engine)
        .map(|driver| driver.history())
        .unwrap_or_default();
    let mut visitor = Visitor::<JsJson>::writing();
    visitor.list("history", &mut entries);
    visitor.written().0
}

fn push(engine: usize, input: Input) {
    if let Some(driver) = driver(engine) {
        driver.push(input);
    }
}

/// The engine of that number. Nothing stays borrowed: it may call back.
fn driver(engine: usize) -> Option<Rc<Driver>> {
    ENGINES.with_borrow(|engines| engines.get(engine).cloned().flatten())
}
