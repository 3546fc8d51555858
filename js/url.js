// The entry `evergrant/url`: the wasm is a file of its own, streamed and cached.

import { create, fetchAhead } from "./create.js";

export { OAuthClient } from "./client.js";
export { OAuthClientError } from "./error.js";

export function preload() {
  fetchAhead(outside);
}

export function createClient(options) {
  return create(options, outside);
}

function outside() {
  return new URL("./evergrant_bg.wasm", import.meta.url);
}
