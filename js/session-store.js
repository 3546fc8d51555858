// sessionStorage belongs to one tab, but is copied when a tab is duplicated or opens another. Two
// tabs with one refresh token would spend it twice; so what is stored has an owner, a document, which
// holds a lock as long as it lives. Looking at locks would not do: `locks.query()` shows the previous
// document for a while after a navigation. Nor does a free lock say enough: the original may be
// between two documents. So an owner that leaves says so in sessionStorage, which its copies do not
// see, and one that lives says so to whoever asks. A frame of the owner's tab is no copy: what it
// writes into sessionStorage, the owner sees.

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
    for (;;) {
      const before = sessionStorage.getItem(name);
      if (before && (await inherit(before, sessionStorage, left)))
        return before;
      const owner = random();
      await take(owner, sessionStorage, left);
      // A frame of this tab may have been faster: then it is asked.
      if (sessionStorage.getItem(name) === before) {
        sessionStorage.removeItem(storageKey);
        sessionStorage.setItem(name, owner);
        return owner;
      }
    }
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

/** Whether what the owner has is ours: this document comes after its last one, or lives beside it. */
async function inherit(owner, sessionStorage, left) {
  const mine = (options) => take(owner, sessionStorage, left, options);
  if (sessionStorage.getItem(left)) {
    const signal = AbortSignal.timeout(HANDOVER_MS);
    if (await mine({ signal })) return true;
  }
  let beside = await ask(owner, sessionStorage);
  const [entry] = performance.getEntriesByType("navigation");
  const opened = globalThis.opener && entry?.type === "navigate";
  if (beside === undefined && !opened) {
    // Its last document crashed; or we are a copy, and the original is elsewhere. What a script has
    // just opened is one. Nobody waits in the lock's queue here: it would be ours when the original
    // goes on to its next document.
    if (await mine({ ifAvailable: true })) return true;
    // It is frozen; or after a crash, a frame of the tab was faster.
    beside = await ask(owner, sessionStorage);
  }
  // In a frame of its tab, or around it: the owner may go first.
  if (beside) mine();
  return beside;
}

/** Whether the lock is ours; from then on we are the owner. */
function take(owner, sessionStorage, left, options = {}) {
  return new Promise((resolve, reject) => {
    const hold = (lock) => {
      if (lock) live(owner, sessionStorage, left);
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

// A question is a name, under which something stands in the sessionStorage of whoever asks. The
// answer is the question, and whether it stands in the owner's too.

/** Whether the owner sees what we write; undefined if it does not answer. */
function ask(owner, sessionStorage) {
  return new Promise((resolve) => {
    const question = `${title(owner)}:${random()}`;
    const channel = new BroadcastChannel(title(owner));
    const end = (seen) => {
      clearTimeout(timer);
      channel.close();
      sessionStorage.removeItem(question);
      resolve(seen);
    };
    const timer = setTimeout(end, HANDOVER_MS);
    const post = () => channel.postMessage([question]);
    channel.onmessage = ({ data: [about, seen] }) => {
      if (!about) post();
      else if (about === question) end(seen);
    };
    mark(sessionStorage, question);
    post();
  });
}

/** Says that the owner lives, until it leaves; it may come back. */
function live(owner, sessionStorage, left) {
  const channel = new BroadcastChannel(title(owner));
  channel.onmessage = ({ data: [question, seen] }) => {
    if (seen !== undefined || !question) return;
    channel.postMessage([question, sessionStorage.getItem(question) !== null]);
  };
  channel.postMessage([]);
  sessionStorage.removeItem(left);
  addEventListener("pageshow", () => sessionStorage.removeItem(left));
  addEventListener("pagehide", () => mark(sessionStorage, left));
}

// Where it is full, the next document waits a little longer, and a frame is as good as a copy.
function mark(sessionStorage, item) {
  try {
    sessionStorage.setItem(item, true);
  } catch {}
}

function random() {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

function title(owner) {
  return `evergrant:owner:${owner}`;
}
