//! The way out: what happened, to the JavaScript object that stands for the application. Facts go
//! one by one; `js/shapes.js` makes objects of them.

use wasm_bindgen::prelude::*;

use crate::browser::driver::{Causes, Host};
use crate::session::time::Wall;
use crate::session::{CallId, Code, Degraded, Ended, Error, Event, Published, Settled};

#[wasm_bindgen]
extern "C" {
    /// `js/client.js`. None of its functions throws. Times are in milliseconds since 1970.
    pub type JsHost;
    /// The clocks may have moved, or the engine has something to say.
    #[wasm_bindgen(structural, method)]
    fn woke(this: &JsHost);
    /// The access token for the hot path, and until when by both clocks.
    #[wasm_bindgen(structural, method)]
    fn live(this: &JsHost, token: Option<&str>, until_wall: f64, until_mono: f64);
    /// The session, while one lives.
    #[wasm_bindgen(structural, method)]
    fn session(
        this: &JsHost,
        status: &str,
        generation: f64,
        scope: Option<&str>,
        access_token_expires_at: Option<f64>,
        refresh_token_expires_at: Option<f64>,
        next_refresh_at: Option<f64>,
        id_token: Option<&str>,
    );
    /// No session; how the last one ended, if one did.
    #[wasm_bindgen(structural, method)]
    fn ended(this: &JsHost, reason: Option<&str>, at: Option<f64>, error: &JsValue);
    /// An event of the public contract; which facts it has depends on its type.
    #[wasm_bindgen(structural, method)]
    fn emit(
        this: &JsHost,
        event: &str,
        by: Option<&str>,
        what: Option<&str>,
        at: Option<f64>,
        error: &JsValue,
        id_token: Option<&str>,
    );
    /// Makes an error of the public contract.
    #[wasm_bindgen(structural, method)]
    fn error(
        this: &JsHost,
        code: &str,
        message: &str,
        retryable: bool,
        oauth_error: Option<&str>,
        oauth_error_description: Option<&str>,
        status: Option<u32>,
        reason: Option<&str>,
        retry_at: Option<f64>,
        cause: &JsValue,
    ) -> JsValue;
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

fn error(host: &JsHost, error: &Error, causes: &Causes) -> JsValue {
    host.error(
        error.code.as_str(),
        error.code.message(),
        error.code.retryable(),
        error.oauth_error.as_deref(),
        error.description.as_deref(),
        error.status.map(u32::from),
        error.reason.map(|reason| reason.as_str()),
        known(error.retry_at),
        &causes.of(error.code),
    )
}

fn end_error(host: &JsHost, end: &Ended, causes: &Causes) -> JsValue {
    match &end.error {
        Some(it) => error(host, it, causes),
        None => JsValue::UNDEFINED,
    }
}

fn known(at: Wall) -> Option<f64> {
    ms(at.known())
}

fn ms(at: Option<Wall>) -> Option<f64> {
    at.map(|at| at.0 as f64)
}

impl Host for JsHost {
    fn woke(&self) {
        JsHost::woke(self);
    }

    fn publish(&self, published: &Published, causes: &Causes) {
        match &published.live {
            Some(live) => {
                let (wall, mono) = (live.until.wall.0 as f64, live.until.mono.0 as f64);
                self.live(Some(live.token.expose()), wall, mono);
            }
            None => self.live(None, 0.0, 0.0),
        }
        match (&published.session, &published.ended) {
            (Some(session), _) => self.session(
                session.status.as_str(),
                session.generation as f64,
                session.scope.as_deref(),
                known(session.access_token_expires_at),
                known(session.refresh_token_expires_at),
                known(session.next_refresh_at),
                session.id_token.as_ref().map(|token| token.expose()),
            ),
            (None, Some(end)) => {
                let error = end_error(self, end, causes);
                self.ended(Some(end.reason.as_str()), ms(Some(end.at)), &error);
            }
            (None, None) => self.ended(None, None, &JsValue::UNDEFINED),
        }
    }

    fn emit(&self, event: &Event, causes: &Causes) {
        let mut facts = Facts::default();
        let name = match event {
            Event::SignedIn { by, previous } => {
                facts.by = Some(by.as_str());
                facts.id_token = previous.as_ref().map(|token| token.expose());
                "signed-in"
            }
            Event::Refreshed { by } => {
                facts.by = Some(by.as_str());
                "refreshed"
            }
            Event::RefreshFailed { error: it } => {
                facts.error = error(self, it, causes);
                facts.at = it.retry_at.known();
                "refresh-failed"
            }
            Event::SessionExpiring { at } => {
                facts.at = Some(*at);
                "session-expiring"
            }
            Event::SignedOut { end, by } => {
                facts.by = Some(by.as_str());
                facts.what = Some(end.reason.as_str());
                facts.at = Some(end.at);
                facts.error = end_error(self, end, causes);
                "signed-out"
            }
            Event::Degraded { what } => {
                (facts.what, facts.error) = match what {
                    Degraded::Storage => (Some("storage"), causes.of(Code::Storage)),
                    Degraded::Version => (Some("version"), JsValue::UNDEFINED),
                };
                "degraded"
            }
        };
        JsHost::emit(
            self,
            name,
            facts.by,
            facts.what,
            ms(facts.at),
            &facts.error,
            facts.id_token,
        );
    }

    fn settle(&self, call: CallId, outcome: Result<Settled, Error>, causes: &Causes) {
        let value = match outcome {
            Ok(Settled::Done) => JsValue::UNDEFINED,
            Ok(Settled::Token(token)) => token.expose().into(),
            Ok(Settled::IdToken(token)) => {
                token.map_or(JsValue::NULL, |token| token.expose().into())
            }
            Ok(Settled::SignedOut { revoked }) => revoked.into(),
            Err(it) => return self.reject(call.0, &error(self, &it, causes)),
        };
        JsHost::settle(self, call.0, &value);
    }

    fn closed(&self) {
        JsHost::closed(self);
    }
}

/// What an event may say.
#[derive(Default)]
struct Facts<'a> {
    by: Option<&'static str>,
    what: Option<&'static str>,
    at: Option<Wall>,
    error: JsValue,
    id_token: Option<&'a str>,
}
