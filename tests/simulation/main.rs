//! Seeded schedules of tabs, faults and time: whatever a seed draws, the invariants hold.
//!
//! ```text
//! cargo xtask simulate --seeds N [--first-seed S]
//! ```
//!
//! prints the rate and the violations; for each of the first few, its seed, the fewest of its steps
//! that still break something, and what happened, line by line. One seed alone prints its own.
#![allow(
    clippy::print_stdout,
    reason = "the rate and the traces are the result"
)]
#![allow(missing_docs)]

#[allow(dead_code, reason = "its other half makes JSON for other tests")]
#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/json.rs"]
mod json;
#[path = "../support/keeper.rs"]
mod keeper;
#[path = "../support/odd.rs"]
mod odd;
mod run;
mod schedule;
#[allow(dead_code, reason = "the tables of tests/session ask it for more")]
#[path = "../support/server.rs"]
mod server;
#[path = "../support/story.rs"]
mod story;
mod trace;
#[allow(
    dead_code,
    unused_imports,
    reason = "the tables of tests/session ask it for more"
)]
#[path = "../support/world.rs"]
mod world;

use std::env;

/// Where `cargo xtask test` begins.
const FIRST_SEED: u64 = 1;

/// How many schedules are run where nobody says.
const SEEDS: u64 = 2_000;

/// How many violations are shown.
const SHOWN: usize = 3;

#[test]
fn whatever_a_seed_draws_the_invariants_hold() {
    let asked = |name| env::var(name).ok().map(|n| n.parse().expect("a number"));
    let first = asked("EVERGRANT_FIRST_SEED").unwrap_or(FIRST_SEED);
    let seeds = asked("EVERGRANT_SEEDS").unwrap_or(SEEDS);
    let outcome = run::all(first, seeds);
    for seed in outcome.violations.iter().take(SHOWN) {
        println!("{}", trace::of_fewest_steps(*seed));
    }
    if seeds == 1 && outcome.violations.is_empty() {
        println!("{}", trace::of(first));
    }
    println!("{} schedules, {} per second", seeds, outcome.per_second);
    println!("violations: {}", outcome.violations.len());
    assert!(
        outcome.violations.is_empty(),
        "seeds with violations: {:?}",
        &outcome.violations[..outcome.violations.len().min(20)]
    );
}
