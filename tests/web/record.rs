use std::cell::RefCell;
use std::rc::Rc;

use evergrant::api;
use evergrant::browser::platform::Platform;
use js_sys::{JSON, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::idb::{get, swap};
use crate::support::{Notes, set, signal_number, unique, until};

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    fn keeper(key: &str, engine: &JsValue, told: &JsValue) -> Platform;
}

/// An engine that keeps its record under a key, and has read it; it notes what it settles.
async fn open(key: &str) -> (usize, Notes) {
    let number = Rc::new(RefCell::new(usize::MAX));
    let callbacks = Object::new();
    let engine = Rc::clone(&number);
    let signal =
        Closure::<dyn FnMut(u32, f64, f64, JsValue) -> bool>::new(move |what, kind, id, record| {
            let engine = *engine.borrow();
            api::signal(engine, what, kind, id, record)
        });
    set(&callbacks, "signal", &signal.into_js_value());
    let (notes, publications) = (Notes::default(), Notes::default());
    set(&callbacks, "published", &publications.callback("published"));
    let platform = keeper(key, &callbacks, &notes.callback("settled"));
    let options =
        r#"["https://as.example/token",null,"spa","none",null,[],[],"https://as.example"]"#;
    let options = JSON::parse(options).expect("it is JSON");
    let engine = api::create(options, platform);
    number.replace(engine);
    send(engine, "START");
    until("it has begun", || !publications.all().is_empty()).await;
    (engine, notes)
}

/// Tells the engine what needs no more words.
fn send(engine: usize, what: &str) -> bool {
    api::signal(engine, signal_number(what), 0.0, 0.0, JsValue::UNDEFINED)
}

async fn stored(key: &str) -> String {
    get(key).await.as_string().unwrap_or_default()
}

async fn settled(notes: &Notes, count: usize) -> String {
    until("it is settled", || notes.all().len() == count).await;
    notes.all().pop().unwrap_or_default()
}

async fn take_over(engine: usize, token: &str, notes: &Notes) -> String {
    let count = notes.all().len() + 1;
    let response = format!(r#"[{{"access_token":"{token}","expires_in":3600}}]"#);
    let response = JSON::parse(&response).expect("it is JSON");
    let received_at = js_sys::Date::now();
    let call = count as f64;
    let set_tokens = signal_number("SET_TOKENS");
    assert!(api::signal(engine, set_tokens, call, received_at, response));
    settled(notes, count).await
}

async fn get_token(engine: usize, notes: &Notes) -> String {
    let count = notes.all().len() + 1;
    let call = count as f64;
    let get_token = signal_number("GET_TOKEN");
    assert!(api::signal(
        engine,
        get_token,
        call,
        f64::NAN,
        JsValue::UNDEFINED
    ));
    settled(notes, count).await
}

#[wasm_bindgen_test]
async fn what_one_writes_another_reads_and_replaces() {
    let key = unique("record");
    let (one, notes) = open(&key).await;
    assert_eq!(take_over(one, "a", &notes).await, "settled");
    let (other, others) = open(&key).await;
    assert_eq!(get_token(other, &others).await, "settled JsValue(\"a\")");
    assert_eq!(take_over(other, "b", &others).await, "settled");
    assert!(stored(&key).await.contains("\"b\""));
    // Nobody told the first, and its write is for the session it knows.
    let lost = take_over(one, "c", &notes).await;
    assert_eq!(lost, "settled JsValue(\"session-ended\")");
    assert!(stored(&key).await.contains("\"b\""));
}

#[wasm_bindgen_test]
async fn what_is_no_record_gives_way_to_new_tokens_and_to_nothing_else() {
    let almost = r#"{"version":1,"seq":5}"#;
    for text in ["", "<html>", "{}", "[1]", "null", almost] {
        let key = unique("record");
        assert!(swap(&key, None, text).await);
        let (engine, notes) = open(&key).await;
        assert_eq!(stored(&key).await, text);
        assert_eq!(take_over(engine, "a", &notes).await, "settled");
        assert!(stored(&key).await.contains("\"a\""));
    }
}

#[wasm_bindgen_test]
async fn an_engine_that_was_forgotten_hears_nothing() {
    let (engine, _) = open(&unique("record")).await;
    assert!(send(engine, "TICK"));
    send(engine, "FORGET");
    assert!(!send(engine, "TICK"));
    assert!(!send(usize::MAX, "TICK"));
    let history = JSON::stringify(&api::history(engine)).map(String::from);
    assert_eq!(history.ok().as_deref(), Some(r#"{"history":[]}"#));
}
