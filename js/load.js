import { OAuthClientError } from "./error.js";
import { initSync } from "./evergrant.js";

let ready;

/**
 * Compiles the wasm and starts it, once per page. `source` gives it, or a promise of it, in any
 * shape of the option `wasm`. A failure is not kept; the next call tries again.
 */
export function load(source) {
  return (ready ??= start(source).catch((cause) => {
    ready = undefined;
    throw new OAuthClientError(
      "wasm-unavailable",
      `WebAssembly cannot be loaded: ${cause.message}. Allow 'wasm-unsafe-eval' and the file's origin in the CSP, import "evergrant" instead of "evergrant/url", or set \`wasm\`.`,
      { retryable: true, cause },
    );
  }));
}

async function start(source) {
  initSync({ module: await compile(await source()) });
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  const response = source instanceof Response ? source : await fetch(source);
  const { ok, status, url } = response;
  const type = response.headers.get("content-type");
  if (ok && type === "application/wasm") {
    return WebAssembly.compileStreaming(response);
  }
  const bytes = await response.arrayBuffer();
  if (ok && WebAssembly.validate(bytes)) return WebAssembly.compile(bytes);
  throw new Error(`${url} is ${type}, status ${status}`);
}
