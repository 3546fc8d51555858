// Stores of the application's own, good and bad ones; and a sessionStorage that is blocked, or full.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { spendAMinute } from "./support/minute.mjs";
import { openSite } from "./support/site.mjs";

const refresh = { timeoutSeconds: 3 };
/** Far more than a store's bound, which that is, and far less than the 20 seconds of a caller's patience. */
const bound = 12_000;

const bad = ["getItem", "compareAndSwap"].flatMap((method) =>
  ["throws", "rejects", "hangs", "says nothing", "says nonsense", "lies"].map(
    (how) => `${method} ${how}`,
  ),
);

describe("with a store of the application's own", { concurrency: true }, () => {
  test("six tabs make one request per expiry for a minute, and all have a live token", async (t) => {
    const tabs = await spendAMinute(t, { storage: "own" });
    for (const tab of tabs) assert.notEqual(await tab.stored(), null);
    const databases = await tabs[0].evaluate(() => indexedDB.databases());
    const names = databases.map(({ name }) => name);
    assert.deepEqual(names, ["own-store"], "it lies nowhere else");
  });

  test("that fails at first, nothing hangs, and what comes once it works is there after a reload", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await site.openTab();
    const create = (storage) =>
      tab.create({ storage, storageKey: storage, refresh }, { name: storage });
    await tab.evaluate("trouble.on = true");
    await Promise.all(bad.map((store) => inTime(create(store), store)));
    for (const store of bad) {
      // Who lies gives an answer, which is no record.
      const reads = /^compare|lies$/.test(store);
      const { degraded, session, ended } = await tab.look(store);
      const what = degraded.map(({ what }) => what);
      assert.deepEqual(what, reads ? [] : ["storage"], store);
      const reason = store === "getItem lies" ? "storage-cleared" : undefined;
      assert.deepEqual([session, ended?.reason], [null, reason], store);

      const { error } = await tab.callOn(store, "getAccessToken");
      assert.equal(error.code, reads ? "not-signed-in" : "storage", store);
    }
    await Promise.all(
      bad.map(async (store) => {
        const tokens = await site.server.firstTokens();
        const taken = tab.callOn(store, "setTokens", tokens);
        const { error } = await inTime(taken, store);
        assert.equal(error?.code, "storage", store);
      }),
    );

    await tab.evaluate("trouble.on = false");
    const tokens = await Promise.all(
      bad.map(async (store) => {
        const tokens = await site.server.firstTokens();
        const taken = await tab.callOn(store, "setTokens", tokens);
        assert.deepEqual(taken, {}, store);
        return tokens.access_token;
      }),
    );
    await tab.reload();
    for (const [i, store] of bad.entries()) {
      await create(store);
      const { session, degraded } = await tab.look(store);
      assert.equal(session?.generation, 1, store);
      assert.deepEqual(degraded, [], store);
      const { value } = await tab.callOn(store, "getAccessToken");
      assert.equal(value, tokens[i], store);
    }
    assert.deepEqual(site.tokenRequests, []);
  });

  test("that fails with an answer on its way, every call settles, and the answer is there after a reload", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await site.openTab();
    const create = (storage) =>
      tab.create({ storage, storageKey: storage, refresh }, { name: storage });
    for (const store of bad) {
      await create(store);
      const tokens = await site.server.firstTokens();
      await tab.callOn(store, "setTokens", tokens);
    }
    await tab.evaluate("trouble.sending = true");
    const calls = bad.map((store) =>
      tab.callOn(store, "getAccessToken", { forceRefresh: true }),
    );
    const outcomes = await Promise.all(
      calls.map((call, i) => inTime(call, bad[i])),
    );
    for (const [i, store] of bad.entries()) {
      assert.equal(typeof outcomes[i].value, "string", store);
      const { degraded, session } = await tab.look(store);
      assert.equal(session.generation, 2, store);
      // What is written need not be read again.
      const what = degraded.map(({ what }) => what);
      const writes = store.startsWith("getItem");
      assert.deepEqual(what, writes ? [] : ["storage"], store);
    }

    await tab.evaluate("trouble.sending = false");
    for (const store of bad) {
      await tab.evaluate((store) => harness.untilStored(store, 2), store);
    }
    await tab.reload();
    for (const store of bad) {
      await create(store);
      assert.equal((await tab.look(store)).session?.generation, 2, store);
      const again = { forceRefresh: true };
      const { error } = await tab.callOn(store, "getAccessToken", again);
      assert.equal(error, undefined, store);
    }
    assert.equal(site.tokenRequests.length, 2 * bad.length);
    assert.equal(site.server.summary.reused_refresh_tokens, 0);
  });
});

describe("with a sessionStorage", { concurrency: true }, () => {
  const ways = {
    "that is blocked": () => {
      Object.defineProperty(globalThis, "sessionStorage", {
        get() {
          throw new DOMException("blocked", "SecurityError");
        },
      });
    },
    "that is full": () => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    },
  };
  for (const [way, before] of Object.entries(ways)) {
    test(`${way}, the session lives in the page's memory, and it says so`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: 300 });
      const tab = await site.openTab();
      await tab.page.evaluateOnNewDocument(before);
      await tab.reload();
      await inTime(tab.create({ storage: "session" }), way);
      const [degraded, ...more] = (await tab.look()).degraded;
      assert.equal(degraded.what, "storage");
      assert.equal(degraded.error.code, "storage");
      assert.match(degraded.error.cause.name, /Security|QuotaExceeded/);
      assert.deepEqual(more, []);

      await tab.takeOverTokens();
      const { value } = await tab.call("getAccessToken", {
        forceRefresh: true,
      });
      assert.equal(value, site.tokenRequests[0].wire.answer.access_token);
      assert.equal(await tab.callApi(), 200);

      await tab.reload();
      await tab.create({ storage: "session" });
      const { session, ended } = await tab.look();
      assert.deepEqual([session, ended], [null, null], "gone with the page");
      assert.equal(site.tokenRequests.length, 1);
    });
  }

  test("that is full from some moment on, an answer is kept in memory, and saved as soon as there is room", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await site.openTab();
    await tab.create({ storage: "session", refresh });
    await tab.takeOverTokens();
    await tab.evaluate(fillWhenSent);
    const call = tab.call("getAccessToken", { forceRefresh: true });
    assert.equal(typeof (await inTime(call, "the call")).value, "string");
    const [{ what }] = (await tab.look()).degraded;
    assert.equal(what, "storage");

    await tab.evaluate("makeRoom()");
    await tab.reload();
    await tab.create({ storage: "session" });
    assert.equal((await tab.look()).session?.generation, 2);
    const again = await tab.call("getAccessToken", { forceRefresh: true });
    assert.equal(typeof again.value, "string");
    assert.equal(site.server.summary.reused_refresh_tokens, 0);
  });
});

/** In the page: no room from the next request on; `makeRoom()` resolves when something is written again. */
function fillWhenSent() {
  const { prototype } = Storage;
  const { setItem } = prototype;
  const { fetch } = globalThis;
  globalThis.fetch = (...args) => {
    prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    return fetch(...args);
  };
  globalThis.makeRoom = () =>
    new Promise((resolve) => {
      prototype.setItem = function (key, value) {
        setItem.call(this, key, value);
        if (value.includes('"generation":2')) resolve();
      };
      globalThis.fetch = fetch;
    });
}

/** What comes of it; fails if that takes longer than a store may keep anybody waiting. */
async function inTime(outcome, what) {
  const began = performance.now();
  const settled = await outcome;
  const took = Math.round(performance.now() - began);
  assert(took < bound, `${what} took ${took} ms`);
  return settled;
}
