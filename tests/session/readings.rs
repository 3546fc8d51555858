//! Readings that come late, or from behind.

use crate::world::{StoreMode, World, config, reply_after};
use evergrant::oauth::{AccessToken, RefreshToken};
use evergrant::session::{Input, Purpose, Status};
use std::sync::Arc;

#[test]
fn an_older_reading_that_comes_late_does_not_end_a_pause() {
    let mut world = World::signed_in(1);
    let former = world.store.clone().map(Arc::new);
    world.server.instead = vec![reply_after(429, "", Some(30_000))];
    world.pass(48_001);
    assert_eq!(world.status(0), Some(Status::Retrying));
    world.send(0, Input::Read(Purpose::VIEW, Ok(former)));
    assert_eq!(world.status(0), Some(Status::Retrying));
    assert_eq!(world.sent, 1);
}

#[test]
fn a_newer_write_of_an_older_generation_does_not_put_a_session_in_memory_back() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    world.tabs[0].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(10_000);
    // The keeper, or a later version, writes there in the meantime.
    world.edit(|record| record.seq += 100);
    world.send(0, Input::Woke);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}

#[test]
fn a_session_in_memory_gives_way_to_whoever_came_further_or_as_far_by_another_way() {
    for (rotates, ahead, brought) in [(false, 2, "rt0"), (true, 1, "rt9")] {
        let mut world = World::new(1);
        world.server.rotates = rotates;
        world.sign_in(0);
        world.hold = true;
        world.force(0);
        world.tabs[0].store = StoreMode::WritesFail;
        world.answer_next();
        world.pass(10_000);
        assert_eq!(world.served(0).as_deref(), Some("at1"));
        world.edit_lineage(|lineage| {
            lineage.generation += ahead;
            lineage.access[0].token = AccessToken::new("at9");
            let refresh = lineage.refresh.as_mut().unwrap();
            refresh.token = RefreshToken::new(brought);
        });
        world.store_mode(StoreMode::Works);
        world.pass(2_000);
        assert_eq!(world.served(0).as_deref(), Some("at9"), "{brought}");
    }
}

#[test]
fn a_machine_that_sleeps_while_a_page_starts_makes_it_wait_no_longer() {
    let mut world = World::new(0);
    let tab = world.open_with(config(), StoreMode::Hangs);
    world.sleep(60_000, true);
    assert!(!world.tabs[tab].ready, "the store had no time to answer");
    world.pass(config().timeout_ms);
    assert!(world.tabs[tab].ready);
}

#[test]
fn a_store_that_fails_for_a_minute_is_left_alone_until_something_happens() {
    let mut world = World::new(0);
    let tab = world.open_with(config(), StoreMode::Fails);
    world.pass(59_999);
    assert!(world.next_timer().is_some(), "it is tried again");
    world.pass(1);
    assert_eq!(world.next_timer(), None);
    world.store_mode(StoreMode::Works);
    world.send(tab, Input::Woke);
    world.sign_in(tab);
    assert_eq!(world.served(tab).as_deref(), Some("at0"));
}
