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

/** What a line of the server's journal says beside its kind. */
export function tell({ kind, status, used, issued, error, ...entry }) {
  const arrow = used === issued ? "again" : `→ ${issued}`;
  return {
    issue: () => `generation 1, refresh token ${issued}`,
    token: () =>
      error
        ? `${used ?? ""} refused: ${entry.detail ?? error}`
        : `generation ${entry.generation}, ${used} ${arrow}, ${entry.ms} ms`,
    revocation: () => `${used}, ${status}`,
    api: () => `${entry.access ?? "no token"}, ${status}`,
    page: () => entry.path,
    fault: () => `${entry.fault}: ${entry.does}`,
    dropped: () => `the ${entry.endpoint} endpoint, no answer`,
  }[kind]();
}
