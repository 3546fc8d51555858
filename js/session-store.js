// sessionStorage belongs to one tab, but is copied when a tab is duplicated or opens another. Two
// tabs with one refresh token would spend it twice; so what is stored has an owner, a document, which
// holds a lock as long as it lives. Looking at locks would not do: `locks.query()` shows the previous
// document for a while after a navigation.

/** How long the previous document may take to let go, in milliseconds. */
const HANDOVER_MS = 2000;

/** The owner for each key: one for all copies of the package in this document. */
const owners = (globalThis[Symbol.for("evergrant.owners")] ??= new Map());

/**
 * Opens this tab's part of sessionStorage; a copy whose original lives begins empty. Resolves to the
 * store and its owner's name. Rejects with the browser's exception where there is no sessionStorage,
 * or no locks, without which nobody can tell a copy.
 */
export async function openSessionStore(storageKey) {
  const { sessionStorage, navigator } = globalThis;
  const own = async () => {
    const name = `${storageKey}:owner`;
    const known = sessionStorage.getItem(name);
    if (known && (await become(known, navigator.locks))) return known;
    const owner = crypto.getRandomValues(new Uint32Array(4)).join("-");
    await become(owner, navigator.locks);
    sessionStorage.removeItem(storageKey);
    sessionStorage.setItem(name, owner);
    return owner;
  };
  // The owner is the document: its clients share it, and ask for it once.
  if (!owners.has(storageKey)) owners.set(storageKey, own());
  try {
    return {
      owner: await owners.get(storageKey),
      store: {
        getItem: async (key) => sessionStorage.getItem(key),
        async compareAndSwap(key, expected, value) {
          const swapped = sessionStorage.getItem(key) === expected;
          if (swapped) sessionStorage.setItem(key, value);
          return swapped;
        },
      },
    };
  } catch (error) {
    owners.delete(storageKey);
    throw error;
  }
}

/** Whether this document is the owner from now on. */
function become(owner, locks) {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(HANDOVER_MS);
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    locks
      .request(`evergrant:owner:${owner}`, { signal }, hold)
      .catch((error) =>
        error.name === "TimeoutError" ? resolve(false) : reject(error),
      );
  });
}
