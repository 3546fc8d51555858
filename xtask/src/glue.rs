//! What wasm-bindgen provides for cases that do not arise here, left out of the module and its glue.
//!
//! gloo-net sends a request, and nobody waits there for the answer (`src/browser/fetch.rs`): what would
//! read it is never called.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};
use wasm_bindgen_cli_support::Output;

/// What gloo-net would call with an answer in hand, and what nobody else calls, by how the names begin. Code of
/// ours that clones a value of JavaScript's, or asks whether it is a string, has to take that off this list: it
/// would trap.
const NEVER_CALLED: &[&str] = &[
    "__wbg_instanceof_Error_",
    "__wbg_instanceof_Response_",
    "__wbg_message_",
    "__wbg_name_",
    "__wbg_toString_",
    "__wbg___wbindgen_is_string_",
    "__wbg___wbindgen_throw_",
    "__wbindgen_object_clone_ref",
];

/// What it calls to wait for one.
const THEN: &str = "__wbg_then_";

/// Functions of the module that are never called either, by what their names hold: the calls of closures, of
/// which js-sys brings some forty, and what waits for their results.
const NEVER_RUN: &[&str] = &[
    "::convert::closures::_::invoke::<",
    "::closure::WasmClosureFnOnce<",
    "::from::finish::<",
    "::futures::jspi::",
];

/// The number by which the glue knows `undefined`.
const UNDEFINED: i32 = 1024;

/// Functions by their names, and what they are replaced by.
const FUNCTIONS: &[(&str, &str)] = &[
    // Texts are short: they are not first written in place, for the case that they are plain ASCII.
    (
        "passStringToWasm0",
        "function passStringToWasm0(arg, malloc) {
    const bytes = cachedTextEncoder.encode(arg);
    WASM_VECTOR_LEN = bytes.length;
    const ptr = malloc(WASM_VECTOR_LEN, 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, ptr);
    return ptr;
}",
    ),
    // No page decodes 2 GB of texts, after which an old Safari would fail.
    (
        "decodeText",
        "function decodeText(bytes) {
    return cachedTextDecoder.decode(bytes);
}",
    ),
    // A view costs no more than to find out whether the memory has grown away from under it.
    (
        "getDataViewMemory0",
        "function getDataViewMemory0() {
    return new DataView(wasm.memory.buffer);
}",
    ),
    (
        "getUint8ArrayMemory0",
        "function getUint8ArrayMemory0() {
    return new Uint8Array(wasm.memory.buffer);
}",
    ),
    // It knows its own state, and is called when the instance has failed, not by the next call after that.
    (
        "__wbg_reset_state",
        "function __wbg_reset_state() {
    heap = new Array(1024).fill(undefined);
    heap.push(undefined, null, true, false);
    heap_next = heap.length;
    wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());
    wasm = wasmInstance.exports;
    wasm.__wbindgen_start();
}",
    ),
    ("__wbg_call_guard", ""),
    // Closures wait for answers alone: they are dropped, and never called.
    (
        "makeMutClosure",
        "function makeMutClosure(arg0, arg1) {
    return { _wbg_cb_unref: () => wasm.__wbindgen_destroy_closure(arg0, arg1) };
}",
    ),
];

/// Statements that go, by how their lines begin: what the functions above do not need.
const STATEMENTS: &[&str] = &[
    "cachedDataViewMemory0 = null;",
    "cachedUint8ArrayMemory0 = null;",
    "let cachedDataViewMemory0 = null;",
    "let cachedUint8ArrayMemory0 = null;",
    "let numBytesDecoded = 0;",
    "const MAX_SAFARI_DECODE_BYTES",
    "__wbg_call_guard();",
    "let __wbg_reinit_scheduled = false;",
    "let __wbg_instance_id = 0;",
];

/// Has the module do without the imports that are never called.
pub(crate) fn forget_answers(bound: &mut Output) -> Result<()> {
    let module = bound.wasm_mut();
    for begin in NEVER_CALLED.iter().chain([&THEN]) {
        let import = module.imports.iter().find(|it| it.name.starts_with(begin));
        let import = import.with_context(|| format!("the module imports no `{begin}`"))?;
        let (from, name) = (import.module.clone(), import.name.clone());
        let function = module.imports.get_func(from, name)?;
        module.replace_imported_func(function, |(body, _)| {
            if *begin == THEN {
                body.i32_const(UNDEFINED);
            } else {
                body.unreachable();
            }
        })?;
    }
    let mut idle = Vec::new();
    for (function, local) in module.funcs.iter_local() {
        let name = function_name(module, function);
        if NEVER_RUN.iter().any(|it| name.contains(it)) && !name.contains("drop_in_place") {
            idle.push((function, local.ty(), local.args.clone()));
        }
    }
    ensure!(idle.len() > 40, "the module names its functions otherwise");
    for (function, ty, arguments) in idle {
        let (takes, gives) = module.types.params_results(ty);
        let (takes, gives) = (takes.to_vec(), gives.to_vec());
        let mut body = FunctionBuilder::new(&mut module.types, &takes, &gives);
        body.func_body().unreachable();
        let body = body.local_func(arguments);
        module.funcs.get_mut(function).kind = FunctionKind::Local(body);
    }
    Ok(())
}

fn function_name(module: &Module, function: FunctionId) -> &str {
    module
        .funcs
        .get(function)
        .name
        .as_deref()
        .unwrap_or_default()
}

/// The glue without what neither the module nor its users call.
pub(crate) fn trim(glue: &str) -> Result<String> {
    let mut glue = glue.replace(", wasm.__wbindgen_realloc)", ")");
    for (name, shorter) in FUNCTIONS {
        let range = block(&glue, &format!("function {name}"), "\n}\n")?;
        glue.replace_range(range, &format!("{shorter}\n"));
    }
    let range = block(&glue, "const CLOSURE_DTORS =", "\n});\n")?;
    glue.replace_range(range, "");
    let range = block(&glue, "function wasm_bindgen_", "\n}\n")?;
    glue.replace_range(range, "");
    let invoke = block(&glue, ", wasm_bindgen_", ")")?;
    glue.replace_range(invoke, ")");
    for name in NEVER_CALLED.iter().chain([&THEN]) {
        let range = block(&glue, &format!("        {name}"), "\n        },\n")?;
        glue.replace_range(range, "");
    }
    for begin in STATEMENTS {
        let is_it = |line: &str| line.trim_start().starts_with(begin);
        ensure!(glue.lines().any(is_it), "the glue has no `{begin}`");
        let rest: Vec<_> = glue.lines().filter(|line| !is_it(line)).collect();
        glue = rest.join("\n");
    }
    Ok(glue)
}

/// Where the block of lines lies that begins and ends so.
fn block(glue: &str, begin: &str, end: &str) -> Result<Range<usize>> {
    let missing = || format!("the glue has no `{begin}`");
    let start = glue.find(begin).with_context(missing)?;
    let length = glue.get(start..).and_then(|rest| rest.find(end));
    Ok(start..start + length.with_context(missing)? + end.len())
}
