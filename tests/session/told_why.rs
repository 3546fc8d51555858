//! Whoever waits for a token that does not come is told why, and when.

use crate::world::{StoreMode, World, forced, reply, reply_after, resource};
use evergrant::session::{Code, Input};

#[test]
fn what_concerns_the_client_is_told_to_callers_of_every_resource() {
    let refused = reply(400, r#"{"error":"invalid_client"}"#);
    for (wants, answer, code) in [
        ([forced(), resource("a")], refused, Code::OAuth),
        (
            [resource("a"), resource("b")],
            reply_after(429, "", Some(30_000)),
            Code::RateLimited,
        ),
    ] {
        let mut world = World::signed_in(1);
        world.hold = true;
        let calls = wants.map(|want| world.ask(0, want));
        world.server.instead = vec![answer];
        world.answer_next();
        for call in calls {
            assert_eq!(world.code(0, call), Some(code));
        }
    }
}

#[test]
fn after_a_wake_nobody_is_told_anything_before_the_record_is_read() {
    let mut world = World::signed_in(1);
    world.send(0, Input::Online(false));
    world.tabs[0].store = StoreMode::Hangs;
    world.send(0, Input::Woke);
    let call = world.force(0);
    assert_eq!(world.settled(0, call), None);
    world.unhang();
    assert_eq!(world.code(0, call), Some(Code::Offline));
}
