//! What a build or a test needs, made sure of: found, or installed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{Cmd, cmd};

use crate::workspace::{Workspace, step};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The version of Keycloak, and the oldest Java that runs it.
const KEYCLOAK: &str = "26.7.3";
const JAVA: u32 = 17;

/// The standard library for wasm.
pub(crate) fn wasm_target(ws: &Workspace) -> Result<()> {
    let sh = &ws.sh;
    let sysroot = cmd!(sh, "rustc --print sysroot").quiet().read()?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).exists() {
        return Ok(());
    }
    step("adding the Rust target wasm32-unknown-unknown");
    download(cmd!(sh, "rustup target add {WASM}"))
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
    download(cmd!(sh, "rustup component add rust-src"))
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
    download(cmd!(sh, "npm ci --no-audit --no-fund"))
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
    download(cmd!(
        sh,
        "{python} -m pip install --quiet --disable-pip-version-check --requirement {wanted}"
    ))?;
    fs::copy(&wanted, &installed)?;
    Ok(python)
}

/// The folder of Keycloak, below the target directory. Nothing, and a sentence, on a machine that has not what runs
/// it or brings it.
pub(crate) fn keycloak(ws: &Workspace) -> Result<Option<PathBuf>> {
    let sh = &ws.sh;
    if java(ws).is_none_or(|version| version < JAVA) {
        step(&format!(
            "Keycloak is not tried: it needs Java {JAVA} or later, and there is none"
        ));
        return Ok(None);
    }
    let name = format!("keycloak-{KEYCLOAK}");
    let folder = ws.target.join(&name);
    if folder.exists() {
        return Ok(Some(folder));
    }
    if find(&["mvn"]).is_none() {
        step("Keycloak is not tried: Maven brings it, and there is none");
        return Ok(None);
    }
    step("downloading Keycloak");
    let unpacked = ws.target.join("keycloak-unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    fs::create_dir_all(&unpacked)?;
    // Maven unpacks by itself, which not every machine has a program for; and it leaves notes in the folder it is run
    // in.
    let _there = sh.push_dir(&unpacked);
    download(cmd!(
        sh,
        "mvn --quiet --batch-mode -Dstyle.color=never dependency:unpack -Dartifact=org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:zip -DoutputDirectory={unpacked}"
    ))
    .context("Maven could not bring Keycloak; this needs the network once")?;
    fs::rename(unpacked.join(&name), &folder)?;
    fs::remove_dir_all(&unpacked)?;
    Ok(Some(folder))
}

/// The version of the Java that Keycloak's script would take, if there is one.
fn java(ws: &Workspace) -> Option<u32> {
    let java = match std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty()) {
        Some(home) => Path::new(&home).join("bin/java"),
        None => find(&["java"])?,
    };
    let said = ws.sh.cmd(java).arg("-version").quiet().read_stderr().ok()?;
    major_version(&said)
}

/// The version in `openjdk version "17.0.15" 2025-04-15`. What came before Java 9 calls itself 1.
fn major_version(said: &str) -> Option<u32> {
    let (_, version) = said.split_once("version \"")?;
    let digits = version.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok()
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
    download(cmd!(
        sh,
        "apt-get update -qq -o APT::Update::Error-Mode=any"
    ))?;
    download(cmd!(
        sh,
        "apt-get install -y -qq --no-install-recommends {package}"
    ))
}

/// Runs a command that uses the network: up to three times, since a connection may break off.
fn download(command: Cmd<'_>) -> Result<()> {
    let command = command.quiet();
    for _ in 0..2 {
        if command.run().is_ok() {
            return Ok(());
        }
        step("that failed; trying again");
    }
    Ok(command.run()?)
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

#[cfg(test)]
mod tests {
    use super::major_version;

    #[test]
    fn java_says_its_version_in_more_than_one_way() {
        for (said, version) in [
            (
                "openjdk version \"17.0.15\" 2025-04-15\nOpenJDK …",
                Some(17),
            ),
            ("Picked up …\nopenjdk version \"25\" 2025-09-16", Some(25)),
            ("openjdk version \"26-ea\" 2026-03-17", Some(26)),
            ("java version \"1.8.0_402\"", Some(1)),
            ("java: command not found", None),
        ] {
            assert_eq!(major_version(said), version, "{said}");
        }
    }
}
