// The option `wasm` in every shape it may have.
import { createClient } from "/without-wasm/url.js";

const place = "/evergrant/evergrant_bg.wasm";

const shapes = {
  default: () => undefined,
  text: () => place,
  URL: () => new URL(place, location.href),
  Response: () => fetch(place),
  Module: () => WebAssembly.compileStreaming(fetch(place)),
  html: () => "/page/index.html",
  missing: () => "/nothing.wasm",
};

globalThis.createWith = async (shape, options) => {
  const wasm = await shapes[shape]();
  try {
    globalThis.made = await createClient({ ...options, wasm });
    return {};
  } catch ({ code, retryable, message }) {
    return { code, retryable, message };
  }
};
