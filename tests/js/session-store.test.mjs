import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { load } from "./support.mjs";

const OWNERS = Symbol.for("evergrant.owners");
let copies = 0;

/** A document: its sessionStorage, the locks of its origin, and a copy of the module. */
async function openDocument(items, locks) {
  delete globalThis[OWNERS];
  globalThis.sessionStorage = {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
  Object.defineProperty(globalThis, "navigator", {
    value: { locks },
    configurable: true,
  });
  return load("session-store.js", `document-${++copies}`);
}

/** Locks that are held until their document is gone; `held` names them. */
function origin(held = new Set()) {
  return {
    held,
    request: (name, { signal }, hold) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        if (held.has(name)) return;
        held.add(name);
        hold();
      }),
  };
}

afterEach(() => mock.reset());

test("what a document stores, the next document of its tab finds", async () => {
  const items = new Map();
  const locks = origin();
  const first = await openDocument(items, locks);
  const { owner, store } = await first.openSessionStore("key");
  assert.equal(await store.getItem("key"), null);
  assert.equal(await store.compareAndSwap("key", null, "one"), true);
  assert.equal(await store.compareAndSwap("key", null, "two"), false);
  assert.equal(await store.compareAndSwap("key", "one", "two"), true);

  locks.held.clear();
  const next = await openDocument(items, locks);
  const again = await next.openSessionStore("key");
  assert.equal(again.owner, owner);
  assert.equal(await again.store.getItem("key"), "two");
});

test("a copy whose original lives begins empty, and is another owner", async () => {
  const items = new Map();
  const locks = origin();
  const original = await openDocument(items, locks);
  const { owner, store } = await original.openSessionStore("key");
  await store.compareAndSwap("key", null, "one");

  mock.method(AbortSignal, "timeout", () =>
    AbortSignal.abort(new DOMException("too late", "TimeoutError")),
  );
  const signal = AbortSignal.timeout();
  const slow = {
    ...locks,
    request: async (name, options, hold) => {
      if (locks.held.has(name)) throw signal.reason;
      return locks.request(name, { signal: new EventTarget() }, hold);
    },
  };
  const copy = await openDocument(new Map(items), slow);
  const other = await copy.openSessionStore("key");
  assert.notEqual(other.owner, owner);
  assert.equal(await other.store.getItem("key"), null);
  assert.equal(items.get("key"), "one", "the original keeps its own");
});

test("clients of one document share what it owns, in all copies of the package", async () => {
  const items = new Map();
  const locks = origin();
  const one = await openDocument(items, locks);
  const [first, second] = await Promise.all([
    one.openSessionStore("key"),
    one.openSessionStore("key"),
  ]);
  const copy = await load("session-store.js", "another copy");
  const third = await copy.openSessionStore("key");
  assert.equal(second.owner, first.owner);
  assert.equal(third.owner, first.owner);
  assert.equal(locks.held.size, 1);
});

test("without locks or without sessionStorage it rejects, and tries again the next time", async () => {
  const items = new Map();
  const blind = await openDocument(items, undefined);
  await assert.rejects(blind.openSessionStore("key"), TypeError);

  const blocked = await openDocument(items, origin());
  const { sessionStorage } = globalThis;
  delete globalThis.sessionStorage;
  await assert.rejects(blocked.openSessionStore("key"));
  globalThis.sessionStorage = sessionStorage;
  assert.ok((await blocked.openSessionStore("key")).owner);
});
