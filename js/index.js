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
  return (
    Uint8Array.fromHex?.(wasm) ??
    Uint8Array.from({ length: wasm.length / 2 }, (_, at) =>
      parseInt(wasm.substring(2 * at, 2 * at + 2), 16),
    )
  );
}
