//! The driver: gives the engine its inputs, one after the other, and runs its effects.
//!
//! There is one inbox. Nothing is borrowed while JavaScript runs, so whatever happens inside an
//! effect may push another input; it queues. Listeners and promises come last, when all other
//! effects have been taken.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::json::JsJson;
use super::platform::{Platform, lock_number, purpose_number};
use super::{clock, fetch};
use crate::oauth::{
    Answer, Client, Meaning, RefreshRequest, RefreshToken, RevocationRequest, redact,
};
use crate::session::{
    AttemptId, CallId, Config, Durability, Effect, Engine, Entry, Holder, Input, Lock, Purpose,
    Record, Reply, StoreFailure, Target, codec,
};

/// Where the token requests go, and what goes with them.
#[derive(Default)]
pub struct Settings {
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

/// Tells the application what it sees and hears: of the effects, those that settle last.
pub type Tell = fn(&Platform, &Effect);

/// An engine on its platform.
pub struct Driver {
    engine: RefCell<Engine>,
    inbox: RefCell<Vec<Input>>,
    running: Cell<bool>,
    /// What has been seen of the locks that are looked at.
    seen: RefCell<Vec<(Lock, Holder)>>,
    settings: Settings,
    platform: Platform,
    tell: Tell,
}

impl Driver {
    /// A driver that has not begun.
    #[must_use]
    pub fn new(config: Config, settings: Settings, platform: Platform, tell: Tell) -> Self {
        Self {
            engine: RefCell::new(Engine::new(config)),
            inbox: RefCell::default(),
            running: Cell::new(false),
            seen: RefCell::default(),
            settings,
            platform,
            tell,
        }
    }

    /// Something happened.
    pub fn push(&self, input: Input) {
        self.inbox.borrow_mut().push(input);
        if self.running.replace(true) {
            return;
        }
        let (mut state, mut news) = (None, Vec::new());
        loop {
            while let Some(effects) = self.next() {
                for effect in effects {
                    match effect {
                        Effect::Publish(_) => state = Some(effect),
                        Effect::Emit(_) | Effect::Settle(..) | Effect::Closed => news.push(effect),
                        effect => self.run(&effect),
                    }
                }
            }
            // The newest state first, so that whoever hears the news can see it.
            let effect = match state.take() {
                Some(published) => published,
                None if news.is_empty() => break,
                None => news.remove(0),
            };
            (self.tell)(&self.platform, &effect);
            if matches!(effect, Effect::Closed) {
                self.inbox.take();
            }
        }
        self.running.set(false);
    }

    /// The flight recorder, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<Entry> {
        self.engine.borrow().history().to_vec()
    }

    /// What stands in the store.
    pub fn found(&self, purpose: Purpose, record: JsJson) {
        let found = match codec::decode(record) {
            Some(record) => Ok(Some(record)),
            None => {
                self.platform.run("unreadable", 0.0, 0.0);
                Err(StoreFailure::Unreadable)
            }
        };
        self.push(Input::Read(purpose, found));
    }

    /// An answer came.
    pub fn answered(&self, attempt: AttemptId, facts: &JsJson) {
        let now = clock::moment(&self.platform).wall;
        let mut answer = Answer::read::<JsJson>(fetch::answer(facts, now));
        self.redact(&mut answer);
        self.push(Input::Answered(attempt, Reply::Answer(Arc::new(answer))));
    }

    /// Somebody holds a lock that is looked at, or nobody does.
    pub fn saw(&self, lock: Lock, holder: Holder) {
        self.seen.borrow_mut().push((lock, holder));
    }

    /// All locks have been looked at.
    pub fn looked(&self) {
        self.push(Input::Seen(self.seen.take()));
    }

    /// What the engine makes of the next input.
    fn next(&self) -> Option<Vec<Effect>> {
        let now = clock::moment(&self.platform);
        let mut inbox = self.inbox.borrow_mut();
        if inbox.is_empty() {
            return None;
        }
        let input = inbox.remove(0);
        Some(self.engine.borrow_mut().handle(&now, input))
    }

    /// Runs an effect that the application does not hear of.
    fn run(&self, effect: &Effect) {
        let platform = &self.platform;
        match effect {
            Effect::Read(purpose) => {
                let (kind, id) = purpose_number(*purpose);
                platform.run("read", kind, id);
            }
            Effect::Write {
                purpose,
                before,
                record,
                durability,
            } => self.write(*purpose, before.as_deref(), record, *durability),
            Effect::Request(lock) => self.lock("request", *lock),
            Effect::Release(lock) => self.lock("release", *lock),
            Effect::Look(locks) => {
                for lock in locks {
                    self.lock("look", *lock);
                }
                platform.run("query", 0.0, 0.0);
            }
            Effect::Send {
                attempt,
                refresh_token,
                target,
            } => self.send(*attempt, refresh_token, target),
            Effect::Abort(attempt) => platform.run("abort", attempt.0 as f64, 0.0),
            Effect::Revoke(call, tokens) => self.revoke(*call, tokens),
            Effect::Announce(seq) => platform.run("announce", *seq as f64, 0.0),
            Effect::WakeAt(due) => platform.run("wakeAt", due.0 as f64, 0.0),
            Effect::Publish(_) | Effect::Emit(_) | Effect::Settle(..) | Effect::Closed => {}
        }
    }

    fn lock(&self, what: &str, lock: Lock) {
        let (kind, id) = lock_number(lock);
        self.platform.run(what, kind, id);
    }

    fn write(
        &self,
        purpose: Purpose,
        before: Option<&Record>,
        record: &Record,
        durability: Durability,
    ) {
        let mut facts = JsJson::object();
        if let Some(before) = before {
            facts.put_number("lineage", before.lineage_id().0 as f64);
            facts.put_number("seq", before.seq as f64);
        }
        facts.put("record", &codec::encode(record));
        facts.put_flag("strict", durability == Durability::Strict);
        let (kind, id) = purpose_number(purpose);
        self.platform.run_with("write", kind, id, &facts);
    }

    fn send(&self, attempt: AttemptId, refresh_token: &RefreshToken, target: &Target) {
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
        fetch::send(&self.platform, attempt.0 as f64, &request);
    }

    /// A server that quotes what it was sent must not put the client's secret into an error.
    fn redact(&self, answer: &mut Answer) {
        let secret = &self.settings.client.secret;
        if let Meaning::Refused(response) = &mut answer.meaning {
            response.error = redact(&response.error, secret.expose());
            response.description = redact(&response.description, secret.expose());
        }
    }

    fn revoke(&self, call: CallId, tokens: &[RefreshToken]) {
        if let Some(endpoint) = &self.settings.revocation_endpoint {
            for refresh_token in tokens {
                let request = RevocationRequest { refresh_token };
                let request = request.prepare(endpoint, &self.settings.client);
                let facts = fetch::facts(&request);
                self.platform.run_with("revoke", 0.0, 0.0, &facts);
            }
        }
        self.platform.run("revoked", call.0.into(), 0.0);
    }
}
