import { createHash, webcrypto } from "node:crypto";

/** The one algorithm the API takes, and its name in proofs (RFC 7518 §3.4). */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
export const alg = "ES256";

/** How old a proof may be, and how far in the future, in seconds. */
const window = 60;

/**
 * Whether `proof` shows that who sends this request has the key that the access token is bound to (RFC 9449 §4.3, §7.1):
 * `thumbprint` is that key's, as the server keeps it with the token. It does not remember the proofs it has seen.
 */
export async function proves(proof, { method, url, token, thumbprint }) {
  try {
    const [head, body, signature] = proof.split(".");
    const { typ, alg: signedBy, jwk } = parse(head);
    const { htm, htu, iat, ath } = parse(body);
    return (
      typ === "dpop+jwt" &&
      signedBy === alg &&
      thumbprintOf(jwk) === thumbprint &&
      htm === method &&
      withoutQuery(htu) === withoutQuery(url) &&
      Math.abs(Date.now() / 1000 - iat) <= window &&
      ath === hash(token) &&
      (await isSigned(`${head}.${body}`, signature, jwk))
    );
  } catch {
    return false;
  }
}

async function isSigned(text, signature, { kty, crv, x, y }) {
  const { subtle } = webcrypto;
  const jwk = { kty, crv, x, y };
  const key = await subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  const bytes = Buffer.from(signature, "base64url");
  return subtle.verify(algorithm, key, bytes, Buffer.from(text));
}

/** RFC 7638 §3: the members that a key of this kind must have, in the order of their names. */
function thumbprintOf({ crv, kty, x, y }) {
  return hash(JSON.stringify({ crv, kty, x, y }));
}

function withoutQuery(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function parse(part) {
  return JSON.parse(Buffer.from(part, "base64url"));
}

function hash(text) {
  return createHash("sha256").update(text).digest("base64url");
}
