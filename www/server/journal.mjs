import { createHash } from "node:crypto";

/** A name for a token that tells nothing about it: the first 8 hexadecimal digits of its SHA-256. */
export function fingerprint(token) {
  return token && createHash("sha256").update(token).digest("hex").slice(0, 8);
}

/**
 * Everything the server saw, in order. `entries` holds plain objects:
 *
 * - always `id` (from 1), `at` (ms since 1970) and `kind`: "issue" (first tokens handed to a page), "push" (a request to
 *   sign in was pushed), "authorize" (a user was sent here to sign in), "token" (a request to the token endpoint),
 *   "revocation", "end-session" (a user was sent here to sign out), "api" (a call to the API), "page" (a document was
 *   loaded), "dropped" (a connection to the `endpoint` named was cut before anything was read) or "fault" (the proxy did
 *   the `fault` named);
 * - `client`, `status`, `ms`;
 * - of tokens only fingerprints: `used` and `issued` (refresh tokens), `access` (an access token);
 * - of "token": `grant`, `error` as answered, `detail` (the true reason, from oidc-provider), `reused` (that refresh token had
 *   been rotated away before), `family` and `generation` (one family per issue or code, which is generation 1), `dropped`
 *   (carried out, but a test cut the connection before the answer);
 * - of "token" and "api": `bound`, whether the access token is bound to a key (RFC 9449).
 *
 * `entry.wire` is the request as it came (`method`, `headers`, `body`) and the `answer`, secrets and all. It is not enumerable, so that
 * neither JSON nor a log can carry it; only tests in the same process read it.
 */
export class Journal {
  entries = [];
  #families = new Map();
  #lastFamily = 0;
  #listeners = new Set();

  /** Adds an entry with its time of arrival, and tells the listeners. */
  add({ wire, at = Date.now(), ...facts }) {
    const entry = { id: this.entries.length + 1, at, ...facts };
    Object.defineProperty(entry, "wire", { value: wire });
    this.entries.push(entry);
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  /** A first token answer opens a family. */
  issue({ client, answer, at, ms, wire = { answer } }) {
    const issued = fingerprint(answer.refresh_token);
    const place = this.#open(issued);
    return this.add({
      kind: "issue",
      at,
      client,
      status: 200,
      issued,
      access: fingerprint(answer.access_token),
      expires_in: answer.expires_in,
      ...place,
      ms,
      wire,
    });
  }

  /** A request to the token endpoint, with its answer and the reason for a refusal. */
  token({ at, ms, client, status, detail, wire }) {
    const { grant_type, refresh_token } = Object.fromEntries(
      new URLSearchParams(wire.body),
    );
    const answer = wire.answer ?? {};
    const used = fingerprint(refresh_token);
    const issued = fingerprint(answer.refresh_token);
    const old = this.#families.get(used);
    const reused = old?.retired ?? false;
    let { family, generation } = old ?? {};
    if (old && issued) {
      generation += 1;
      old.retired = issued !== used;
      this.#families.set(issued, { family, generation, retired: false });
    }
    if (grant_type === "authorization_code" && answer.access_token) {
      ({ family, generation } = this.#open(issued));
    }
    return this.add({
      kind: "token",
      at,
      client,
      grant: grant_type,
      status,
      error: answer.error,
      detail,
      used,
      issued,
      access: fingerprint(answer.access_token),
      expires_in: answer.expires_in,
      bound: answer.token_type === "DPoP",
      reused,
      family,
      generation,
      ms,
      wire,
    });
  }

  #open(issued) {
    const place = { family: ++this.#lastFamily, generation: 1 };
    if (issued) this.#families.set(issued, { ...place, retired: false });
    return place;
  }

  /** A revocation (RFC 7009); `used` is the fingerprint of the token revoked. */
  revocation({ at, ms, client, status, detail, wire }) {
    const token = new URLSearchParams(wire.body).get("token");
    const used = fingerprint(token);
    const family = this.#families.get(used)?.family;
    const error = wire.answer?.error;
    return this.add({
      kind: "revocation",
      at,
      client,
      status,
      error,
      detail,
      used,
      family,
      ms,
      wire,
    });
  }

  /**
   * The counts of the whole run. A rotation is a refresh answered with a new refresh token; a session is lost when the
   * server refuses its refresh token, unless it had been signed out.
   */
  get summary() {
    const requests = this.entries.filter(({ kind }) => kind === "token");
    const signedOut = new Set(
      this.entries
        .filter(({ kind, status }) => kind === "revocation" && status === 200)
        .map(({ family }) => family),
    );
    const lost = requests
      .filter(({ error, family }) => error === "invalid_grant" && family)
      .map(({ family }) => family)
      .filter((family) => !signedOut.has(family));
    return {
      rotations: requests.filter(
        ({ status, used, issued }) =>
          status === 200 && used && issued && used !== issued,
      ).length,
      token_requests: requests.length,
      reused_refresh_tokens: requests.filter(({ reused }) => reused).length,
      lost_sessions: new Set(lost).size,
    };
  }

  /** Calls `listener` with every new entry; returns the function that stops it. */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
