//! Whatever happens, in whatever order, the invariants hold.

use crate::server::Reuse;
use crate::world::{Channel, StoreMode, World, config, reply_after};
use evergrant::session::{CallId, Degraded, Event, Input, Lock, Reason, Settled};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const TABS: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Get(usize),
    Force(usize),
    SignOut(usize),
    SignIn(usize),
    Pass(u64),
    /// The server answers the oldest request.
    Answer,
    LoseRequest,
    /// It asks to wait.
    Busy(u16),
    Store(usize, StoreMode),
    Unhang,
    Freeze(usize),
    FreezeAfterWrite(usize),
    Thaw(usize),
    Wake(usize),
    Online(usize, bool),
    Wall(i64),
    Channel(Channel),
    /// From here on: what a strict server may not forgive.
    LoseAnswer,
    /// Whether its request still reaches the server.
    Reload(usize, bool),
    Rob,
    /// An engine fails, and with it what it could not save.
    Fail(usize),
    /// Nothing forgives this.
    Clear,
}

fn gentle() -> impl Strategy<Value = Step> {
    let tab = 0..TABS;
    let modes = select(vec![
        StoreMode::Works,
        StoreMode::Fails,
        StoreMode::WritesFail,
        StoreMode::Hangs,
        StoreMode::WritesHang,
    ]);
    let channels = select(vec![Channel::Works, Channel::Drops, Channel::Doubles]);
    let times = select(vec![
        1_u64, 300, 1_000, 2_500, 5_000, 12_000, 48_000, 70_000,
    ]);
    prop_oneof![
        3 => tab.clone().prop_map(Step::Get),
        4 => tab.clone().prop_map(Step::Force),
        1 => tab.clone().prop_map(Step::SignOut),
        1 => tab.clone().prop_map(Step::SignIn),
        6 => times.prop_map(Step::Pass),
        6 => Just(Step::Answer),
        2 => Just(Step::LoseRequest),
        1 => select(vec![429, 503]).prop_map(Step::Busy),
        3 => (tab.clone(), modes).prop_map(|(tab, mode)| Step::Store(tab, mode)),
        2 => Just(Step::Unhang),
        1 => tab.clone().prop_map(Step::Freeze),
        1 => tab.clone().prop_map(Step::FreezeAfterWrite),
        2 => tab.clone().prop_map(Step::Thaw),
        1 => tab.clone().prop_map(Step::Wake),
        1 => (tab, any::<bool>()).prop_map(|(tab, online)| Step::Online(tab, online)),
        1 => select(vec![-3_600_000, 3_600_000]).prop_map(Step::Wall),
        1 => channels.prop_map(Step::Channel),
    ]
}

fn lossy() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => gentle(),
        1 => Just(Step::LoseAnswer),
        1 => (0..TABS, any::<bool>()).prop_map(|(tab, arrives)| Step::Reload(tab, arrives)),
        1 => Just(Step::Rob),
        1 => (0..TABS).prop_map(Step::Fail),
    ]
}

fn ruthless() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => lossy(),
        1 => Just(Step::Clear),
    ]
}

/// A world, and what has been done to it.
struct Story {
    world: World,
    /// The tab that plays each part now.
    cast: [usize; TABS],
    calls: Vec<(usize, CallId)>,
    signed_out: bool,
    cleared: bool,
    robbed: bool,
    set_back: bool,
}

impl Story {
    fn new(reuse: Reuse) -> Self {
        let mut world = World::signed_in(TABS);
        world.server.reuse = reuse;
        world.hold = true;
        Self {
            world,
            cast: [0, 1, 2],
            calls: Vec::new(),
            signed_out: false,
            cleared: false,
            robbed: false,
            set_back: false,
        }
    }

    fn happens(&mut self, step: &Step) {
        let world = &mut self.world;
        let cast = self.cast;
        // A frozen page calls nobody.
        let awake = |world: &World, tab: usize| !world.tabs[cast[tab]].frozen;
        match *step {
            Step::Get(t) if awake(world, t) => {
                let call = world.get_token(cast[t]);
                self.calls.push((cast[t], call));
            }
            Step::Force(t) if awake(world, t) => {
                let call = world.force(cast[t]);
                self.calls.push((cast[t], call));
            }
            Step::SignOut(t) if awake(world, t) => {
                self.signed_out = true;
                let call = world.sign_out(cast[t]);
                self.calls.push((cast[t], call));
            }
            Step::SignIn(t) if awake(world, t) => {
                self.signed_out = true;
                let call = world.sign_in(cast[t]);
                self.calls.push((cast[t], call));
            }
            Step::Pass(ms) => world.pass(ms),
            Step::Answer if !world.requests.is_empty() => world.answer_next(),
            Step::LoseRequest if !world.requests.is_empty() => world.lose_request(),
            Step::LoseAnswer if !world.requests.is_empty() => world.lose_answer(),
            Step::Busy(status) if !world.requests.is_empty() => {
                let request = world.take_request();
                world.deliver(&request, reply_after(status, "", Some("3")));
            }
            Step::Store(t, mode) => world.tabs[cast[t]].store = mode,
            Step::Unhang => world.unhang(),
            Step::Freeze(t) => world.freeze(cast[t]),
            Step::FreezeAfterWrite(t) => world.tabs[cast[t]].freezes_after_write = true,
            Step::Thaw(t) if !awake(world, t) => world.thaw(cast[t]),
            Step::Wake(t) => world.send(cast[t], Input::Woke),
            Step::Online(t, online) => world.send(cast[t], Input::Online(online)),
            Step::Wall(ms) => {
                self.set_back |= ms < 0;
                world.set_wall(ms);
            }
            Step::Channel(channel) => world.channel = channel,
            Step::Reload(t, arrives) => {
                world.crash(cast[t]);
                for request in std::mem::take(&mut world.stray) {
                    if arrives {
                        let _ = world.server.act(&request, world.now.wall);
                    }
                }
                self.cast[t] = world.open(config());
            }
            Step::Rob if world.held(Lock::FAMILY) => {
                self.robbed = true;
                world.rob(Lock::FAMILY);
            }
            Step::Fail(t) if awake(world, t) => {
                world.fail_engine(cast[t], config());
                // The page has told them.
                self.calls.retain(|(tab, _)| *tab != cast[t]);
            }
            Step::Clear => {
                self.cleared = true;
                world.store = None;
            }
            _ => {}
        }
        self.check();
    }

