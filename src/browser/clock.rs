//! Both clocks, and fresh random bits.

use wasm_bindgen::prelude::*;

use crate::session::time::{Moment, Mono, Wall};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// The moment of an input.
#[must_use]
pub fn moment() -> Moment {
    let mut bytes = [0; 8];
    // It throws only for arrays of a kind or a length that this one is not.
    let _ = get_random_values(&mut bytes);
    Moment {
        wall: wall(),
        mono: mono(),
        random: u64::from_le_bytes(bytes),
    }
}

/// The wall clock, in whole milliseconds.
#[must_use]
pub fn wall() -> Wall {
    Wall(js_sys::Date::now() as u64)
}

/// The monotonic clock, in whole milliseconds.
#[must_use]
pub fn mono() -> Mono {
    Mono(performance_now() as u64)
}
