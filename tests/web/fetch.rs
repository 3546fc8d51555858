use std::cell::RefCell;
use std::rc::Rc;

use evergrant::browser::fetch::{deadline, post};
use evergrant::oauth::answer::RawAnswer;
use evergrant::oauth::{Form, HttpRequest};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use crate::support::until;

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;

async fn answer(url: &str, signal: JsValue) -> Result<RawAnswer, JsValue> {
    let request = HttpRequest {
        url: url.into(),
        authorization: None,
        body: Form::new("grant_type=refresh_token"),
    };
    let answer = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&answer);
    post(request, signal, false, move |it| {
        slot.replace(Some(it));
    });
    until("there is an answer", || answer.borrow().is_some()).await;
    answer.take().expect("it was waited for")
}

#[wasm_bindgen_test]
async fn an_answer_has_its_status_and_its_body() {
    let answer = answer("data:application/json,{\"a\":1}", JsValue::UNDEFINED).await;
    let answer = answer.expect("a data URL answers");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.expose(), "{\"a\":1}");
}

#[wasm_bindgen_test]
async fn a_status_that_is_no_success_is_an_answer_too() {
    let origin = js_sys::eval("location.origin").expect("there is a page");
    let url = origin.as_string().unwrap_or_default() + "/there/is/nothing/here";
    let answer = answer(&url, JsValue::UNDEFINED).await;
    assert!(answer.expect("a server answers").status >= 400);
}

#[wasm_bindgen_test]
async fn a_body_at_the_limit_is_read() {
    let url = format!("data:text/plain,{}", "x".repeat(MAX_BODY));
    let answer = answer(&url, JsValue::UNDEFINED).await;
    assert_eq!(answer.expect("it answers").body.expose().len(), MAX_BODY);
}

#[wasm_bindgen_test]
async fn a_body_over_the_limit_is_not_read() {
    let url = format!("data:text/plain,{}", "x".repeat(MAX_BODY + 1));
    let answer = answer(&url, JsValue::UNDEFINED).await.expect("it answers");
    assert_eq!((answer.status, answer.body.expose()), (200, ""));
}

#[wasm_bindgen_test]
async fn a_byte_order_mark_and_a_foreign_letter_do_no_harm() {
    let url = "data:application/json,%EF%BB%BF{\"a\":\"%E9\"}";
    let answer = answer(url, JsValue::UNDEFINED).await.expect("it answers");
    assert_eq!(answer.body.expose(), "{\"a\":\"\u{fffd}\"}");
}

#[wasm_bindgen_test]
async fn a_signal_ends_it() {
    let controller = AbortController::new().expect("browsers have it");
    controller.abort();
    let answer = answer("data:,", controller.signal().into()).await;
    let error: js_sys::Error = answer.expect_err("it was aborted").into();
    assert_eq!(error.name(), "AbortError");
}

#[wasm_bindgen_test]
async fn no_connection_is_an_error_with_the_browsers_words() {
    // Port 9 is one that browsers refuse to talk to.
    let answer = answer("http://localhost:9/", deadline(10_000)).await;
    let error: js_sys::Error = answer.expect_err("nobody answers").into();
    assert_eq!(error.name(), "TypeError");
    assert_ne!(error.message(), "");
}
