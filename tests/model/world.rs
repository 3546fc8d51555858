//! The model's state: the real engines, and everything between them.
//!
//! Four things keep it small without leaving an ordering out.
//!
//! - **An access of the store, a lock request and a look take effect in the step that asks for
//!   them; only their answers are steps of their own.** A later effect is the same as a later
//!   delivery of the input that caused it: no engine shows anything to the others in between.
//! - **An attempt's own lock is granted at once.** Nobody else asks for it, and being granted it
//!   shows nothing; what it may start, a reading, is covered by the line above.
//! - **Time passes only when nothing local is under way** (a request on the network may be, within
//!   `delays`, and for some seconds a message of the channel), and only to the next timer of a tab
//!   that is not frozen. A tab that is slower than its timer is a frozen one.
//! - **Equal states are equal**: after each passing of time all clocks are set back to [`NOW`] and
//!   the store's `seq` to [`SEQ`]; random numbers are drawn by each tab for itself, in order, and
//!   are multiples of every back-off's range, so that each back-off is the shortest.

use std::sync::Arc;

use evergrant::oauth::ClientSecret;
use evergrant::session::time::{Moment, Mono, Rebase, Shift, Wall};
use evergrant::session::{
    AttemptId, CallId, Config, Engine, Input, LineageId, Lock, LockKind, Purpose, Reason, Record,
};

use crate::locks::Locks;
use crate::properties::Fault;
use crate::server::{Outcome, Reuse, Server};

/// The time of every state.
pub(crate) const NOW: u64 = 1_000_000_000;
/// The store's `seq` whenever time has passed.
const SEQ: u64 = 1_000;
/// How long access tokens live: refreshed after 48 s, dead after 60.
pub(crate) const LIFE_S: u64 = 60;
/// A wait that is longer than this is one for the next round, not for something under way.
const LONG_MS: u64 = 20_000;
/// Random numbers of one tab, the last of them for the first sign-in.
const DRAWS: u64 = 16;
const FIRST: u64 = DRAWS - 1;
/// The least common multiple of 1001, 2001, 4001 and 8001: see the module's last point.
const EVEN: u64 = 3_053_684_305_667;

/// What may still happen, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    /// Waits for the next automatic refresh.
    pub(crate) rounds: u8,
    /// `getAccessToken`.
    pub(crate) calls: u8,
    /// `getAccessToken` with `forceRefresh`.
    pub(crate) forced: u8,
    /// `signOut`, with revocation.
    pub(crate) sign_outs: u8,
    /// `setTokens`, each with a new grant.
    pub(crate) sign_ins: u8,
    /// A tab's process dies, and the tab starts again.
    pub(crate) crashes: u8,
    /// A request fails before it reaches the server.
    pub(crate) lost_requests: u8,
    /// A request fails after it reached the server.
    pub(crate) lost_answers: u8,
    /// A request fails, and reaches the server afterwards.
    pub(crate) late_requests: u8,
    /// Timers that fire while a request is on the network.
    pub(crate) delays: u8,
    /// The family lock is taken by force, as later versions do.
    pub(crate) steals: u8,
    /// A tab freezes.
    pub(crate) freezes: u8,
    /// Timers that fire in other tabs meanwhile.
    pub(crate) naps: u8,
    /// The server ends the grant of its own accord.
    pub(crate) withdrawals: u8,
}

impl Left {
    /// Whether nothing goes wrong but what the applications ask for.
    pub(crate) fn calm(&self) -> bool {
        self.fair() && self.lost_requests == 0 && self.steals == 0
    }

    /// Whether every answer of the server's reaches the tab that asked.
    pub(crate) fn fair(&self) -> bool {
        let Self {
            crashes,
            lost_answers,
            late_requests,
            delays,
            freezes,
            withdrawals,
            ..
        } = self;
        let unfair = [
            crashes,
            lost_answers,
            late_requests,
            delays,
            freezes,
            withdrawals,
        ];
        unfair.into_iter().all(|left| *left == 0)
    }
}

/// How a scenario begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// All tabs have started, and have a fresh access token.
    Warm,
    /// All tabs are about to start, and the access token is dead.
    Cold,
}

