//! Both clocks, and fresh random bits.

use js_sys::Date;
use wasm_bindgen::prelude::*;

use super::platform::Platform;
use crate::session::time::{Moment, Mono, Wall};

#[wasm_bindgen(raw_module = "./timer.js")]
extern "C" {
    /// Never throws: it has the wall clock to go by where the page has broken the other.
    fn mono() -> f64;
}

/// The moment of an input.
#[must_use]
pub fn moment(platform: &Platform) -> Moment {
    Moment {
        wall: wall(),
        mono: Mono(mono() as u64),
        random: platform.random(),
    }
}

/// The wall clock.
#[must_use]
pub fn wall() -> Wall {
    Wall(Date::now() as u64)
}
