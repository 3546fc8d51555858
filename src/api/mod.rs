//! The one internal class that `js/` talks to: conversions in and out. No logic.

mod history;
mod host;
mod options;

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::browser::driver::Driver;
use crate::browser::json::JsJson;
use crate::browser::platform::{Platform, lock, seen};
use crate::browser::store::JsStore;
use crate::oauth::{AccessToken, TokenResponse};
use crate::session::time::Wall;
use crate::session::{CallId, Input, Target, Want};
use host::JsHost;

/// An engine on its platform. Calls are numbered by the caller and settled through the host.
#[wasm_bindgen]
pub struct Engine(Rc<Driver>);

#[wasm_bindgen]
impl Engine {
    /// An engine that has not begun. `options` are checked and complete: `js/options.js`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(options: JsValue, store: JsStore, platform: Platform, host: JsHost) -> Engine {
        let (config, settings) = options::read(JsJson(options));
        let host = Box::new(host);
        Engine(Driver::new(config, settings, store, platform, host))
    }

    /// Begins, once; the first `publish` says what was found. The channel is open.
    pub fn start(&self) {
        self.0.push(Input::Start);
    }

    /// `getAccessToken`.
    #[wasm_bindgen(js_name = getToken)]
    pub fn get_token(
        &self,
        call: u32,
        min_validity_ms: Option<f64>,
        force: bool,
        refused: Option<String>,
    ) {
        let want = Want {
            target: Target::default(),
            min_validity_ms: min_validity_ms.map(|ms| ms as u64),
            force,
            refused: refused.map(AccessToken::new),
        };
        self.0.push(Input::GetToken(CallId(call), want));
    }

    /// `getIdToken`.
    #[wasm_bindgen(js_name = getIdToken)]
    pub fn get_id_token(&self, call: u32) {
        self.0.push(Input::GetIdToken(CallId(call)));
    }

    /// `setTokens`; false, and nothing done, if there is no access token in the response.
    #[wasm_bindgen(js_name = setTokens)]
    pub fn set_tokens(&self, call: u32, response: JsValue, received_at_ms: f64) -> bool {
        let Some(tokens) = TokenResponse::read(&JsJson(response)) else {
            return false;
        };
        let received_at = Wall(received_at_ms as u64);
        let input = Input::SetTokens(CallId(call), Box::new(tokens), received_at);
        self.0.push(input);
        true
    }

    /// `signOut`.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, call: u32, revoke: bool) {
        self.0.push(Input::SignOut(CallId(call), revoke));
    }

    /// The caller does not wait any longer.
    pub fn cancel(&self, call: u32) {
        self.0.push(Input::Cancel(CallId(call)));
    }

    /// The flight recorder: an array of `[at, event, detail]`.
    #[must_use]
    pub fn history(&self) -> JsValue {
        history::history(&self.0.history())
    }

    /// Ends it; `closed` is called when everything is let go.
    pub fn close(&self) {
        self.0.push(Input::Close);
    }

    /// A requested lock is held now.
    pub fn granted(&self, kind: u32, id: f64) {
        self.0.push(Input::Granted(lock(kind, id)));
    }

    /// A held lock was taken.
    pub fn robbed(&self, kind: u32, id: f64) {
        self.0.push(Input::Robbed(lock(kind, id)));
    }

    /// Who holds the locks that were looked at: of each its kind, its ID, its holder.
    pub fn seen(&self, triples: &[f64]) {
        self.0.push(Input::Seen(seen(triples)));
    }

    /// Another tab wrote the record.
    pub fn announced(&self, seq: f64) {
        self.0.push(Input::Announced(seq as u64));
    }

    /// The timer fired.
    pub fn tick(&self) {
        self.0.push(Input::Tick);
    }

    /// The page woke, came back or got the focus.
    pub fn woke(&self) {
        self.0.push(Input::Woke);
    }

    /// The page was shown or hidden.
    pub fn visible(&self, visible: bool) {
        self.0.push(Input::Visible(visible));
    }

    /// The browser gained or lost its connection.
    pub fn online(&self, online: bool) {
        self.0.push(Input::Online(online));
    }
}
