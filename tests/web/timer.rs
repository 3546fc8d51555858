use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Notes, until};

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = createTimer)]
    fn create_timer(fired: &Function) -> Timer;

    type Timer;
    #[wasm_bindgen(method, structural)]
    fn set(this: &Timer, due: Option<f64>);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

#[wasm_bindgen_test]
async fn it_fires_once_and_not_before_its_time() {
    let notes = Notes::default();
    let timer = create_timer(&notes.callback("fired"));
    let due = now() + 30.0;
    timer.set(Some(due));
    until("it fires", || !notes.all().is_empty()).await;
    assert!(now() >= due);
    let (later, then) = (create_timer(&notes.callback("then")), now() + 50.0);
    later.set(Some(then));
    until("the other fires", || notes.all().contains(&"then".into())).await;
    assert_eq!(notes.all(), ["fired", "then"]);
}

#[wasm_bindgen_test]
async fn set_anew_or_cleared_it_forgets_what_it_was_set_to() {
    let notes = Notes::default();
    let cleared = create_timer(&notes.callback("cleared"));
    cleared.set(Some(now() + 10.0));
    cleared.set(None);
    let moved = create_timer(&notes.callback("moved"));
    moved.set(Some(now() + 1_000_000.0));
    moved.set(Some(now() + 40.0));
    until("it fires", || !notes.all().is_empty()).await;
    assert_eq!(notes.all(), ["moved"]);
}

#[wasm_bindgen_test]
async fn beyond_24_days_it_does_not_fire_at_once() {
    let notes = Notes::default();
    let far = create_timer(&notes.callback("far"));
    far.set(Some(now() + 3e9));
    let near = create_timer(&notes.callback("near"));
    near.set(Some(now() + 20.0));
    until("the near one fires", || !notes.all().is_empty()).await;
    assert_eq!(notes.all(), ["near"]);
    far.set(None);
}
