//! A small world for the engine: tabs, one store, locks, a channel, a server, and virtual time.
//! Everything happens in a fixed order, and only when the test says so.

#[path = "world/calls.rs"]
mod calls;
#[path = "world/clock.rs"]
mod clock;
#[path = "world/damage.rs"]
mod damage;
#[path = "world/errand.rs"]
mod errand;
#[path = "world/keeper.rs"]
mod keeper;
#[path = "world/life.rs"]
mod life;
#[path = "world/locks.rs"]
mod locks;
#[path = "world/log.rs"]
mod log;
#[path = "world/network.rs"]
mod network;
#[path = "world/order.rs"]
mod order;
#[path = "world/store.rs"]
mod store;
#[path = "world/tab.rs"]
mod tab;
#[path = "world/witness.rs"]
mod witness;

pub(crate) use calls::{forced, living, refused, resource, target};
pub(crate) use keeper::Keeper;
pub(crate) use network::{Request, answer_with_nonce, reply, reply_after, reply_with_nonce};
pub(crate) use order::Order;
pub(crate) use store::StoreMode;
pub(crate) use tab::Tab;
pub(crate) use witness::Witness;

use evergrant::oauth::{ClientSecret, RefreshToken};
use evergrant::session::time::{Moment, Mono, Wall};
use evergrant::session::{
    AttemptId, Binding, Code, Config, Effect, Holder, Input, LineageId, Lock, LockKind, Record,
    Reply,
};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::server::Server;
use locks::Locks;
use order::Due;

/// When every test begins.
pub(crate) const START: u64 = 1_760_000_000_000;

/// The settings of the tests' clients: five-second timeouts, no jitter.
pub(crate) fn config() -> Config {
    Config {
        issuer: "https://as.example/token".into(),
        client_secret: ClientSecret::default(),
        automatic: true,
        leeway_ms: 60_000,
        jitter_ms: 0,
        timeout_ms: 5_000,
        grace_ms: 0,
        refresh_lifetime_ms: None,
        discovers: false,
        pause_when_hidden: false,
    }
}

/// What becomes of announcements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Works,
    Drops,
    Doubles,
}

/// The world.
pub(crate) struct World {
    pub(crate) now: Moment,
    pub(crate) store: Option<Record>,
    /// The store holds something that is no record.
    pub(crate) garbage: bool,
    /// The record is there, and cannot be read.
    pub(crate) unreadable: bool,
    /// The record as it was last read: reading the same one again costs nothing.
    read: Option<Arc<Record>>,
    pub(crate) channel: Channel,
    pub(crate) keeper: Keeper,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) server: Server,
    /// Requests that have been sent and not answered; the test answers them if `hold` is set.
    pub(crate) requests: Vec<Request>,
    /// What came of those that are answered, until their attempts' locks are let go.
    answered: Vec<(usize, AttemptId, Reply)>,
    /// When the page aborts what a failed engine had sent.
    orphans: Vec<(Mono, usize, AttemptId)>,
    /// Requests whose tab has died.
    pub(crate) stray: Vec<Request>,
    pub(crate) hold: bool,
    /// What comes of getting a request ready; none: that takes for ever.
    pub(crate) prepares: Option<Result<(), Code>>,
    /// What requests were got ready for: bound to what, and whether the time was to be learnt.
    pub(crate) prepared: Vec<(Option<Binding>, bool)>,
    /// The one that was to be got ready last.
    pub(crate) preparing: Option<AttemptId>,
    /// Every request is lost before it reaches the server.
    pub(crate) cut: bool,
    /// A request that is given up is still under way.
    pub(crate) aborted_arrive: bool,
    /// Nobody can see who holds an attempt's lock.
    pub(crate) blind: bool,
    pub(crate) sent: usize,
    /// How often a request was sent while another tab waited for an answer.
    pub(crate) overlaps: usize,
    /// How often a tab took a lock by force.
    pub(crate) stolen: usize,
    pub(crate) revoked: Vec<RefreshToken>,
    pub(crate) writes: usize,
    /// Nobody is told what the locks look like.
    pub(crate) looks_hang: bool,
    /// Happens right before the next look at the locks.
    pub(crate) before_look: Option<fn(&mut Self)>,
    /// Access tokens that were handed out before they were stored.
    pub(crate) unsaved: Vec<String>,
    saved: BTreeSet<String>,
    /// Sessions that have ended.
    over: BTreeSet<LineageId>,
    hung: Vec<(usize, Effect)>,
    locks: Locks,
    under_way: VecDeque<Due>,
    order: Order,
    /// Inputs since time has last passed.
    at_once: u32,
    /// How long the machine has slept, which only the wall clock knows.
    slept: u64,
    /// Judges what happens, where a test wants that.
    pub(crate) witness: Option<Witness>,
    /// What has happened, line by line, where somebody will read it.
    pub(crate) log: Option<Vec<String>>,
}

