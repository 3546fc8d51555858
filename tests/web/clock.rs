use evergrant::browser::clock::moment;
use evergrant::browser::platform::Platform;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::until;

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    fn clocks() -> Platform;
}

#[wasm_bindgen_test]
fn the_wall_clock_is_the_browsers() {
    let now = js_sys::Date::now() as u64;
    assert!(moment(&clocks()).wall.0.abs_diff(now) < 1_000);
}

#[wasm_bindgen_test]
async fn the_monotonic_clock_goes_on() {
    let clocks = clocks();
    let before = moment(&clocks).mono;
    until("time passes", || moment(&clocks).mono > before).await;
}

#[wasm_bindgen_test]
fn no_two_moments_have_the_same_random_bits() {
    let clocks = clocks();
    let random = [(); 8].map(|()| moment(&clocks).random);
    let halves = |shift: u32| random.map(|it| (it >> shift) as u32);
    for halves in [halves(0), halves(32)] {
        assert!(halves.iter().any(|it| *it != halves[0]));
    }
}
