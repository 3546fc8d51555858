//! Where things are, and how a command is run there.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Cmd, Shell, cmd};

/// This repository, with a shell whose current directory is its top.
pub(crate) struct Workspace {
    pub(crate) sh: Shell,
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the user's settings put it.
    pub(crate) target: PathBuf,
    /// The version of the crate, and so of the package.
    pub(crate) version: String,
    /// Whether this run has built the package already.
    pub(crate) built: Cell<bool>,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // Cargo's word at run time, not at compile time: one target directory may serve several
        // clones.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = Path::new(&xtask)
            .parent()
            .context("xtask lies one folder below the top")?
            .to_path_buf();
        let sh = Shell::new()?;
        sh.change_dir(&root);
        let metadata = cmd!(sh, "cargo metadata --no-deps --format-version 1")
            .quiet()
            .read()?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let version = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["name"] == "evergrant")
            .and_then(|package| package["version"].as_str())
            .context("Cargo.toml names no package `evergrant`")?
            .to_owned();
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo names no target directory")?
            .into();
        Ok(Self {
            sh,
            root,
            target,
            version,
            built: Cell::new(false),
        })
    }

    /// The npm package as it is published.
    pub(crate) fn package(&self) -> PathBuf {
        self.target.join("npm")
    }

    /// A command line tool of the npm packages.
    pub(crate) fn npm_tool(&self, name: &str) -> Cmd<'_> {
        self.sh
            .cmd(self.root.join("node_modules/.bin").join(name))
            .quiet()
    }
}

/// Says what takes its time now.
pub(crate) fn step(what: &str) {
    eprintln!("▸ {what}");
}
