//! A refresh that is answered for another user (OpenID Connect Core §12.2): the refresh token is kept, and
//! nothing is handed out.

use crate::world::{World, reply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evergrant::session::{Code, Status};

fn id_token(claims: &str) -> String {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(claims))
}

fn tokens(number: usize, id_token: &str) -> String {
    format!(
        r#"{{"access_token":"at{number}","refresh_token":"rt{number}","expires_in":300,"id_token":"{id_token}"}}"#
    )
}

const ANNE: &str = r#"{"iss":"https://as.example","sub":"anne"}"#;
const BOB: &str = r#"{"iss":"https://as.example","sub":"bob"}"#;
const OTHER_ANNE: &str = r#"{"iss":"https://other.example","sub":"anne"}"#;

/// Refreshes, and is answered with these tokens.
fn refreshed(world: &mut World, answer: &str) -> Result<(), Code> {
    world.hold = true;
    let call = world.force(0);
    let request = world.take_request();
    world.deliver(&request, reply(200, answer));
    let settled = world.settled(0, call).expect("it is answered");
    settled.map(|_| ()).map_err(|error| error.code)
}

/// A session of Anne's.
fn annes() -> World {
    let mut world = World::signed_in(2);
    assert_eq!(refreshed(&mut world, &tokens(1, &id_token(ANNE))), Ok(()));
    world
}

#[test]
fn the_same_user_goes_on_with_the_new_id_token() {
    let mut world = annes();
    let new = id_token(r#"{"iss":"https://as.example","sub":"anne","iat":2}"#);
    assert_eq!(refreshed(&mut world, &tokens(2, &new)), Ok(()));
    let stored = world.lineage().id_token.as_ref().map(|it| it.expose());
    assert_eq!(stored, Some(new.as_str()));
}

#[test]
fn what_comes_for_another_user_or_another_issuers_is_kept_and_not_handed_out() {
    for other in [BOB, OTHER_ANNE] {
        let mut world = annes();
        let code = refreshed(&mut world, &tokens(2, &id_token(other)));
        assert_eq!(code, Err(Code::IdToken));
        assert_eq!(world.refresh_token(), Some("rt2"));
        for tab in 0..2 {
            let call = world.get_token(tab);
            assert_eq!(world.code(tab, call), Some(Code::IdToken));
            assert_eq!(world.status(tab), Some(Status::Expired));
            assert_eq!(world.tabs[tab].failures(), [Code::IdToken]);
        }
        let stored = world.lineage().id_token.as_ref().map(|it| it.expose());
        assert_eq!(stored, Some(id_token(ANNE).as_str()));
        assert!(world.requests.is_empty(), "it is not asked again at once");
    }
}

#[test]
fn whoever_insists_gets_the_right_users_tokens_when_they_come() {
    let mut world = annes();
    let _ = refreshed(&mut world, &tokens(2, &id_token(BOB)));
    assert_eq!(refreshed(&mut world, &tokens(3, &id_token(ANNE))), Ok(()));
    assert_eq!(world.served(0).as_deref(), Some("at3"));
}

#[test]
fn an_id_token_that_cannot_be_read_says_nothing_of_the_user() {
    let mut world = annes();
    assert_eq!(
        refreshed(&mut world, &tokens(2, "five.parts.of.a.jwe")),
        Ok(())
    );
    assert_eq!(world.served(0).as_deref(), Some("at2"));
}
