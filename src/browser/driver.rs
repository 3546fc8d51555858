//! The driver: gives the engine its inputs, one after the other, and runs its effects.
//!
//! There is one inbox. Nothing is borrowed while JavaScript runs, so whatever happens inside an
//! effect may push another input; it queues. Listeners and promises come last, when all other
//! effects have been taken, so that whoever hears the news can see the newest state.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::json::JsJson;
use super::platform::Platform;
use super::{clock, fetch, order};
use crate::oauth::{Answer, Client, RefreshRequest, RefreshToken, RevocationRequest};
use crate::session::{
    AttemptId, Binding, Config, Durability, Effect, Engine, Entry, Holder, Input, Lock, Purpose,
    Record, Reply, Target,
    codec::{self, Tree},
};

/// Where the token requests go, and what goes with them.
#[derive(Default)]
pub struct Settings {
    /// The token endpoint; empty where it has to be looked up.
    pub token_endpoint: String,
    /// The revocation endpoint, likewise.
    pub revocation_endpoint: String,
    /// Who asks.
    pub client: Client,
    /// What a sign-in asks for (RFC 8707 §2.1).
    pub resource: Vec<String>,
    /// Parameters of the server's own.
    pub extra: Vec<(String, String)>,
}

impl Settings {
    /// Where a token is to be used if the call does not say. One of them: servers may give no token for
    /// several (RFC 8707 §2.2), and what they give where none is named differs.
    pub fn first_resource(&self) -> Option<&str> {
        self.resource.first().map(String::as_str)
    }
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
        let (mut news, mut told) = (Vec::new(), 0);
        loop {
            while let Some(mut effects) = self.next() {
                effects.retain(|effect| !self.run(effect));
                news.append(&mut effects);
            }
            let Some(effect) = news.get(told) else {
                break;
            };
            told += 1;
            (self.tell)(&self.platform, effect);
            if matches!(effect, Effect::Closed) {
                self.inbox.take();
            }
        }
        self.running.set(false);
    }

    /// Where requests go, and what goes with them.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The flight recorder, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<Entry> {
        self.engine.borrow().history().to_vec()
    }

    /// What came of an attempt.
    pub fn answered(&self, facts: JsJson) -> Reply {
        let answer = Answer::read::<JsJson>(fetch::answer(facts));
        Reply::Answer(Arc::new(answer))
    }

    /// Somebody holds a lock that is looked at.
    pub fn saw(&self, lock: Lock, holder: Holder) {
        self.seen.borrow_mut().push((lock, holder));
    }

    /// What has been seen, lock by lock.
    pub fn looked(&self) -> Vec<(Lock, Holder)> {
        self.seen.take()
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

    /// Runs an effect; false if it is news to the application, which hears of it when all is run.
    fn run(&self, effect: &Effect) -> bool {
        let platform = &self.platform;
        match effect {
            Effect::Read(purpose) => {
                platform.run(order::READ, purpose.0 as f64, 0.0);
            }
            Effect::Write {
                purpose,
                before,
                record,
                durability,
            } => self.write(*purpose, before.as_deref(), record, *durability),
            Effect::Request(lock) => self.lock(order::REQUEST, *lock),
            Effect::Steal(lock) => self.lock(order::STEAL, *lock),
            Effect::Release(lock) => self.lock(order::RELEASE, *lock),
            Effect::Look(locks) => {
                for lock in locks {
                    self.lock(order::LOOK, *lock);
                }
                platform.run(order::QUERY, 0.0, 0.0);
            }
            Effect::Prepare {
                attempt,
                binding,
                late,
            } => self.prepare(*attempt, binding.as_ref(), *late),
            Effect::Send {
                attempt,
                posted,
                refresh_token,
                target,
            } => self.send(*attempt, *posted, refresh_token, target),
            Effect::Abort(attempt) => platform.run(order::ABORT, attempt.0 as f64, 0.0),
            Effect::Revoke(purpose, tokens) => self.revoke(*purpose, tokens),
            Effect::Announce(seq) => platform.run(order::ANNOUNCE, *seq as f64, 0.0),
            Effect::WakeAt(due) => platform.run(order::WAKE_AT, due.0 as f64, 0.0),
            Effect::Publish(_) => (self.tell)(platform, effect),
            Effect::Emit(_) | Effect::Settle(..) | Effect::Closed => return false,
        }
        true
    }

    fn lock(&self, what: u32, lock: Lock) {
        self.platform
            .run(what, f64::from(lock.kind as u8), lock.id as f64);
    }

    fn write(
        &self,
        purpose: Purpose,
        before: Option<&Record>,
        record: &Record,
        durability: Durability,
    ) {
        let mut facts = JsJson::list();
        facts.add(&codec::encode(record));
        facts.add(&JsJson::flag(durability == Durability::Strict));
        if let Some(before) = before {
            facts.add_number(before.lineage_id().0);
            facts.add_number(before.seq);
        }
        self.platform
            .run_with(order::WRITE, purpose.0 as f64, 0.0, &facts);
    }

    fn prepare(&self, attempt: AttemptId, binding: Option<&Binding>, late: bool) {
        let mut facts = JsJson::list();
        facts.add_text(binding.map(|it| it.key.as_str()));
        facts.add_text(binding.and_then(|it| it.nonce.as_deref()));
        facts.add(&JsJson::flag(late));
        self.platform
            .run_with(order::READY, attempt.0 as f64, 0.0, &facts);
    }

    fn send(
        &self,
        attempt: AttemptId,
        posted: bool,
        refresh_token: &RefreshToken,
        target: &Target,
    ) {
        let settings = &self.settings;
        let request = RefreshRequest {
            refresh_token,
            scope: target.scope.as_deref(),
            resource: target.resource.as_deref().or(settings.first_resource()),
            extra: &settings.extra,
        };
        let request = request.prepare(&settings.token_endpoint, &settings.client);
        let (mut what, mut facts) = (order::PREPARE, JsJson::list());
        if posted {
            what = order::POST;
            // The keeper puts the token in.
            facts.add(&self.revocation(&RefreshToken::default()));
        }
        fetch::add_facts(&mut facts, &request);
        self.platform.run_with(what, attempt.0 as f64, 0.0, &facts);
    }

    /// The request that takes a token back.
    fn revocation(&self, refresh_token: &RefreshToken) -> JsJson {
        let settings = &self.settings;
        let request = RevocationRequest { refresh_token };
        let request = request.prepare(&settings.revocation_endpoint, &settings.client);
        let mut facts = JsJson::list();
        fetch::add_facts(&mut facts, &request);
        facts
    }

    fn revoke(&self, purpose: Purpose, tokens: &[RefreshToken]) {
        for refresh_token in tokens {
            let facts = self.revocation(refresh_token);
            self.platform.run_with(order::REVOKE, 0.0, 0.0, &facts);
        }
        self.platform.run(order::REVOKED_ALL, purpose.0 as f64, 0.0);
    }
}
