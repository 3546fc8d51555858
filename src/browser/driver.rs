//! The driver: gives the engine its inputs, one after the other, and runs its effects.
//!
//! There is one inbox. Nothing is borrowed while JavaScript runs, so whatever happens inside an
//! effect may push another input; it queues. Listeners and promises come last, when all other
//! effects have been taken.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::JsValue;
use web_sys::AbortController;

use super::json::parse;
use super::platform::Platform;
use super::store::{JsStore, Store};
use super::{clock, fetch};
use crate::oauth::{
    Answer, Client, ClientAuthentication, Meaning, RawAnswer, RefreshRequest, RefreshToken,
    RevocationRequest, redact,
};
use crate::session::{
    AttemptId, CallId, Code, Config, Effect, Engine, Entry, Error, Event, Failure, Input,
    Published, Reply, Settled, Target,
};

/// Where the token requests go, and what goes with them.
#[derive(Default)]
pub struct Settings {
    /// Names the record in the store.
    pub key: String,
    /// The token endpoint.
    pub token_endpoint: String,
    /// The revocation endpoint, if there is one.
    pub revocation_endpoint: Option<String>,
    /// Who asks.
    pub client: Client,
    /// RFC 8707, where a call does not name its own.
    pub resource: Vec<String>,
    /// Parameters of the server's own.
    pub extra: Vec<(String, String)>,
}

/// What the application sees and hears.
pub trait Host {
    /// Something happened that may have moved the clocks.
    fn woke(&self);
    /// What can be seen; often it is what it was.
    fn publish(&self, published: &Published, causes: &Causes);
    /// Something happened.
    fn emit(&self, event: &Event, causes: &Causes);
    /// A call is over.
    fn settle(&self, call: CallId, outcome: Result<Settled, Error>, causes: &Causes);
    /// Everything is let go.
    fn closed(&self);
}

/// The exceptions of the last failures, for the errors that were made of them.
pub struct Causes {
    network: JsValue,
    storage: JsValue,
}

impl Causes {
    /// The exception behind an error of this code, or undefined.
    #[must_use]
    pub fn of(&self, code: Code) -> JsValue {
        match code {
            Code::Network | Code::Timeout => self.network.clone(),
            Code::Storage => self.storage.clone(),
            _ => JsValue::UNDEFINED,
        }
    }
}

/// An engine on its platform.
pub struct Driver {
    engine: RefCell<Option<Engine>>,
    inbox: RefCell<VecDeque<Input>>,
    running: Cell<bool>,
    settings: Settings,
    timeout_ms: u64,
    host: Box<dyn Host>,
    store: Rc<Store>,
    requests: RefCell<Vec<(AttemptId, AbortController)>>,
    network_failure: RefCell<JsValue>,
    platform: Platform,
}

impl Driver {
    /// A driver that has not begun.
    #[must_use]
    pub fn new(
        config: Config,
        settings: Settings,
        store: JsStore,
        platform: Platform,
        host: Box<dyn Host>,
    ) -> Rc<Self> {
        Rc::new(Self {
            timeout_ms: config.timeout_ms,
            engine: RefCell::new(Some(Engine::new(config))),
            inbox: RefCell::default(),
            running: Cell::new(false),
            store: Store::new(store, settings.key.clone()),
            settings,
            host,
            requests: RefCell::default(),
            network_failure: RefCell::default(),
            platform,
        })
    }

    /// Something happened.
    pub fn push(self: &Rc<Self>, input: Input) {
        self.inbox.borrow_mut().push_back(input);
        if self.running.replace(true) {
            return;
        }
        self.host.woke();
        let (mut state, mut news) = (None, Vec::new());
        loop {
            while let Some(effects) = self.next() {
                for effect in effects {
                    match effect {
                        Effect::Publish(published) => state = Some(published),
                        Effect::Emit(_) | Effect::Settle(..) | Effect::Closed => news.push(effect),
                        effect => self.run(effect),
                    }
                }
            }
            if state.is_none() && news.is_empty() {
                break;
            }
            self.tell(state.take(), std::mem::take(&mut news));
        }
        self.running.set(false);
    }

    /// The flight recorder, oldest first; empty once the engine is gone.
    #[must_use]
    pub fn history(&self) -> Vec<Entry> {
        let engine = self.engine.borrow();
        engine
            .as_ref()
            .map_or_else(Vec::new, |it| it.history().to_vec())
    }

    /// What the engine makes of the next input.
    fn next(&self) -> Option<Vec<Effect>> {
        let input = self.inbox.borrow_mut().pop_front()?;
        let mut engine = self.engine.borrow_mut();
        let effects = engine.as_mut().map(|it| it.handle(&clock::moment(), input));
        Some(effects.unwrap_or_default())
    }