/// The state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) tabs: Vec<Arc<Tab>>,
    pub(crate) store: Option<Arc<Record>>,
    pub(crate) locks: Locks,
    pub(crate) requests: Vec<Request>,
    pub(crate) revocations: Vec<Revocation>,
    pub(crate) server: Server,
    pub(crate) left: Left,
    /// Which sign-in belongs to which of the server's grants.
    pub(crate) lineages: Vec<(LineageId, usize)>,
    /// Lineages that a tab was told to sign out.
    pub(crate) signed_out: Vec<LineageId>,
    /// Tokens that have been in the store.
    pub(crate) saved: Vec<usize>,
    /// Nothing goes wrong but what the applications ask for.
    pub(crate) calm: bool,
    pub(crate) fault: Option<Fault>,
}

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    /// What is on its way to the engine.
    pub(crate) inbox: Vec<Input>,
    pub(crate) timer: Option<Mono>,
    /// Calls that are not settled.
    pub(crate) calls: Vec<Call>,
    /// What it shows to the application, once it has read the record.
    pub(crate) shown: Option<Shown>,
    pub(crate) frozen: bool,
    /// Random numbers it has used up.
    drawn: u64,
    called: u32,
}

/// A call that is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    /// The session it was made in.
    pub(crate) lineage: Option<LineageId>,
}

/// What a tab shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shown {
    pub(crate) session: Option<(LineageId, u64)>,
    pub(crate) ended: Option<Reason>,
}

/// A refresh request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Request {
    /// Who waits for the answer; nobody, if the tab died or gave up.
    pub(crate) tab: Option<usize>,
    pub(crate) attempt: AttemptId,
    pub(crate) token: usize,
    /// What the server said, once it has.
    pub(crate) outcome: Option<Outcome>,
}

/// A revocation request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Revocation {
    pub(crate) tab: usize,
    pub(crate) purpose: Purpose,
    pub(crate) tokens: Vec<usize>,
}

impl World {
    /// Signed in, in a first tab that is gone.
    pub(crate) fn new(tabs: usize, start: Start, reuse: Reuse, left: Left) -> Self {
        let mut world = Self {
            tabs: Vec::new(),
            store: None,
            locks: Locks::default(),
            requests: Vec::new(),
            revocations: Vec::new(),
            server: Server::new(reuse),
            left,
            lineages: Vec::new(),
            signed_out: Vec::new(),
            saved: Vec::new(),
            calm: left.calm(),
            fault: None,
        };
        world.tabs.push(Tab::new());
        world.tab(0).drawn = FIRST;
        world.drain();
        world.sign_in(0);
        world.drain();
        if start == Start::Cold {
            world.pass(2 * 1_000 * LIFE_S);
        }
        world.tabs = (0..tabs).map(|_| Tab::new()).collect();
        if start == Start::Warm {
            world.drain();
        }
        world
    }

    /// Delivers everything there is, in order.
    fn drain(&mut self) {
        for tab in 0..self.tabs.len() {
            while !self.tabs[tab].inbox.is_empty() {
                self.deliver(tab, 0);
            }
        }
    }

    pub(crate) fn tab(&mut self, tab: usize) -> &mut Tab {
        Arc::make_mut(&mut self.tabs[tab])
    }

    /// Hands one of the inputs on its way to the engine.
    pub(crate) fn deliver(&mut self, tab: usize, at: usize) {
        let input = self.tab(tab).inbox.remove(at);
        self.hand(tab, input);
    }

    pub(crate) fn hand(&mut self, tab: usize, input: Input) {
        let it = self.tab(tab);
        let random = (((tab as u64) * DRAWS + it.drawn + 1) * EVEN) << 11;
        let now = Moment {
            wall: Wall(NOW),
            mono: Mono(NOW),
            random,
        };
        let begins = matches!(input, Input::SetTokens(..));
        let effects = it.engine.handle(&now, input);
        let own = effects.iter().any(|effect| {
            let id = AttemptId::random(&now);
            *effect == evergrant::session::Effect::Request(Lock::attempt(id))
        });
        it.drawn += u64::from(begins || own);
        for effect in effects {
            self.run(tab, effect);
        }
        let own =
            |input: &Input| matches!(input, Input::Granted(lock) if lock.kind == LockKind::Attempt);
        if let Some(at) = self.tabs[tab].inbox.iter().position(own) {
            self.deliver(tab, at);
        }
    }

