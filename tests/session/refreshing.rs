//! The main job: a session stays alive by itself.

use crate::world::World;
use evergrant::session::{Code, Status};

#[test]
fn a_session_is_refreshed_before_each_expiry_with_each_token_used_once() {
    let mut world = World::signed_in(1);
    world.pass(6 * 48_000 + 1);
    assert_eq!(
        world.server.seen,
        ["rt0", "rt1", "rt2", "rt3", "rt4", "rt5"]
    );
    assert_eq!(world.server.reused, 0);
    let call = world.get_token(0);
    assert_eq!(world.token(0, call).as_deref(), Some("at6"));
}

#[test]
fn six_tabs_make_one_request_per_expiry() {
    let mut world = World::signed_in(6);
    world.pass(6 * 48_000 + 1);
    assert_eq!(world.server.seen.len(), 6);
    for tab in 0..6 {
        let call = world.get_token(tab);
        assert_eq!(world.token(tab, call).as_deref(), Some("at6"));
        assert_eq!(
            world.tabs[tab].published.session.as_ref().map(|s| s.status),
            Some(Status::Active)
        );
    }
}

#[test]
fn nobody_signed_in_is_an_error_of_its_own() {
    let mut world = World::new(1);
    let call = world.get_token(0);
    let error = world.settled(0, call).unwrap().unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
}

#[test]
fn twenty_calls_share_one_forced_refresh() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let calls: Vec<_> = (0..20).map(|_| world.force(0)).collect();
    assert_eq!(world.requests.len(), 1);
    world.answer_next();
    for call in calls {
        assert_eq!(world.token(0, call).as_deref(), Some("at1"));
    }
}
