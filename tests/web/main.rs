//! The platform in a real browser: each adapter of `src/browser`, and each module of `js/` that
//! stands for one.
#![cfg(target_arch = "wasm32")]

mod channel;
mod clock;
mod fetch;
mod idb;
mod json;
mod lifecycle;
mod locks;
mod record;
mod support;
mod timer;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
