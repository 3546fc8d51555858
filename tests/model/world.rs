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
//!   `delays`, a step of the keeper's, within `slow`, and for some seconds a message of the channel),
//!   and only to the next timer of a tab that is not frozen. A tab that is slower than its timer is a
//!   frozen one.
//! - **Equal states are equal**: after each passing of time all clocks are set back to [`NOW`] and
//!   the store's `seq` to [`SEQ`]; random numbers are drawn by each tab for itself, in order, and
//!   are multiples of every back-off's range, so that each back-off is the shortest; and what comes
//!   to a tab from different sources has no order until it is delivered.

use std::sync::Arc;

use evergrant::oauth::ClientSecret;
use evergrant::session::time::{Moment, Mono, Rebase, Shift, Wall};
use evergrant::session::{
    AttemptId, CallId, Config, Effect, Engine, Input, LineageId, Lock, LockKind, Purpose, Reason,
    Record, Target,
};

use crate::errands::{Errand, KEEPER, Keeping};
use crate::left::Left;
use crate::locks::Locks;
use crate::properties::Fault;
use crate::server::{Outcome, Reuse, Server};

/// The time of every state.
pub(crate) const NOW: u64 = 1_000_000_000;
/// The store's `seq` whenever time has passed.
const SEQ: u64 = 1_000;
/// How long access tokens live: refreshed after 48 s, dead after 60.
pub(crate) const LIFE_S: u64 = 60;
/// How long requests may take.
pub(crate) const TIMEOUT_MS: u64 = 1_000;
/// A wait that is longer than this is one for the next round, not for something under way.
const LONG_MS: u64 = 20_000;
/// Random numbers of one tab, the last of them for the first sign-in.
const DRAWS: u64 = 16;
const FIRST: u64 = DRAWS - 1;
/// The least common multiple of 1001, 2001, 4001 and 8001: see the module's last point.
const EVEN: u64 = 3_053_684_305_667;

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
    /// What has been posted to the keeper.
    pub(crate) errands: Vec<Errand>,
    pub(crate) keeping: Keeping,
    /// The keeper has stopped.
    pub(crate) hangs: bool,
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
    /// The store refuses the next write.
    pub(crate) refuses: bool,
    /// Ends that the record told of when somebody cleared the storage.
    pub(crate) cleared: Option<Vec<(LineageId, Reason)>>,
    pub(crate) fault: Option<Fault>,
}

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    /// What is on its way to the engine, and where it comes from.
    pub(crate) inbox: Vec<(&'static str, Input)>,
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
    /// It wants the other resource's token.
    pub(crate) other: bool,
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
    /// Which tab waits for the answer, or [`KEEPER`]; nobody, if that died or gave up.
    pub(crate) sender: Option<usize>,
    pub(crate) attempt: AttemptId,
    pub(crate) token: usize,
    /// It asks for the other resource's token.
    pub(crate) other: bool,
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
    pub(crate) fn new(
        tabs: usize,
        start: Start,
        reuse: Reuse,
        keeping: Keeping,
        left: Left,
    ) -> Self {
        let mut world = Self {
            tabs: Vec::new(),
            store: None,
            locks: Locks::default(),
            requests: Vec::new(),
            errands: Vec::new(),
            keeping,
            hangs: false,
            revocations: Vec::new(),
            server: Server::new(reuse),
            left,
            lineages: Vec::new(),
            signed_out: Vec::new(),
            saved: Vec::new(),
            calm: left.calm(),
            refuses: false,
            cleared: None,
            fault: None,
        };
        world.tabs.push(Tab::new(Keeping::Off));
        world.tab(0).drawn = FIRST;
        world.drain();
        world.sign_in(0);
        world.drain();
        world.pass(match start {
            Start::Warm => 0,
            Start::Cold => 2 * 1_000 * LIFE_S,
        });
        world.tabs = (0..tabs).map(|_| Tab::new(keeping)).collect();
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
        let (_, input) = self.tab(tab).inbox.remove(at);
        let starts = input == Input::Start;
        self.hand(tab, input);
        if starts && self.keeping == Keeping::On {
            self.hand(tab, Input::Keeper(true));
        }
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
        let id = AttemptId::random(&now);
        let own = effects.iter().any(|effect| match effect {
            Effect::Request(lock) => [Lock::FAMILY, Lock::attempt(id)].contains(lock),
            Effect::Read(purpose) => [id.0, id.0 ^ 1].contains(&purpose.0),
            Effect::Send { attempt, .. } => *attempt == id,
            _ => false,
        });
        it.drawn += u64::from(begins || own);
        for effect in effects {
            self.run(tab, effect);
        }
        let own = |(_, input): &(_, Input)| matches!(input, Input::Granted(lock) if lock.kind == LockKind::Attempt);
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
        let input = input(id);
        let other = matches!(&input, Input::GetToken(_, want) if want.target != *Target::OWN);
        it.calls.push(Call { id, lineage, other });
        self.hand(tab, input);
    }

    pub(crate) fn sign_in(&mut self, tab: usize) {
        let tokens = Box::new(self.server.sign_in());
        self.call(tab, |call| Input::SetTokens(call, tokens, Wall(NOW), None));
    }

    /// The tab's process dies: its locks go, its requests go on without it, and it starts again.
    pub(crate) fn crash(&mut self, tab: usize) {
        for lock in self.locks.of(tab) {
            self.release(tab, lock);
        }
        self.abandon(|request| request.sender == Some(tab));
        for errand in &mut self.errands {
            errand.page = errand.page.filter(|it| *it != tab);
        }
        self.revocations.retain(|r| r.tab != tab);
        let drawn = self.tabs[tab].drawn;
        self.tabs[tab] = Tab::new(self.keeping);
        self.tab(tab).drawn = drawn;
    }

    /// Nobody waits any more for what comes of these requests.
    pub(crate) fn abandon(&mut self, which: impl Fn(&Request) -> bool) {
        self.requests.retain(|r| !which(r) || r.outcome.is_none());
        for request in self.requests.iter_mut().filter(|r| which(r)) {
            request.sender = None;
        }
        self.forget_late();
    }

    /// The next timer: when, and whose it may be; the keeper's by the number of its errand.
    pub(crate) fn next_timer(&self) -> Option<(u64, Vec<usize>)> {
        let timers = self.tabs.iter().enumerate();
        let timers = timers.filter(|(_, tab)| !tab.frozen);
        let timers = timers.filter_map(|(i, t)| Some((i, t.timer?)));
        let errands = self.errands.iter().enumerate();
        let errands = errands.filter(|_| !self.hangs);
        let errands = errands.filter_map(|(i, e)| Some((KEEPER + i, e.timer?)));
        let timers: Vec<_> = timers.chain(errands).collect();
        let first = timers.iter().map(|(_, at)| at.0.max(NOW)).min()?;
        let whose = timers.iter().filter(|(_, at)| at.0.max(NOW) == first);
        Some((first - NOW, whose.map(|(tab, _)| *tab).collect()))
    }

    /// Whether something local is under way, which is done long before a second has passed.
    pub(crate) fn busy(&self, ms: u64) -> bool {
        let local = |(_, input): &(_, Input)| match input {
            Input::Start | Input::Keeper(_) => false,
            Input::Announced(_) => World::long(ms),
            _ => true,
        };
        let mut awake = self.tabs.iter().filter(|tab| !tab.frozen);
        awake.any(|tab| tab.inbox.iter().any(local))
            || self.revocations.iter().any(|r| self.awake(r.tab))
            || (World::long(ms) && self.keeper_is_slow())
    }

    /// Whether this tab, or the keeper, can go on.
    pub(crate) fn awake(&self, who: usize) -> bool {
        match self.tabs.get(who) {
            Some(tab) => !tab.frozen,
            None => !self.hangs,
        }
    }

    /// Whether a tab is frozen, or the keeper hangs.
    pub(crate) fn frozen(&self) -> bool {
        self.hangs || self.tabs.iter().any(|tab| tab.frozen)
    }

    /// Whether somebody who is awake waits for the server.
    pub(crate) fn waits_for_server(&self) -> bool {
        let mut senders = self.requests.iter().filter_map(|r| r.sender);
        senders.any(|who| self.awake(who))
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
            for (_, input) in &mut it.inbox {
                match input {
                    Input::Read(_, Ok(Some(record))) => record.rebase(&shift),
                    Input::Announced(announced) => *announced = announced.saturating_sub(seq),
                    _ => {}
                }
            }
        }
        self.store.rebase(&shift);
        self.errands.rebase(&shift);
    }

    /// The network forgets what would come too late for anybody.
    pub(crate) fn forget_late(&mut self) {
        let server = &self.server;
        self.requests
            .retain(|r| r.sender.is_some() || !server.too_late(r.token));
    }
}

impl Tab {
    /// Something is on its way to the engine. What comes from different sources has no order.
    pub(crate) fn receive(&mut self, from: &'static str, input: Input) {
        let at = self.inbox.partition_point(|(it, _)| *it <= from);
        self.inbox.insert(at, (from, input));
    }

    fn new(keeping: Keeping) -> Arc<Self> {
        let mut inbox = vec![("page", Input::Start)];
        if keeping == Keeping::Late {
            inbox.push(("page", Input::Keeper(true)));
        }
        Arc::new(Self {
            engine: Engine::new(Config {
                issuer: "https://as.example".into(),
                client_secret: ClientSecret::default(),
                automatic: true,
                leeway_ms: 60_000,
                jitter_ms: 0,
                timeout_ms: TIMEOUT_MS,
                grace_ms: 0,
                refresh_lifetime_ms: None,
                discovers: keeping == Keeping::Late,
                pause_when_hidden: false,
            }),
            inbox,
            timer: None,
            calls: Vec::new(),
            shown: None,
            frozen: false,
            drawn: 0,
            called: 0,
        })
    }
}
