use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::unique;

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = getItem)]
    pub(crate) fn get_item(key: &str) -> Promise;
    #[wasm_bindgen(js_name = compareAndSwap)]
    pub(crate) fn compare_and_swap(
        key: &str,
        expected: &JsValue,
        value: &str,
        strict: bool,
    ) -> Promise;
}

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = deleteDatabase)]
    fn delete_database() -> Promise;
}

pub(crate) async fn get(key: &str) -> JsValue {
    JsFuture::from(get_item(key)).await.expect("it can be read")
}

pub(crate) async fn swap(key: &str, expected: Option<&str>, value: &str) -> bool {
    let expected = expected.map_or(JsValue::NULL, JsValue::from);
    let swapped = JsFuture::from(compare_and_swap(key, &expected, value, true)).await;
    swapped.expect("it can be written") == true
}

#[wasm_bindgen_test]
async fn only_who_knows_what_is_there_may_replace_it() {
    let key = unique("key");
    assert!(get(&key).await.is_null());
    assert!(!swap(&key, Some("something"), "a").await);
    assert!(swap(&key, None, "a").await);
    assert!(!swap(&key, None, "b").await);
    assert!(swap(&key, Some("a"), "b").await);
    assert!(!swap(&key, Some("a"), "c").await);
    assert_eq!(get(&key).await, "b");
}

#[wasm_bindgen_test]
async fn of_two_swaps_at_once_one_wins() {
    let key = unique("key");
    let (one, other) = (
        compare_and_swap(&key, &JsValue::NULL, "one", true),
        compare_and_swap(&key, &JsValue::NULL, "other", false),
    );
    assert!(JsFuture::from(one).await.expect("it can be written") == true);
    assert!(JsFuture::from(other).await.expect("it can be written") == false);
    assert_eq!(get(&key).await, "one");
}

#[wasm_bindgen_test]
async fn a_database_deleted_under_it_is_opened_anew() {
    let key = unique("key");
    assert!(swap(&key, None, "a").await);
    let deleted = JsFuture::from(delete_database()).await;
    deleted.expect("an open connection gives way");
    assert!(get(&key).await.is_null());
    assert!(swap(&key, None, "b").await);
}
