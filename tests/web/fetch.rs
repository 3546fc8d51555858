use std::cell::RefCell;
use std::rc::Rc;

use evergrant::browser::fetch::{deadline, post};
use evergrant::oauth::answer::RawAnswer;
use evergrant::oauth::{Form, HttpRequest, retry_after};
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

#[wasm_bindgen_test]
fn the_browser_reads_the_dates_of_headers() {
    for (date, a_minute_later) in [
        (
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:01:00 GMT",
        ),
        (
            "Sun, 06 Nov 1994 08:59:37 GMT",
            "Sun, 06 Nov 1994 09:00:37 GMT",
        ),
        (
            "Mon, 28 Feb 2000 23:59:59 GMT",
            "Tue, 29 Feb 2000 00:00:59 GMT",
        ),
        (
            "Thu, 31 Dec 2026 23:59:00 GMT",
            "Fri, 01 Jan 2027 00:00:00 GMT",
        ),
        (
            "Sun, 28 Feb 2100 23:59:00 GMT",
            "Mon, 01 Mar 2100 00:00:00 GMT",
        ),
        (
            "Fri, 31 Dec 9999 23:58:00 GMT",
            "Fri, 31 Dec 9999 23:59:00 GMT",
        ),
    ] {
        let wait = retry_after::read(a_minute_later, Some(date), 0, &js_sys::Date::parse);
        assert_eq!(wait, 60_000, "{date}");
    }
    for junk in [
        "GMT",
        "Sun, 06 Foo 2094 08:49:37 GMT",
        "soon GMT",
        "Sun, xx Nov 2094 08:49:37 GMT",
    ] {
        let wait = retry_after::read(junk, None, 0, &js_sys::Date::parse);
        assert_eq!(wait, 0, "{junk}");
    }
}
