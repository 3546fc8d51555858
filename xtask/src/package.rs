//! The npm package: laid out, its modules flat; packed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::cmd;

use crate::workspace::{Workspace, step};
use crate::{module, setup};

/// The files of the repository that every package carries: what its users read.
const PAPERS: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "docs/errors.md",
    "docs/keeper.md",
    "docs/servers.md",
    "docs/session.md",
    "docs/sign-in.md",
    "docs/storage.md",
];

/// Lays out `target/npm`, once in a run.
pub(crate) fn build(ws: &Workspace) -> Result<()> {
    if ws.built.get() {
        return Ok(());
    }
    setup::wasm_target(ws)?;
    setup::standard_library_source(ws)?;
    setup::npm_packages(ws)?;
    let package = ws.package();
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(package.join("docs"))?;

    module::build(ws, &package)?;
    let hex: String = fs::read(package.join("evergrant_bg.wasm"))?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::write(
        package.join("wasm.js"),
        format!("export const wasm = \"{hex}\";\n"),
    )?;

    for file in files_in(&ws.root.join("js"))? {
        fs::copy(ws.root.join("js").join(&file), package.join(&file))
            .with_context(|| format!("copying js/{file}"))?;
    }
    keeper(ws, &package)?;
    // A paper that is missing is no reason not to build: `pack` finds it.
    for paper in PAPERS.iter().filter(|paper| ws.root.join(paper).exists()) {
        let text =
            fs::read_to_string(ws.root.join(paper)).with_context(|| format!("reading {paper}"))?;
        fs::write(package.join(paper), for_users(&text))
            .with_context(|| format!("writing {paper}"))?;
    }
    let manifest = serde_json::to_string_pretty(&manifest(ws)?)?;
    fs::write(package.join("package.json"), manifest + "\n")?;
    ws.built.set(true);
    Ok(())
}

/// A paper without what is said of a clone: a package has no demo, and none of the papers on how it is made.
fn for_users(text: &str) -> String {
    let mut parts = text.split("<!-- In a clone only -->\n\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let after = part.split_once("<!-- Everywhere -->\n\n");
        kept + after.map_or("", |(_, after)| after)
    })
}

/// The keeper, with what it shares with the page, as one script that is valid wherever a service worker's
/// may be: classic, a module, or imported by another.
fn keeper(ws: &Workspace, package: &Path) -> Result<()> {
    let script = package.join("keeper.js");
    ws.npm_tool("esbuild")
        .arg(&script)
        .args(["--bundle", "--minify", "--format=iife", "--target=es2022"])
        .arg(format!("--outfile={}", script.display()))
        .args(["--allow-overwrite", "--log-level=warning"])
        .run()?;
    Ok(())
}

/// Builds the package and its tarball, which holds exactly the files that pkg.json lists; returns
/// the tarball's path.
pub(crate) fn pack(ws: &Workspace) -> Result<PathBuf> {
    build(ws)?;
    step("packing");
    let listed: BTreeSet<String> = manifest(ws)?["files"]
        .as_array()
        .context("pkg.json lists no `files`")?
        .iter()
        .filter_map(|file| file.as_str().map(str::to_owned))
        .collect();
    same_files(
        "the package as laid out",
        &listed,
        &files_in(&ws.package())?,
    )?;

    let sh = &ws.sh;
    let (package, target) = (ws.package(), &ws.target);
    cmd!(
        sh,
        "npm pack {package} --pack-destination {target} --silent"
    )
    .quiet()
    .ignore_stdout()
    .run()?;
    let tarball = target.join(format!("evergrant-{}.tgz", ws.version));
    let packed = cmd!(sh, "tar -tzf {tarball}").quiet().read()?;
    let packed = packed
        .lines()
        .map(|file| file.trim_start_matches("package/").to_owned())
        .collect();
    same_files("the tarball", &listed, &packed)?;
    Ok(tarball)
}

/// pkg.json with the version of the crate.
fn manifest(ws: &Workspace) -> Result<Value> {
    let text = fs::read_to_string(ws.root.join("pkg.json")).context("reading pkg.json")?;
    let mut manifest: Value = serde_json::from_str(&text).context("reading pkg.json")?;
    let fields = manifest.as_object_mut().context("pkg.json is no object")?;
    fields.shift_insert(1, "version".to_owned(), ws.version.as_str().into());
    Ok(manifest)
}

/// The files in a folder and below it, by their paths in it.
fn files_in(folder: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            let below = files_in(&entry.path())?;
            files.extend(below.iter().map(|file| format!("{name}/{file}")));
        } else {
            files.insert(name);
        }
    }
    Ok(files)
}

fn same_files(what: &str, listed: &BTreeSet<String>, found: &BTreeSet<String>) -> Result<()> {
    if listed == found {
        return Ok(());
    }
    let missing = listed.difference(found).map(|file| format!("\n  - {file}"));
    let stray = found.difference(listed).map(|file| format!("\n  + {file}"));
    bail!(
        "{what} differs from `files` in pkg.json:{}",
        missing.chain(stray).collect::<String>()
    );
}
