//! The layers of tests, and their totals.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use xshell::{Cmd, cmd};

use crate::workspace::{Workspace, step};
use crate::{package, setup, simulate};

/// Sets up what a layer needs, runs it, and counts.
type Layer = fn(&Workspace) -> Result<Tally>;

/// Every layer by its name, cheapest first.
const LAYERS: &[(&str, Layer)] = &[
    ("native", native),
    ("model", model),
    ("simulation", simulation),
    ("types", types),
    ("js", js),
    ("web", web),
    ("e2e", e2e),
    ("faults", faults),
    ("engines", engines),
    ("interop", interop),
];

/// Runs all layers, or the one asked for. `full` reaches the tests as `EVERGRANT_FULL=1`.
pub(crate) fn run(ws: &Workspace, only: Option<&str>, full: bool) -> Result<()> {
    let chosen: Vec<_> = LAYERS
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = LAYERS.iter().map(|(name, _)| *name).collect();
        bail!("no layer is called that; there are {}", names.join(", "));
    }
    if full {
        ws.sh.set_var("EVERGRANT_FULL", "1");
    }

    let mut total = Tally::default();
    let mut lines = Vec::new();
    for (name, layer) in chosen {
        let start = Instant::now();
        step(&format!("layer {name}"));
        let tally = layer(ws).unwrap_or_else(|error| {
            eprintln!("✗ {name}: {error:#}");
            Tally {
                failed: 1,
                ..Tally::default()
            }
        });
        step(&format!(
            "layer {name} took {} s",
            start.elapsed().as_secs()
        ));
        lines.push(format!("{name}: {tally}"));
        total += tally;
    }
    println!("\n{}\n{total}", lines.join("\n"));
    if total.failed > 0 {
        bail!("there are failed tests");
    }
    Ok(())
}

/// `src/oauth` and `src/session`, which know no browser; and what reads sources here. Tests may say
/// how much they tried.
fn native(ws: &Workspace) -> Result<Tally> {
    let sh = &ws.sh;
    // By the profile in which this is compiled already.
    let mut tally = count(cmd!(sh, "cargo test --package xtask --profile dev"))?;
    tally += count(cmd!(
        sh,
        "cargo test --package evergrant --test oauth --test session --no-fail-fast"
    ))?;
    Ok(tally)
}

/// Every ordering that a model of tabs and server can come to.
fn model(ws: &Workspace) -> Result<Tally> {
    let sh = &ws.sh;
    count(cmd!(
        sh,
        "cargo test --package evergrant --test model -- --nocapture"
    ))
}

/// The compilers that an application may have: the oldest whose syntax the types use, and the newest
/// of each line, by their names in package.json.
const COMPILERS: &[&str] = &["typescript-5.2", "typescript", "typescript-7"];

/// Many random schedules of tabs and faults, the same ones each time.
fn simulation(ws: &Workspace) -> Result<Tally> {
    count(simulate::command(ws, simulate::SEEDS, simulate::FIRST_SEED))
}

/// The types against code that uses them, and against what the package exports.
fn types(ws: &Workspace) -> Result<Tally> {
    package::build(ws)?;
    let mut tally = Tally::default();
    for compiler in COMPILERS {
        step(&format!("checking types with {compiler}"));
        let compiler = ws.root.join("node_modules").join(compiler).join("bin/tsc");
        let tsc = ws.sh.cmd("node").arg(compiler).quiet();
        match tsc.args(["--project", "tests/types"]).run() {
            Ok(()) => tally.passed += 1,
            Err(_) => tally.failed += 1,
        }
    }
    tally += node(ws, "tests/types")?;
    Ok(tally)
}

/// The JavaScript that needs no browser; the keeper by the rules that the model check plays by.
fn js(ws: &Workspace) -> Result<Tally> {
    package::build(ws)?;
    let sh = &ws.sh;
    let keeper = cmd!(sh, "cargo test --package evergrant --test keeper");
    let mut tally = count(keeper.env("EVERGRANT_PACKAGE", ws.package()))?;
    tally += node(ws, "tests/js")?;
    Ok(tally)
}

/// The adapters of `src/browser`, each in Chromium.
fn web(ws: &Workspace) -> Result<Tally> {
    let sh = &ws.sh;
    setup::wasm_target(ws)?;
    setup::chromium(ws)?;
    let driver = setup::chromedriver(ws)?;
    step("compiling the runner of the web tests");
    cmd!(sh, "cargo build --package web-test-runner")
        .quiet()
        .run()?;
    count(
        cmd!(sh, "cargo test --package evergrant --test web --target")
            .arg(setup::WASM)
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                ws.target.join("debug/web-test-runner"),
            )
            .env(
                "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                ws.root.join("tests/web/runner/webdriver.json"),
            )
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
            .env("CHROMEDRIVER", driver),
    )
}

