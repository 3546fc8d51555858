// What callers hand in, checked at the door: every member known, of its type, in its range.

import {
  anything,
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
        'must not be "local": localStorage is neither coherent between tabs nor durable; use "indexeddb"',
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
      [URL, Response, WebAssembly.Module].some((type) => it instanceof type),
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
  signal,
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

export const onOptions = shape({ signal });

/** What signing in and out at the server will need. */
const LATER_ENDPOINTS = [
  "authorization",
  "endSession",
  "pushedAuthorizationRequest",
  "jwks",
];

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
    clientAuthentication = clientSecret ? "client_secret_basic" : "none",
    scope,
    resource = [],
    extraTokenParams,
    storage = "indexeddb",
    storageKey = `evergrant:${clientId}`,
    refresh = {},
    on,
    wasm,
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
  refuse(options, "dpop", "keeper", "redirectUri");
  refuse(endpoints, ...LATER_ENDPOINTS);
  if (options.allowedOrigins?.length) {
    throw unsupported("The option allowedOrigins");
  }
  if (!["indexeddb", "memory"].includes(storage)) {
    throw unsupported("A storage other than indexeddb and memory");
  }
  const { leewaySeconds = 60, jitterSeconds = leewaySeconds / 10 } = refresh;
  return {
    clientId,
    clientSecret,
    clientAuthentication,
    issuer: issuer ?? new URL(endpoints.token).origin,
    tokenEndpoint: endpoints.token,
    revocationEndpoint: endpoints.revocation,
    scope,
    resource: [resource].flat(),
    extraTokenParams,
    storage,
    storageKey,
    automatic: refresh.automatic ?? true,
    leewayMs: ms(leewaySeconds),
    jitterMs: ms(jitterSeconds),
    timeoutMs: ms(refresh.timeoutSeconds ?? 10),
    graceMs: ms(refresh.graceSeconds ?? 0),
    refreshLifetimeMs: ms(refresh.refreshTokenLifetimeSeconds),
    pauseWhenHidden: refresh.whenHidden === "pause",
    on,
    wasm,
  };
}

/** Refuses the options that come in a later version. */
export function refuse(options, ...names) {
  for (const name of names) {
    if (options[name]) throw unsupported(`The option ${name}`);
  }
}

/** The milliseconds of so many seconds, or undefined. */
export function ms(seconds) {
  return seconds && seconds * 1000;
}

function texts(value, path) {
  (Array.isArray(value) ? list(text) : text)(value, path);
}
