// Requests to the app's APIs: with the access token (RFC 6750 §2.1), and with a proof of the key that it is
// bound to, if it is (RFC 9449 §7). A token goes to the origins that the app has named, and nowhere else.

import { learn } from "./clock.js";
import { OAuthClientError } from "./error.js";

/** How often a request is sent again: for the server's nonce, and with a newer token. */
const RETRIES = 2;

/**
 * `getAccessToken` is the client's, `key` tells which one its tokens are bound to, `dpop` makes proofs.
 */
export function openAuthorized(
  { allowedOrigins },
  { dpop, key, getAccessToken },
) {
  const allowed = new Set(allowedOrigins.map((it) => new URL(it).origin));
  /** By origin: each server's newest nonce (RFC 9449 §9). */
  const nonces = new Map();

  // `request` is as it will be sent, not as it was written.
  async function authorize({ url, method }, options) {
    const { origin } = new URL(url);
    if (!allowed.has(origin)) {
      throw new OAuthClientError(
        "origin-not-allowed",
        `No token goes to ${origin}: it is none of \`allowedOrigins\`.`,
      );
    }
    const token = await getAccessToken(options);
    const thumbprint = key();
    if (!thumbprint) return { token, authorization: `Bearer ${token}` };
    const nonce = nonces.get(origin);
    const proof = await dpop.proof(thumbprint, method, url, nonce, token);
    // Without its key, the token is of no use, and the API says so.
    return {
      token,
      authorization: `DPoP ${token}`,
      ...(proof && { dpop: proof }),
    };
  }

  return {
    async authorize({ url, method }) {
      const request = new Request(url, { method });
      const { token, ...headers } = await authorize(request);
      return headers;
    },

    async fetch(input, init) {
      // A request's body may be needed again; nothing else has one to be copied.
      const copy = () => input.clone?.() ?? input;
      const method = init?.method && { method: init.method };
      const request = new Request(copy(), method);
      const signal = init?.signal ?? request.signal;
      let refusedToken;
      let last;
      for (let tries = 0; ; tries++) {
        let token;
        try {
          const options = { refusedToken, signal };
          const { token: newer, ...own } = await authorize(request, options);
          token = newer;
          const headers = new Headers(init?.headers ?? request.headers);
          for (const [name, it] of Object.entries(own)) headers.set(name, it);
          last = await fetch(input.clone ? copy() : request.url, {
            ...init,
            headers,
          });
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          // What the API has said is worth more than why it cannot be asked again.
          if (last) return last;
          throw error;
        }
        const { status, headers } = last;
        const nonce = headers.get("dpop-nonce");
        if (nonce) nonces.set(new URL(request.url).origin, nonce);
        if (status !== 401 || tries === RETRIES) return last;
        const challenge = headers.get("www-authenticate");
        if (/use_dpop_nonce/.test(challenge)) {
          if (nonce) continue;
          throw new OAuthClientError(
            "dpop-nonce-unreadable",
            "The API has to expose the header `DPoP-Nonce`.",
          );
        }
        // The proof may be refused for its time; that costs no token.
        if (/dpop_proof/.test(challenge)) await learn();
        else if (refusedToken) return last;
        else refusedToken = token;
      }
    },
  };
}
