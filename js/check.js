// The words in which options.js says what it takes: each throws what is wrong with a value, and
// names its path.

import { OAuthClientError } from "./error.js";

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

export const boolean = oneOf(true, false);
export const string = must((it) => typeof it === "string", "a string");
export const callable = must((it) => typeof it === "function", "a function");
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
// A URL that was parsed has no label before an IP address, only before `localhost`.
export const endpoint = must(
  (it) =>
    typeof it === "string" &&
    /^http(s:\/\/[^/@]+|:\/\/([^/@]+\.)?(localhost|127\.0\.0\.1|\[::1])(:\d+)?)\/[^#]*$/.test(
      new URL(it),
    ),
  "an https URL (http on localhost) without user and fragment",
);
export const origin = must(
  (it) => typeof it === "string" && /^https?:\/\/[^/@]+\/$/.test(new URL(it)),
  "an http or https origin",
);
export const signal = must((it) => it instanceof AbortSignal, "an AbortSignal");

export function oneOf(...values) {
  return must((it) => values.includes(it), `one of ${values}`);
}

/** Takes arrays whose elements `check` takes. */
export function list(check) {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalid(path, "must be an array");
    for (const [at, it] of Object.entries(value)) check(it, `${path}[${at}]`);
  };
}

/** Takes objects whose members `check` takes, whatever their names. */
export function record(check) {
  return (value, path) => {
    if (typeof value !== "object" || !value || Array.isArray(value)) {
      throw invalid(path ?? "options", "must be an object");
    }
    for (const [name, it] of Object.entries(value)) {
      check(it, path ? `${path}.${name}` : name, name);
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
