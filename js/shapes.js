// The objects of types.d.ts, made of what the engine tells, in the order of `src/api/host.rs`. Times
// are in milliseconds since 1970.

import { decode, parse } from "./bytes.js";
import { OAuthClientError } from "./error.js";

// What never comes is beyond all dates (ECMAScript's end 8.64e15 ms after 1970).
const date = (at) => (at <= 8.64e15 ? new Date(at) : null);

/** `SessionInfo`. `askedScope` is the scope where the server did not say (RFC 6749 §5.1). */
export function sessionInfo(
  [status, idToken, generation, scope, accessUntil, refreshUntil, nextAt],
  askedScope = "",
) {
  const claims = claimsOf(idToken);
  return Object.freeze({
    status,
    generation,
    scope: Object.freeze((scope ?? askedScope).split(" ").filter(Boolean)),
    accessTokenExpiresAt: date(accessUntil),
    refreshTokenExpiresAt: date(refreshUntil),
    nextRefreshAt: date(nextAt),
    ...(claims && { subject: claims.sub, claims }),
  });
}

/** `SessionEnd`. */
export function sessionEnd(reason, at, error) {
  return Object.freeze({ reason, at: date(at), ...(error && { error }) });
}

/** What an event carries. */
export function payload(session, type, by, error, detail, at) {
  const previousSubject = claimsOf(detail)?.sub;
  return Object.freeze(
    {
      "signed-in": { session, by, ...(previousSubject && { previousSubject }) },
      refreshed: { session, by },
      "refresh-failed": { error, retryAt: date(at) },
      "session-expiring": { at: date(at) },
      "signed-out": { ...sessionEnd(detail, at, error), by },
      degraded: { what: by, error },
    }[type],
  );
}

/** The error a call rejects with, or an event carries. */
export function failure(facts, cause) {
  const [code, message, retryable, oauthError, oauthErrorDescription] = facts;
  const [reason, retryAt, status] = facts.slice(5);
  return new OAuthClientError(code, message, {
    retryable,
    oauthError,
    oauthErrorDescription,
    reason,
    retryAt: date(retryAt),
    status,
    cause,
  });
}

/** `HistoryEntry`, many; none of an engine that says nothing. */
export function history(facts) {
  return Object.freeze(
    (facts?.history ?? []).map(({ at, ...entry }) =>
      Object.freeze({ at: date(at), ...entry }),
    ),
  );
}

// The claims inside an ID token: checked when the user signed in; as it came with a refresh, about the same
// user (`Subject` in src/oauth/id_token.rs).
function claimsOf(idToken) {
  try {
    const [, claims] = idToken.split(".");
    const base64 = claims.replace(/-/g, "+").replace(/_/g, "/");
    return parse(decode(base64), (_, value) => Object.freeze(value));
  } catch {
    return undefined;
  }
}
