//! The only way anything in this repository is built, tested, measured or packed.
#![allow(clippy::print_stdout, reason = "printing is what a task runner is for")]

mod arguments;
mod demo;
mod glue;
mod imports;
mod lint;
mod measure;
mod module;
mod package;
mod setup;
mod simulate;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use arguments::Task;
use workspace::Workspace;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let task = arguments::parse()?;
    if let Task::Help = task {
        print!("{}", arguments::HELP);
        return Ok(());
    }
    let ws = Workspace::find()?;
    match task {
        Task::Help => Ok(()),
        Task::Build => package::build(&ws),
        Task::Pack => package::pack(&ws).map(|tarball| println!("{}", tarball.display())),
        Task::Test { only, full } => test::run(&ws, only.as_deref(), full),
        Task::Demo { once, port } => demo::run(&ws, once, port),
        Task::Size { json } => measure::size(&ws, json),
        Task::Bench { only } => measure::bench(&ws, only.as_deref()),
        Task::Simulate { seeds, first } => simulate::run(&ws, seeds, first),
        Task::Fmt { check } => lint::fmt(&ws, check),
        Task::Lint => lint::run(&ws),
    }
}
