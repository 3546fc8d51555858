//! The way out: what happened, to the JavaScript object that stands for the application.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::shapes;
use crate::browser::driver::{Causes, Host};
use crate::session::{CallId, Code, Degraded, Ended, Error, Event, Published, Session, Settled};

#[wasm_bindgen]
extern "C" {
    /// `js/client.js`. None of its functions throws.
    pub type JsHost;
    /// The clocks may have moved, or the engine has something to say.
    #[wasm_bindgen(structural, method)]
    fn woke(this: &JsHost);
    /// The access token for the hot path, and until when by both clocks, in milliseconds; session
    /// and end, or undefined where they are as before.
    #[wasm_bindgen(structural, method)]
    fn publish(
        this: &JsHost,
        session: &JsValue,
        ended: &JsValue,
        token: Option<&str>,
        until_wall: f64,
        until_mono: f64,
    );
    /// An event of the public contract, without the session it may carry.
    #[wasm_bindgen(structural, method)]
    fn emit(this: &JsHost, event: &str, payload: &JsValue);
    /// Makes an error of the public contract.
    #[wasm_bindgen(structural, method)]
    fn error(this: &JsHost, fields: &JsValue, cause: &JsValue) -> JsValue;
    /// A call succeeded.
    #[wasm_bindgen(structural, method)]
    fn settle(this: &JsHost, call: u32, value: &JsValue);
    /// A call failed.
    #[wasm_bindgen(structural, method)]
    fn reject(this: &JsHost, call: u32, error: &JsValue);
    /// Everything is let go.
    #[wasm_bindgen(structural, method)]
    fn closed(this: &JsHost);
}

/// Calls the host.
pub(super) struct Caller {
    host: JsHost,
    /// What a session's scope is where the server did not say (RFC 6749 §5.1).
    asked_scope: Option<String>,
    /// What was published last: an unchanged snapshot stays the same object.
    last: RefCell<Option<(Option<Session>, Option<Ended>)>>,
}

impl Caller {
    pub(super) fn new(host: JsHost, asked_scope: Option<String>) -> Self {
        Self {
            host,
            asked_scope,
            last: RefCell::default(),
        }
    }

    fn error(&self, error: &Error, causes: &Causes) -> JsValue {
        let fields = shapes::error(error);
        self.host.error(&fields, &causes.of(error.code))
    }

    fn ended(&self, ended: &Ended, by: Option<&'static str>, causes: &Causes) -> JsValue {
        let error = ended.error.as_ref().map(|it| self.error(it, causes));
        shapes::ended(ended, by, error)
    }
}

impl Host for Caller {
    fn woke(&self) {
        self.host.woke();
    }

    fn publish(&self, published: &Published, causes: &Causes) {
        let now = Some((published.session.clone(), published.ended.clone()));
        let (mut session, mut ended) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
        if *self.last.borrow() != now {
            session = shapes::session(published.session.as_ref(), self.asked_scope.as_deref());
            let end = published.ended.as_ref();
            ended = end.map_or(JsValue::NULL, |it| self.ended(it, None, causes));
            self.last.replace(now);
        }
        let live = published.live.as_ref();
        let until = live.and_then(|live| live.until);
        self.host.publish(
            &session,
            &ended,
            live.map(|live| live.token.expose()),
            until.map_or(f64::INFINITY, |until| until.wall.0 as f64),
            until.map_or(f64::INFINITY, |until| until.mono.0 as f64),
        );
    }

    fn emit(&self, event: &Event, causes: &Causes) {
        let (name, payload) = match event {
            Event::SignedIn { by, previous } => {
                let payload = shapes::signed_in(by.as_str(), previous.as_ref());
                ("signed-in", payload)
            }
            Event::Refreshed { by } => ("refreshed", shapes::refreshed(by.as_str())),
            Event::RefreshFailed { error, retry_at } => {
                let error = self.error(error, causes);
                ("refresh-failed", shapes::refresh_failed(error, *retry_at))
            }
            Event::SessionExpiring { at } => ("session-expiring", shapes::expiring(*at)),
            Event::SignedOut { end, by } => {
                ("signed-out", self.ended(end, Some(by.as_str()), causes))
            }
            Event::Degraded { what } => {
                let (what, error) = match what {
                    Degraded::Storage => ("storage", causes.of(Code::Storage)),
                    Degraded::Version => ("version", JsValue::UNDEFINED),
                };
                ("degraded", shapes::degraded(what, error))
            }
        };
        self.host.emit(name, &payload);
    }

    fn settle(&self, call: CallId, outcome: Result<Settled, Error>, causes: &Causes) {
        let value = match outcome {
            Ok(Settled::Done) => JsValue::UNDEFINED,
            Ok(Settled::Token(token)) => token.expose().into(),
            Ok(Settled::IdToken(token)) => {
                token.map_or(JsValue::NULL, |token| token.expose().into())
            }
            Ok(Settled::SignedOut { revoked }) => revoked.into(),
            Err(error) => {
                self.host.reject(call.0, &self.error(&error, causes));
                return;
            }
        };
        self.host.settle(call.0, &value);
    }

    fn closed(&self) {
        self.host.closed();
    }
}