    fn check(&self) {
        let world = &self.world;
        let robbed = self.robbed || world.stolen > 0;
        assert!(robbed || world.overlaps == 0, "two requests at once");
        let what = Degraded::Storage;
        let in_memory = world
            .tabs
            .iter()
            .any(|tab| tab.events.contains(&Event::Degraded { what }));
        assert!(in_memory || world.unsaved.is_empty(), "handed out unsaved");
        for (reason, _) in world.tabs.iter().flat_map(|tab| tab.signed_out()) {
            let true_cause = match reason {
                Reason::SignedOut => self.signed_out,
                Reason::StorageCleared => self.cleared,
                Reason::RotationLost if world.server.reused > 0 => true,
                // Signed out elsewhere, and no store to learn it from.
                Reason::RotationLost | Reason::RefreshTokenRejected => in_memory && self.signed_out,
                _ => false,
            };
            assert!(true_cause, "no cause for {reason:?}");
        }
        let lineage = world.store.as_ref().and_then(|r| r.lineage.as_ref());
        if let Some(lineage) = lineage {
            let families = lineage
                .access
                .iter()
                .map(|grant| grant.token.expose())
                .chain(lineage.refresh.iter().map(|grant| grant.token.expose()))
                .map(|token| world.server.family(token));
            let families: std::collections::BTreeSet<_> = families.collect();
            assert_eq!(families.len(), 1, "lineages mixed");
        }
    }

    /// Every call is settled in bounded time, whatever still hangs.
    fn waits(&mut self) {
        for tab in self.cast {
            self.world.tabs[tab].freezes_after_write = false;
            if self.world.tabs[tab].frozen {
                self.world.thaw(tab);
            }
        }
        self.world.pass(config().patience_ms() + 3_000);
        self.check();
        for (tab, call) in &self.calls {
            let settled = self.world.settled(*tab, *call);
            assert!(
                settled.is_some() || !self.world.tabs[*tab].alive,
                "a call hangs: {call:?}"
            );
        }
    }

    /// Everything works again.
    fn heals(&mut self) {
        let world = &mut self.world;
        world.hold = false;
        while !world.requests.is_empty() {
            world.answer_next();
        }
        world.channel = Channel::Works;
        world.unhang();
        world.release_from_outside(Lock::FAMILY);
        for tab in self.cast {
            world.send(tab, Input::Online(true));
            world.send(tab, Input::Woke);
        }
        // A cool-down is believed for an hour where the clock was set back under it.
        world.pass(if self.set_back { 3_700_000 } else { 150_000 });
        self.check();
        let world = &mut self.world;
        let living = world
            .store
            .as_ref()
            .and_then(|r| r.lineage.as_ref())
            .map(|l| l.id);
        for tab in self.cast {
            let call = world.get_token(tab);
            world.pass(30_000);
            let settled = world.settled(tab, call).expect("settled");
            assert_eq!(
                world.session(tab).map(|s| s.lineage),
                living,
                "tabs disagree"
            );
            assert_eq!(matches!(settled, Ok(Settled::Token(_))), living.is_some());
        }
        assert!(!world.held(Lock::FAMILY));
    }
}

fn run(reuse: Reuse, steps: &[Step]) -> Story {
    let mut story = Story::new(reuse);
    for step in steps {
        story.happens(step);
    }
    story.waits();
    story.heals();
    story
}

/// So long that no test outlives it.
const FORGIVING: Reuse = Reuse::ForgivesSame { grace_ms: u64::MAX };

/// A case that fails becomes a test by its name; no file remembers it.
fn config_of(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config_of(300))]

    #[test]
    fn without_a_lost_answer_a_strict_server_never_refuses(steps in vec(gentle(), 1..60)) {
        let world = run(Reuse::Strict, &steps).world;
        // Who is robbed with its answer in hand, because it stood still, has lost it.
        prop_assert!(world.server.reused == 0 || world.stolen > 0);
    }

    #[test]
    fn a_forgiving_server_never_loses_a_session(steps in vec(lossy(), 1..60)) {
        let story = run(FORGIVING, &steps);
        prop_assert_eq!(story.world.server.reused, 0);
    }

    #[test]
    fn at_a_strict_server_every_end_has_its_true_reason(steps in vec(ruthless(), 1..60)) {
        run(Reuse::Strict, &steps);
    }

    #[test]
    fn at_a_server_that_only_refuses_every_end_has_its_true_reason(
        steps in vec(ruthless(), 1..60),
    ) {
        run(Reuse::Refuses, &steps);
    }
}
