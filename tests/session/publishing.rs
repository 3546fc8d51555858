//! What an application can read at any time, without asking.

use crate::server::read;
use crate::world::{StoreMode, World, config, reply};
use evergrant::session::{Config, Input, Status};

/// The token that is handed out without asking the engine, and when that ends.
fn live(world: &World) -> Option<(&str, u64)> {
    let live = world.tabs[0].published.live.as_ref()?;
    let left = live.until.wall.since(world.now.wall);
    Some((live.token.expose(), left))
}

/// Whether a refresh is planned.
fn plans(world: &World) -> bool {
    let next = world.session(0).unwrap().next_refresh_at;
    next.known().is_some()
}

#[test]
fn the_token_is_at_hand_until_five_seconds_before_its_end() {
    let quiet = Config {
        automatic: false,
        ..config()
    };
    let mut world = World::signed_in_with(1, quiet);
    assert_eq!(live(&world), Some(("at0", 55_000)));
    world.pass(54_999);
    world.send(0, Input::Visible(true));
    assert_eq!(live(&world), Some(("at0", 1)));
    world.pass(1);
    world.send(0, Input::Visible(true));
    assert_eq!(live(&world), None);
}

#[test]
fn after_a_wake_no_token_is_at_hand_before_the_record_is_read() {
    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::Hangs;
    world.send(0, Input::Woke);
    assert_eq!(live(&world), None);
    world.unhang();
    assert!(live(&world).is_some());
}

#[test]
fn while_a_client_closes_no_token_is_at_hand() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    assert!(live(&world).is_some());
    world.send(0, Input::Close);
    assert!(!world.tabs[0].closed, "its answer is under way");
    assert_eq!(live(&world), None);
}

#[test]
fn a_refresh_is_planned_only_where_one_will_come_by_itself() {
    assert!(plans(&World::signed_in(1)));

    let quiet = Config {
        automatic: false,
        ..config()
    };
    assert!(!plans(&World::signed_in_with(1, quiet)), "automatic: false");

    let mut world = World::new(1);
    world.set_tokens(0, read(r#"{"access_token":"at0","expires_in":60}"#));
    assert!(!plans(&world), "without a refresh token");

    let mut world = World::signed_in(1);
    world.server.instead = vec![reply(400, r#"{"error":"invalid_client"}"#)];
    world.force(0);
    assert!(!plans(&world), "a refusal that ends nothing");
}

#[test]
fn a_session_that_pauses_or_is_offline_is_retrying() {
    let mut world = World::signed_in(1);
    world.tabs[0].store = StoreMode::WritesFail;
    world.force(0);
    assert_eq!(world.status(0), Some(Status::Retrying), "its own pause");

    let mut world = World::signed_in(1);
    world.send(0, Input::Online(false));
    assert_eq!(world.status(0), Some(Status::Retrying), "offline");
    world.send(0, Input::Online(true));
    assert_eq!(world.status(0), Some(Status::Active));
}
