//! How a session ends: never by accident, with its true reason, in every tab, for good.

use crate::server::{Reuse, read};
use crate::world::{Channel, World, config, reply};
use evergrant::oauth::ClientSecret;
use evergrant::session::{By, Code, Config, Event, Input, Reason, Status};

fn invalid_grant() -> evergrant::session::Reply {
    reply(
        400,
        r#"{"error":"invalid_grant","error_description":"gone"}"#,
    )
}

#[test]
fn a_refused_current_token_ends_the_session_in_every_tab_with_the_servers_words() {
    let mut world = World::signed_in(3);
    world.server.instead = vec![invalid_grant()];
    world.pass(48_000);
    for tab in 0..3 {
        let [(reason, by)] = world.tabs[tab].signed_out()[..] else {
            panic!("told once");
        };
        assert_eq!(reason, Reason::RefreshTokenRejected);
        assert_eq!(
            by == By::ThisTab,
            world.tabs[tab].heard().len() == 1 && tab == 0
        );
        let ended = world.tabs[tab].published.ended.clone().unwrap();
        let error = ended.error.unwrap();
        assert_eq!(error.oauth_error.as_deref(), Some("invalid_grant"));
        assert_eq!(error.description.as_deref(), Some("gone"));
        assert_eq!(ended.at, world.now.wall);
        assert!(world.session(tab).is_none());
    }
    assert_eq!(world.sent, 1);
}

#[test]
fn a_refusal_of_an_older_token_is_not_believed() {
    let mut world = World::signed_in(1);
    world.hold = true;
    world.force(0);
    let request = world.take_request();
    world.edit_lineage(|lineage| {
        lineage.generation += 1;
        lineage.refresh.as_mut().unwrap().token = evergrant::oauth::RefreshToken::new("rt8");
        lineage.attempts.clear();
    });
    world.deliver(&request, invalid_grant());
    assert_eq!(world.ended(0), None);
    assert_eq!(world.refresh_token(), Some("rt8"));
}

#[test]
fn every_caller_that_waits_learns_of_the_end_and_why() {
    let mut world = World::signed_in(2);
    world.server.instead = vec![invalid_grant()];
    world.hold = true;
    let calls = [
        (0, world.force(0)),
        (0, world.force(0)),
        (1, world.force(1)),
    ];
    world.answer_next();
    for (tab, call) in calls {
        let error = world.error(tab, call).unwrap();
        assert_eq!(error.code, Code::SessionEnded);
        assert_eq!(error.reason, Some(Reason::RefreshTokenRejected));
    }
}

#[test]
fn a_refresh_token_at_its_known_end_is_not_sent() {
    let mut world = World::new(2);
    world.server.refresh_lifetime_s = Some(100);
    world.sign_in(0);
    for tab in 0..2 {
        world.send(tab, Input::Online(false));
    }
    world.pass(101_000);
    for tab in 0..2 {
        assert_eq!(world.ended(tab), Some(Reason::RefreshTokenExpired));
        assert!(world.tabs[tab].heard().contains(&"session-expiring"));
    }
    assert_eq!(world.sent, 0);
}

#[test]
fn without_automatic_refreshing_the_known_end_is_still_noticed() {
    let mut world = World::with(
        1,
        Config {
            automatic: false,
            refresh_lifetime_ms: Some(84_600_000),
            ..config()
        },
    );
    world.sign_in(0);
    world.pass(84_599_000);
    assert_eq!(world.ended(0), None);
    assert_eq!(world.status(0), Some(Status::Expired));
    world.pass(1_001);
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenExpired));
}

#[test]
fn the_known_end_is_noticed_whichever_clock_comes_to_it_first() {
    // Clocks that count whole milliseconds are out of step by one, and one that is set by an hour.
    for apart in [-1, 1, -3_600_000, 3_600_000] {
        let mut world = World::with(
            1,
            Config {
                automatic: false,
                refresh_lifetime_ms: Some(84_600_000),
                ..config()
            },
        );
        world.sign_in(0);
        world.set_wall(apart);
        world.pass(84_600_000 - 3_600_000 - 2);
        assert_eq!(world.ended(0), None, "{apart}");
        world.pass(2 * 3_600_000 + 4);
        assert_eq!(world.ended(0), Some(Reason::RefreshTokenExpired), "{apart}");
    }
}