    /// An application's call.
    pub(crate) fn call(&mut self, tab: usize, input: impl FnOnce(CallId) -> Input) {
        let it = self.tab(tab);
        it.called += 1;
        let id = CallId(it.called);
        let session = it.shown.and_then(|shown| shown.session);
        let lineage = session.map(|(lineage, _)| lineage);
        it.calls.push(Call { id, lineage });
        self.hand(tab, input(id));
    }

    pub(crate) fn sign_in(&mut self, tab: usize) {
        let tokens = Box::new(self.server.sign_in());
        self.call(tab, |call| Input::SetTokens(call, tokens, Wall(NOW)));
    }

    /// The tab's process dies: its locks go, its requests go on without it, and it starts again.
    pub(crate) fn crash(&mut self, tab: usize) {
        for lock in self.locks.of(tab) {
            self.release(tab, lock);
        }
        self.requests
            .retain(|r| r.tab != Some(tab) || r.outcome.is_none());
        for request in &mut self.requests {
            request.tab = request.tab.filter(|it| *it != tab);
        }
        self.revocations.retain(|r| r.tab != tab);
        let drawn = self.tabs[tab].drawn;
        self.tabs[tab] = Tab::new();
        self.tab(tab).drawn = drawn;
        self.forget_late();
    }

    /// The next timer: when, and whose it may be.
    pub(crate) fn next_timer(&self) -> Option<(u64, Vec<usize>)> {
        let timers = self.tabs.iter().enumerate();
        let timers = timers.filter(|(_, tab)| !tab.frozen);
        let timers: Vec<_> = timers.filter_map(|(i, t)| Some((i, t.timer?))).collect();
        let first = timers.iter().map(|(_, at)| at.0.max(NOW)).min()?;
        let whose = timers.iter().filter(|(_, at)| at.0.max(NOW) == first);
        Some((first - NOW, whose.map(|(tab, _)| *tab).collect()))
    }

    /// Whether something local is under way, which is done long before a second has passed.
    pub(crate) fn busy(&self, ms: u64) -> bool {
        let local = |input: &Input| match input {
            Input::Start => false,
            Input::Announced(_) => World::long(ms),
            _ => true,
        };
        let mut awake = self.tabs.iter().filter(|tab| !tab.frozen);
        awake.any(|tab| tab.inbox.iter().any(local))
            || self.revocations.iter().any(|r| !self.tabs[r.tab].frozen)
    }

    /// Whether a tab that is awake waits for the server.
    pub(crate) fn waits_for_server(&self) -> bool {
        let mut senders = self.requests.iter().filter_map(|r| r.tab);
        senders.any(|tab| !self.tabs[tab].frozen)
    }

    /// Whether this is a wait for the next round.
    pub(crate) fn long(ms: u64) -> bool {
        ms > LONG_MS
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, ms: u64) {
        let seq = self.store.as_ref().map_or(0, |record| record.seq - SEQ);
        let shift = Shift {
            wall: ms,
            mono: ms,
            seq,
        };
        for tab in 0..self.tabs.len() {
            let it = self.tab(tab);
            it.engine.rebase(&shift);
            it.timer.rebase(&shift);
            for input in &mut it.inbox {
                match input {
                    Input::Read(_, Ok(Some(record))) => record.rebase(&shift),
                    Input::Announced(announced) => *announced = announced.saturating_sub(seq),
                    _ => {}
                }
            }
        }
        if let Some(record) = &mut self.store {
            record.rebase(&shift);
        }
    }

    /// The network forgets what would come too late for anybody.
    pub(crate) fn forget_late(&mut self) {
        let server = &self.server;
        self.requests
            .retain(|r| r.tab.is_some() || !server.too_late(r.token));
    }
}

impl Tab {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            engine: Engine::new(Config {
                issuer: "https://as.example".into(),
                client_secret: ClientSecret::default(),
                automatic: true,
                leeway_ms: 60_000,
                jitter_ms: 0,
                timeout_ms: 1_000,
                grace_ms: 0,
                refresh_lifetime_ms: None,
                pause_when_hidden: false,
            }),
            inbox: vec![Input::Start],
            timer: None,
            calls: Vec::new(),
            shown: None,
            frozen: false,
            drawn: 0,
            called: 0,
        })
    }
}
