use evergrant::browser::promise::when;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Notes, until};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &js_sys::Function, delay_ms: i32);
    #[wasm_bindgen(js_namespace = Promise)]
    fn resolve(value: u32) -> Promise;
    #[wasm_bindgen(js_namespace = Promise)]
    fn reject(reason: u32) -> Promise;
}

#[wasm_bindgen_test]
async fn an_outcome_is_told_before_the_next_task() {
    let notes = Notes::default();
    set_timeout(&notes.callback("next task"), 0);
    let (good, bad, thrown) = (notes.clone(), notes.clone(), notes.clone());
    when(Ok(resolve(1)), move |it| {
        good.note(it.is_ok().to_string());
    });
    when(Ok(reject(2)), move |it| {
        bad.note(it.is_ok().to_string());
    });
    when(Err(3.into()), move |it| {
        thrown.note(it.is_ok().to_string());
    });
    until("all have been told", || notes.all().len() == 4).await;
    assert_eq!(notes.all().last().map(String::as_str), Some("next task"));
}