    /// Runs an effect that the application does not hear of.
    fn run(self: &Rc<Self>, effect: Effect) {
        let driver = Rc::clone(self);
        match effect {
            Effect::Read(purpose) => self
                .store
                .read(move |found| driver.push(Input::Read(purpose, found))),
            Effect::Write {
                purpose,
                expected,
                record,
                durability,
            } => self
                .store
                .write(expected, &record, durability, move |swap| {
                    driver.push(Input::Written(purpose, swap));
                }),
            Effect::Request(lock) => self.platform.request(lock),
            Effect::Release(lock) => self.platform.release(lock),
            Effect::Look(locks) => self.platform.look(&locks),
            Effect::Send {
                attempt,
                refresh_token,
                target,
            } => self.send(attempt, &refresh_token, &target),
            Effect::Abort(attempt) => {
                if let Some(controller) = self.finished(attempt) {
                    controller.abort();
                    let reply = Reply::Failed(Failure::Timeout);
                    self.push(Input::Answered(attempt, reply));
                }
            }
            Effect::Revoke(call, tokens) => self.revoke(call, &tokens),
            Effect::Announce(seq) => self.platform.announce(seq),
            Effect::WakeAt(due) => self.platform.wake_at(due),
            Effect::Publish(_) | Effect::Emit(_) | Effect::Settle(..) | Effect::Closed => {}
        }
    }

    /// Tells the application: the newest state first, so that whoever hears the news can see it.
    fn tell(&self, state: Option<Box<Published>>, news: Vec<Effect>) {
        let causes = Causes {
            network: self.network_failure.borrow().clone(),
            storage: self.store.failure(),
        };
        if let Some(published) = state {
            self.host.publish(&published, &causes);
        }
        for effect in news {
            match effect {
                Effect::Emit(event) => self.host.emit(&event, &causes),
                Effect::Settle(call, outcome) => self.host.settle(call, outcome, &causes),
                Effect::Closed => {
                    self.host.closed();
                    self.engine.take();
                }
                _ => {}
            }
        }
    }

    fn send(self: &Rc<Self>, attempt: AttemptId, refresh_token: &RefreshToken, target: &Target) {
        let settings = &self.settings;
        let resource = match &target.resource {
            Some(resource) => std::slice::from_ref(resource),
            None => &settings.resource,
        };
        let request = RefreshRequest {
            refresh_token,
            scope: target.scope.as_deref(),
            resource,
            extra: &settings.extra,
        };
        let request = request.prepare(&settings.token_endpoint, &settings.client);
        let Ok(controller) = AbortController::new() else {
            return self.push(Input::Answered(attempt, Reply::Failed(Failure::Network)));
        };
        let signal = controller.signal().into();
        self.requests.borrow_mut().push((attempt, controller));
        let driver = Rc::clone(self);
        fetch::post(request, signal, false, move |answer| {
            driver.answered(attempt, answer);
        });
    }

    fn answered(self: &Rc<Self>, attempt: AttemptId, answer: Result<RawAnswer, JsValue>) {
        if self.finished(attempt).is_none() {
            return;
        }
        let reply = match answer {
            Ok(raw) => {
                let mut answer = Answer::read(raw, &parse);
                self.redact(&mut answer);
                Reply::Answer(Arc::new(answer))
            }
            Err(error) => {
                self.network_failure.replace(error);
                Reply::Failed(Failure::Network)
            }
        };
        self.push(Input::Answered(attempt, reply));
    }

    /// Takes an attempt off the list; `None` if nobody waits for its answer any more.
    fn finished(&self, attempt: AttemptId) -> Option<AbortController> {
        let mut requests = self.requests.borrow_mut();
        let at = requests.iter().position(|(id, _)| *id == attempt)?;
        self.network_failure.replace(JsValue::UNDEFINED);
        Some(requests.swap_remove(at).1)
    }

    /// A server that quotes what it was sent must not put the client's secret into an error.
    fn redact(&self, answer: &mut Answer) {
        if let ClientAuthentication::SecretBasic(secret) | ClientAuthentication::SecretPost(secret) =
            &self.settings.client.authentication
            && let Meaning::Refused(response) = &mut answer.meaning
        {
            response.error = redact(&response.error, secret.expose());
            response.description = redact(&response.description, secret.expose());
        }
    }

    fn revoke(self: &Rc<Self>, call: CallId, tokens: &[RefreshToken]) {
        let Some(endpoint) = &self.settings.revocation_endpoint else {
            return self.push(Input::Revoked(call, false));
        };
        let pending = Rc::new(Cell::new(tokens.len()));
        let all = Rc::new(Cell::new(true));
        for refresh_token in tokens {
            let request = RevocationRequest { refresh_token };
            let request = request.prepare(endpoint, &self.settings.client);
            let driver = Rc::clone(self);
            let (pending, all) = (Rc::clone(&pending), Rc::clone(&all));
            let signal = fetch::deadline(self.timeout_ms);
            fetch::post(request, signal, true, move |answer| {
                let done = answer.is_ok_and(|it| (200..300).contains(&it.status));
                all.set(all.get() && done);
                pending.set(pending.get() - 1);
                if pending.get() == 0 {
                    driver.push(Input::Revoked(call, all.get()));
                }
            });
        }
    }
}