impl World {
    /// A world with `tabs` started clients and an empty store.
    pub(crate) fn new(tabs: usize) -> Self {
        Self::with(tabs, config())
    }

    pub(crate) fn with(tabs: usize, config: Config) -> Self {
        let mut world = Self {
            now: Moment {
                wall: Wall(START),
                mono: Mono(1_000),
                random: 1,
            },
            store: None,
            garbage: false,
            unreadable: false,
            read: None,
            channel: Channel::Works,
            tabs: Vec::new(),
            server: Server::default(),
            requests: Vec::new(),
            answered: Vec::new(),
            orphans: Vec::new(),
            stray: Vec::new(),
            hold: false,
            prepares: Some(Ok(())),
            prepared: Vec::new(),
            preparing: None,
            cut: false,
            aborted_arrive: false,
            blind: false,
            sent: 0,
            overlaps: 0,
            stolen: 0,
            revoked: Vec::new(),
            writes: 0,
            looks_hang: false,
            before_look: None,
            unsaved: Vec::new(),
            saved: BTreeSet::new(),
            over: BTreeSet::new(),
            hung: Vec::new(),
            locks: Locks::default(),
            under_way: VecDeque::new(),
            keeper: Keeper::default(),
            order: Order::default(),
            at_once: 0,
            slept: 0,
            witness: None,
            log: None,
        };
        for _ in 0..tabs {
            world.open(config.clone());
        }
        world
    }

    /// A world whose first tab has signed in: an access token of 60 s, the server's first pair.
    pub(crate) fn signed_in(tabs: usize) -> Self {
        Self::signed_in_with(tabs, config())
    }

    pub(crate) fn signed_in_with(tabs: usize, config: Config) -> Self {
        let mut world = Self::with(tabs, config);
        world.sign_in(0);
        world.forget();
        world
    }

    /// Opens one more tab; its number.
    pub(crate) fn open(&mut self, config: Config) -> usize {
        self.open_with(config, StoreMode::Works)
    }

    pub(crate) fn open_with(&mut self, config: Config, store: StoreMode) -> usize {
        self.begin(config, store, Input::Start)
    }

    /// Opens a tab whose first input is `start`.
    pub(crate) fn begin(&mut self, config: Config, store: StoreMode, start: Input) -> usize {
        self.tabs.push(Tab::new(config, store, self.now.mono));
        let tab = self.tabs.len() - 1;
        self.start(tab, start);
        tab
    }

    /// Forgets what the tabs were told so far.
    pub(crate) fn forget(&mut self) {
        for tab in &mut self.tabs {
            tab.events.clear();
            tab.settled.clear();
        }
    }

    /// Hands an input to a tab, and lets everything follow that follows at once.
    pub(crate) fn send(&mut self, tab: usize, input: Input) {
        self.due(tab, input);
        self.settle();
    }

    /// An input is under way to a tab.
    fn due(&mut self, tab: usize, input: Input) {
        self.under_way.push_back(Due::Tab(tab, input));
    }

