//! What several tests need.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// How long a condition may take to come true, in looks of 5 ms.
const LOOKS: u32 = 2_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, delay_ms: i32);
}

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    /// Sends an event of this type to the window.
    pub(crate) fn dispatch(kind: &str);
    /// The number of a signal.
    #[wasm_bindgen(js_name = signalNumber)]
    pub(crate) fn signal_number(name: &str) -> u32;
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if condition() {
            return;
        }
        pause().await;
    }
    panic!("it never came true that {what}");
}

async fn pause() {
    let pause = Promise::new(&mut |resolve, _| set_timeout(&resolve, 5));
    JsFuture::from(pause).await.expect("a timer does not fail");
}

/// What happened, in order, noted by callbacks.
#[derive(Clone, Default)]
pub(crate) struct Notes(Rc<RefCell<Vec<String>>>);

impl Notes {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// A JavaScript function that notes `what`, and its argument if it has one.
    pub(crate) fn callback(&self, what: &str) -> Function {
        let (notes, what) = (self.clone(), what.to_owned());
        let callback = Closure::<dyn FnMut(JsValue)>::new(move |argument: JsValue| {
            notes.note(match argument {
                it if it.is_undefined() => what.clone(),
                it => format!("{what} {it:?}"),
            });
        });
        callback.into_js_value().unchecked_into()
    }
}

/// A name that no other test uses.
pub(crate) fn unique(name: &str) -> String {
    format!("{name}-{}", js_sys::Math::random())
}

/// Sets a member.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("the object can be written to");
}
