//! What a good answer changes, and what it leaves as it was.

use crate::server::read;
use crate::world::{StoreMode, World, config, reply, resource};
use evergrant::session::{Config, Lock, Reason};

#[test]
fn a_refresh_token_left_out_keeps_the_old_one_and_a_new_one_replaces_it() {
    for (member, expected) in [
        ("", "rt0"),
        (r#","refresh_token":"rt0""#, "rt0"),
        (r#","refresh_token":"rt1""#, "rt1"),
    ] {
        let mut world = World::signed_in(1);
        let body = format!(r#"{{"access_token":"at1","expires_in":60{member}}}"#);
        world.server.instead = vec![reply(200, &body)];
        world.force(0);
        assert_eq!(world.refresh_token(), Some(expected));
        assert_eq!(world.lineage().generation, 2);
        world.pass(48_001);
        assert_eq!(world.server.seen, ["rt0", expected]);
    }
}

#[test]
fn a_scope_left_out_is_unchanged_and_so_is_the_id_token() {
    let mut world = World::new(1);
    let first = r#"{"access_token":"at0","expires_in":60,"refresh_token":"rt0",
        "scope":"openid api","id_token":"h.e.s"}"#;
    world.set_tokens(0, read(first));
    world.force(0);
    let session = world.session(0).unwrap();
    assert_eq!(session.scope.as_deref(), Some("openid api"));
    assert_eq!(session.id_token.as_ref().map(|t| t.expose()), Some("h.e.s"));
    let next =
        r#"{"access_token":"at2","refresh_token":"rt2","scope":"openid","id_token":"i.e.s"}"#;
    world.server.instead = vec![reply(200, next)];
    world.force(0);
    let session = world.session(0).unwrap();
    assert_eq!(session.scope.as_deref(), Some("openid"));
    assert_eq!(session.id_token.as_ref().map(|t| t.expose()), Some("i.e.s"));
}

#[test]
fn a_server_that_does_not_rotate_is_refreshed_in_time_all_the_same() {
    let mut world = World::new(3);
    world.server.rotates = false;
    world.sign_in(0);
    world.pass(6 * 48_000 + 1);
    assert_eq!(world.server.seen, ["rt0"; 6]);
    assert_eq!(world.served(2).as_deref(), Some("at6"));
}

#[test]
fn a_refresh_tokens_known_life_counts_from_when_that_very_token_came() {
    let mut world = World::new(1);
    world.server.rotates = false;
    world.tabs.clear();
    let tab = world.open(Config {
        refresh_lifetime_ms: Some(100_000),
        ..config()
    });
    world.sign_in(tab);
    world.pass(48_001);
    assert_eq!(world.served(tab).as_deref(), Some("at1"));
    world.pass(52_000);
    assert_eq!(world.sent, 2);
    world.pass(55_998);
    assert_eq!(
        world.served(tab).as_deref(),
        Some("at2"),
        "to its last moment"
    );
    world.pass(2);
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenExpired));
    assert_eq!(world.sent, 2, "a token known dead is never sent");
}

#[test]
fn where_nothing_rotates_a_session_in_memory_gives_way_to_another_answer_all_the_same() {
    let mut world = World::signed_in(2);
    world.server.rotates = false;
    world.hold = true;
    world.force(0);
    world.freeze(0);
    world.answer_next();
    world.force(1);
    world.rob(Lock::FAMILY);
    world.pass(12_000);
    world.tabs[1].store = StoreMode::WritesFail;
    world.answer_next();
    world.pass(6_000);
    assert_eq!(world.served(1).as_deref(), Some("at2"), "from memory");
    world.thaw(0);
    world.force(0);
    assert_eq!(world.served(0).as_deref(), Some("at1"), "it is saved");
    world.tabs[1].store = StoreMode::Works;
    world.pass(2_000);
    for tab in 0..2 {
        assert_eq!(world.served(tab).as_deref(), Some("at1"));
    }
    assert_eq!(world.lineage().generation, 2);
}

#[test]
fn a_session_in_memory_gives_way_to_a_later_generation_that_still_has_its_token_for_a_resource() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.ask(0, resource("https://b.example"));
    world.store_mode(StoreMode::WritesHang);
    world.answer_next();
    world.pass(6_000);
    world.freeze(0);
    world.unhang();
    assert_eq!(world.lineage().generation, 2, "its save came through late");
    world.edit_lineage(|lineage| lineage.generation = 4);
    world.thaw(0);
    world.pass(2_000);
    assert_eq!(world.lineage().generation, 4);
}
