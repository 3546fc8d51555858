//! Tokens that are bound to a key (RFC 9449), and what the server makes of the proofs.

use crate::world::{World, answer_with_nonce, config, reply, reply_with_nonce};
use evergrant::session::{Binding, Code, Input, Reason, Reply, Status, tuning};

const WANTS_NONCE: &str = r#"{"error":"use_dpop_nonce"}"#;
const NOT_ACTIVE: &str =
    r#"{"error":"invalid_request","error_description":"DPoP proof is not active"}"#;
const BEARER: &str = r#"{"access_token":"at1","token_type":"Bearer","refresh_token":"rt1"}"#;
const DPOP: &str =
    r#"{"access_token":"at1","token_type":"dpop","expires_in":300,"refresh_token":"rt1"}"#;

/// A session bound to a key, whose first refresh is under way.
fn asked() -> World {
    let mut world = World::signed_in(1);
    world.edit_lineage(|lineage| {
        lineage.binding = Some(Binding {
            key: "thumbprint".into(),
            nonce: Some("first".into()),
        });
    });
    world.send(0, Input::Woke);
    world.hold = true;
    world.force(0);
    world
}

fn answer(world: &mut World, reply: Reply) {
    let request = world.take_request();
    world.deliver(&request, reply);
}

fn proofs(world: &World) -> Vec<(Option<&str>, bool)> {
    let nonce = |binding: &Option<Binding>| binding.as_ref().map(|it| it.nonce.clone());
    let seen = world.prepared.iter();
    seen.map(|(binding, late)| {
        assert!(nonce(binding).is_some(), "a proof without a key");
        let nonce = binding.as_ref().and_then(|it| it.nonce.as_deref());
        (nonce, *late)
    })
    .collect()
}

#[test]
fn a_proof_has_the_servers_newest_nonce_whatever_answer_brought_it() {
    let mut world = asked();
    answer(&mut world, reply_with_nonce(200, DPOP, "second"));
    world.force(0);
    assert_eq!(
        proofs(&world),
        [(Some("first"), false), (Some("second"), false)]
    );
}

#[test]
fn a_proof_without_the_right_nonce_is_made_again_at_once_with_it() {
    let mut world = asked();
    answer(&mut world, reply_with_nonce(400, WANTS_NONCE, "second"));
    assert_eq!(world.sent, 2);
    assert_eq!(proofs(&world).last(), Some(&(Some("second"), false)));
    assert_eq!(world.attempts().len(), 1, "the first was refused unread");
    answer(&mut world, reply(200, DPOP));
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert!(!world.lineage().doubt);
}

#[test]
fn a_server_that_wants_another_nonce_each_time_is_not_asked_for_ever() {
    let mut world = asked();
    for _ in 0..tuning::PROOFS {
        answer(&mut world, reply_with_nonce(401, WANTS_NONCE, "another"));
    }
    answer(&mut world, reply_with_nonce(401, WANTS_NONCE, "another"));
    assert_eq!(world.requests.len(), 0);
    assert_eq!(world.ended(0), None);
    assert_eq!(world.tabs[0].failures(), [Code::OAuth]);
}

#[test]
fn a_nonce_that_the_page_may_not_read_is_told_as_that_and_costs_no_session() {
    let mut world = asked();
    answer(&mut world, reply(400, WANTS_NONCE));
    assert_eq!(world.tabs[0].failures(), [Code::DpopNonceUnreadable]);
    assert_eq!(world.requests.len(), 0);
    assert_eq!(world.ended(0), None);
    assert_eq!(world.served(0).as_deref(), Some("at0"));
}

#[test]
fn a_proof_refused_for_its_time_is_made_again_once_the_time_was_learnt() {
    let mut world = asked();
    answer(&mut world, reply(400, NOT_ACTIVE));
    assert_eq!(proofs(&world).last(), Some(&(Some("first"), true)));
    answer(&mut world, reply(200, DPOP));
    assert_eq!(world.served(0).as_deref(), Some("at1"));
    assert_eq!(world.tabs[0].failures(), []);
}

#[test]
fn a_proof_refused_for_its_time_and_then_again_is_a_refusal_like_others() {
    let mut world = asked();
    answer(&mut world, reply(400, NOT_ACTIVE));
    answer(&mut world, reply(400, NOT_ACTIVE));
    assert_eq!(world.requests.len(), 0);
    assert_eq!(world.tabs[0].failures(), [Code::OAuth]);
    assert_eq!(world.ended(0), None);
}

#[test]
fn a_grant_that_is_refused_is_no_matter_of_proofs() {
    let mut world = asked();
    let gone = r#"{"error":"invalid_grant","error_description":"DPoP proof is missing"}"#;
    answer(&mut world, reply_with_nonce(400, gone, "second"));
    assert_eq!(world.ended(0), Some(Reason::RefreshTokenRejected));
}

#[test]
fn tokens_for_whoever_bears_them_are_kept_and_not_handed_out() {
    let mut world = asked();
    answer(&mut world, reply(200, BEARER));
    assert_eq!(world.refresh_token(), Some("rt1"));
    let call = world.get_token(0);
    assert_eq!(world.code(0, call), Some(Code::BadResponse));
    assert_eq!(world.status(0), Some(Status::Expired));
    assert_eq!(world.tabs[0].failures(), [Code::BadResponse]);
}

#[test]
fn a_key_that_is_gone_ends_the_session_in_every_tab_for_what_it_is_and_nothing_is_sent() {
    let mut world = asked();
    answer(&mut world, reply(200, DPOP));
    world.open(config());
    let sent = world.sent;
    world.prepares = Some(Err(Code::SessionEnded));
    let call = world.force(0);
    assert_eq!(world.code(0, call), Some(Code::SessionEnded));
    for tab in 0..2 {
        assert_eq!(world.ended(tab), Some(Reason::StorageCleared));
    }
    assert_eq!(world.sent, sent);
}

#[test]
fn an_answer_of_the_keepers_that_wants_a_nonce_is_heeded_by_whoever_finds_it() {
    let mut world = asked();
    world.crash(0);
    world.answered_by(7, answer_with_nonce(400, WANTS_NONCE, "second"));
    world.requests.clear();
    world.open(config());
    assert_eq!(proofs(&world).last(), Some(&(Some("second"), false)));
    assert_eq!(world.requests.len(), 1);
}
