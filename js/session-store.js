// sessionStorage belongs to one tab, but is copied when a tab is duplicated or opens another. Two
// tabs with one refresh token would spend it twice; so what is stored has an owner, a document, that
// holds a lock as long as it lives. `locks.query()` would not do: it shows the previous document for
// a while after a plain navigation.

/** How long the previous document may take to let go. */
const HANDOVER_MS = 2000;

// One for all copies of the package in this page.
const owners = (globalThis[Symbol.for("evergrant.owners")] ??= new Map());

/**
 * Opens this tab's part of sessionStorage. A copy whose original lives begins empty. Resolves to the
 * store and its owner's name; rejects with the browser's exception where there is no sessionStorage.
 */
export async function openSessionStore(storageKey) {
  const storage = sessionStorage;
  // Clients of one document share it, and ask for it once.
  if (!owners.has(storageKey)) {
    owners.set(storageKey, findOwner(storage, storageKey));
  }
  return {
    owner: await owners.get(storageKey),
    store: {
      getItem: async (key) => storage.getItem(key),
      async compareAndSwap(key, expected, value) {
        const swapped = storage.getItem(key) === (expected ?? null);
        if (swapped) storage.setItem(key, value);
        return swapped;
      },
    },
  };
}

async function findOwner(storage, storageKey) {
  const name = `${storageKey}:owner`;
  const known = storage.getItem(name);
  if (known && (await become(known))) return known;
  const owner = crypto.getRandomValues(new Uint32Array(4)).join("-");
  storage.removeItem(storageKey);
  storage.setItem(name, owner);
  await become(owner);
  return owner;
}

// Resolves to whether this document is the owner now. Without locks nobody can tell.
function become(owner) {
  const { locks } = navigator;
  if (!locks) return true;
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    const signal = AbortSignal.timeout(HANDOVER_MS);
    locks
      .request(`evergrant:owner:${owner}`, { signal }, hold)
      .catch(() => resolve(false));
  });
}
