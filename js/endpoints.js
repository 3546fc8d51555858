// The server's endpoints: those that the options name, over those of its metadata (RFC 8414; OpenID Connect
// Discovery), which is looked up when one is needed.

import { OAuthClientError } from "./error.js";
import { METADATA, WELL_KNOWN } from "./flows.js";
import { change, getItem } from "./idb.js";
import { text } from "./request.js";

/** How long metadata is believed, in milliseconds: a day, in which a server may move an endpoint. */
const LIFETIME_MS = 86_400_000;

const NAMES = [
  "token",
  "authorization",
  "revocation",
  "endSession",
  "pushedAuthorizationRequest",
  "jwks",
  "promisesIssuer",
  "requiresPush",
];

/**
 * Resolves to the endpoints, by their names in the options; all that are `needed`, or more. Rejects where the
 * metadata cannot be had, which concerns no session.
 */
export function openEndpoints({ issuer, endpoints, timeoutMs }, ask) {
  let lookup;
  return async (...needed) => {
    const all = (it) => needed.every((name) => it[name]);
    if (!issuer || all(endpoints)) return endpoints;
    if (!lookup) {
      lookup = find(issuer, timeoutMs, ask);
      const forget = () => (lookup = undefined);
      lookup.catch(forget);
      setTimeout(forget, LIFETIME_MS);
    }
    const found = await lookup;
    const known = (name) => [name, endpoints[name] ?? found[name]];
    return Object.fromEntries(NAMES.map(known));
  };
}

/** An endpoint that nobody has named. */
export function missing(name) {
  return new OAuthClientError(
    "invalid-options",
    `endpoints.${name} is not known.`,
  );
}

/** The metadata: as it was stored, if that is not old, or if there is no other. */
async function find(issuer, timeoutMs, ask) {
  const key = `evergrant:metadata:${issuer}`;
  const stored = await getItem(key).catch(() => {});
  // A clock that was set back makes nothing young again.
  const age = Math.abs(Date.now() - stored?.at);
  if (age < LIFETIME_MS) return stored.found;
  try {
    const found = await look(issuer, timeoutMs, ask);
    const item = { at: Date.now(), found };
    change(key, () => ({ [key]: item })).catch(() => {});
    return found;
  } catch (error) {
    if (stored) return stored.found;
    throw error;
  }
}

async function look(issuer, timeoutMs, ask) {
  let failed;
  for (const url of ask(WELL_KNOWN, issuer)) {
    let code = "network";
    let cause;
    let said;
    try {
      const signal = AbortSignal.timeout?.(timeoutMs);
      const response = await fetch(url, { credentials: "omit", signal });
      const { ok, status, body } = response;
      if (ok) said = await text(body);
      code = status < 500 ? "bad-response" : "server";
      cause = new Error(
        ok ? "It is not this issuer's, to the letter." : `Status ${status}.`,
      );
    } catch (error) {
      if (error?.name === "TimeoutError") code = "timeout";
      cause = error;
    }
    const facts = said ? ask(METADATA, issuer, said) : [];
    if (facts.length) {
      return Object.fromEntries(facts.map((fact, at) => [NAMES[at], fact]));
    }
    failed ??= new OAuthClientError(
      code,
      `The server's metadata cannot be read at ${url}. Is \`issuer\` right, and CORS?`,
      { retryable: true, cause },
    );
  }
  throw failed;
}