    fn settle(&mut self) {
        while let Some(due) = self.order.next(&mut self.under_way) {
            let (tab, input) = match due {
                Due::Tab(tab, input) | Due::Word(tab, input) => (tab, input),
                Due::Keeper(id, sign) => {
                    self.keeper_hears(id, sign);
                    continue;
                }
            };
            if !self.tabs[tab].alive || (self.tabs[tab].closed && !asks(&input)) {
                continue;
            }
            if self.tabs[tab].frozen {
                self.tabs[tab].waiting.push_back(input);
                continue;
            }
            self.at_once += 1;
            assert!(self.at_once < 20_000, "it never comes to rest");
            self.now.random = self.now.random.wrapping_mul(6_364_136_223_846_793_005);
            self.now.random = self.now.random.wrapping_add(1_442_695_040_888_963_407);
            match &input {
                Input::SignOut(..) => self.signs_out(tab),
                Input::Answered(id, reply) => {
                    self.keeper.handed_over(tab, *id);
                    self.receives(reply);
                }
                _ => {}
            }
            let effects = self.tabs[tab].engine.handle(&self.now, input);
            for effect in effects {
                self.run(tab, effect);
            }
        }
    }

    fn run(&mut self, tab: usize, effect: Effect) {
        self.tell_of(tab, &effect);
        match effect {
            Effect::Read(_) | Effect::Write { .. } => self.access(tab, effect),
            Effect::Request(lock) => self.request(tab, lock),
            Effect::Steal(lock) => self.steal(tab, lock),
            Effect::Release(lock) => {
                self.answered
                    .retain(|(_, id, _)| Lock::attempt(*id) != lock);
                self.release(tab, lock);
                self.keeper_let_go(tab, lock);
            }
            Effect::Look(locks) => {
                if let Some(happens) = self.before_look.take() {
                    happens(self);
                }
                let seen = |lock: Lock| match lock.kind {
                    LockKind::Attempt if self.blind => Some((lock, Holder::UNSEEN)),
                    _ => Some((lock, self.holder(lock)?)),
                };
                let seen = locks.into_iter().filter_map(seen).collect();
                self.under_way
                    .retain(|due| !matches!(due, Due::Tab(of, Input::Seen(_)) if *of == tab));
                if !self.looks_hang {
                    self.due(tab, Input::Seen(seen));
                }
            }
            Effect::Prepare {
                attempt,
                binding,
                late,
            } => {
                self.prepared.push((binding, late));
                self.preparing = Some(attempt);
                if let Some(result) = self.prepares {
                    self.due(tab, Input::Prepared(attempt, result));
                }
            }
            Effect::Send {
                attempt,
                posted,
                refresh_token,
                target,
            } => {
                let request = Request {
                    tab,
                    attempt,
                    token: refresh_token,
                    target,
                    carried: posted,
                };
                if posted {
                    self.post(request);
                } else {
                    self.transmit(request);
                }
            }
            Effect::Abort(attempt) => self.abort(tab, attempt),
            Effect::Revoke(call, tokens) => {
                for token in &tokens {
                    self.server.revoke(token);
                }
                self.revoked.extend(tokens);
                self.due(tab, Input::Revoked(call, true));
            }
            Effect::Announce(seq) => self.announce(tab, seq),
            Effect::WakeAt(at) => self.tabs[tab].timer = (at != Mono::NEVER).then_some(at),
            Effect::Publish(published) => {
                self.shown(tab, &published);
                self.tabs[tab].published = *published;
                self.tabs[tab].ready = true;
            }
            Effect::Emit(event) => {
                self.told(tab, &event);
                self.tabs[tab].events.push(event);
            }
            Effect::Settle(call, settled) => self.settled_with(tab, call, settled),
            Effect::Closed => self.tabs[tab].closed = true,
        }
    }

    fn announce(&mut self, tab: usize, seq: u64) {
        let times = match self.channel {
            Channel::Works => 1,
            Channel::Drops => 0,
            Channel::Doubles => 2,
        };
        for other in (0..self.tabs.len()).filter(|other| *other != tab) {
            for _ in 0..times {
                self.due(other, Input::Announced(seq));
            }
        }
    }
}

/// Whether it is a call: one on a closed client is settled, and nothing else reaches it.
fn asks(input: &Input) -> bool {
    matches!(
        input,
        Input::GetToken(..) | Input::SetTokens(..) | Input::SignOut(..) | Input::Close
    )
}
