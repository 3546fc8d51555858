// The record's home: one database, version 1 for ever, one key-value object store. Nothing to
// upgrade, nothing to block on. Every failure rejects with the browser's own DOMException.

let opening;

/** Opens the connection, which everything here shares. */
export function open() {
  return (opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("evergrant", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("kv");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      // The browser closes a connection under our feet, or somebody deletes the database.
      db.onclose = forget;
      db.onversionchange = () => {
        forget();
        db.close();
      };
      resolve(db);
    };
  }).catch((error) => {
    forget();
    throw error;
  }));
}

function forget() {
  opening = undefined;
}

async function begin(...how) {
  const begun = async () => (await open()).transaction("kv", ...how);
  try {
    return await begun();
  } catch (error) {
    // A connection may close before its `onclose` is heard; a new one is opened once.
    if (error.name !== "InvalidStateError") throw error;
    forget();
    return begun();
  }
}

// In one transaction, in which nothing is awaited: shows `found` what stands under each of `keys`, or
// null, and resolves to what it says.
async function transact(keys, found, ...how) {
  const transaction = await begin(...how);
  return new Promise((resolve, reject) => {
    let result;
    const store = transaction.objectStore("kv");
    const requests = keys.map((key) => store.get(key));
    requests.at(-1).onsuccess = () => {
      const values = requests.map((request) => request.result ?? null);
      result = found(values, store);
    };
    transaction.oncomplete = () => resolve(result);
    // A transaction whose connection was closed has no error of its own.
    transaction.onabort = () =>
      reject(
        transaction.error ??
          new DOMException("The transaction was aborted.", "AbortError"),
      );
  });
}

/** What stands under each of these keys, or null, at one moment. */
export function getItems(...keys) {
  return transact(keys, (values) => values);
}

/** What stands under `key`, or null. */
export async function getItem(key) {
  const [value] = await getItems(key);
  return value;
}

/**
 * Shows `edit` what stands under `key`, or null, and writes the items that it returns, by their keys, if
 * any, in one transaction. Resolves to them, once it is complete. `strict`: no power cut undoes it.
 */
export function change(key, edit, strict) {
  const found = ([current], store) => {
    const items = edit(current);
    for (const [key, value] of Object.entries(items ?? {})) {
      store.put(value, key);
    }
    return items;
  };
  const durability = strict ? "strict" : "relaxed";
  return transact([key], found, "readwrite", { durability });
}

/** Removes what stands under keys that begin with `prefix`, unless `keeps` keeps it, by its key and value. */
export async function sweep(prefix, keeps) {
  const transaction = await begin("readwrite");
  const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  const cursors = transaction.objectStore("kv").openCursor(range);
  cursors.onsuccess = () => {
    const cursor = cursors.result;
    if (!cursor) return;
    if (!keeps(cursor.key, cursor.value)) cursor.delete();
    cursor.continue();
  };
}

/**
 * Writes `value`, and `others` by their keys, if `expected` (null: nothing) stands under `key`, in one
 * transaction. Resolves, once it is complete, to whether it was written.
 */
export async function compareAndSwap(key, expected, value, strict, others) {
  const swap = (current) =>
    current === expected ? { [key]: value, ...others } : undefined;
  return (await change(key, swap, strict)) !== undefined;
}
