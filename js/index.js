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
  return WebAssembly.compile(
    Uint8Array.fromHex?.(wasm) ??
      Uint8Array.from(wasm.match(/../g), (hex) => parseInt(hex, 16)),
  );
}