/// The packed tarball in real browsers, against a real authorization server.
fn e2e(ws: &Workspace) -> Result<Tally> {
    packed(ws, "tests/e2e", &["chromium"])
}

/// The same through a proxy that does every fault; prints what became of the session.
fn faults(ws: &Workspace) -> Result<Tally> {
    packed(ws, "tests/e2e/faults", &["chromium"])
}

/// What must hold in every engine, at a server that forgives nothing and at one that does.
fn engines(ws: &Workspace) -> Result<Tally> {
    let sh = &ws.sh;
    let _firefox = sh.push_env("EVERGRANT_FIREFOX", setup::firefox(ws)?);
    let _webkit = sh.push_env("EVERGRANT_WEBKIT_DRIVER", setup::webkit_driver(ws)?);
    let _display = sh.push_env("EVERGRANT_XVFB", setup::display(ws)?);
    let _python = sh.push_env("EVERGRANT_PYTHON", setup::django(ws)?);
    packed(ws, "tests/e2e/engines", &["chromium", "firefox", "webkit"])
}

/// A real Keycloak, through its own log-in form. Not everybody has Java: what is not tried is counted.
fn interop(ws: &Workspace) -> Result<Tally> {
    let Some(keycloak) = setup::keycloak(ws)? else {
        return Ok(Tally {
            skipped: 1,
            ..Tally::default()
        });
    };
    let _keycloak = ws.sh.push_env("EVERGRANT_KEYCLOAK", keycloak);
    // The many rounds are for the engines.
    let _few = ws.sh.push_env("EVERGRANT_FULL", "0");
    packed(ws, "tests/e2e/interop", &["chromium"])
}

/// A folder of Node tests over the packed tarball, in one engine after the other.
fn packed(ws: &Workspace, folder: &str, engines: &[&str]) -> Result<Tally> {
    let sh = &ws.sh;
    let _chromium = sh.push_env("EVERGRANT_CHROMIUM", setup::chromium(ws)?);
    let _tarball = sh.push_env("EVERGRANT_TARBALL", package::pack(ws)?);
    let mut tally = Tally::default();
    for engine in engines {
        let _engine = sh.push_env("EVERGRANT_ENGINE", engine);
        tally += node(ws, folder)?;
    }
    Ok(tally)
}

/// After how many minutes a test file of Node's is ended: one that hangs says so, within CI's time;
/// and where all rounds are run.
const NODE_TIMEOUT: u32 = 15;
const NODE_TIMEOUT_FULL: u32 = 40;

/// Node's test runner over the `*.test.mjs` of a folder, one file after another: they share a small
/// machine.
fn node(ws: &Workspace, folder: &str) -> Result<Tally> {
    let mut files: Vec<PathBuf> = fs::read_dir(ws.root.join(folder))
        .with_context(|| format!("reading {folder}"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        bail!("{folder} holds no *.test.mjs");
    }
    let minutes = match ws.sh.var("EVERGRANT_FULL") {
        Ok(_) => NODE_TIMEOUT_FULL,
        Err(_) => NODE_TIMEOUT,
    };
    count(
        ws.sh
            .cmd("node")
            .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
            .arg(format!("--test-timeout={}", minutes * 60 * 1000))
            .args(files)
            .env("EVERGRANT_PACKAGE", ws.package()),
    )
}

/// Runs a test runner, shows its output as it comes, and reads its totals off its closing lines.
fn count(runner: Cmd<'_>) -> Result<Tally> {
    let mut runner = Command::from(runner.env("NO_COLOR", "1"));
    let mut child = runner
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {runner:?}"))?;
    let mut tally = Tally::default();
    let output = child
        .stdout
        .take()
        .context("the runner's output is piped")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        tally.read(&line);
    }
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        bail!("the test runner failed ({status}) without a failed test");
    }
    if tally.passed + tally.failed == 0 {
        bail!("no test ran");
    }
    Ok(tally)
}

#[derive(Clone, Copy, Default)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Tally {
    /// Adds what a closing line says: `test result: ok. 3 passed; 0 failed; …` of cargo and
    /// wasm-bindgen, `ℹ pass 3` of Node.
    fn read(&mut self, line: &str) {
        if let Some(totals) = line.strip_prefix("test result: ") {
            for (number, word) in totals
                .split([';', '.'])
                .filter_map(|part| part.trim().split_once(' '))
            {
                self.add(word, number);
            }
        } else if let Some((word, number)) = line
            .strip_prefix("ℹ ")
            .and_then(|total| total.split_once(' '))
        {
            self.add(word, number);
        }
    }

    fn add(&mut self, word: &str, number: &str) {
        let Ok(number) = number.parse::<u64>() else {
            return;
        };
        match word {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "cancelled" => self.failed += number,
            "ignored" | "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}
