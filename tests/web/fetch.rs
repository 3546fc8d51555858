use std::cell::RefCell;
use std::rc::Rc;

use evergrant::browser::fetch;
use evergrant::browser::json::JsJson;
use evergrant::browser::order;
use evergrant::browser::platform::Platform;
use evergrant::oauth::{Form, HttpRequest, RawAnswer};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{signal_number, until};

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// The one attempt of each test.
const ATTEMPT: f64 = 7.0;

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    fn sender(prepared: &JsValue, answered: &JsValue, broken: &JsValue) -> Platform;
}

/// What came of an attempt: an answer; or why there is none, and the exception.
type Outcome = Result<RawAnswer, (u32, JsValue)>;

/// A request, and the slot for what comes of it.
fn send(url: &str) -> (Platform, Rc<RefCell<Option<Outcome>>>) {
    let outcome = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&outcome);
    let prepared = Closure::<dyn FnMut(JsValue)>::new(|request| fetch::send(JsJson(request)));
    let answered = Closure::<dyn FnMut(f64, JsValue)>::new(move |attempt, answer| {
        assert_eq!(attempt, ATTEMPT);
        slot.replace(Some(Ok(fetch::answer(JsJson(answer)))));
    });
    let slot = Rc::clone(&outcome);
    let broken = Closure::<dyn FnMut(f64, u32, JsValue)>::new(move |attempt, what, cause| {
        assert_eq!(attempt, ATTEMPT);
        slot.replace(Some(Err((what, cause))));
    });
    let platform = sender(
        &prepared.into_js_value(),
        &answered.into_js_value(),
        &broken.into_js_value(),
    );
    let request = HttpRequest {
        url: url.into(),
        authorization: None,
        body: Form::new("grant_type=refresh_token"),
    };
    let mut facts = JsJson::list();
    fetch::add_facts(&mut facts, &request);
    platform.run_with(order::PREPARE, ATTEMPT, 0.0, &facts);
    (platform, outcome)
}

async fn outcome(url: &str) -> Outcome {
    let (_, outcome) = send(url);
    until("there is an outcome", || outcome.borrow().is_some()).await;
    outcome.take().expect("it was waited for")
}

async fn answer(url: &str) -> RawAnswer {
    outcome(url).await.expect("it answers")
}

#[wasm_bindgen_test]
async fn an_answer_has_its_status_and_its_body() {
    let answer = answer("data:application/json,{\"a\":1}").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.expose(), "{\"a\":1}");
}

#[wasm_bindgen_test]
async fn a_status_that_is_no_success_is_an_answer_too() {
    let origin = js_sys::eval("location.origin").expect("there is a page");
    let url = origin.as_string().unwrap_or_default() + "/there/is/nothing/here";
    assert!(answer(&url).await.status >= 400);
}

#[wasm_bindgen_test]
async fn a_body_at_the_limit_is_read() {
    let url = format!("data:text/plain,{}", "x".repeat(MAX_BODY));
    assert_eq!(answer(&url).await.body.expose().len(), MAX_BODY);
}

#[wasm_bindgen_test]
async fn a_body_over_the_limit_is_not_read() {
    let url = format!("data:text/plain,{}", "x".repeat(MAX_BODY + 1));
    let answer = answer(&url).await;
    assert_eq!((answer.status, answer.body.expose()), (200, ""));
}

#[wasm_bindgen_test]
async fn a_byte_order_mark_and_a_foreign_letter_do_no_harm() {
    let url = "data:application/json,%EF%BB%BF{\"a\":\"%E9\"}";
    assert_eq!(answer(url).await.body.expose(), "{\"a\":\"\u{fffd}\"}");
}

#[wasm_bindgen_test]
async fn two_requests_at_once_have_an_answer_each() {
    let (one, other) = (send("data:,one"), send("data:,other"));
    for (it, body) in [(one.1, "one"), (other.1, "other")] {
        until("there is an outcome", || it.borrow().is_some()).await;
        let answer = it.take().and_then(Result::ok).expect("it answers");
        assert_eq!(answer.body.expose(), body);
    }
}

#[wasm_bindgen_test]
async fn an_abort_ends_it_at_once_and_nothing_comes_after() {
    let (platform, outcome) = send("data:,late");
    platform.run(order::ABORT, ATTEMPT, 0.0);
    let (what, cause) = outcome.take().and_then(Result::err).expect("it ended");
    assert_eq!(what, signal_number("ABORTED"));
    assert!(cause.is_undefined());
    // One that was begun later is answered, and the first still is not.
    answer("data:,after").await;
    platform.run(order::ABORT, ATTEMPT, 0.0);
    assert!(outcome.borrow().is_none());
}

#[wasm_bindgen_test]
async fn no_connection_is_an_error_with_the_browsers_words() {
    // Port 9 is one that browsers refuse to talk to.
    let (what, cause) = outcome("http://localhost:9/").await.expect_err("nobody");
    assert_eq!(what, signal_number("BROKEN"));
    let error: js_sys::Error = cause.into();
    assert_eq!(error.name(), "TypeError");
    assert_ne!(error.message(), "");
}

#[wasm_bindgen_test]
async fn a_request_that_cannot_be_made_has_failed() {
    let (what, cause) = outcome("http://").await.expect_err("it is no URL");
    assert_eq!(what, signal_number("BROKEN"));
    let error: js_sys::Error = cause.into();
    assert_eq!(error.name(), "TypeError");
}
