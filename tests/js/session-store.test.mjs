import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { load } from "./support.mjs";

const OWNERS = Symbol.for("evergrant.owners");
let copies = 0;

/** A document of the tab that has `items`, at `origin`: its globals, and a copy of the module. */
async function openDocument(items, { locks, Channel }) {
  const listeners = {};
  delete globalThis[OWNERS];
  stand("sessionStorage", {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, String(value)),
    removeItem: (key) => void items.delete(key),
  });
  stand("navigator", { locks });
  stand("BroadcastChannel", Channel);
  stand("addEventListener", (type, listener) => (listeners[type] = listener));
  const module = await load("session-store.js", `document-${++copies}`);
  return {
    open: module.openSessionStore,
    hide: () => listeners.pagehide(),
    show: () => listeners.pageshow(),
  };
}

/** A document's globals, as they are when it begins. */
function stand(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

/** An origin's locks and channels; `die` ends the documents there are. */
function origin() {
  const held = new Set();
  const channels = new Set();
  let queue = [];
  const locks = {
    async request(name, { signal, ifAvailable }, hold) {
      signal?.throwIfAborted();
      if (!held.has(name)) {
        held.add(name);
        return hold({ name });
      }
      if (ifAvailable) return hold(null);
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        queue.push(() => locks.request(name, { signal }, hold));
      });
    },
  };
  class Channel {
    constructor(name) {
      this.name = name;
      channels.add(this);
    }
    postMessage(data) {
      for (const other of [...channels]) {
        if (other === this || other.name !== this.name) continue;
        queueMicrotask(() => channels.has(other) && other.onmessage({ data }));
      }
    }
    close() {
      channels.delete(this);
    }
  }
  const die = () => {
    held.clear();
    channels.clear();
    const waiting = queue;
    queue = [];
    for (const request of waiting) request();
  };
  return { held, locks, Channel, die };
}

async function settle() {
  for (let i = 0; i < 50; i++) await null;
}

/** Runs what waits for two seconds of silence. */
async function silence(promise) {
  await settle();
  mock.timers.tick(2000);
  return promise;
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("what a document stores, the next document of its tab finds at once", async () => {
  const items = new Map();
  const site = origin();
  const first = await openDocument(items, site);
  const { owner, store } = await first.open("key");
  assert.equal(await store.getItem("key"), null);
  assert.equal(await store.compareAndSwap("key", null, "one"), true);
  assert.equal(await store.compareAndSwap("key", null, "two"), false);
  assert.equal(await store.compareAndSwap("key", "one", "two"), true);

  first.hide();
  const next = await openDocument(items, site);
  const again = next.open("key");
  await settle();
  site.die();
  assert.equal((await again).owner, owner, "as soon as the lock is let go");
  assert.equal(await (await again).store.getItem("key"), "two");
});

test("a copy whose original lives begins empty, is another owner, and need not wait", async () => {
  const { items, site, document: original, owner } = await begin();
  const copy = await openDocument(new Map(items), site);
  const other = await copy.open("key");
  assert.notEqual(other.owner, owner);
  assert.equal(await other.store.getItem("key"), null);
  assert.equal(items.get("key"), "one", "the original keeps its own");
});

test("a copy takes nothing over while its original goes from one document to the next", async () => {
  const { items, site, document: original, owner } = await begin();
  const copied = new Map(items);
  original.hide();
  site.die();
  const copy = await openDocument(copied, site);
  const other = copy.open("key");
  await settle();
  const next = await openDocument(items, site);
  const again = await next.open("key");
  assert.equal(again.owner, owner);
  assert.equal(await again.store.getItem("key"), "one");
  assert.notEqual((await other).owner, owner);
  assert.equal(await (await other).store.getItem("key"), null);
});

test("an original that lives but says nothing, frozen as it is, is not robbed", async () => {
  const items = new Map();
  const site = origin();
  const original = await openDocument(items, site);
  const { owner } = await original.open("key");
  const frozen = { ...site, Channel: origin().Channel };
  const copy = await openDocument(new Map(items), frozen);
  const copied = copy.open("key");
  await silence();
  const other = await silence(copied);
  assert.notEqual(other.owner, owner);
});

/** A document with something stored. */
async function begin() {
  const items = new Map();
  const site = origin();
  const document = await openDocument(items, site);
  const { owner, store } = await document.open("key");
  await store.compareAndSwap("key", null, "one");
  return { items, site, document, owner, store };
}

/** What one leaves that dies. */
async function crash() {
  const begun = await begin();
  begun.site.die();
  return begun;
}

test("what a crashed document left, the next one finds after a while", async () => {
  const { items, site, owner } = await crash();
  const next = await openDocument(items, site);
  const again = await silence(next.open("key"));
  assert.equal(again.owner, owner);
  assert.equal(await again.store.getItem("key"), "one");
});

test("a tab that a script has just opened is a copy, however long its original is away", async (t) => {
  const { items, site, document: original, owner } = await begin();
  const copied = new Map(items);
  original.hide();
  site.die();
  stand("opener", {});
  t.mock.method(performance, "getEntriesByType", () => [{ type: "navigate" }]);
  const copy = await openDocument(copied, site);
  const other = await silence(copy.open("key"));
  stand("opener", null);
  assert.notEqual(other.owner, owner);
  const next = await openDocument(items, site);
  const again = await next.open("key");
  assert.equal(again.owner, owner);
  assert.equal(await again.store.getItem("key"), "one");
});

test("a document that comes back out of the browser's cache lives again, and its copies begin empty", async () => {
  const items = new Map();
  const site = origin();
  const original = await openDocument(items, site);
  const { owner } = await original.open("key");
  original.hide();
  original.show();
  const copy = await openDocument(new Map(items), site);
  assert.notEqual((await copy.open("key")).owner, owner);
});

test("a frame of the tab is no copy: it shares what the page owns, whoever begins, and leaves it to the other", async () => {
  const { items, site, document: first, owner, store } = await begin();
  const second = await openDocument(items, site);
  const other = await second.open("key");
  assert.equal(other.owner, owner);
  assert.equal(await other.store.compareAndSwap("key", "one", "two"), true);
  assert.equal(await store.getItem("key"), "two");
  assert.deepEqual([...items.keys()].sort(), ["key", "key:owner"]);

  const copied = new Map(items);
  first.hide();
  site.die();
  await settle();
  assert.deepEqual([...items.keys()].sort(), ["key", "key:owner"]);
  const copy = await openDocument(copied, site);
  assert.notEqual((await copy.open("key")).owner, owner, "the other owns it");
  const again = await openDocument(items, site);
  assert.equal((await again.open("key")).owner, owner);
  assert.equal(items.get("key"), "two");
});

test("a page and its frame that begin at once share what the tab's last page owned", async () => {
  const { items, site, document: before, owner } = await begin();
  before.hide();
  const all = await Promise.all([
    openDocument(items, site),
    openDocument(items, site),
  ]);
  const opened = all.map(({ open }) => open("key"));
  await settle();
  site.die();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    (await Promise.all(opened)).map((it) => it.owner),
    [owner, owner],
  );
  assert.equal(items.get("key"), "one");
});

