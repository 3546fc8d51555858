// DPoP (RFC 9449): keys that never leave the browser, and the proofs that they sign. A key lies beside the
// record, by its thumbprint, which the record names.

import { ahead, now } from "./clock.js";
import { ENCODE, JOIN, KEY, PROOF } from "./flows.js";
import { change, getItem, sweep } from "./idb.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** How long a key is kept for a sign-in that is under way, in milliseconds. */
const WAIT_MS = 3_600_000;

/** By the name under which a key lies in the store. */
const keys = new Map();

export const random = (ask, bytes = 32) =>
  ask(ENCODE, crypto.getRandomValues(new Uint8Array(bytes)));

export const hash = async (text, algorithm = "SHA-256") =>
  new Uint8Array(
    await crypto.subtle.digest(algorithm, new TextEncoder().encode(text)),
  );

/**
 * Keys of the one session that `scope` names, and of sign-ins that would take its place; of one in `memory`
 * none is stored.
 */
export function openDpop(scope, memory, ask) {
  const prefix = `${scope}:dpop:`;
  const put = (name, key) => {
    keys.set(name, key);
    // Without a store the session, too, ends with its page.
    return memory
      ? undefined
      : change(name, () => ({ [name]: key }), true).catch(() => {});
  };
  const get = async (name) => {
    if (!keys.has(name) && !memory) {
      const key = await getItem(name);
      if (key) {
        keys.set(name, key);
        ahead(key.ahead);
      }
    }
    return keys.get(name);
  };

  const drop = (prefix, kept) => {
    for (const [name, key] of keys) {
      if (name.startsWith(prefix) && !kept(name, key)) keys.delete(name);
    }
    if (!memory) sweep(prefix, kept).catch(() => {});
  };

  return {
    /** A new key, by its thumbprint (RFC 7638). */
    async create() {
      const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
      const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
      const thumbprint = ask(ENCODE, await hash(ask(KEY, x, y)));
      await put(prefix + thumbprint, { pair, x, y, at: Date.now() });
      return thumbprint;
    },

    /** A proof for one request, with an access token if one goes along; nothing if the key is gone. */
    async proof(thumbprint, method, url, nonce, token) {
      const key = await get(prefix + thumbprint);
      if (!key) return undefined;
      const { pair, x, y } = key;
      const id = random(ask, 16);
      const bound = token && (await hash(token));
      const input = ask(PROOF, x, y, method, url, id, now(), nonce, bound);
      const signature = await crypto.subtle.sign(
        ALGORITHM,
        pair.privateKey,
        new TextEncoder().encode(input),
      );
      return ask(JOIN, input, new Uint8Array(signature));
    },

    /** The clock's offset is kept with the key. */
    async late(thumbprint, offset) {
      const name = prefix + thumbprint;
      const key = await get(name);
      if (key) await put(name, { ...key, ahead: offset });
    },

    /** Forgets this key: its session has ended. */
    forget: (thumbprint) => drop(prefix + thumbprint, () => false),

    /** Forgets what sign-ins have left behind that never ended; this one has. */
    tidy: (thumbprint) =>
      drop(
        prefix,
        (name, { at }) =>
          // Another tab's may have just ended.
          name === prefix + thumbprint || Date.now() - at < WAIT_MS,
      ),
  };
}
