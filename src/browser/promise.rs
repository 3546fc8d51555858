//! What becomes of a promise.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Calls `then` with the promise's outcome, microtasks after it is known: still in its task.
pub fn when(
    promise: Result<Promise, JsValue>,
    then: impl FnOnce(Result<JsValue, JsValue>) + 'static,
) {
    settled(promise, Box::new(then));
}

/// One future for all callers: each type of future would be compiled anew.
fn settled(promise: Result<Promise, JsValue>, then: Box<dyn FnOnce(Result<JsValue, JsValue>)>) {
    spawn_local(async move {
        then(match promise {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        });
    });
}