test("a page and its frame that begin at once have one owner in a new tab, and in a copy", async () => {
  const site = origin();
  const original = await openDocument(new Map(), site);
  const { owner } = await original.open("key");
  for (const items of [[], [["key:owner", owner]]]) {
    const tab = new Map(items);
    const page = await openDocument(tab, site);
    const frame = await openDocument(tab, site);
    const opened = [page.open("key"), frame.open("key")];
    const [one, other] = await Promise.all(opened);
    assert.equal(one.owner, other.owner);
    assert.notEqual(one.owner, owner);
  }
});

test("a page and its frame that begin at once after a crash share what it left", async () => {
  const { items, site, owner } = await crash();
  const page = await openDocument(items, site);
  const frame = await openDocument(items, site);
  const opened = Promise.all([page.open("key"), frame.open("key")]);
  const [one, other] = await silence(opened);
  assert.deepEqual([one.owner, other.owner], [owner, owner]);
  assert.equal(items.get("key"), "one");
});

test("what is stored after the application cleared everything, the next document finds", async () => {
  const items = new Map();
  const site = origin();
  const first = await openDocument(items, site);
  const { store } = await first.open("key");
  await store.compareAndSwap("key", null, "one");
  items.clear();
  assert.equal(await store.compareAndSwap("key", null, "two"), true);
  first.hide();
  site.die();
  const next = await openDocument(items, site);
  const again = await next.open("key");
  assert.equal(await again.store.getItem("key"), "two");
});

test("what stands in a full sessionStorage, the next document finds", async () => {
  const items = new Map();
  const site = origin();
  const first = await openDocument(items, site);
  const { owner } = await first.open("key");
  const full = () => {
    throw new DOMException("It is full.", "QuotaExceededError");
  };
  globalThis.sessionStorage.setItem = full;
  first.hide();
  site.die();
  const next = await openDocument(items, site);
  globalThis.sessionStorage.setItem = full;
  assert.equal((await silence(next.open("key"))).owner, owner);
});

test("sessions of two keys have owners of their own", async () => {
  const items = new Map();
  const site = origin();
  const document = await openDocument(items, site);
  const one = await document.open("one");
  const two = await document.open("two");
  assert.notEqual(one.owner, two.owner);
  assert.equal(site.held.size, 2);
});

test("clients of one document share what it owns, in all copies of the package", async () => {
  const items = new Map();
  const site = origin();
  const { open } = await openDocument(items, site);
  const [first, second] = await Promise.all([open("key"), open("key")]);
  const copy = await load("session-store.js", "another copy");
  const third = await copy.openSessionStore("key");
  assert.equal(second.owner, first.owner);
  assert.equal(third.owner, first.owner);
  assert.equal(site.held.size, 1);
});

test("without locks or without sessionStorage it rejects, and tries again the next time", async () => {
  const items = new Map();
  const site = origin();
  const blind = await openDocument(items, { ...site, locks: undefined });
  await assert.rejects(blind.open("key"), TypeError);

  const blocked = await openDocument(items, site);
  const { sessionStorage } = globalThis;
  stand("sessionStorage", undefined);
  await assert.rejects(blocked.open("key"));
  stand("sessionStorage", sessionStorage);
  assert.ok((await blocked.open("key")).owner);
});
