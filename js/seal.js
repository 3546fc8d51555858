// A record is JSON text. Its secrets stand in it plainly, or sealed: `tokens`, or an attempt's
// `answer`, as `{ iv, ciphertext }`, both in Base64, by AES-GCM under a key that never leaves the
// browser and lies beside the record.

const SEALED = ["tokens", "answer"];

/**
 * Reads the record under `key`: null where there is nothing; else its text as it stands there, and
 * what it says, parsed and unsealed. No `record` where that is beyond reading.
 */
export async function read(store, key) {
  const text = await store.getItem(key);
  if (text === null) return null;
  try {
    return { text, record: await unseal(text, store, key) };
  } catch {
    return { text };
  }
}

async function unseal(text, store, key) {
  if (!text.includes('"ciphertext"')) return JSON.parse(text);
  const sealed = [];
  const record = JSON.parse(text, function (member, value) {
    if (SEALED.includes(member) && value?.ciphertext) {
      sealed.push([this, member, value]);
    }
    return value;
  });
  const cryptoKey = await store.getItem(`${key}:key`);
  for (const [holder, member, { iv, ciphertext }] of sealed) {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: bytes(iv) },
      cryptoKey,
      bytes(ciphertext),
    );
    holder[member] = JSON.parse(new TextDecoder().decode(plain));
  }
  return record;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
