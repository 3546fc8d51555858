//! What a build or a test needs, made sure of: found, or installed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::workspace::{Workspace, step};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The standard library for wasm.
pub(crate) fn wasm_target(ws: &Workspace) -> Result<()> {
    let sh = &ws.sh;
    let sysroot = cmd!(sh, "rustc --print sysroot").quiet().read()?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).exists() {
        return Ok(());
    }
    step("adding the Rust target wasm32-unknown-unknown");
    cmd!(sh, "rustup target add {WASM}")
        .quiet()
        .run()
        .context("the Rust target wasm32-unknown-unknown is missing; install it by rustup")
}

/// The source of the standard library, which is built along with the module.
pub(crate) fn standard_library_source(ws: &Workspace) -> Result<()> {
    let sh = &ws.sh;
    let sysroot = cmd!(sh, "rustc --print sysroot").quiet().read()?;
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock");
    if source.exists() {
        return Ok(());
    }
    step("adding the source of the Rust standard library");
    cmd!(sh, "rustup component add rust-src")
        .quiet()
        .run()
        .context("the Rust component rust-src is missing; install it by rustup")
}

/// The development tools that package-lock.json names.
pub(crate) fn npm_packages(ws: &Workspace) -> Result<()> {
    let sh = &ws.sh;
    let modified = |path: &str| {
        ws.root
            .join(path)
            .metadata()
            .and_then(|file| file.modified())
    };
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_ok_and(|installed| {
        modified("package-lock.json").is_ok_and(|locked| installed >= locked)
    }) {
        return Ok(());
    }
    if find(&["npm"]).is_none() {
        bail!("Node.js 20 or later with npm is needed; install it and try again");
    }
    step("installing npm packages");
    cmd!(sh, "npm ci --no-audit --no-fund").quiet().run()?;
    Ok(())
}

/// The path of Chromium or Chrome: `EVERGRANT_CHROMIUM`, what is installed, or what apt brings.
pub(crate) fn chromium(ws: &Workspace) -> Result<PathBuf> {
    browser_tool(
        ws,
        "EVERGRANT_CHROMIUM",
        &[
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
        ],
        "chromium",
    )
}

/// The path of the driver that fits [`chromium`]: `CHROMEDRIVER`, what is installed, or what apt
/// brings.
pub(crate) fn chromedriver(ws: &Workspace) -> Result<PathBuf> {
    browser_tool(ws, "CHROMEDRIVER", &["chromedriver"], "chromium-driver")
}

fn browser_tool(ws: &Workspace, variable: &str, names: &[&str], package: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    if let Some(path) = find(names) {
        return Ok(path);
    }
    let sh = &ws.sh;
    let debian = Path::new("/etc/debian_version").exists() && find(&["apt-get"]).is_some();
    let root = || {
        cmd!(sh, "id -u")
            .quiet()
            .read()
            .is_ok_and(|user| user == "0")
    };
    if !(debian && root()) {
        bail!(
            "{package} is missing; install {} or set {variable} to its path",
            names.join(" or ")
        );
    }
    step(&format!("installing {package}"));
    let _env = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
    cmd!(sh, "apt-get update -qq").quiet().run()?;
    cmd!(
        sh,
        "apt-get install -y -qq --no-install-recommends {package}"
    )
    .quiet()
    .run()?;
    find(names).with_context(|| {
        format!(
            "apt installed {package}, but none of {} is on the PATH",
            names.join(", ")
        )
    })
}

/// The first of the programs that is on the PATH.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}
