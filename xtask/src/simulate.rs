//! Random schedules of tabs and faults, each drawn from its seed.

use anyhow::{Context, Result};
use xshell::{Cmd, cmd};

use crate::workspace::Workspace;

/// What the layer of tests runs, and from where, so that it is the same each time.
pub(crate) const SEEDS: u64 = 100_000;
pub(crate) const FIRST_SEED: u64 = 1;

/// Runs them, and fails if one breaks an invariant.
pub(crate) fn run(ws: &Workspace, seeds: u64, first: u64) -> Result<()> {
    command(ws, seeds, first)
        .quiet()
        .run()
        .context("a schedule broke an invariant, or could not be run")
}

/// The run as the test runner does it.
pub(crate) fn command(ws: &Workspace, seeds: u64, first: u64) -> Cmd<'_> {
    let sh = &ws.sh;
    cmd!(
        sh,
        "cargo test --package evergrant --test simulation -- --nocapture"
    )
    .env("EVERGRANT_SEEDS", seeds.to_string())
    .env("EVERGRANT_FIRST_SEED", first.to_string())
    .env("RUST_BACKTRACE", "0")
}
