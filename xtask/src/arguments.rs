//! What can be asked for on the command line.

use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use crate::simulate;

pub(crate) const HELP: &str = "\
Usage: cargo xtask TASK

  demo [--once] [--port N]      the demo app and its authorization server; --once does
                                the main job headless and prints the result as JSON
  test [--only LAYER] [--full]  every layer of tests, or one; --full runs all rounds
  simulate [--seeds N] [--first-seed S]
                                random schedules of tabs and faults; one seed alone prints
                                what happens in it
  build                         the npm package, laid out in target/npm
  pack                          its tarball, with the exact file list checked
  size [--json]                 what a page ships, held to the budget
  bench [--only NAME]           measurements beside a baseline
  fmt [--check]                 formats Rust and JavaScript
  lint                          clippy, formatting, and the wall round the pure code
";

pub(crate) enum Task {
    Help,
    Build,
    Pack,
    Test { only: Option<String>, full: bool },
    Demo { once: bool, port: Option<u16> },
    Size { json: bool },
    Bench { only: Option<String> },
    Simulate { seeds: u64, first: u64 },
    Fmt { check: bool },
    Lint,
}

pub(crate) fn parse() -> Result<Task> {
    let mut parser = Parser::from_env();
    let mut task = match parser.next()? {
        None | Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Task::Help),
        Some(Arg::Value(name)) => named(&name.string()?)?,
        Some(other) => return Err(other.unexpected().into()),
    };
    while let Some(option) = parser.next()? {
        match (&mut task, option) {
            (_, Arg::Short('h') | Arg::Long("help")) => return Ok(Task::Help),
            (Task::Test { only, .. } | Task::Bench { only }, Arg::Long("only")) => {
                *only = Some(parser.value()?.string()?);
            }
            (Task::Test { full, .. }, Arg::Long("full")) => *full = true,
            (Task::Simulate { seeds, .. }, Arg::Long("seeds")) => {
                *seeds = parser.value()?.parse().context("--seeds wants a number")?;
            }
            (Task::Simulate { first, .. }, Arg::Long("first-seed")) => {
                *first = parser
                    .value()?
                    .parse()
                    .context("--first-seed wants a number")?;
            }
            (Task::Demo { once, .. }, Arg::Long("once")) => *once = true,
            (Task::Demo { port, .. }, Arg::Long("port")) => {
                *port = Some(parser.value()?.parse().context("--port wants a number")?);
            }
            (Task::Size { json }, Arg::Long("json")) => *json = true,
            (Task::Fmt { check }, Arg::Long("check")) => *check = true,
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    Ok(task)
}

fn named(name: &str) -> Result<Task> {
    Ok(match name {
        "help" => Task::Help,
        "build" => Task::Build,
        "pack" => Task::Pack,
        "test" => Task::Test {
            only: None,
            full: false,
        },
        "demo" => Task::Demo {
            once: false,
            port: None,
        },
        "size" => Task::Size { json: false },
        "bench" => Task::Bench { only: None },
        "simulate" => Task::Simulate {
            seeds: simulate::SEEDS,
            first: simulate::FIRST_SEED,
        },
        "fmt" => Task::Fmt { check: false },
        "lint" => Task::Lint,
        _ => bail!("no task is called `{name}`; `cargo xtask help` lists them"),
    })
}
