//! What `js/` calls: conversions, no logic. Engines are named by number: an exported class would
//! cost more than 1 KB, for its finalizer and for the checks of what is borrowed. Each export costs
//! by its arguments, so that nearly all goes through one.

mod facts;
mod flow;
mod host;
mod options;
mod signal;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use self::facts::Facts;
use crate::browser::driver::Driver;
use crate::browser::json::JsJson;
use crate::browser::platform::Platform;
use crate::session::codec::Visitor;

thread_local! {
    /// By number; those that let everything go are forgotten.
    static ENGINES: RefCell<Vec<Option<Rc<Driver>>>> = const { RefCell::new(Vec::new()) };
}

/// Does nothing; but the glue starts a fresh instance by it (`js/guard.js`), whether it is there or
/// not.
#[wasm_bindgen(start)]
pub fn start() {}

/// An engine that has not begun, by its number. `options` are checked and complete:
/// `js/options.js`. Calls are numbered by the caller, from 1, and settled through the platform.
#[wasm_bindgen]
#[must_use]
pub fn create(options: JsValue, platform: Platform) -> usize {
    let (config, settings) = options::read(Facts(JsJson(options)));
    let driver = Driver::new(config, settings, platform, host::tell);
    ENGINES.with_borrow_mut(|engines| {
        engines.push(Some(Rc::new(driver)));
        engines.len() - 1
    })
}

/// Something happened: `js/signals.js`. False if that means nothing to the engine.
#[wasm_bindgen]
pub fn signal(engine: usize, what: u32, a: f64, b: f64, value: JsValue) -> bool {
    let Some(driver) = driver(engine, what == signal::FORGET) else {
        return false;
    };
    match signal::read(&driver, what, a, b, JsJson(value)) {
        Some(input) => driver.push(input),
        None => return false,
    }
    true
}

/// A step of discovery, sign-in or sign-out: `js/flows.js`. Undefined of an engine that is gone.
#[wasm_bindgen]
#[must_use]
pub fn flow(engine: usize, what: u32, facts: JsValue) -> JsValue {
    let driver = driver(engine, false);
    driver.map_or(JsValue::UNDEFINED, |driver| {
        flow::step(&driver, what, JsJson(facts)).0
    })
}

/// The flight recorder, as `{ history: [{ at, event, detail }] }`.
#[wasm_bindgen]
#[must_use]
pub fn history(engine: usize) -> JsValue {
    let mut entries = driver(engine, false)
        .map(|driver| driver.history())
        .unwrap_or_default();
    let mut visitor = Visitor::<JsJson>::writing();
    visitor.list("history", &mut entries);
    visitor.written().0
}

/// The engine of that number, which has none any more if it is `last`. Nothing stays borrowed: it may
/// call back.
fn driver(engine: usize, last: bool) -> Option<Rc<Driver>> {
    ENGINES.with_borrow_mut(|engines| {
        let slot = engines.get_mut(engine)?;
        if last { slot.take() } else { slot.clone() }
    })
}
