// The record's home: one database, version 1 for ever, one key-value object store. Nothing to
// upgrade, nothing to block on. Every failure rejects with the browser's own DOMException.

let opening;

function database() {
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

async function begin(mode, options) {
  try {
    return (await database()).transaction("kv", mode, options);
  } catch (error) {
    // A connection may close before its `onclose` is heard; a new one is opened once.
    if (error.name !== "InvalidStateError") throw error;
    forget();
    return (await database()).transaction("kv", mode, options);
  }
}

/** Opens the connection, which everything here shares. */
export async function open() {
  await database();
}

/** What stands under `key`, or null. */
export async function getItem(key) {
  const transaction = await begin("readonly");
  return new Promise((resolve, reject) => {
    const request = transaction.objectStore("kv").get(key);
    request.onsuccess = () => resolve(request.result ?? null);
    transaction.onabort = () => reject(transaction.error ?? aborted());
  });
}

/**
 * Writes `value` if `expected` (null or undefined: nothing) stands under `key`, in one transaction.
 * Resolves, once it is complete, to whether it was written. `strict`: no power cut undoes it.
 */
export async function compareAndSwap(key, expected, value, strict) {
  const durability = strict ? "strict" : "relaxed";
  const transaction = await begin("readwrite", { durability });
  return new Promise((resolve, reject) => {
    let swapped = false;
    const store = transaction.objectStore("kv");
    const request = store.get(key);
    request.onsuccess = () => {
      swapped = (request.result ?? null) === (expected ?? null);
      if (swapped) store.put(value, key);
    };
    transaction.oncomplete = () => resolve(swapped);
    transaction.onabort = () => reject(transaction.error ?? aborted());
  });
}

// A transaction whose connection was closed has no error of its own.
function aborted() {
  return new DOMException("The transaction was aborted.", "AbortError");
}
