//! What a build or a test needs, made sure of: found, or installed.

use std::fs;
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
    program(
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
    program(ws, "CHROMEDRIVER", &["chromedriver"], "chromium-driver")
}

/// The path of Firefox: `EVERGRANT_FIREFOX`, what is installed, or what apt brings.
pub(crate) fn firefox(ws: &Workspace) -> Result<PathBuf> {
    program(
        ws,
        "EVERGRANT_FIREFOX",
        &["firefox-esr", "firefox"],
        "firefox-esr",
    )
}

/// The path of the driver of WebKitGTK, which brings a browser along: `EVERGRANT_WEBKIT_DRIVER`, what
/// is installed, or what apt brings.
pub(crate) fn webkit_driver(ws: &Workspace) -> Result<PathBuf> {
    program(
        ws,
        "EVERGRANT_WEBKIT_DRIVER",
        &["WebKitWebDriver"],
        "webkit2gtk-driver",
    )
}

/// The path of a display without a screen, for WebKitGTK: `EVERGRANT_XVFB`, what is installed, or
/// what apt brings.
pub(crate) fn display(ws: &Workspace) -> Result<PathBuf> {
    program(ws, "EVERGRANT_XVFB", &["Xvfb"], "xvfb")
}

/// The path of a Python that has what tests/e2e/django asks for, in an environment of its own below
/// the target directory. `EVERGRANT_PYTHON`, or what is on the PATH, makes it.
pub(crate) fn django(ws: &Workspace) -> Result<PathBuf> {
    let sh = &ws.sh;
    let environment = ws.target.join("django");
    let python = environment.join("bin/python");
    let wanted = ws.root.join("tests/e2e/django/requirements.txt");
    let installed = environment.join("requirements.txt");
    if fs::read(&installed).is_ok_and(|it| fs::read(&wanted).is_ok_and(|wanted| it == wanted)) {
        return Ok(python);
    }
    let maker = program(ws, "EVERGRANT_PYTHON", &["python3"], "python3-venv")?;
    step("installing django-oauth-toolkit");
    let make = || {
        cmd!(sh, "{maker} -m venv --clear {environment}")
            .quiet()
            .ignore_stdout()
            .run()
    };
    // Debian's Python comes without the module.
    make().or_else(|_| apt(ws, "python3-venv").and_then(|()| Ok(make()?)))?;
    cmd!(
        sh,
        "{python} -m pip install --quiet --disable-pip-version-check --requirement {wanted}"
    )
    .quiet()
    .run()?;
    fs::copy(&wanted, &installed)?;
    Ok(python)
}

fn program(ws: &Workspace, variable: &str, names: &[&str], package: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    if let Some(path) = find(names) {
        return Ok(path);
    }
    apt(ws, package).with_context(|| {
        format!(
            "install {} or set {variable} to its path",
            names.join(" or ")
        )
    })?;
    find(names).with_context(|| {
        format!(
            "apt installed {package}, but none of {} is on the PATH",
            names.join(", ")
        )
    })
}

/// Installs a package of Debian's, where that can be done without asking.
fn apt(ws: &Workspace, package: &str) -> Result<()> {
    let sh = &ws.sh;
    let debian = Path::new("/etc/debian_version").exists() && find(&["apt-get"]).is_some();
    let root = || {
        cmd!(sh, "id -u")
            .quiet()
            .read()
            .is_ok_and(|user| user == "0")
    };
    if !(debian && root()) {
        bail!("{package} is missing");
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
    Ok(())
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
