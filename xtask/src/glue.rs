//! What the glue of wasm-bindgen has for cases that do not arise here, in fewer words.

use anyhow::{Context, Result, ensure};

/// Functions by their names, and what they are replaced by.
const FUNCTIONS: &[(&str, &str)] = &[
    // Texts are short: they are not encoded in place first, for the case that they are plain ASCII.
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
    // A view costs less than to find out whether the memory has grown away from under it.
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
];

/// Statements that go, by how their lines begin: what the functions above do not need; and closures that
/// are collected by JavaScript, where Rust always lets go of them first.
const STATEMENTS: &[&str] = &[
    "cachedDataViewMemory0 = null;",
    "cachedUint8ArrayMemory0 = null;",
    "let cachedDataViewMemory0 = null;",
    "let cachedUint8ArrayMemory0 = null;",
    "if (typeof numBytesDecoded",
    "let numBytesDecoded = 0;",
    "const MAX_SAFARI_DECODE_BYTES",
    "if (typeof WASM_VECTOR_LEN",
    "CLOSURE_DTORS.register(",
    "CLOSURE_DTORS.unregister(",
];

/// The glue, trimmed.
pub(crate) fn trim(glue: &str) -> Result<String> {
    let mut glue = glue.to_owned();
    for (name, shorter) in FUNCTIONS {
        let begin = format!("function {name}(");
        let range = block(&glue, &begin, "\n}\n")?;
        glue.replace_range(range, &format!("{shorter}\n"));
    }
    let range = block(&glue, "const CLOSURE_DTORS =", "\n});\n")?;
    glue.replace_range(range, "");
    for begin in STATEMENTS {
        let is_it = |line: &str| line.trim_start().starts_with(begin);
        ensure!(glue.lines().any(is_it), "the glue has no `{begin}`");
        let rest: Vec<_> = glue.lines().filter(|line| !is_it(line)).collect();
        glue = rest.join("\n");
    }
    Ok(glue)
}

/// Where the block of lines lies that begins and ends so.
fn block(glue: &str, begin: &str, end: &str) -> Result<std::ops::Range<usize>> {
    let missing = || format!("the glue has no `{begin}`");
    let start = glue.find(begin).with_context(missing)?;
    let length = glue.get(start..).and_then(|rest| rest.find(end));
    Ok(start..start + length.with_context(missing)? + end.len())
}
