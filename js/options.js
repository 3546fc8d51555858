// What callers hand in, checked at the door: every member known, of its type, in its range.

import {
  boolean,
  callable,
  endpoint,
  invalid,
  list,
  must,
  oneOf,
  origin,
  record,
  seconds,
  shape,
  signal,
  someSeconds,
  string,
  text,
} from "./check.js";

export const event = oneOf(
  "signed-in",
  "refreshed",
  "refresh-failed",
  "session-expiring",
  "signed-out",
  "step-up-required",
  "degraded",
);

export const callbackUrl = must((it) => new URL(it), "an absolute URL");

const clientOptions = shape({
  clientId: text,
  issuer: endpoint,
  endpoints: shape({
    token: endpoint,
    authorization: endpoint,
    revocation: endpoint,
    endSession: endpoint,
    pushedAuthorizationRequest: endpoint,
    jwks: endpoint,
  }),
  clientSecret: text,
  clientAuthentication: oneOf(
    "none",
    "client_secret_basic",
    "client_secret_post",
  ),
  redirectUri: callbackUrl,
  scope: string,
  resource(value, path) {
    (Array.isArray(value) ? list(text) : text)(value, path);
  },
  extraTokenParams: record(string),
  storage: must(
    (it) =>
      ["indexeddb", "session", "memory"].includes(it) ||
      (typeof it.getItem === "function" &&
        typeof it.compareAndSwap === "function"),
    "indexeddb, session, memory or a TokenStorage (none over localStorage, which is not durable)",
  ),
  storageKey: text,
  refresh: shape({
    automatic: boolean,
    leewaySeconds: seconds,
    jitterSeconds: seconds,
    timeoutSeconds: someSeconds,
    graceSeconds: seconds,
    refreshTokenLifetimeSeconds: someSeconds,
    whenHidden: oneOf("refresh", "pause"),
  }),
  allowedOrigins: list(origin),
  dpop: boolean,
  keeper: must(
    (it) =>
      typeof it === "string"
        ? it
        : "active" in it || typeof it.toJSON === "function",
    "a URL or a ServiceWorkerRegistration",
  ),
  wasm: must(
    (it) =>
      typeof it === "string" ||
      it instanceof URL ||
      it instanceof Response ||
      it instanceof WebAssembly.Module,
    "a URL, a Response or a WebAssembly.Module",
  ),
  on: record((listener, path, name) => {
    event(name, path);
    if (listener !== undefined) callable(listener, path);
  }),
});

export const tokenOptions = shape({
  minValiditySeconds: seconds,
  forceRefresh: boolean,
  refusedToken: text,
  resource: text,
  scope: text,
  signal,
});

export const signOutOptions = shape({
  revoke: boolean,
  endSession: boolean,
  postLogoutRedirectUri: text,
  openUrl: callable,
});

export const signInOptions = shape({
  mode: oneOf("redirect", "popup"),
  loginHint: string,
  prompt: string,
  acrValues: string,
  maxAge: seconds,
  extraParams: record(string),
  appState() {},
  openUrl: callable,
  signal,
});

export const authorizeOptions = shape({
  url: must((it) => new URL(it, location.href), "a URL"),
  method: text,
});

export const setTokensOptions = shape({
  receivedAt: must((it) => it instanceof Date && it >= 0, "a valid Date"),
});

export const onOptions = shape({ signal });

/**
 * Checks the options of `createClient`, and completes them: what the engine is given, in
 * milliseconds.
 */
export function complete(options) {
  clientOptions(options);
  const {
    clientId,
    issuer,
    endpoints,
    clientSecret,
    clientAuthentication = clientSecret ? "client_secret_basic" : "none",
    scope,
    resource = [],
    extraTokenParams = {},
    storage = "indexeddb",
    storageKey = `evergrant:${clientId}`,
    keeper,
    redirectUri,
    dpop,
    allowedOrigins = [],
    refresh,
    on,
    wasm,
  } = own(options);
  const known = own(endpoints);
  const { token, revocation } = known;
  const {
    automatic = true,
    leewaySeconds = 60,
    jitterSeconds = leewaySeconds / 10,
    timeoutSeconds = 10,
    graceSeconds = 0,
    refreshTokenLifetimeSeconds,
    whenHidden,
  } = own(refresh);
  text(clientId, "clientId");
  if (!issuer) endpoint(token, "endpoints.token");
  if ((clientAuthentication === "none") === Boolean(clientSecret)) {
    throw invalid(
      "clientSecret",
      "goes with client_secret_basic and client_secret_post only",
    );
  }
  const timeoutMs = ms(timeoutSeconds);
  // In the order in which src/api/options.rs takes them.
  const forEngine = [
    token,
    revocation,
    clientId,
    clientAuthentication,
    clientSecret,
    [resource].flat(),
    Object.entries(extraTokenParams).flat(),
    issuer ?? new URL(token).origin,
    automatic,
    ms(leewaySeconds),
    ms(jitterSeconds),
    timeoutMs,
    ms(graceSeconds),
    ms(refreshTokenLifetimeSeconds),
    whenHidden === "pause",
  ];
  return {
    forEngine,
    timeoutMs,
    scope,
    clientSecret,
    issuer,
    endpoints: known,
    redirectUri: redirectUri && `${redirectUri}`,
    dpop,
    allowedOrigins,
    storage,
    storageKey,
    keeper,
    on,
    wasm,
  };
}

/** What was checked, and no more: a page's `Object.prototype` may hold anything, another endpoint too. */
export function own(members) {
  return { __proto__: null, ...members };
}

/** The whole milliseconds of so many seconds, as many as the engine can count; or undefined. */
export function ms(seconds) {
  return (
    seconds && Math.min(Math.round(seconds * 1000), Number.MAX_SAFE_INTEGER)
  );
}
