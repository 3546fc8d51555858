//! A scenario: what there is and what may happen; and its search.

use stateright::{Checker, Expectation, Model, Property};

use crate::actions::Action;
use crate::errands::{Errand, Keeping};
use crate::left::Left;
use crate::properties::{self, Reached};
use crate::server::Reuse;
use crate::world::{Start, World};

/// Twice what the largest scenario needs: one that goes on beyond never comes to rest.
const STATES: usize = 5_000_000;

/// What to search.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) tabs: usize,
    pub(crate) start: Start,
    pub(crate) server: Reuse,
    pub(crate) keeping: Keeping,
    pub(crate) left: Left,
    pub(crate) end: End,
    /// What must be reached for the search to mean anything.
    pub(crate) reaches: &'static [Reached],
}

/// How sessions may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By `signOut` and `setTokens` alone.
    SignOutOnly,
    /// By the death rule, too.
    Any,
}

impl Scenario {
    /// Searches all of it; panics with the shortest way to a violation.
    pub(crate) fn check(self) {
        let name = self.name;
        let checker = self.checker().target_state_count(STATES).spawn_bfs().join();
        let mut violations = 0;
        for property in checker.model().properties() {
            let discovery = checker.discovery(property.name);
            match (property.expectation, discovery) {
                (Expectation::Sometimes, Some(_)) | (_, None) => {}
                (_, Some(path)) => {
                    violations += 1;
                    let fault = path.last_state().fault;
                    println!("model: {name}: broken: {} {fault:?}", property.name);
                    for (world, action) in path.into_vec() {
                        println!("  {}", told(&world, action.as_ref()));
                    }
                }
            }
        }
        println!(
            "model: {name}: {} states, {} unique, depth {}, violations {violations}",
            checker.state_count(),
            checker.unique_state_count(),
            checker.max_depth(),
        );
        assert_eq!(violations, 0, "{name}");
        assert!(
            checker.state_count() < STATES,
            "{name}: never comes to rest"
        );
        for property in checker.model().properties() {
            if property.expectation == Expectation::Sometimes {
                let reached = checker.discovery(property.name).is_some();
                assert!(reached, "{name}: never reached: {}", property.name);
            }
        }
    }

    fn is_quiet(&self, world: &World) -> bool {
        let mut steps = Vec::new();
        world.steps(&mut steps);
        steps.is_empty()
    }
}

impl Model for Scenario {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(
            self.tabs,
            self.start,
            self.server,
            self.keeping,
            self.left,
        )]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        world.steps(actions);
        world.deeds(actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        next.act(action);
        // There was no write to be refused.
        (!next.refuses).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            always("1: one refresh in flight", |model, world| {
                model.left.passes_bounds() || properties::in_flight(world) <= 1
            }),
            always("2–4, 6: what a step must not do", |_, world| {
                world.fault.is_none()
            }),
            always("4: the session lives on", |model, world| {
                model.end == End::Any || properties::ended_by_itself(world).is_none()
            }),
            always("4: every tab knows the truth", |model, world| {
                !model.is_quiet(world) || properties::agree(world, model.left.crashes > 0)
            }),
            always("5: every call is settled", |model, world| {
                let settled = world.tabs.iter().all(|tab| tab.calls.is_empty());
                !model.is_quiet(world) || settled
            }),
            always("6: a sign-out leaves no token behind", |model, world| {
                !model.left.fair() || !model.is_quiet(world) || properties::nothing_left(world)
            }),
            always(
                "nobody has the lock that the keeper asks for",
                |_, world| !world.errands.iter().any(Errand::queues),
            ),
            always("no token is used twice", |model, world| {
                let mut grants = world.server.grants().iter();
                let lossless = model.end == End::SignOutOnly && model.server == Reuse::Strict;
                !(lossless || model.left.calm()) || !grants.any(|grant| grant.reused)
            }),
        ];
        properties.extend(self.reaches.iter().map(|reached| reached.property()));
        properties
    }
}

fn always(name: &'static str, holds: fn(&Scenario, &World) -> bool) -> Property<Scenario> {
    Property::always(name, holds)
}

/// An action, and the beginning of what it delivers.
fn told(world: &World, action: Option<&Action>) -> String {
    match action {
        Some(Action::Deliver(tab, at, source)) => {
            let input = format!("{:?}", world.tabs[*tab].inbox[*at].1);
            let input: String = input.chars().take(160).collect();
            format!("Deliver({tab}, {source}): {input}")
        }
        Some(action) => format!("{action:?}"),
        None => String::new(),
    }
}
