// sessionStorage belongs to one tab, but is copied when a tab is duplicated or opens another. Two
// tabs with one refresh token would spend it twice; so what is stored has an owner, a document, which
// holds a lock as long as it lives. Looking at locks would not do: `locks.query()` shows the previous
// document for a while after a navigation. Nor does a free lock say enough: the original may be
// between two documents. So an owner that leaves says so in sessionStorage, which its copies do not
// see, and one that lives says so to whoever asks.

/** How long the previous document may take to let go, or an owner to answer, in milliseconds. */
const HANDOVER_MS = 2000;

/** The owner for each key: one for all copies of the package in this document. */
const owners = (globalThis[Symbol.for("evergrant.owners")] ??= new Map());

/**
 * Opens this tab's part of sessionStorage; a copy whose original lives begins empty. Resolves to the
 * store and its owner's name. Rejects with the browser's exception where there is no sessionStorage,
 * or no locks, without which nobody can tell a copy.
 */
export async function openSessionStore(storageKey) {
  const { sessionStorage } = globalThis;
  const name = `${storageKey}:owner`;
  const left = `${storageKey}:left`;
  const own = async () => {
    let owner = sessionStorage.getItem(name);
    const inherits = owner && (await inherit(owner, sessionStorage, left));
    if (!inherits) {
      owner = crypto.getRandomValues(new Uint32Array(4)).join("-");
      await take(owner);
      sessionStorage.removeItem(storageKey);
      sessionStorage.setItem(name, owner);
    }
    live(owner, sessionStorage, left);
    return owner;
  };
  // The owner is the document: its clients share it, and ask for it once.
  if (!owners.has(storageKey)) owners.set(storageKey, own());
  try {
    const owner = await owners.get(storageKey);
    return {
      owner,
      store: {
        getItem: async (key) => sessionStorage.getItem(key),
        async compareAndSwap(key, expected, value) {
          const swapped = sessionStorage.getItem(key) === expected;
          if (swapped) {
            // The application may have cleared it, with our name in it.
            sessionStorage.setItem(name, owner);
            sessionStorage.setItem(key, value);
          }
          return swapped;
        },
      },
    };
  } catch (error) {
    owners.delete(storageKey);
    throw error;
  }
}

/** Whether this document comes after the owner's last one, and is the owner from now on. */
async function inherit(owner, sessionStorage, left) {
  if (sessionStorage.getItem(left)) {
    return take(owner, { signal: AbortSignal.timeout(HANDOVER_MS) });
  }
  // A copy; or its last document crashed. Nobody waits in the lock's queue here: it would be ours
  // when the original goes on to its next document.
  return !(await isAnswered(owner)) && take(owner, { ifAvailable: true });
}

function take(owner, options = {}) {
  return new Promise((resolve, reject) => {
    const hold = (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    };
    navigator.locks
      .request(title(owner), options, hold)
      .catch((error) =>
        error.name === "TimeoutError" ? resolve(false) : reject(error),
      );
  });
}

// A message is whether its sender is the owner; who is not, asks.
function isAnswered(owner) {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(title(owner));
    const end = (answered) => {
      clearTimeout(timer);
      channel.close();
      resolve(answered);
    };
    const timer = setTimeout(end, HANDOVER_MS, false);
    channel.onmessage = ({ data }) => data && end(true);
    channel.postMessage(false);
  });
}

/** Says that the owner lives, until it leaves; it may come back. */
function live(owner, sessionStorage, left) {
  const channel = new BroadcastChannel(title(owner));
  channel.onmessage = ({ data }) => data || channel.postMessage(true);
  channel.postMessage(true);
  sessionStorage.removeItem(left);
  addEventListener("pageshow", () => sessionStorage.removeItem(left));
  addEventListener("pagehide", () => sessionStorage.setItem(left, true));
}

function title(owner) {
  return `evergrant:owner:${owner}`;
}
