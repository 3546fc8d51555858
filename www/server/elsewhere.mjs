import { answerIn } from "./fault-proxy.mjs";
import { fingerprint } from "./journal.mjs";

/**
 * Another authorization server in the place of this one's, at `target`: its first tokens and its API under the paths that
 * pages know here, and all of its answers in the journal. Its token and revocation endpoints are the fault proxy's to pass on.
 */
export function elsewhere({ target, journal }) {
  const firstTokens = async ({ client } = {}) => {
    const at = Date.now();
    const response = await fetch(`${target}/dev/tokens`, { method: "POST" });
    const answer = await response.json();
    journal.issue({ client, answer, at, ms: Date.now() - at });
    return answer;
  };

  const api = async (ctx, next) => {
    if (ctx.method !== "GET" || ctx.path !== "/api/me") return next();
    const at = Date.now();
    const authorization = ctx.get("Authorization");
    const { status } = await fetch(target + ctx.path, {
      headers: { authorization },
    });
    ctx.status = status;
    const access = fingerprint(authorization.replace(/^Bearer /, ""));
    journal.add({ kind: "api", at, status, access, ms: Date.now() - at });
  };

  /** Writes a token request down that the proxy has passed on. */
  const answered = ({ at, method, headers, body, real }) =>
    journal.token({
      at,
      ms: Date.now() - at,
      client: new URLSearchParams(body).get("client_id"),
      status: real.status,
      wire: { method, headers, body, answer: answerIn(real) },
    });

  return { firstTokens, api, answered };
}
