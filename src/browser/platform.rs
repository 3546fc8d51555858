//! The web APIs, as one JavaScript object per engine: the modules of `js/`, which are smaller than
//! bindings would be. What happens there comes back through [`api`](crate::api).
//!
//! Each import costs, so nearly everything goes through one of them, by number: [`Platform::run`].

use wasm_bindgen::prelude::*;

use super::json::JsJson;
use crate::session::{AttemptId, CallId, Holder, LineageId, Lock, Purpose};

#[wasm_bindgen]
extern "C" {
    /// The platform of one engine, put together in `js/client.js`.
    #[derive(Clone)]
    pub type Platform;
    #[wasm_bindgen(structural, method, js_name = run)]
    fn js_run(this: &Platform, what: u32, a: f64, b: f64, facts: &JsValue);
    /// Random bits.
    #[wasm_bindgen(structural, method)]
    pub fn random(this: &Platform) -> u64;
}

impl Platform {
    /// Does `what`, an [`order`](super::order). None of them throws.
    pub fn run(&self, what: u32, a: f64, b: f64) {
        self.js_run(what, a, b, &JsValue::UNDEFINED);
    }

    /// Likewise, with facts.
    pub fn run_with(&self, what: u32, a: f64, b: f64, facts: &JsJson) {
        self.js_run(what, a, b, &facts.0);
    }
}

/// A lock as two numbers, like [`lock`] reads them.
#[must_use]
pub fn lock_number(lock: Lock) -> (f64, f64) {
    match lock {
        Lock::Family => (0.0, 0.0),
        Lock::Attempt(id) => (1.0, id.0 as f64),
        Lock::Unsaved(id) => (2.0, id.0 as f64),
    }
}

/// The lock that `js/platform.js` means.
#[must_use]
pub fn lock(kind: f64, id: f64) -> Lock {
    match kind as u32 {
        0 => Lock::Family,
        1 => Lock::Attempt(AttemptId(id as u64)),
        _ => Lock::Unsaved(LineageId(id as u64)),
    }
}

/// A lock's holder, by number.
#[must_use]
pub fn holder(number: f64) -> Holder {
    match number as u64 {
        0 => Holder::Nobody,
        1 => Holder::Unseen,
        number => Holder::Somebody(number),
    }
}

/// A purpose as two numbers, like [`purpose`] reads them. Calls count from 1.
#[must_use]
pub fn purpose_number(purpose: Purpose) -> (f64, f64) {
    match purpose {
        Purpose::View => (0.0, 0.0),
        Purpose::Refresh(id) => (1.0, id.0 as f64),
        Purpose::Operation(call) => (2.0, call.0.into()),
        Purpose::Unsaved => (3.0, 0.0),
    }
}

/// The purpose that `js/records.js` was given.
#[must_use]
pub fn purpose(kind: f64, id: f64) -> Purpose {
    match kind as u32 {
        0 => Purpose::View,
        1 => Purpose::Refresh(AttemptId(id as u64)),
        2 => Purpose::Operation(CallId(id as u32)),
        _ => Purpose::Unsaved,
    }
}
