use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Notes, dispatch, set};

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = watchLifecycle)]
    fn watch_lifecycle(listeners: &JsValue) -> Function;
}

fn watch(notes: &Notes) -> Function {
    let listeners = Object::new();
    for name in ["visible", "online", "woke"] {
        set(&listeners, name, &notes.callback(name));
    }
    watch_lifecycle(&listeners)
}

#[wasm_bindgen_test]
fn wakes_and_changes_of_the_connection_are_heard_until_it_ends() {
    let notes = Notes::default();
    let end = watch(&notes);
    let before = notes.all().len();
    for event in ["offline", "online", "pageshow", "resume", "focus"] {
        dispatch(event);
    }
    end.call0(&JsValue::UNDEFINED).expect("it ends");
    for event in ["offline", "online", "pageshow", "resume", "focus"] {
        dispatch(event);
    }
    let heard: Vec<_> = notes.all().split_off(before);
    let heard: Vec<_> = heard
        .iter()
        .map(|it| {
            it.split_once(" JsValue(Event")
                .map_or(it.as_str(), |it| it.0)
        })
        .collect();
    assert_eq!(
        heard,
        [
            "online JsValue(false)",
            "online JsValue(true)",
            "woke",
            "woke",
            "woke"
        ]
    );
}

#[wasm_bindgen_test]
fn a_page_that_is_shown_again_has_woken() {
    let notes = Notes::default();
    let end = watch(&notes);
    let before = notes.all().len();
    dispatch("visibilitychange");
    let heard = notes.all().split_off(before);
    assert_eq!(heard, ["visible JsValue(true)", "woke"]);
    end.call0(&JsValue::UNDEFINED).expect("it ends");
}
