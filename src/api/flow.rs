//! The steps of discovery, sign-in and sign-out that `js/` asks for, by number: `js/flows.js` has the
//! same list, and says what goes in and what comes out. Each is one rule of [`oauth`](crate::oauth),
//! and changes nothing.

use std::array;

use super::facts::Facts;
use super::host;
use crate::browser::driver::Driver;
use crate::browser::fetch;
use crate::browser::json::JsJson;
use crate::oauth::id_token::{self, Alg, Expected};
use crate::oauth::{
    Answer, AuthorizationRequest, Callback, CallbackFault, Code, CodeRequest, IdToken, Json, Jwt,
    LogoutRequest, Meaning, Metadata, Proof, PublicKey, Verifier, authorization, base64url, dpop,
    well_known,
};
use crate::session::Error;
use crate::session::codec::Tree;

const WELL_KNOWN: u32 = 0;
const METADATA: u32 = 1;
const AUTHORIZE: u32 = 2;
const PUSHED: u32 = 3;
const CALLBACK: u32 = 4;
const CHECK: u32 = 5;
const CODE: u32 = 6;
const EXCHANGED: u32 = 7;
const ID_TOKEN: u32 = 8;
const KEY: u32 = 9;
const PROOF: u32 = 10;
const JOIN: u32 = 11;
const LOGOUT: u32 = 12;
const ENCODE: u32 = 13;

/// The proof of a request may be made again: for the server's nonce, or for the time in it.
const AGAIN: &str = "again";
const LATE: &str = "late";

/// Takes a step.
pub(super) fn step(driver: &Driver, what: u32, facts: JsJson) -> JsJson {
    let (mut facts, mut out) = (Facts(facts), JsJson::list());
    match what {
        WELL_KNOWN => {
            for url in well_known(&facts.text()) {
                out.add_text(Some(&url));
            }
        }
        METADATA => metadata(facts, &mut out),
        AUTHORIZE => authorize(driver, facts, &mut out),
        PUSHED => pushed(driver, facts, &mut out),
        CALLBACK => {
            let callback = Callback::read(&facts.list().pairs());
            out.add_text(callback.as_ref().map(|it| it.state.as_str()));
        }
        CHECK => check(facts, &mut out),
        CODE => {
            let settings = driver.settings();
            let endpoint = facts.text();
            let request = CodeRequest {
                code: &Code::new(facts.text()),
                redirect_uri: &facts.text(),
                verifier: &Verifier::new(facts.text()),
                resource: settings.first_resource(),
                extra: &settings.extra,
            };
            fetch::add_facts(&mut out, &request.prepare(&endpoint, &settings.client));
        }
        EXCHANGED => exchanged(driver, facts, &mut out),
        ID_TOKEN => id_token(driver, facts, &mut out),
        KEY => return JsJson::text(&key(&mut facts).thumbprint_input()),
        PROOF => {
            let key = key(&mut facts);
            let (method, url, jti) = (facts.text(), facts.text(), facts.text());
            let iat_s = facts.number().unwrap_or_default();
            let (nonce, ath) = (facts.maybe_text(), facts.bytes());
            let ath = (!ath.is_empty()).then(|| base64url::encode(&ath));
            let proof = Proof {
                key: &key,
                method: &method,
                url: &url,
                jti: &jti,
                iat_s,
                nonce: nonce.as_deref(),
                ath: ath.as_deref(),
            };
            return JsJson::text(&proof.signing_input());
        }
        JOIN => return JsJson::text(&dpop::joined(&facts.text(), &facts.bytes())),
        LOGOUT => {
            let (endpoint, hint, uri) = (facts.text(), facts.maybe_text(), facts.maybe_text());
            let hint = hint.map(IdToken::new);
            let request = LogoutRequest {
                id_token_hint: hint.as_ref(),
                client_id: &driver.settings().client.id,
                post_logout_redirect_uri: uri.as_deref(),
            };
            return JsJson::text(&request.url(&endpoint));
        }
        ENCODE => return JsJson::text(&base64url::encode(&facts.bytes())),
        _ => {}
    }
    out
}

/// The endpoints, and what the server promises and demands; nothing of another issuer's.
fn metadata(mut facts: Facts, out: &mut JsJson) {
    let issuer = facts.text();
    let json = JsJson::parse(&facts.text());
    let Some(metadata) = Metadata::read(&json, &issuer) else {
        return;
    };
    for endpoint in [
        metadata.token,
        metadata.authorization,
        metadata.revocation,
        metadata.end_session,
        metadata.pushed_authorization_request,
        metadata.jwks,
    ] {
        out.add_text(endpoint.as_deref());
    }
    out.add(&JsJson::flag(metadata.iss_parameter));
    out.add(&JsJson::flag(metadata.requires_par));
}

