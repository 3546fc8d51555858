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
  const items = globalThis.sessionStorage;
  const name = `${storageKey}:owner`;
  // The owner is the document: its clients share it, and ask for it once.
  if (!owners.has(storageKey)) {
    owners.set(storageKey, own(items, storageKey, name, `${storageKey}:left`));
  }
  try {
    const owner = await owners.get(storageKey);
    return {
      owner,
      store: {
        getItem: async (key) => items.getItem(key),
        async compareAndSwap(key, expected, value) {
          const swapped = items.getItem(key) === expected;
          if (swapped) {
            // The application may have cleared it, with our name in it.
            items.setItem(name, owner);
            items.setItem(key, value);
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

/** Finds the owner, or becomes one. */
async function own(items, storageKey, name, left) {
  // Where it is full, the next document waits a little longer, and a frame is as good as a copy.
  const mark = (item) => {
    try {
      items.setItem(item, true);
    } catch {}
  };

  /** Says that the owner lives, until it leaves; it may come back. */
  const live = (title) => {
    const back = () => items.removeItem(left);
    const channel = new BroadcastChannel(title);
    channel.onmessage = ({ data: [question, seen] }) => {
      if (seen !== undefined || !question) return;
      channel.postMessage([question, items.getItem(question) !== null]);
    };
    channel.postMessage([]);
    back();
    addEventListener("pageshow", back);
    addEventListener("pagehide", () => mark(left));
  };

  /** Whether the lock is ours; from then on we are the owner. */
  const take = (title, options = {}) =>
    new Promise((resolve, reject) => {
      const hold = (lock) => {
        if (lock) live(title);
        resolve(lock !== null);
        return lock && new Promise(() => {});
      };
      navigator.locks
        .request(title, options, hold)
        .catch((error) =>
          error.name === "TimeoutError" ? resolve(false) : reject(error),
        );
    });

  // A question is a name, under which something stands in the sessionStorage of whoever asks. The
  // answer is the question, and whether it stands in the owner's too.

  /** Whether the owner sees what we write; undefined if it does not answer. */
  const ask = (title) =>
    new Promise((resolve) => {
      const question = `${title}:${crypto.randomUUID()}`;
      const channel = new BroadcastChannel(title);
      const end = (seen) => {
        clearTimeout(timer);
        channel.close();
        items.removeItem(question);
        resolve(seen);
      };
      const timer = setTimeout(end, HANDOVER_MS);
      const post = () => channel.postMessage([question]);
      channel.onmessage = ({ data: [about, seen] }) => {
        if (!about) post();
        else if (about === question) end(seen);
      };
      mark(question);
      post();
    });

  /** Whether what the owner has is ours: we come after its last document, or live beside it. */
  const inherit = async (title) => {
    if (items.getItem(left)) {
      const signal = AbortSignal.timeout(HANDOVER_MS);
      if (await take(title, { signal })) return true;
    }
    let beside = await ask(title);
    const [entry] = performance.getEntriesByType("navigation");
    const opened = globalThis.opener && entry?.type === "navigate";
    if (beside === undefined && !opened) {
      // Its last document crashed; or we are a copy, and the original is elsewhere. What a script has
      // just opened is one. Nobody waits in the lock's queue here: it would be ours when the original
      // goes on to its next document.
      if (await take(title, { ifAvailable: true })) return true;
      // It is frozen; or after a crash, a frame of the tab was faster.
      beside = await ask(title);
    }
    // In a frame of its tab, or around it: the owner may go first.
    if (beside) take(title);
    return beside;
  };

  const title = (owner) => `evergrant:owner:${owner}`;
  for (;;) {
    const before = items.getItem(name);
    if (before && (await inherit(title(before)))) return before;
    const owner = crypto.randomUUID();
    await take(title(owner));
    // A frame of this tab may have been faster: then it is asked.
    if (items.getItem(name) === before) {
      items.removeItem(storageKey);
      items.setItem(name, owner);
      return owner;
    }
  }
}
