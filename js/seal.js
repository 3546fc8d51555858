// A record is JSON text. Its secrets stand in it plainly, or sealed: `tokens`, or an attempt's
// `answer`, as `{ iv, ciphertext }`, both in Base64, by AES-GCM under a key that never leaves the
// browser and lies beside the record. They are sealed where that can be: on secure pages, in IndexedDB.

import { decode, encode, parse } from "./bytes.js";

const AES = "AES-GCM";

/** Under which name the key for the record under `key` lies. */
export const keyName = (key) => `${key}:key`;

/**
 * Reads the record under `key`: null where there is nothing; else its text as it stands there, the key
 * beside it, if there is one, and what the text says, as `open`.
 */
export async function read(store, key) {
  // A store that fails is no record that cannot be read: it may do better the next time.
  const [text, beside] = store.getItems
    ? await store.getItems(key, keyName(key))
    : [await store.getItem(key)];
  // An insecure page knows no class of keys to ask for.
  const cryptoKey = beside?.algorithm ? beside : undefined;
  return text === null ? null : open(text, cryptoKey);
}

/**
 * What a text says, parsed and unsealed: `record`; none where that is beyond reading, though its `version`
 * may not be.
 */
export async function open(text, cryptoKey) {
  const item = { text, cryptoKey };
  try {
    const record = JSON.parse(text);
    item.version = record.version;
    for (const [holder, member] of secrets(record)) {
      const { iv, ciphertext } = holder[member];
      if (ciphertext) {
        const algorithm = { name: AES, iv: decode(iv) };
        holder[member] = parse(
          await crypto.subtle.decrypt(algorithm, cryptoKey, decode(ciphertext)),
        );
      }
    }
    item.record = record;
  } catch {}
  return item;
}

/** Seals a record's secrets; without a `cryptoKey`, under a new one. Resolves to the text and the key. */
export async function seal(record, cryptoKey) {
  for (const [holder, member] of secrets(record)) {
    cryptoKey ??= await crypto.subtle.generateKey(
      { name: AES, length: 256 },
      false,
      ["encrypt", "decrypt"],
    );
    holder[member] = await sealed(holder[member], cryptoKey);
  }
  return { text: JSON.stringify(record), cryptoKey };
}

/** A secret, sealed; plain without a key. */
export async function sealed(secret, cryptoKey) {
  if (!cryptoKey) return secret;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(secret));
  const bytes = await crypto.subtle.encrypt(
    { name: AES, iv },
    cryptoKey,
    plain,
  );
  return { iv: encode(iv), ciphertext: encode(bytes) };
}

/** Where the secrets of a record stand. */
function secrets(record) {
  const holders = [
    [record, "tokens"],
    ...[record.attempts ?? []].flat().map((attempt) => [attempt, "answer"]),
  ];
  return holders.filter(([holder, member]) => holder?.[member]);
}
