//! Whatever happens, in whatever order, the invariants hold: those of the story, and of its witness.

use crate::server::Reuse;
use crate::story::{Setting, Step, Story};
use crate::world::{Channel, StoreMode, config};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const TABS: usize = 3;

/// Those of [`crate::odd::ELSE`] that ask to wait for three seconds.
const BUSY: [usize; 2] = [1, 5];

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
        1 => select(BUSY.to_vec()).prop_map(Step::Else),
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

/// Pages come and go, and everything else works.
fn restless() -> impl Strategy<Value = Step> {
    let tab = 0..TABS;
    let times = select(vec![1_u64, 300, 1_000, 2_500, 48_000, 70_000]);
    prop_oneof![
        3 => tab.clone().prop_map(Step::Force),
        1 => tab.clone().prop_map(Step::Get),
        4 => (tab.clone(), any::<bool>()).prop_map(|(tab, it)| Step::Reload(tab, it)),
        1 => tab.clone().prop_map(Step::Crash),
        1 => tab.clone().prop_map(Step::Close),
        1 => tab.prop_map(Step::Fail),
        4 => times.prop_map(Step::Pass),
        4 => Just(Step::Answer),
    ]
}

fn run(reuse: Reuse, steps: &[Step]) -> Story {
    run_with(reuse, 0, steps)
}

fn run_with(reuse: Reuse, keeper: usize, steps: &[Step]) -> Story {
    let setting = Setting {
        tabs: TABS,
        config: config(),
        reuse,
        rotates: true,
        lifetime_s: 60,
        refresh_s: None,
        blind: false,
        keeper,
        aborted_arrive: false,
        order: 0,
    };
    let mut story = Story::new(&setting, false);
    story.runs(steps);
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
    fn with_a_keeper_no_page_that_goes_costs_anything_at_a_strict_server(
        steps in vec(restless(), 1..60),
    ) {
        let world = run_with(Reuse::Strict, 1, &steps).world;
        prop_assert_eq!(world.server.reused, 0);
        prop_assert!(world.store.is_some_and(|record| record.lineage.is_some()));
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
