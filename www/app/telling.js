import { clock, countdown, why } from "./format.js";

/** What the page says about a client in words: `{ sentence, explanation }`. */
export function describe({ session, ended }) {
  if (!session && ended) {
    return {
      sentence: "Signed out.",
      explanation: `${why(ended.reason) ?? ended.reason} That was at ${clock(ended.at)}.`,
    };
  }
  if (!session) {
    return {
      sentence: "Nobody is signed in.",
      explanation:
        "Sign in, and the server hands this page its first tokens. From then on nobody has to do anything.",
    };
  }
  const name = session.claims?.name ?? session.subject ?? "Somebody";
  const until = session.accessTokenExpiresAt
    ? clock(session.accessTokenExpiresAt)
    : "an unknown time";
  return {
    active: {
      sentence: `${name} is signed in.`,
      explanation: `The access token lives until ${until}. Well before that it will have a successor.`,
    },
    refreshing: {
      sentence: `${name} is signed in.`,
      explanation:
        "A refresh is on its way. The keeper carries it: a reload now costs nothing.",
    },
    retrying: {
      sentence: `${name} is still signed in.`,
      explanation: `The server cannot be reached. The access token is good until ${until}, and the client keeps trying.`,
    },
    expired: {
      sentence: `${name} is still signed in.`,
      explanation:
        "The access token has died waiting for the server. The refresh token lives, and the client keeps trying.",
    },
  }[session.status];
}

/** The dial at `now`: `{ text, label, left }`, `left` the part of the wait that is still to come. */
export function dial({ session, lastRefreshAt, now }) {
  if (!session) return { text: "–", label: "no session", left: 0 };
  if (!session.nextRefreshAt) {
    return { text: "…", label: "refreshing", left: 0 };
  }
  const next = session.nextRefreshAt.getTime();
  const whole = Math.max(1, next - lastRefreshAt);
  return {
    text: countdown(next, now),
    label:
      session.status === "active" ? "to the next refresh" : "to the next try",
    left: Math.min(1, Math.max(0, (next - now) / whole)),
  };
}