/// Where to send the user; or the request that pushes it (RFC 9126).
fn authorize(driver: &Driver, mut facts: Facts, out: &mut JsJson) {
    let settings = driver.settings();
    let (endpoint, push) = (facts.text(), facts.maybe_text());
    let [redirect_uri, scope, state, challenge] = array::from_fn(|_| facts.text());
    let [nonce, login_hint, prompt, acr_values, max_age, dpop_jkt] =
        array::from_fn(|_| facts.maybe_text());
    let extra = facts.list().pairs();
    let request = AuthorizationRequest {
        client_id: &settings.client.id,
        redirect_uri: &redirect_uri,
        scope: &scope,
        resource: &settings.resource,
        state: &state,
        nonce: nonce.as_deref(),
        challenge: &challenge,
        login_hint: login_hint.as_deref(),
        prompt: prompt.as_deref(),
        acr_values: acr_values.as_deref(),
        max_age: max_age.as_deref(),
        dpop_jkt: dpop_jkt.as_deref(),
        extra: &extra,
    };
    match push {
        Some(push) => fetch::add_facts(out, &request.push(&push, &settings.client)),
        None => out.add_text(Some(&request.url(&endpoint))),
    }
}

/// Where to send the user, by the answer to what was pushed; or the error.
fn pushed(driver: &Driver, mut facts: Facts, out: &mut JsJson) {
    let endpoint = facts.text();
    let raw = fetch::answer(facts.0.take(None));
    match authorization::request_uri::<JsJson>(&raw) {
        Ok(uri) => {
            let client = &driver.settings().client;
            let url = authorization::pushed_url(&endpoint, &client.id, &uri);
            out.add_text(Some(&url));
        }
        Err(meaning) => {
            out.add_text(None);
            let meaning = meaning.into();
            out.add(&error(driver, &Answer { raw, meaning }, &[]));
        }
    }
}

/// The code; or which part of the callback is wrong; or what the server says (RFC 6749 §4.1.2.1).
fn check(mut facts: Facts, out: &mut JsJson) {
    let Some(callback) = Callback::read(&facts.list().pairs()) else {
        return;
    };
    // Of a server without a name, none is expected.
    let issuer = facts.maybe_text();
    let fault = match callback.check(issuer.as_deref(), facts.flag()) {
        Ok(code) => return out.add_text(Some(code.expose())),
        Err(fault) => fault,
    };
    out.add_text(None);
    match fault {
        CallbackFault::Iss => out.add_text(Some("iss")),
        CallbackFault::Repeated => out.add_text(Some("parameters")),
        CallbackFault::NoCode => out.add_text(Some("code")),
        CallbackFault::Refused(response) => {
            out.add_text(None);
            out.add_text(Some(&response.error));
            out.add_text(Some(&response.description));
        }
    }
}

/// What the token endpoint says to a code: nothing against it; that the proof is to be made again, and how;
/// or the error. And its nonce.
fn exchanged(driver: &Driver, mut facts: Facts, out: &mut JsJson) {
    let bound = facts.flag();
    let answer = Answer::read::<JsJson>(fetch::answer(facts.0.take(None)));
    // A server may quote what it was sent.
    let (code, verifier) = (Code::new(facts.text()), Verifier::new(facts.text()));
    let (mut fault, mut again) = (true, None);
    match &answer.meaning {
        Meaning::Tokens(tokens) => fault = bound && !tokens.is_dpop(),
        Meaning::Refused(it) if it.wants_nonce() && answer.raw.nonce().is_some() => {
            again = Some(AGAIN);
        }
        Meaning::Refused(it) if it.doubts_proof() => again = Some(LATE),
        _ => {}
    }
    out.add_text(again.filter(|_| bound));
    out.add_text(answer.raw.nonce());
    if fault {
        out.add(&error(driver, &answer, &[code.expose(), verifier.expose()]));
    }
}

fn error(driver: &Driver, answer: &Answer, secrets: &[&str]) -> JsJson {
    let secret = driver.settings().client.secret.expose();
    let secrets = [&[secret], secrets].concat();
    host::error(&Error::answered(answer, &secrets))
}

/// What is wrong with an ID token, and whether it is about time; or how its signature is verified.
fn id_token(driver: &Driver, mut facts: Facts, out: &mut JsJson) {
    let jwt = Jwt::<JsJson>::read(IdToken::new(facts.text()).expose());
    let (issuer, nonce) = (facts.maybe_text(), facts.maybe_text());
    let (sha256, sha512) = (facts.bytes(), facts.bytes());
    let (max_age_s, now_s) = (facts.number(), facts.number().unwrap_or_default());
    let Some(jwt) = jwt else {
        return out.add_text(Some("form"));
    };
    let digest = match Alg::read(&jwt.alg) {
        Some(Alg::EdDsa) => sha512,
        _ => sha256,
    };
    let at_hash = id_token::at_hash(&digest);
    let expected = Expected {
        issuer: issuer.as_deref(),
        client_id: &driver.settings().client.id,
        nonce: nonce.as_deref(),
        at_hash: (!digest.is_empty()).then_some(&at_hash),
        max_age_s,
        now_s,
    };
    match id_token::check(&jwt, &expected) {
        Ok(alg) => {
            out.add_text(None);
            out.add_text(Some(alg.as_str()));
            out.add_text(jwt.kid.as_deref());
            out.add_text(Some(&jwt.signing_input));
            out.add(&JsJson::bytes(&jwt.signature));
        }
        Err(fault) => {
            out.add_text(Some(fault));
            out.add(&JsJson::flag(id_token::is_about_time(fault)));
        }
    }
}

fn key(facts: &mut Facts) -> PublicKey {
    PublicKey {
        x: facts.text(),
        y: facts.text(),
    }
}
