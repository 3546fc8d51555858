//! A world, and what is done to it, step by step: after each, the invariants hold. They are the
//! witness's, beside what the world asserts by itself; here stand those about calls, and how it ends.

#[path = "story/step.rs"]
mod step;

pub(crate) use step::Step;

use crate::server::Reuse;
use crate::world::{Channel, Witness, World};
use evergrant::session::time::Mono;
use evergrant::session::{CallId, Config, Input, Lock, Reason, Settled};

/// In which world it plays.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) tabs: usize,
    pub(crate) config: Config,
    pub(crate) reuse: Reuse,
    pub(crate) rotates: bool,
    pub(crate) lifetime_s: u64,
    /// How long refresh tokens live, and whether the server says so.
    pub(crate) refresh_s: Option<(u64, bool)>,
    /// Storage leases in the place of Web Locks: nobody can see who holds an attempt's.
    pub(crate) blind: bool,
    /// There is a keeper for every tab, or every second; none for 0.
    pub(crate) keeper: usize,
    /// Requests that are given up arrive all the same.
    pub(crate) aborted_arrive: bool,
    /// By what chance things arrive; 0 as they were sent.
    pub(crate) order: u64,
}

/// A world, and what has been done to it.
pub(crate) struct Story {
    pub(crate) world: World,
    config: Config,
    /// The tab that plays each part now.
    cast: Vec<usize>,
    calls: Vec<Call>,
    /// A pause that was asked for, or a clock that was set back, keeps a session quiet for so long.
    quiet_ms: u64,
}

/// A call that waits.
struct Call {
    tab: usize,
    id: CallId,
    at: Mono,
}

impl Story {
    pub(crate) fn new(setting: &Setting, logs: bool) -> Self {
        let config = setting.config.clone();
        let mut world = World::with(setting.tabs, config.clone());
        let server = &mut world.server;
        server.reuse = setting.reuse;
        server.rotates = setting.rotates;
        server.lifetime_s = setting.lifetime_s;
        if let Some((life, says)) = setting.refresh_s {
            server.refresh_ms = Some(life * 1_000);
            server.refresh_lifetime_s = says.then_some(life);
        }
        world.blind = setting.blind;
        world.aborted_arrive = setting.aborted_arrive;
        if setting.keeper > 0 {
            world.employ_keeper_of(setting.keeper);
        }
        world.witness = Some(Witness::default());
        world.log = logs.then(Vec::new);
        world.sign_in(0);
        world.forget();
        world.hold = true;
        if setting.order > 0 {
            world.shuffle(setting.order);
        }
        Self {
            world,
            config,
            cast: (0..setting.tabs).collect(),
            calls: Vec::new(),
            quiet_ms: 0,
        }
    }

    /// Everything: the steps, the end of waiting, and the end.
    pub(crate) fn runs(&mut self, steps: &[Step]) {
        for step in steps {
            self.happens(step);
        }
        self.waits();
        self.heals();
    }

    fn remember(&mut self, tab: usize, id: CallId) {
        let at = self.world.now.mono;
        self.calls.push(Call { tab, id, at });
    }

    /// Whoever waits is told in time: counted from its call, or from when its tab last stood still.
    fn check(&mut self) {
        let world = &self.world;
        let patience = self.config.patience_ms() + self.config.timeout_ms + 3_000;
        self.calls.retain(|call| {
            let tab = &world.tabs[call.tab];
            if !tab.alive || world.settled(call.tab, call.id).is_some() {
                return false;
            }
            let waited = world.now.mono.since(call.at.max(tab.frozen_at));
            assert!(
                tab.frozen || waited <= patience,
                "a call hangs: {:?} in tab {}",
                call.id,
                call.tab
            );
            true
        });
    }

    /// Every call is settled in bounded time, whatever still hangs.
    fn waits(&mut self) {
        self.world.log(usize::MAX, || "all thaw, and wait".into());
        for &tab in &self.cast {
            self.world.tabs[tab].freezes_after_write = false;
            if self.world.tabs[tab].frozen {
                self.world.thaw(tab);
            }
        }
        let patience = self.config.patience_ms() + self.config.timeout_ms;
        self.world.pass(patience + 3_001);
        self.check();
        assert!(self.calls.is_empty(), "a call hangs");
    }

    /// Everything works again.
    fn heals(&mut self) {
        let world = &mut self.world;
        world.log(usize::MAX, || "everything works again".into());
        world.hold = false;
        while !world.requests.is_empty() {
            world.answer_next();
        }
        world.channel = Channel::Works;
        if world.garbage {
            world.clear();
        }
        world.unreadable = false;
        world.prepares = Some(Ok(()));
        world.keeper.delay_ms = Some(0);
        world.keeper.freezes_after_write = false;
        world.keeper_thaws();
        world.unhang();
        world.release_from_outside(Lock::FAMILY);
        for slot in 0..self.cast.len() {
            if !world.tabs[self.cast[slot]].alive || world.tabs[self.cast[slot]].closing {
                world.crash(self.cast[slot]);
                self.cast[slot] = world.open(self.config.clone());
            }
            let tab = self.cast[slot];
            world.send(tab, Input::Visible(true));
            world.send(tab, Input::Online(true));
            world.send(tab, Input::Woke);
        }
        if self.quiet_ms > 0 {
            world.sleep(self.quiet_ms, true);
        }
        // The longest pause that a server has asked for is over, and what it refused for now is asked
        // again by whoever insists; at first that may be an answer that waits in the record.
        world.pass(125_000);
        for _ in 0..2 {
            world.force(self.cast[0]);
            world.pass(self.config.patience_ms());
            let stored = world.store.as_ref().and_then(|r| r.lineage.as_ref());
            if stored.is_some_and(|lineage| lineage.retry.is_some()) {
                world.pass(125_000);
            }
        }
        if world.blind {
            // Each tab waits for attempts whose locks it cannot see.
            world.pass(self.cast.len() as u64 * self.config.patience_ms());
        }
        self.check();
        let world = &mut self.world;
        let issuer = &self.config.issuer;
        let stored = |world: &World| {
            let ours = world.store.clone().filter(|r| r.issuer == *issuer);
            ours.and_then(|record| record.lineage)
        };
        let living = |world: &World| stored(world).map(|lineage| lineage.id);
        for &tab in &self.cast {
            let before = living(world);
            let call = world.get_token(tab);
            world.drain();
            if world.settled(tab, call).is_none() {
                world.pass(self.config.patience_ms());
            }
            let settled = world.settled(tab, call).expect("settled");
            let after = living(world);
            let known = world.session(tab).map(|s| s.lineage);
            if stored(world).is_some_and(|l| l.past(&world.now).is_some()) {
                // Over for whoever first sees it past its end; whoever knew it before goes by its own
                // clock, and may have nothing but the server's refusal. It stays where it is.
                let over = world.ended(tab) == Some(Reason::RefreshTokenExpired);
                assert!(over || known == after, "tabs disagree");
                continue;
            }
            assert_eq!(known, after, "tabs disagree");
            let served = matches!(settled, Ok(Settled::Token(_)));
            // It may have come to its known end meanwhile.
            let true_to_it = served == before.is_some() || served == after.is_some();
            assert!(true_to_it, "in the end: tab {tab} got {settled:?}");
        }
        assert!(!world.held(Lock::FAMILY), "the family lock is not let go");
    }
}
