//! Whose refusal it is: of a token that is still the newest, or of one that a lost answer replaced.

use crate::world::{World, config};
use evergrant::session::{AttemptState, Config, Reason};

const GONE: &str = r#"{"error":"invalid_grant"}"#;

/// A page that is closed while a refusal lies in the record.
fn refused_meanwhile() -> World {
    let mut world = World::signed_in(1);
    world.crash(0);
    world.answered(7, 400, GONE);
    world
}

#[test]
fn a_refusal_alone_ends_the_session_at_once() {
    let mut world = refused_meanwhile();
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::RefreshTokenRejected));
}

#[test]
fn a_refusal_beside_or_after_a_lost_answer_leaves_the_living_token_to_its_end() {
    let mut beside = refused_meanwhile();
    beside.attempted(8, AttemptState::Claimed);
    let mut after = refused_meanwhile();
    after.edit_lineage(|lineage| lineage.attempts[0].replays = 1);
    for mut world in [beside, after] {
        let tab = world.open(config());
        world.pass(59_999);
        assert_eq!(world.ended(tab), None);
        world.pass(1);
        assert_eq!(world.ended(tab), Some(Reason::RotationLost));
    }
}

#[test]
fn a_rotation_that_is_lost_with_a_dead_token_is_the_end_and_not_announced_before() {
    let quiet = Config {
        automatic: false,
        ..config()
    };
    let mut world = World::signed_in_with(1, quiet);
    world.pass(61_000);
    world.hold = true;
    world.force(0);
    world.lose_answer();
    world.answer_next();
    assert_eq!(world.ended(0), Some(Reason::RotationLost));
    assert_eq!(world.tabs[0].heard(), ["signed-out"]);
}
