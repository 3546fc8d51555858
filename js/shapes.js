// The objects of types.d.ts, made of the facts that the engine tells. Times are in milliseconds
// since 1970.

import { decode, parse } from "./bytes.js";
import { OAuthClientError } from "./error.js";

const date = (at) => (at === undefined ? null : new Date(at));

/** `SessionInfo`. `askedScope` is the scope where the server did not say (RFC 6749 §5.1). */
export function sessionInfo(
  askedScope,
  status,
  generation,
  scope = askedScope ?? "",
  accessTokenExpiresAt,
  refreshTokenExpiresAt,
  nextRefreshAt,
  idToken,
) {
  const claims = claimsOf(idToken);
  return Object.freeze({
    status,
    generation,
    scope: Object.freeze(scope.split(" ").filter(Boolean)),
    accessTokenExpiresAt: date(accessTokenExpiresAt),
    refreshTokenExpiresAt: date(refreshTokenExpiresAt),
    nextRefreshAt: date(nextRefreshAt),
    ...(claims && { subject: claims.sub, claims }),
  });
}

/** `SessionEnd`, or null. */
export function sessionEnd(reason, at, error) {
  return reason
    ? Object.freeze({ reason, at: date(at), ...(error && { error }) })
    : null;
}

/** What an event carries. */
export function payload(type, session, { by, what, at, error, idToken }) {
  const previousSubject = claimsOf(idToken)?.sub;
  return Object.freeze(
    {
      "signed-in": { session, by, ...(previousSubject && { previousSubject }) },
      refreshed: { session, by },
      "refresh-failed": { error, retryAt: date(at) },
      "session-expiring": { at: date(at) },
      "signed-out": { ...sessionEnd(what, at, error), by },
      degraded: { what, error },
    }[type],
  );
}

/** The error a call rejects with, or an event carries. */
export function failure(
  code,
  message,
  retryable,
  oauthError,
  oauthErrorDescription,
  status,
  reason,
  retryAt,
  cause,
) {
  return new OAuthClientError(code, message, {
    retryable,
    oauthError,
    oauthErrorDescription,
    status,
    reason,
    retryAt: date(retryAt),
    cause,
  });
}

/** `HistoryEntry`, many. */
export function history(entries) {
  return Object.freeze(
    entries.map(([at, event, detail]) =>
      Object.freeze({ at: date(at), event, detail }),
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
