// The words in which options.js says what it takes: each throws what is wrong with a value, and
// names its path.

import { OAuthClientError } from "./error.js";

export function invalid(path, problem) {
  return new OAuthClientError("invalid-options", `${path} ${problem}.`);
}

/** Takes the values for which `test` holds. */
export function must(test, problem) {
  return (value, path) => {
    if (!test(value)) throw invalid(path, `must be ${problem}`);
  };
}

export const anything = () => {};
export const boolean = must((it) => typeof it === "boolean", "a boolean");
export const string = must((it) => typeof it === "string", "a string");
export const text = must(
  (it) => typeof it === "string" && it !== "",
  "a string that is not empty",
);
export const callable = must((it) => typeof it === "function", "a function");
export const seconds = must(
  (it) => Number.isFinite(it) && it >= 0,
  "a number of seconds, at least 0",
);
export const someSeconds = must(
  (it) => Number.isFinite(it) && it > 0,
  "a number of seconds, more than 0",
);
export const endpoint = must((it) => {
  const { protocol, hostname, username, hash } = parsed(it);
  return (
    !username &&
    !hash &&
    (protocol === "https:" || (protocol === "http:" && isLocal(hostname)))
  );
}, "an absolute https URL without user and fragment; http is for localhost only");
export const origin = must((it) => {
  const { protocol, pathname, search, hash, username } = parsed(it);
  return (
    /^https?:$/.test(protocol) && pathname + search + hash + username === "/"
  );
}, "an origin, like https://api.example.com");

export function oneOf(...values) {
  return must((it) => values.includes(it), `one of ${values.join(", ")}`);
}

export function instance(name) {
  return must((it) => it instanceof (globalThis[name] ?? Array), `an ${name}`);
}

/** Takes arrays whose elements `check` takes. */
export function list(check) {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalid(path, "must be an array");
    value.forEach((it, at) => check(it, `${path}[${at}]`));
  };
}

/** Takes objects whose members are known to the table; undefined is as good as missing. */
export function shape(members) {
  return (value, path = "") =>
    each(value, path, (it, name, place) => {
      if (!Object.hasOwn(members, name)) throw invalid(place, "is not known");
      if (it !== undefined) members[name](it, place);
    });
}

/** Takes objects whose members `check` takes, whatever their names. */
export function record(check) {
  return (value, path = "") =>
    each(value, path, (it, name, place) => check(it, place));
}

function each(value, path, visit) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(path || "options", "must be an object");
  }
  for (const name of Object.keys(value)) {
    visit(value[name], name, path ? `${path}.${name}` : name);
  }
}

function parsed(value) {
  try {
    return new URL(typeof value === "string" ? value : "");
  } catch {
    return {};
  }
}

function isLocal(hostname) {
  return /^(localhost|127\.0\.0\.1|\[::1\]|.*\.localhost)$/.test(hostname);
}
