//! The wasm module and its glue: compiled, bound, named shortly, made small.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto, Output};
use xshell::cmd;

use crate::glue;
use crate::setup::WASM;
use crate::workspace::{Workspace, step};

/// What rustc emits for wasm32, named one by one: with `--all-features`, wasm-opt writes modules that
/// browsers refuse.
const WASM_FEATURES: &[&str] = &[
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// What wasm-opt does. Only what keeps the module's meaning, its traps included; chosen for the
/// compressed size.
const PASSES: &[&str] = &[
    // What is repeated compresses better than what is shared through locals, or stored without its
    // zeros.
    "--skip-pass=local-cse",
    "--skip-pass=simplify-locals",
    "--skip-pass=memory-packing",
    // The first 1,024 bytes are the far end of the stack.
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // Alignments are hints; without them, equal instructions are equal bytes.
    "--dealign",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// How the compiler and the linker are called.
const RUSTFLAGS: &[&str] = &[
    "-Zunstable-options",
    // No text for a panic, and no place: nothing in a browser would print it.
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
    // Whatever is copied or zeroed is so by one instruction, not by a pair for every eight bytes.
    "-Cllvm-args=-max-store-memcpy=1 -max-store-memmove=1 -max-store-memset=1",
    // Nothing is computed earlier, or kept beside, to spare a branch or a loop its computation.
    "-Cllvm-args=-enable-pre=false -opt-disable=licm -disable-lsr",
    // What is JavaScript's is known by number: the glue's list of it is smaller than a table with its
    // allocator, and a function that takes two forms for each that is called.
    "-Ctarget-feature=-reference-types",
    // Half the usual stack, so that the data behind it has addresses of three bytes, not four.
    "-Clink-arg=-zstack-size=524288",
];

/// Writes the module and its glue into the package. Every step's worth is in
/// docs/adr/0005-how-the-module-is-made-small.md.
pub(crate) fn build(ws: &Workspace, package: &Path) -> Result<()> {
    let wasm = package.join("evergrant_bg.wasm");
    compile(ws)?;
    let mut bound = bind(&ws.target.join(WASM).join("release/evergrant.wasm"))?;
    step("making it small");
    glue::forget_answers(&mut bound)?;
    bound.emit(package)?;
    let glue = package.join("evergrant.js");
    fs::write(&glue, glue::trim(&fs::read_to_string(&glue)?)?)?;
    let names = shorten(ws, &bound, &glue)?;
    rename(&mut bound, &names, &fs::read_to_string(glue)?)?;
    fs::write(&wasm, bound.wasm_mut().emit_wasm())?;
    optimize(ws, &wasm)
}

/// The standard library is built along with the module, without the code that prints panics.
fn compile(ws: &Workspace) -> Result<()> {
    step("compiling the wasm module");
    cmd!(
        ws.sh,
        "cargo rustc --package evergrant --release --lib --target {WASM}"
    )
    // Nothing but the module: if a library for Rust came out as well, cargo would leave out the
    // link-time optimization.
    .args(["--crate-type", "cdylib"])
    .args(["-Zbuild-std=std,panic_abort"])
    .args(["-Zbuild-std-features=optimize_for_size"])
    .env("RUSTC_BOOTSTRAP", "1")
    .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"))
    .quiet()
    .run()?;
    Ok(())
}

/// Makes the glue. The module's path is left out of it (the entries know it): bundlers would emit
/// an unused second copy.
fn bind(module: &Path) -> Result<Output> {
    let bound = Bindgen::new()
        .input_path(module)
        .web(true)?
        .omit_default_module_path(true)
        .encode_into(EncodeInto::Always)
        .typescript(false)
        // A panic leaves an instance that is of no use: js/guard.js starts another.
        .reset_state_function(true)
        .out_name("evergrant")
        .generate_output()
        .with_context(|| format!("binding {}", module.display()))?;
    ensure!(
        bound.snippets().values().all(Vec::is_empty) && bound.local_modules().is_empty(),
        "the package is flat: bind a module of js/ by `raw_module = \"./name.js\"`, not by `module`"
    );
    Ok(bound)
}

/// Gives the glue short names for what it and the module have in common, and returns the new names
/// by the old ones, which are long, end in hashes, and stand in both.
fn shorten(ws: &Workspace, bound: &Output, glue: &Path) -> Result<Map<String, Value>> {
    let module = bound.wasm();
    let imported = module.imports.iter().flat_map(|it| [&it.module, &it.name]);
    let exported = module.exports.iter().map(|it| &it.name);
    let old: BTreeSet<String> = imported
        .chain(exported)
        .filter(|name| is_generated(name))
        .map(|name| name.replace('.', r"\."))
        .collect();
    let old = old.into_iter().collect::<Vec<_>>().join("|");
    let new = ws.target.join("names.json");
    fs::write(&new, "{}")?;
    ws.npm_tool("esbuild")
        .arg(glue)
        .arg(format!("--mangle-props=^({old})$"))
        .arg("--mangle-quoted")
        .arg(format!("--mangle-cache={}", new.display()))
        .arg(format!("--outfile={}", glue.display()))
        // What gloo-net calls has to outlive the module.
        .arg("--banner:js=import { fetch } from \"./http.js\";")
        // What the glue would print is advice to those who call it in ways that nobody does here.
        .args(["--drop:console", "--allow-overwrite", "--log-level=warning"])
        .run()?;
    let new = fs::read_to_string(&new).context("reading the short names")?;
    serde_json::from_str(&new).context("reading the short names")
}

/// Gives the module the names that the glue has. Exports that the glue does not use go, and with
/// them what they alone kept alive.
fn rename(bound: &mut Output, names: &Map<String, Value>, glue: &str) -> Result<()> {
    let (mut unused, module) = (Vec::new(), bound.wasm_mut());
    for import in module.imports.iter_mut() {
        for name in [&mut import.module, &mut import.name] {
            ensure!(
                shortened(name, names),
                "the module imports `{name}`, which the glue does not provide"
            );
        }
    }
    for export in module.exports.iter_mut() {
        if !shortened(&mut export.name, names) {
            ensure!(
                !glue.contains(&export.name),
                "the glue uses the export `{}` in a way that esbuild does not see",
                export.name
            );
            unused.push(export.id());
        }
    }
    for export in unused {
        module.exports.delete(export);
    }
    let exported: BTreeSet<_> = module.exports.iter().map(|it| it.name.as_str()).collect();
    for (at, prefix) in glue.match_indices("wasm.") {
        let called = glue.get(at + prefix.len()..).unwrap_or_default();
        let end = called.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let name = called.get(..end.unwrap_or(called.len())).unwrap_or(called);
        ensure!(
            exported.contains(name),
            "the glue uses `{name}`, which the module does not export"
        );
    }
    Ok(())
}

/// Shortens a name if it is one to be shortened; false if it has no short one.
fn shortened(name: &mut String, names: &Map<String, Value>) -> bool {
    if is_generated(name) {
        let Some(short) = names.get(name).and_then(Value::as_str) else {
            return false;
        };
        *name = short.to_owned();
    }
    true
}

/// Whether a name can only be one of wasm-bindgen's. A plain word, like `memory`, could be another
/// property in the glue as well, and stays.
fn is_generated(name: &str) -> bool {
    name.contains('_')
}

fn optimize(ws: &Workspace, wasm: &Path) -> Result<()> {
    ws.npm_tool("wasm-opt")
        .args(WASM_FEATURES)
        .args(PASSES)
        .args([wasm, Path::new("-o"), wasm])
        .run()?;
    Ok(())
}
