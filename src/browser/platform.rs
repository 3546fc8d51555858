//! The web APIs, as one JavaScript object per engine: the modules of `js/`, which are smaller than
//! bindings would be. What happens there comes back through [`api`](crate::api).
//!
//! Each import costs, so nearly everything goes through one of them, by name: [`Platform::run`].

use wasm_bindgen::prelude::*;

use super::json::JsJson;
use crate::session::{Lock, LockKind};

#[wasm_bindgen]
extern "C" {
    /// The platform of one engine, put together in `js/client.js`.
    #[derive(Clone)]
    pub type Platform;
    #[wasm_bindgen(structural, method, js_name = run)]
    fn js_run(this: &Platform, what: &str, a: f64, b: f64, facts: &JsValue);
    #[wasm_bindgen(structural, method, js_name = now)]
    fn js_now(this: &Platform, moment: &mut [f64]);
    #[wasm_bindgen(catch, structural, method, js_name = prepare)]
    fn js_prepare(
        this: &Platform,
        attempt: f64,
        request: &JsValue,
    ) -> Result<web_sys::Request, JsValue>;
}

impl Platform {
    /// Calls the method `what`. None of them throws.
    pub fn run(&self, what: &str, a: f64, b: f64) {
        self.js_run(what, a, b, &JsValue::UNDEFINED);
    }

    /// Likewise, with facts by name.
    pub fn run_with(&self, what: &str, a: f64, b: f64, facts: &JsJson) {
        self.js_run(what, a, b, &facts.0);
    }

    /// Both clocks in milliseconds, then two numbers of 32 random bits.
    #[must_use]
    pub fn now(&self) -> [f64; 4] {
        let mut moment = [0.0; 4];
        self.js_now(&mut moment);
        moment
    }

    /// A `Request` made of these facts, for an attempt that can be aborted from now on.
    pub fn prepare(&self, attempt: f64, request: &JsJson) -> Result<web_sys::Request, JsJson> {
        self.js_prepare(attempt, &request.0).map_err(JsJson)
    }
}

/// The lock that `js/platform.js` means.
#[must_use]
pub fn lock(kind: f64, id: f64) -> Lock {
    let kind = match kind as u32 {
        0 => LockKind::Family,
        1 => LockKind::Attempt,
        _ => LockKind::Unsaved,
    };
    let id = id as u64;
    Lock { kind, id }
}
