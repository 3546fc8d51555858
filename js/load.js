import { OAuthClientError } from "./error.js";
import { initSync } from "./evergrant.js";

let ready;

/**
 * Compiles the wasm and starts it, once per page. `source` gives it: bytes, or any shape of the
 * option `wasm`. A failure is not kept; the next call tries again.
 */
export function load(source) {
  return (ready ??= start(source).catch((cause) => {
    ready = undefined;
    throw cause instanceof OAuthClientError
      ? cause
      : unavailable(
          "The WebAssembly module could not be loaded: the connection broke, or the Content-Security-Policy lacks 'wasm-unsafe-eval'.",
          cause,
        );
  }));
}

async function start(source) {
  initSync({ module: await compile(source()) });
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = source instanceof Response ? source : await fetch(source);
  const type = response.headers.get("content-type") ?? "of no known type";
  if (response.ok && type.startsWith("application/wasm")) {
    return WebAssembly.compileStreaming(response);
  }
  const bytes = await response.arrayBuffer();
  if (!response.ok || !WebAssembly.validate(bytes)) {
    throw unavailable(
      `${response.url} is no WebAssembly (status ${response.status}, ${type}). Import "evergrant" instead of "evergrant/url", or give the module's place in the option \`wasm\`.`,
    );
  }
  return WebAssembly.compile(bytes);
}

function unavailable(message, cause) {
  const fields = { retryable: true, cause };
  return new OAuthClientError("wasm-unavailable", message, fields);
}
