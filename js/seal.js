// A record is JSON text. Its secrets stand in it plainly, or sealed: `tokens`, or an attempt's
// `answer`, as `{ iv, ciphertext }`, both in Base64, by AES-GCM under a key that never leaves the
// browser and lies beside the record.

import { decode, parse } from "./bytes.js";

const SEALED = ["tokens", "answer"];

/**
 * Reads the record under `key`: null where there is nothing; else its text as it stands there, and
 * what it says, parsed and unsealed. No `record` where that is beyond reading.
 */
export async function read(store, key) {
  const text = await store.getItem(key);
  if (text === null) return null;
  // A store that fails is no record that cannot be read: it may do better the next time.
  const sealed = text.includes('"ciphertext"');
  const cryptoKey = sealed ? await store.getItem(`${key}:key`) : null;
  try {
    return { text, record: await unseal(text, cryptoKey) };
  } catch {
    return { text };
  }
}

async function unseal(text, cryptoKey) {
  const sealed = [];
  const record = JSON.parse(text, function (member, value) {
    if (SEALED.includes(member) && value?.ciphertext) {
      sealed.push([this, member, value]);
    }
    return value;
  });
  for (const [holder, member, { iv, ciphertext }] of sealed) {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: decode(iv) },
      cryptoKey,
      decode(ciphertext),
    );
    holder[member] = parse(plain);
  }
  return record;
}
