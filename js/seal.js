// A record is JSON text. Its secrets stand in it plainly, or sealed: `tokens`, or an attempt's
// `answer`, as `{ iv, ciphertext }`, both in Base64, by AES-GCM under a key that never leaves the
// browser and lies beside the record.

import { decode, parse } from "./bytes.js";

/**
 * Reads the record under `key`: null where there is nothing; else its text as it stands there, and
 * what it says, parsed and unsealed. No `record` where that is beyond reading, though its `version`
 * may not be.
 */
export async function read(store, key) {
  const text = await store.getItem(key);
  if (text === null) return null;
  // A store that fails is no record that cannot be read: it may do better the next time.
  const sealed = text.includes('"ciphertext"');
  const cryptoKey = sealed && (await store.getItem(`${key}:key`));
  let version;
  try {
    const record = JSON.parse(text);
    ({ version } = record);
    await unseal(record, "tokens", cryptoKey);
    for (const attempt of [record.attempts].flat()) {
      await unseal(attempt, "answer", cryptoKey);
    }
    return { text, version, record };
  } catch {
    return { text, version };
  }
}

async function unseal(holder, member, cryptoKey) {
  const { iv, ciphertext } = holder?.[member] ?? {};
  if (!ciphertext) return;
  const algorithm = { name: "AES-GCM", iv: decode(iv) };
  holder[member] = parse(
    await crypto.subtle.decrypt(algorithm, cryptoKey, decode(ciphertext)),
  );
}
