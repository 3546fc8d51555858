//! The rules of the OAuth specifications, and what real servers make of them.

#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/json.rs"]
mod json;

mod answers;
mod base64url;
mod callbacks;
mod codes;
mod dpop;
mod errors;
mod fuzz;
mod hostile;
mod id_tokens;
mod jwts;
mod metadata;
mod properties;
mod requests;
mod secrets;
mod sign_in;
mod sign_in_properties;
mod sign_out;
mod tokens;

use evergrant::oauth::{Answer, Body, Meaning, RawAnswer};
use json::TestJson;
use sha2::{Digest, Sha256};

fn raw(status: u16, body: &str) -> RawAnswer {
    RawAnswer {
        status,
        body: Body::new(body),
        ..RawAnswer::default()
    }
}

fn meaning(status: u16, body: &str) -> Meaning {
    Answer::read::<TestJson>(raw(status, body)).meaning
}

fn sha256(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

/// The decoded parameters of a form or a query.
fn pairs(form: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}

fn owned<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs
        .map(|(name, value)| (name.into(), value.into()))
        .into()
}
