use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Notes, unique, until};

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = openChannel)]
    fn open_channel(name: &str, announced: &Function, missing: &Function) -> Channel;

    type Channel;
    #[wasm_bindgen(method, structural)]
    fn announce(this: &Channel, seq: f64);
    #[wasm_bindgen(method, structural)]
    fn close(this: &Channel);
}

#[wasm_bindgen]
extern "C" {
    type BroadcastChannel;
    #[wasm_bindgen(constructor)]
    fn new(name: &str) -> BroadcastChannel;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &BroadcastChannel, message: &JsValue);
    #[wasm_bindgen(method, js_name = close)]
    fn end(this: &BroadcastChannel);
}

#[wasm_bindgen_test]
async fn the_others_hear_what_one_announces() {
    let (name, notes) = (unique("channel"), Notes::default());
    let missing = notes.callback("missing");
    let one = open_channel(&name, &notes.callback("one"), &missing);
    let other = open_channel(&name, &notes.callback("other"), &missing);
    let elsewhere = open_channel(&unique("else"), &notes.callback("elsewhere"), &missing);
    one.announce(1_760_000_000_001.0);
    until("it is heard", || !notes.all().is_empty()).await;
    other.announce(2.0);
    until("the answer is heard", || notes.all().len() > 1).await;
    assert_eq!(
        notes.all(),
        ["other JsValue(1760000000001)", "one JsValue(2)"]
    );
    for channel in [one, other, elsewhere] {
        channel.close();
    }
}

#[wasm_bindgen_test]
async fn a_message_that_is_none_of_ours_is_not_heard() {
    let (name, notes) = (unique("channel"), Notes::default());
    let callback = notes.callback("heard");
    let ours = open_channel(&name, &callback, &callback);
    let foreign = BroadcastChannel::new(&name);
    foreign.post_message(&"hello".into());
    foreign.post_message(&JsValue::NULL);
    let another = open_channel(&name, &callback, &callback);
    another.announce(7.0);
    until("ours is heard", || !notes.all().is_empty()).await;
    assert_eq!(notes.all(), ["heard JsValue(7)"]);
    foreign.end();
    ours.close();
    another.close();
}
