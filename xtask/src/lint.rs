//! Formatting, clippy, the wall round the pure code, and imports that may throw.

use std::fs;

use anyhow::{Result, bail};
use xshell::cmd;

use crate::imports;
use crate::setup::{self, WASM};
use crate::workspace::{Workspace, step};

/// The crates that touch the platform; `src/oauth` and `src/session` name none of them.
const WASM_CRATES: &[&str] = &[
    "wasm_bindgen",
    "js_sys",
    "web_sys",
    "gloo",
    "serde_wasm_bindgen",
];

/// What Prettier looks after. Prose and settings for machines stay as they are written.
const PRETTIER: &[&str] = &["js", "www", "tests", "bench", "*.json"];

pub(crate) fn fmt(ws: &Workspace, check: bool) -> Result<()> {
    let sh = &ws.sh;
    setup::npm_packages(ws)?;
    step("formatting Rust");
    cmd!(sh, "cargo fmt --all")
        .args(check.then_some("--check"))
        .quiet()
        .run()?;
    step("formatting JavaScript");
    let how = if check { "--check" } else { "--write" };
    ws.npm_tool("prettier")
        .args([how, "--log-level=warn", "--ignore-unknown"])
        .args(PRETTIER)
        .run()?;
    Ok(())
}

pub(crate) fn run(ws: &Workspace) -> Result<()> {
    let sh = &ws.sh;
    fmt(ws, true)?;
    pure_code(ws)?;
    step("looking for imports that may throw");
    imports::check(&ws.root, "src")?;
    step("clippy, native");
    cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings")
        .quiet()
        .run()?;
    step("clippy, wasm");
    setup::wasm_target(ws)?;
    cmd!(
        sh,
        "cargo clippy --package evergrant --lib --test web --target {WASM} -- -D warnings"
    )
    .quiet()
    .run()?;
    Ok(())
}

/// The crate for a native target has no wasm crate in its tree, and the pure folders name none.
fn pure_code(ws: &Workspace) -> Result<()> {
    let sh = &ws.sh;
    step("looking for wasm crates in the pure code");
    let tree = cmd!(sh, "cargo tree --package evergrant --edges normal")
        .args(["--prefix", "none", "--target", "x86_64-unknown-linux-gnu"])
        .quiet()
        .read()?;
    for name in WASM_CRATES {
        let name = name.replace('_', "-");
        if let Some(line) = tree.lines().find(|line| line.starts_with(&name)) {
            bail!("the native crate depends on {line}; make it a dependency for wasm32 alone");
        }
    }
    let mut folders = vec![ws.root.join("src/oauth"), ws.root.join("src/session")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path)?;
            if let Some(name) = WASM_CRATES.iter().find(|name| text.contains(**name)) {
                bail!(
                    "{} names {name}; what touches the platform belongs into src/browser",
                    path.display()
                );
            }
        }
    }
    Ok(())
}
