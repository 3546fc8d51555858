import { begin, OAuthClient } from "./client.js";
import { OAuthClientError } from "./error.js";
import { customStore } from "./custom-store.js";
import { compareAndSwap, getItem, getItems, open } from "./idb.js";
import { findKeeper } from "./keeping.js";
import { load } from "./load.js";
import { memory } from "./memory.js";
import { complete } from "./options.js";
import { openSessionStore } from "./session-store.js";

// A database that neither opens nor fails has been seen; an app must not hang in it.
const OPEN_MS = 5000;

let warned = false;

/** `createClient`, for an entry that has the wasm in `source`. */
export async function create(options, source) {
  const settings = complete(options);
  const client = new OAuthClient();
  if (!isBrowser()) return client;
  for (const [type, listener] of Object.entries(settings.on ?? {})) {
    if (listener) client.on(type, listener);
  }
  if (settings.clientSecret && !warned) {
    warned = true;
    console.warn(
      "evergrant: anyone can read the client secret of a page. Register a public client.",
    );
  }
  const opening = openStore(settings).then(async (opened) => {
    const keeper = settings.keeper && findKeeper(settings.keeper, opened.store);
    await inTime(Promise.resolve(keeper)).catch(() => {});
    return { ...opened, keeper };
  });
  await load(settings.wasm ? () => settings.wasm : source);
  await begin(client, { ...settings, ...(await opening) });
  return client;
}

/** `preload`, for an entry that has the wasm in `source`. */
export function fetchAhead(source) {
  if (isBrowser()) load(source).catch(() => {});
}

/** Servers have no location, or nothing but that; windows and workers have all of it. */
function isBrowser() {
  return (
    typeof location === "object" &&
    typeof fetch === "function" &&
    typeof addEventListener === "function"
  );
}

/** The store that is asked for; or, where it cannot be had, memory, and why. Never rejects. */
async function openStore({ storage, storageKey }) {
  let storeFailure;
  try {
    if (storage === "indexeddb") {
      await inTime(open());
      return {
        store: { getItem, getItems, compareAndSwap },
        lockScope: storageKey,
      };
    }
    if (storage === "session") {
      const { owner, store } = await openSessionStore(storageKey);
      return { store, lockScope: `${storageKey}:${owner}` };
    }
    if (storage !== "memory") {
      return { store: customStore(storage), lockScope: storageKey };
    }
  } catch (cause) {
    storeFailure = new OAuthClientError(
      "storage",
      "The store cannot be opened: the session ends with this page.",
      { retryable: true, cause },
    );
  }
  // Nobody shares this store, so nobody shares its locks and its channel.
  const random = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const lockScope = `${storageKey}:${random}`;
  return { store: memory(), lockScope, storeFailure };
}

function inTime(opening) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      reject,
      OPEN_MS,
      new DOMException("No answer.", "TimeoutError"),
    );
  });
  return Promise.race([opening, late]).finally(() => clearTimeout(timer));
}
