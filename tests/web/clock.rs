use evergrant::browser::clock;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::until;

#[wasm_bindgen_test]
fn the_wall_clock_is_the_browsers() {
    let now = js_sys::Date::now() as u64;
    assert!(clock::wall().0.abs_diff(now) < 1_000);
}

#[wasm_bindgen_test]
async fn the_monotonic_clock_goes_on() {
    let before = clock::mono();
    until("time passes", || clock::mono() > before).await;
}

#[wasm_bindgen_test]
fn no_two_moments_have_the_same_random_bits() {
    assert_ne!(clock::moment().random, clock::moment().random);
}