#[test]
fn a_cleared_storage_ends_the_session_and_leaves_a_tombstone() {
    let mut world = World::signed_in(2);
    world.store = None;
    world.send(1, Input::Woke);
    for tab in 0..2 {
        assert_eq!(world.ended(tab), Some(Reason::StorageCleared), "tab {tab}");
        assert_eq!(world.tabs[tab].signed_out().len(), 1);
    }
    let record = world.store.as_ref().unwrap();
    assert!(record.lineage.is_none());
    let tab = world.open(config());
    assert_eq!(world.ended(tab), Some(Reason::StorageCleared));
    world.pass(600_000);
    assert_eq!(world.sent, 0);
}

#[test]
fn a_storage_cleared_in_the_middle_of_a_refresh_stays_cleared() {
    let mut world = World::signed_in(1);
    world.hold = true;
    let call = world.force(0);
    world.store = None;
    world.answer_next();
    assert_eq!(world.ended(0), Some(Reason::StorageCleared));
    assert_eq!(
        world.error(0, call).unwrap().reason,
        Some(Reason::StorageCleared)
    );
    assert!(world.store.as_ref().unwrap().lineage.is_none());
    assert!(world.revoked.is_empty(), "it is only forgotten");
}

#[test]
fn another_session_in_a_cleared_storage_is_not_mistaken_for_a_sign_out() {
    let mut world = World::signed_in(2);
    world.channel = Channel::Drops;
    world.store = None;
    let stranger = world.open(config());
    world.sign_in(stranger);
    world.send(0, Input::Woke);
    assert_eq!(
        world.tabs[0].signed_out(),
        [(Reason::StorageCleared, By::AnotherTab)]
    );
    assert_eq!(world.tabs[0].heard(), ["signed-out", "signed-in"]);
}

#[test]
fn another_issuers_session_in_a_cleared_storage_ends_this_one_with_that_reason() {
    let mut world = World::signed_in(1);
    world.channel = Channel::Drops;
    world.store = None;
    let stranger = world.open(Config {
        issuer: "https://other.example/token".into(),
        ..config()
    });
    world.sign_in(stranger);
    world.send(0, Input::Woke);
    let ends = world.tabs[0].signed_out();
    assert_eq!(ends, [(Reason::IssuerChanged, By::AnotherTab)]);
}

#[test]
fn an_end_that_the_record_has_forgotten_was_a_sign_out() {
    let mut world = World::signed_in(2);
    world.channel = Channel::Drops;
    for _ in 0..5 {
        world.sign_out(1);
        world.sign_in(1);
    }
    world.sign_out(1);
    world.send(0, Input::Woke);
    assert_eq!(world.ended(0), Some(Reason::SignedOut));
    let told = world.tabs[0].signed_out();
    assert_eq!(told, [(Reason::SignedOut, By::AnotherTab)]);
}

