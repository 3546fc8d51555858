import { answerIn } from "./fault-proxy.mjs";
import { fingerprint } from "./journal.mjs";

/**
 * Another authorization server in the place of this one's, behind the fault proxy at `front`: its first tokens and its API
 * under the paths that pages know here. `server`:
 *
 * - its `origin`;
 * - the `paths` of its `token` and `revocation` endpoints, and of its `issuer`, where they are others than here;
 * - the `clients` that it knows, where they are others than here;
 * - `resource`, the path of what a live access token is good for; `/api/me`, if nothing is said;
 * - `signIn({ front, clientId })`, which gets first tokens by way of the proxy. Without it, `/dev/tokens` gives them.
 */
export function elsewhere({ server, front, journal }) {
  const firstTokens = async ({ client } = {}) => {
    if (server.signIn) return server.signIn({ front, clientId: client });
    const at = Date.now();
    const response = await fetch(`${front}/dev/tokens`, { method: "POST" });
    const answer = await response.json();
    journal.issue({ client, answer, at, ms: Date.now() - at });
    return answer;
  };

  const api = async (ctx, next) => {
    if (ctx.method !== "GET" || ctx.path !== "/api/me") return next();
    const at = Date.now();
    const authorization = ctx.get("Authorization");
    const { status } = await fetch(front + (server.resource ?? ctx.path), {
      headers: { authorization },
    });
    ctx.status = status;
    const access = fingerprint(authorization.replace(/^Bearer /, ""));
    journal.add({ kind: "api", at, status, access, ms: Date.now() - at });
  };

  return { firstTokens, api };
}

/** Writes the token requests down that the proxy has passed on; an authorization code's answer is a first one. */
export function writingDown(journal) {
  return ({ at, method, headers, body, real }) => {
    const form = new URLSearchParams(body);
    const answer = answerIn(real);
    const entry = { at, ms: Date.now() - at, client: form.get("client_id") };
    const wire = { method, headers, body, answer };
    if (form.get("grant_type") === "authorization_code" && real.status === 200)
      return journal.issue({ ...entry, answer, wire });
    return journal.token({ ...entry, status: real.status, wire });
  };
}
