// The words in which options.js says what it takes: each throws what is wrong with a value, and
// names its path.

import { OAuthClientError, unsupported } from "./error.js";

export function invalid(path, problem) {
  return new OAuthClientError("invalid-options", `${path} ${problem}.`);
}

/** Takes the values for which `test` holds; where it throws, it does not. */
export function must(test, problem) {
  return (value, path) => {
    try {
      if (test(value)) return;
    } catch {}
    throw invalid(path, `must be ${problem}`);
  };
}

export const boolean = typed("boolean");
export const string = typed("string");
export const callable = typed("function");
export const text = must(
  (it) => typeof it === "string" && it,
  "a non-empty string",
);
export const seconds = must(
  (it) => Number.isFinite(it) && it >= 0,
  "a number, 0 or more",
);
export const someSeconds = must(
  (it) => Number.isFinite(it) && it > 0,
  "a number, more than 0",
);
export const endpoint = url(
  /^http(s:\/\/[^/@]+|:\/\/([^/@]+\.)?(localhost|127\.0\.0\.1|\[::1])(:\d+)?)\/[^#]*$/,
  "an https URL (http on localhost) without user and fragment",
);
export const origin = url(/^https?:\/\/[^/@]+\/$/, "an http or https origin");
export const signal = must((it) => it instanceof AbortSignal, "an AbortSignal");

function typed(type) {
  return must((it) => typeof it === type, `a ${type}`);
}

function url(pattern, problem) {
  return must(
    (it) => typeof it === "string" && pattern.test(new URL(it)),
    problem,
  );
}

export function oneOf(...values) {
  return must((it) => values.includes(it), `one of ${values}`);
}

/** Takes arrays whose elements `check` takes. */
export function list(check) {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalid(path, "must be an array");
    value.forEach((it, at) => check(it, `${path}[${at}]`));
  };
}

/** Takes objects whose members `check` takes, whatever their names. */
export function record(check) {
  return (value, path) => {
    if (typeof value !== "object" || !value || Array.isArray(value)) {
      throw invalid(path ?? "options", "must be an object");
    }
    for (const name of Object.keys(value)) {
      check(value[name], path ? `${path}.${name}` : name, name);
    }
  };
}

/** Takes objects whose members are known to the table; undefined is as good as missing. */
export function shape(members) {
  return record((value, path, name) => {
    if (!Object.hasOwn(members, name)) throw invalid(path, "is not known");
    if (value !== undefined) members[name](value, path);
  });
}

/** Takes what `check` takes and means nothing yet; more than that comes in a later version. */
export function later(check) {
  return (value, path) => {
    check(value, path);
    if (value && value.length !== 0) throw unsupported(path);
  };
}
