//! The engine against a small world of tabs, a store, locks and a server, in virtual time.
#![allow(clippy::unwrap_used)]

#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/json.rs"]
mod json;
#[path = "../support/keeper.rs"]
mod keeper;
#[allow(dead_code, reason = "the simulation draws more")]
#[path = "../support/odd.rs"]
mod odd;
#[path = "../support/server.rs"]
mod server;
#[allow(dead_code, reason = "the simulation draws more")]
#[path = "../support/story.rs"]
mod story;
#[path = "../support/world.rs"]
mod world;

mod answers;
mod attempts;
mod backing_off;
mod bound;
mod callers;
mod ending;
mod failing;
mod faults;
mod hostile;
mod keeping;
mod keeping_late;
mod losing;
mod meeting;
mod names;
mod other_users;
mod preparing;
mod properties;
mod publishing;
mod readings;
mod records;
mod refreshing;
mod refusals;
mod restoring;
mod rotating;
mod saving;
mod scheduling;
mod sharing;
mod signing_out;
mod stealing;
mod told_why;
mod traces;
mod traces_later;
mod traces_of_the_keeper;
mod traces_of_theft;
mod unsaved;
mod wrong_clocks;
