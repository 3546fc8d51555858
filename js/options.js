// What callers hand in, checked at the door: every member known, of its type, in its range.

import {
  anything,
  boolean,
  callable,
  endpoint,
  instance,
  invalid,
  list,
  must,
  oneOf,
  origin,
  record,
  seconds,
  shape,
  someSeconds,
  string,
  text,
} from "./check.js";
import { unsupported } from "./error.js";

const EVENTS = [
  "signed-in",
  "refreshed",
  "refresh-failed",
  "session-expiring",
  "signed-out",
  "step-up-required",
  "degraded",
];

export const event = oneOf(...EVENTS);

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
  redirectUri: text,
  scope: string,
  resource: texts,
  extraTokenParams: record(string),
  storage: (value, path) => {
    if (value === "local") {
      throw invalid(
        path,
        'must not be "local": localStorage is neither coherent between tabs nor durable, and sessions in it are lost; use "indexeddb"',
      );
    }
    const own =
      typeof value?.getItem === "function" &&
      typeof value.compareAndSwap === "function";
    if (!own) oneOf("indexeddb", "session", "memory")(value, path);
  },
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
  keeper: anything,
  wasm: must(
    (it) =>
      typeof it === "string" ||
      it instanceof URL ||
      it instanceof Response ||
      it instanceof WebAssembly.Module,
    "a URL, a Response or a WebAssembly.Module",
  ),
  on: shape(Object.fromEntries(EVENTS.map((event) => [event, callable]))),
});

export const tokenOptions = shape({
  minValiditySeconds: seconds,
  forceRefresh: boolean,
  refusedToken: text,
  resource: text,
  scope: text,
  signal: instance("AbortSignal"),
});

export const signOutOptions = shape({
  revoke: boolean,
  endSession: boolean,
  postLogoutRedirectUri: text,
  openUrl: callable,
});

export const setTokensOptions = shape({
  receivedAt: must(
    (it) => it instanceof Date && it.getTime() >= 0,
    "a valid Date",
  ),
});

export const onOptions = shape({ signal: instance("AbortSignal") });

/**
 * Checks the options of `createClient`, and completes them: what the engine is given, in
 * milliseconds.
 */
export function complete(options) {
  clientOptions(options);
  const {
    clientId,
    issuer,
    endpoints = {},
    clientSecret,
    refresh = {},
  } = options;
  const {
    clientAuthentication = clientSecret ? "client_secret_basic" : "none",
    storage = "indexeddb",
    storageKey = `evergrant:${clientId}`,
  } = options;
  if (!clientId) throw invalid("clientId", "is required");
  if (!endpoints.token && !issuer) {
    throw invalid("endpoints.token", "is required where there is no issuer");
  }
  if ((clientAuthentication === "none") !== (clientSecret === undefined)) {
    throw invalid(
      "clientSecret",
      "goes with client_secret_basic and client_secret_post, and with nothing else",
    );
  }
  if (!endpoints.token) throw unsupported("An issuer without endpoints.token");
  if (options.dpop) throw unsupported("The option dpop");
  if (options.keeper) throw unsupported("The option keeper");
  if (!["indexeddb", "memory"].includes(storage)) {
    throw unsupported("A storage other than indexeddb and memory");
  }
  const leeway = refresh.leewaySeconds ?? 60;
  return {
    clientId,
    clientSecret,
    clientAuthentication,
    issuer: issuer ?? new URL(endpoints.token).origin,
    tokenEndpoint: endpoints.token,
    revocationEndpoint: endpoints.revocation,
    scope: options.scope,
    resource: [options.resource ?? []].flat(),
    extraTokenParams: options.extraTokenParams,
    storage,
    storageKey,
    automatic: refresh.automatic ?? true,
    leewayMs: leeway * 1000,
    jitterMs: (refresh.jitterSeconds ?? leeway / 10) * 1000,
    timeoutMs: (refresh.timeoutSeconds ?? 10) * 1000,
    graceMs: (refresh.graceSeconds ?? 0) * 1000,
    refreshLifetimeMs:
      refresh.refreshTokenLifetimeSeconds &&
      refresh.refreshTokenLifetimeSeconds * 1000,
    pauseWhenHidden: refresh.whenHidden === "pause",
    on: options.on,
    wasm: options.wasm,
  };
}

function texts(value, path) {
  (Array.isArray(value) ? list(text) : text)(value, path);
}
