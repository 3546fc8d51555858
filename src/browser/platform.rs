//! The web APIs, as one JavaScript object per engine: the modules of `js/`, which are smaller than
//! bindings would be. What happens there comes back through [`api`](crate::api).
//!
//! Each import costs, so nearly everything goes through one of them, by number: [`Platform::run`].

use wasm_bindgen::prelude::*;

use super::json::JsJson;
use crate::session::{Lock, LockKind};

#[wasm_bindgen]
extern "C" {
    /// The platform of one engine, put together in `js/client.js`.
    #[derive(Clone)]
    pub type Platform;
    /// Never throws: what an order's web API throws is caught by the order, and what a listener throws
    /// is reported.
    #[wasm_bindgen(structural, method, js_name = run)]
    fn js_run(this: &Platform, what: u32, a: f64, b: f64, facts: &JsValue);
    /// Random bits. Never throws: only more than 65,536 bytes are refused (Web Cryptography API
    /// §10.1.1).
    #[wasm_bindgen(structural, method)]
    pub fn random(this: &Platform) -> u64;
}

impl Platform {
    /// Does `what`, an [`order`](super::order).
    pub fn run(&self, what: u32, a: f64, b: f64) {
        self.js_run(what, a, b, &JsValue::UNDEFINED);
    }

    /// Likewise, with facts.
    pub fn run_with(&self, what: u32, a: f64, b: f64, facts: &JsJson) {
        self.js_run(what, a, b, &facts.0);
    }
}

/// The lock that `js/platform.js` means.
#[must_use]
pub fn lock(kind: f64, id: f64) -> Lock {
    let kind = match kind as u32 {
        0 => LockKind::Family,
        1 => LockKind::Attempt,
        2 => LockKind::Unsaved,
        _ => LockKind::Steal,
    };
    let id = id as u64;
    Lock { kind, id }
}
