// The record's home: one database, version 1 for ever, one key-value object store. Nothing to
// upgrade, nothing to block on. Every failure rejects with the browser's own DOMException.

let opening;

/** Opens the connection, which everything here shares. */
export function open() {
  return (opening ??= connect().catch((error) => {
    opening = undefined;
    throw error;
  }));
}

async function connect() {
  const request = indexedDB.open("evergrant", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("kv");
  const db = await settled(request);
  // The browser closes a connection under our feet, or somebody deletes the database.
  db.onclose = db.onversionchange = () => {
    opening = undefined;
    db.close();
  };
  return db;
}

/** What a request results in, or null; of a transaction, that it is complete. */
function settled(it) {
  return new Promise((resolve, reject) => {
    it.onsuccess = it.oncomplete = () => resolve(it.result ?? null);
    // A transaction whose connection was closed has no error of its own.
    it.onerror = it.onabort = () =>
      reject(it.error ?? new DOMException("Aborted.", "AbortError"));
  });
}

/** The object store, in a transaction that has just begun. */
async function begin(...how) {
  const begun = (db) => db.transaction("kv", ...how).objectStore("kv");
  const db = await open();
  try {
    return begun(db);
  } catch {
    // The connection closed before its `onclose` was heard; a new one is opened once.
    opening = undefined;
    return begun(await open());
  }
}

/** What stands under `key`, or null. */
export async function getItem(key) {
  const store = await begin();
  return settled(store.get(key));
}

/**
 * Writes `value` if `expected` (null: nothing) stands under `key`, in one transaction.
 * Resolves, once it is complete, to whether it was written. `strict`: no power cut undoes it.
 */
export async function compareAndSwap(key, expected, value, strict) {
  const durability = strict ? "strict" : "relaxed";
  const store = await begin("readwrite", { durability });
  if ((await settled(store.get(key))) !== expected) return false;
  await settled(store.put(value, key));
  await settled(store.transaction);
  return true;
}
