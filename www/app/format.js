/** A time of day, to the second. */
export function clock(time) {
  return new Date(time).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
}

/** The time until `time`: in seconds with a tenth under a minute, then in minutes and hours. Never negative. */
export function countdown(time, now) {
  const seconds = Math.max(0, (time - now) / 1000);
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  return [hours ? [hours] : [], parts]
    .flat()
    .map((part, index) => (index ? String(part).padStart(2, "0") : part))
    .join(":");
}

/** Why a session ended, in a sentence. */
export function why(reason) {
  return {
    "signed-out": "Somebody signed out, here or in another tab.",
    "refresh-token-rejected": "The server refused the refresh token.",
    "refresh-token-expired": "The refresh token had lived its whole life.",
    "rotation-lost":
      "A rotated refresh token may never have reached this browser.",
    "storage-cleared": "The browser’s storage was cleared.",
    "issuer-changed": "The stored session belongs to another server.",
  }[reason];
}

/** What went wrong, in a line: the server's own words, where it sent some. */
export function complaint(error) {
  const { code, oauthError, oauthErrorDescription } = error;
  return oauthError
    ? `The server said ${oauthError}. ${oauthErrorDescription ?? ""}`
    : `${code ?? error.name}: ${error.message}`;
}

/** What a line of the server's journal says beside its kind. */
export function tell({ kind, status, used, issued, error, ...entry }) {
  const arrow = used === issued ? "again" : `→ ${issued}`;
  const bound = entry.bound ? ", bound by DPoP" : "";
  return {
    issue: () => `generation 1, refresh token ${issued}`,
    token: () =>
      error
        ? `${used ?? "code"} refused: ${entry.detail ?? error}`
        : `generation ${entry.generation}, ${used ?? "code"} ${arrow}, ${entry.ms} ms${bound}`,
    revocation: () => `${used}, ${status}`,
    api: () => `${entry.access ?? "no token"}, ${status}${bound}`,
    push: () => `what the sign-in asks for, ${status}`,
    authorize: () => `somebody was sent here to sign in, ${status}`,
    "end-session": () => `somebody was sent here to sign out, ${status}`,
    page: () => entry.path,
    fault: () => `${entry.fault}: ${entry.does}`,
    dropped: () => `the ${entry.endpoint} endpoint, no answer`,
  }[kind]();
}
