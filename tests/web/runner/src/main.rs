//! wasm-bindgen's own test runner, at the version that Cargo.lock names. Cargo starts it with the
//! compiled tests.

use std::env;

fn main() -> anyhow::Result<()> {
    // Cargo starts tests at the top of the crate. The runner serves the current directory beside
    // the tests, so that `./idb.js` is the module of the package.
    env::set_current_dir("js")?;
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os())
}
