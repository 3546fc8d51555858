// An ID token is believed once its claims are right, which the engine's rules say, and its signature is the
// issuer's, which Web Cryptography says (OpenID Connect Core §3.1.3.7).

import { learn, now } from "./clock.js";
import { hash } from "./dpop.js";
import { OAuthClientError } from "./error.js";
import { ID_TOKEN } from "./flows.js";
import { text } from "./request.js";

/** How a signature is verified, and with which kind of key (RFC 7518 §3.1; RFC 8037 §3.1). */
const ALGORITHMS = {
  RS256: ["RSA", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
  PS256: ["RSA", { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 }],
  ES256: ["EC", { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" }],
  EdDSA: ["OKP", { name: "Ed25519" }],
};

/** By their URL: the issuers' keys. */
const sets = new Map();

/**
 * Checks the ID token that came with an access token. Rejects with `id-token`, which says what is wrong; or,
 * if the issuer's keys cannot be had, with why.
 */
export async function check(
  { idToken, accessToken, nonce, maxAge },
  { issuer, jwks, timeoutMs },
  ask,
) {
  const digests = accessToken
    ? [await hash(accessToken), await hash(accessToken, "SHA-512")]
    : [undefined, undefined];
  const judge = () =>
    ask(ID_TOKEN, idToken, issuer, nonce, ...digests, maxAge, now());
  let [fault, ...facts] = judge();
  if (fault && facts[0]) {
    // It may be our clock that is wrong.
    await learn();
    [fault, ...facts] = judge();
  }
  if (fault) throw wrong(`its \`${fault}\` is wrong`);
  // Where an issuer publishes no keys, TLS stands for the signature (§3.1.3.7, item 6).
  if (jwks && !(await verify(jwks, timeoutMs, ...facts))) {
    throw wrong("none of the issuer's keys has signed it");
  }
}

async function verify(jwks, timeoutMs, alg, kid, input, signature) {
  const [kty, algorithm] = ALGORITHMS[alg];
  const signed = new TextEncoder().encode(input);
  const fits = (key) =>
    key.kty === kty &&
    (!kid || key.kid === kid) &&
    (!key.alg || key.alg === alg || kty === "OKP") &&
    key.use !== "enc";
  // Keys rotate: one that is not known may be new.
  for (const find of [(it) => sets.get(it), load]) {
    const candidates = ((await find(jwks, timeoutMs)) ?? []).filter(fits);
    for (const { n, e, crv, x, y } of candidates) {
      try {
        const jwk = { kty, n, e, crv, x, y };
        const key = await crypto.subtle.importKey(
          "jwk",
          jwk,
          algorithm,
          false,
          ["verify"],
        );
        if (await crypto.subtle.verify(algorithm, key, signature, signed)) {
          return true;
        }
      } catch {
        // A key of no use is not the one.
      }
    }
    // A token that does not name its key may be of one that took the place of another.
    if (kid && candidates.length) return false;
  }
  return false;
}

async function load(jwks, timeoutMs) {
  try {
    const signal = AbortSignal.timeout?.(timeoutMs);
    // What a cache keeps may be older than the key.
    const { body } = await fetch(jwks, {
      cache: "no-cache",
      credentials: "omit",
      signal,
    });
    // An error's JSON holds none.
    const keys = JSON.parse(await text(body)).keys.filter(Boolean);
    sets.set(jwks, keys);
    return keys;
  } catch (cause) {
    throw new OAuthClientError(
      "network",
      `The issuer's keys cannot be read at ${jwks}.`,
      { retryable: true, cause },
    );
  }
}

function wrong(what) {
  return new OAuthClientError(
    "id-token",
    `The ID token cannot be believed: ${what}.`,
  );
}
