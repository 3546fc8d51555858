// The objects of types.d.ts, made of the facts that the engine tells. Times are in milliseconds
// since 1970.

import { decode, parse } from "./bytes.js";
import { OAuthClientError } from "./error.js";

// What never comes is beyond all dates.
const date = (at) => (Number.isSafeInteger(at) ? new Date(at) : null);

/** `SessionInfo`. `askedScope` is the scope where the server did not say (RFC 6749 §5.1). */
export function sessionInfo(facts, askedScope) {
  const claims = claimsOf(facts.idToken);
  const scope = facts.scope ?? askedScope ?? "";
  return Object.freeze({
    status: facts.status,
    generation: facts.generation,
    scope: Object.freeze(scope.split(" ").filter(Boolean)),
    accessTokenExpiresAt: date(facts.accessTokenExpiresAt),
    refreshTokenExpiresAt: date(facts.refreshTokenExpiresAt),
    nextRefreshAt: date(facts.nextRefreshAt),
    ...(claims && { subject: claims.sub, claims }),
  });
}

/** `SessionEnd`. */
export function sessionEnd({ reason, at, error }) {
  return Object.freeze({ reason, at: date(at), ...(error && { error }) });
}

/** What an event carries. */
export function payload({ type, by, what, at, idToken, ...facts }, session) {
  const { error } = facts;
  const previousSubject = claimsOf(idToken)?.sub;
  return Object.freeze(
    {
      "signed-in": { session, by, ...(previousSubject && { previousSubject }) },
      refreshed: { session, by },
      "refresh-failed": { error, retryAt: date(at) },
      "session-expiring": { at: date(at) },
      "signed-out": { ...sessionEnd({ at, ...facts }), by },
      degraded: { what, error },
    }[type],
  );
}

/** The error a call rejects with, or an event carries. */
export function failure({ code, message, ...facts }, cause) {
  const retryAt = date(facts.retryAt);
  return new OAuthClientError(code, message, { ...facts, retryAt, cause });
}

/** `HistoryEntry`, many. */
export function history({ history }) {
  return Object.freeze(
    history.map(({ at, ...entry }) =>
      Object.freeze({ at: date(at), ...entry }),
    ),
  );
}

// The claims inside an ID token. It came straight from the token endpoint, where TLS stands for its
// signature (OpenID Connect Core §3.1.3.7, item 6).
function claimsOf(idToken) {
  try {
    const [, claims] = idToken.split(".");
    const base64 = claims.replace(/-/g, "+").replace(/_/g, "/");
    return parse(decode(base64), (_, value) => Object.freeze(value));
  } catch {
    return undefined;
  }
}
