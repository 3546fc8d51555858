//! The rules of the OAuth specifications, and what real servers make of them.

#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/json.rs"]
mod json;

mod answers;
mod errors;
mod hostile;
mod properties;
mod requests;
mod secrets;
mod tokens;

use evergrant::oauth::{Answer, Body, Meaning, RawAnswer};
use json::TestJson;

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