#[test]
fn a_session_replaced_elsewhere_ends_as_signed_out_before_the_next_is_signed_in() {
    let mut world = World::signed_in(2);
    world.set_tokens(0, read(r#"{"access_token":"b0","refresh_token":"brt0"}"#));
    for tab in 0..2 {
        assert_eq!(world.tabs[tab].heard(), ["signed-out", "signed-in"]);
        assert_eq!(world.tabs[tab].signed_out()[0].0, Reason::SignedOut);
        assert_eq!(world.ended(tab), None, "a session lives");
    }
    assert!(world.revoked.is_empty(), "it may be of the same grant");
}

#[test]
fn signed_in_names_the_session_it_replaced() {
    let mut world = World::new(1);
    world.set_tokens(0, read(r#"{"access_token":"a","id_token":"h.anna.s"}"#));
    world.forget();
    world.set_tokens(0, read(r#"{"access_token":"b"}"#));
    let Some(Event::SignedIn { by, previous }) = world.tabs[0].events.last() else {
        panic!("signed in");
    };
    assert_eq!(*by, By::ThisTab);
    assert_eq!(previous.as_ref().map(|t| t.expose()), Some("h.anna.s"));
}

#[test]
fn a_tombstone_is_final() {
    let mut world = World::signed_in(2);
    world.hold = true;
    world.force(1);
    world.sign_out(0);
    let tombstone = world.store.clone();
    world.answer_next();
    for tab in 0..2 {
        world.force(tab);
        world.send(tab, Input::Woke);
        world.send(tab, Input::Announced(7));
    }
    world.pass(600_000);
    assert_eq!(world.store, tombstone);
    assert_eq!(world.sent, 1);
}

#[test]
fn the_record_keeps_the_last_ends_and_what_led_to_each() {
    let mut world = World::new(1);
    for _ in 0..6 {
        world.sign_in(0);
        world.sign_out(0);
    }
    let ended = &world.store.as_ref().unwrap().ended;
    assert_eq!(ended.len(), 4);
    for ending in ended {
        assert_eq!(ending.reason, Reason::SignedOut);
        assert!(
            ending
                .history
                .iter()
                .any(|entry| entry.event == "signed-in")
        );
    }
}

#[test]
fn no_answer_but_invalid_grant_ever_ends_a_session() {
    for status in (200..600).filter(|s| !matches!(s, 300..400)) {
        for body in [
            "",
            "{}",
            "null",
            "<html>",
            r#"{"error":"x"}"#,
            r#"{"error":7}"#,
        ] {
            let mut world = World::signed_in(1);
            world.server.reuse = Reuse::ForgivesSame { grace_ms: 60_000 };
            world.server.instead = vec![reply(status, body); 3];
            world.pass(120_000);
            assert_eq!(world.ended(0), None, "{status} {body}");
        }
    }
}

#[test]
fn no_secret_is_in_an_event_or_in_the_history() {
    let mut world = World::signed_in(2);
    world.force(0);
    world.server.instead = vec![reply(400, "")];
    world.force(1);
    world.sign_out(0);
    for tab in &world.tabs {
        let history: Vec<_> = tab.engine.history().to_vec();
        let text = format!(
            "{:?} {:?} {history:?} {:?}",
            tab.events, tab.published, tab.settled
        );
        for secret in ["at0", "at1", "rt0", "rt1"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn what_a_server_quotes_of_our_secrets_goes_nowhere() {
    let bodies = [
        r#"{"error":"invalid_grant","error_description":"Invalid refresh token: rt0"}"#,
        r#"{"error":"rt0 is unknown","error_description":"rt0"}"#,
        r#"{"error":"invalid_client","error_description":"Not s3cr3t for rt0"}"#,
        r#"{"error":"invalid_grant","error_description":"Not s3cr3t for rt0"}"#,
    ];
    // Answered to this tab, or to another whose answer stands in the record.
    for (body, stored) in bodies.iter().flat_map(|body| [(body, false), (body, true)]) {
        let mut world = World::signed_in_with(
            1,
            Config {
                client_secret: ClientSecret::new("s3cr3t"),
                ..config()
            },
        );
        if stored {
            world.answered(8, 400, body);
        } else {
            world.server.instead.push(reply(400, body));
        }
        let call = world.force(0);
        let told = format!("{:?}", world.settled(0, call).unwrap());
        let heard = format!(
            "{:?} {:?}",
            world.tabs[0].events, world.tabs[0].published.ended
        );
        let ended = format!("{:?}", world.store.as_ref().unwrap().ended);
        let stalled = world.store.as_ref().unwrap().lineage.as_ref();
        let stalled = format!("{:?}", stalled.map(|l| l.stalled.clone()));
        for text in [told, heard, ended, stalled] {
            assert!(!text.contains("rt0") && !text.contains("s3cr3t"), "{text}");
        }
    }
}

#[test]
fn a_record_that_cannot_be_read_for_a_moment_ends_nothing() {
    let mut world = World::signed_in(1);
    world.garbage = true;
    world.send(0, Input::Woke);
    world.garbage = false;
    world.pass(48_001);
    assert_eq!(world.ended(0), None);
    assert_eq!(world.served(0).as_deref(), Some("at1"));
}
