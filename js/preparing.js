// What a request needs before its attempt is written, and what takes time: its endpoint, which may have to be
// looked up, and its DPoP proof.

import { learn } from "./clock.js";
import { missing } from "./endpoints.js";
import { OAuthClientError } from "./error.js";
import { READY } from "./orders.js";
import { headersOf } from "./request.js";
import { READY as IS_READY, UNREADY } from "./signals.js";

/**
 * Gets requests ready, and says so by `signal`; `causes` keeps the exception, if one cannot be. `endpoints` and
 * `dpop` are the server's and the keys'.
 */
export function openPreparing({ endpoints, dpop }, causes, signal) {
  /** DPoP proofs, by the attempts they are for. */
  const proofs = new Map();
  let known = {};

  const complete = (url, body, authorization, proof) =>
    url && [url, body, headersOf(authorization, proof)];

  return {
    async [READY](id, _, [key, nonce, late]) {
      try {
        known = await endpoints("token");
        const { token } = known;
        if (!token) throw missing("token");
        if (key) {
          if (late) await dpop.late(key, await learn());
          const proof = await dpop.proof(key, "POST", token, nonce);
          // Its key is gone, and with it all that the tokens are good for.
          if (!proof) return signal(UNREADY, id, 0, "session-ended");
          proofs.set(id, proof);
        }
      } catch (error) {
        const code = error instanceof OAuthClientError ? error.code : "storage";
        // What the engine has no code for is one of these to it.
        causes[code] = causes["bad-response"] = error;
        return signal(UNREADY, id, 0, code);
      }
      // What fails from now on has its own reasons.
      causes.server = causes["bad-response"] = undefined;
      signal(IS_READY, id);
    },

    /** The request of an attempt, whose facts name its endpoint unless that had to be looked up. */
    request: (id, [url, body, authorization]) =>
      complete(url || known.token, body, authorization, proofs.get(id)),

    /** A revocation, for a keeper: nothing, if it is not known where to. */
    revocation: ([url, body, authorization]) =>
      complete(url || known.revocation, body, authorization),

    /** A revocation; nothing, if the server takes nothing back. */
    async revoking([url, body, authorization]) {
      try {
        const { revocation } = url ? {} : await endpoints("revocation");
        return complete(url || revocation, body, authorization);
      } catch {
        // Its metadata cannot be had now.
        return undefined;
      }
    },

    /** An attempt is over. */
    letGo: (id) => proofs.delete(id),
  };
}
