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

// In one transaction, in which nothing is awaited: shows `found` what stands under `key`, or null, and
// resolves to what it says.
async function transact(key, found, ...how) {
  const transaction = await begin(...how);
  return new Promise((resolve, reject) => {
    let result;
    const store = transaction.objectStore("kv");
    const request = store.get(key);
    request.onsuccess = () => {
      result = found(request.result ?? null, store);
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

/** What stands under `key`, or null. */
export function getItem(key) {
  return transact(key, (value) => value);
}

/**
 * Writes `value` if `expected` (null: nothing) stands under `key`, in one transaction.
 * Resolves, once it is complete, to whether it was written. `strict`: no power cut undoes it.
 */
export function compareAndSwap(key, expected, value, strict) {
  const swap = (current, store) => {
    const swapped = current === expected;
    if (swapped) store.put(value, key);
    return swapped;
  };
  const durability = strict ? "strict" : "relaxed";
  return transact(key, swap, "readwrite", { durability });
}
