// The entry `evergrant`: carries the wasm inside, and works with no configuration everywhere.

import { create, fetchAhead } from "./create.js";
import { wasm } from "./wasm.js";

export { OAuthClient } from "./client.js";
export { OAuthClientError } from "./error.js";

export function preload() {
  fetchAhead(inside);
}

export function createClient(options) {
  return create(options, inside);
}

function inside() {
  return WebAssembly.compile(decode(wasm));
}

// Named twice, the text would be twice in what Vite 8 builds.
function decode(hex) {
  return (
    Uint8Array.fromHex?.(hex) ??
    Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16))
  );
}
