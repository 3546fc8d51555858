// The ground goes from under six tabs: somebody deletes the database, or the disk is full.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSite } from "./support/site.mjs";

const refresh = { timeoutSeconds: 3, jitterSeconds: 0 };
/** A caller's patience is 20 seconds here; nothing below should come near it. */
const bound = 10_000;
/** Bytes that are enough for all but what is to fill the disk. */
const room = 8_000_000;

const clearings = {
  "the page deletes the database": (tab) =>
    tab.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase("evergrant");
          request.onsuccess = () => resolve();
          request.onerror = () => reject(request.error);
        }),
    ),

  async "the user clears the site's data"(tab, { server: { origin } }) {
    const devtools = await tab.page.createCDPSession();
    const storageTypes = "all";
    await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes });
  },
};

describe("six tabs", { concurrency: true }, () => {
  for (const [way, clear] of Object.entries(clearings)) {
    test(`hear that the storage was cleared, each of them, and can sign in anew, when ${way}`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: 5 });
      const tabs = await site.openTabsWithSession(6, { refresh });
      await site.untilJournal(() => site.tokenRequests.length > 0);
      await clear(tabs[0], site);

      for (const { error } of await callAll(tabs)) {
        // Whoever heard of it from another tab had no session any more.
        assert.match(error?.code, /^(session-ended|not-signed-in)$/);
        assert.equal(error.reason, "storage-cleared");
      }
      for (const [i, tab] of tabs.entries()) {
        const { session, ended, degraded, events } = await tab.look();
        assert.equal(session, null, `tab ${i + 1}`);
        assert.equal(ended.reason, "storage-cleared", `tab ${i + 1}`);
        assert.deepEqual(degraded, []);
        assert.equal(events.at(-1).type, "signed-out");
      }

      await tabs[5].takeOverTokens();
      for (const tab of tabs) await tab.until(() => client.session !== null);
      for (const { value, error } of await callAll(tabs)) assert(value, error);
      assertNothingLost(site);
    });
  }

  test("on a full disk settle every call, and go on when there is room again", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 5 });
    const { page } = await site.openTab();
    const devtools = await page.createCDPSession();
    const { origin } = site.server;
    const setQuota = (quotaSize) =>
      devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
    await setQuota(room);
    const tabs = await site.openTabsWithSession(6, { refresh });
    await site.untilJournal(() => site.tokenRequests.length > 0);
    await setQuota(1);
    // The browser looks at the quota again when a write does not fit into what it last knew.
    assert.equal(await page.evaluate(write, 2 * room), "QuotaExceededError");
    const before = site.tokenRequests.length;

    for (const tab of tabs) {
      await tab.until(
        () =>
          client.session.status === "retrying" &&
          client.session.accessTokenExpiresAt < Date.now(),
      );
    }
    for (const { error } of await callAll(tabs)) {
      assert.equal(error?.code, "storage");
      assert.equal(error.retryable, true);
    }
    for (const tab of tabs) assert.equal((await tab.look()).ended, null);
    const sent = site.tokenRequests.length - before;
    assert.equal(sent, 0, "what cannot be saved is not asked for");

    await setQuota();
    for (const tab of tabs) {
      await tab.until(() => client.session.status === "active");
    }
    for (const { value, error } of await callAll(tabs)) assert(value, error);
    assert.equal(await tabs[0].callApi(), 200);
    assertNothingLost(site);
  });
});

/** What becomes of a call for a new token in each tab at once. */
async function callAll(tabs) {
  const began = performance.now();
  const outcomes = await Promise.all(
    tabs.map((tab) => tab.call("getAccessToken", { forceRefresh: true })),
  );
  const took = Math.round(performance.now() - began);
  assert(took < bound, `${took} ms`);
  return outcomes;
}

function assertNothingLost(site) {
  const { reused_refresh_tokens, lost_sessions } = site.server.summary;
  assert.deepEqual([reused_refresh_tokens, lost_sessions], [0, 0]);
}

/** Writes so many bytes; resolves to the name of what hinders it. */
async function write(bytes) {
  const request = indexedDB.open("filler");
  request.onupgradeneeded = () => request.result.createObjectStore("bytes");
  await new Promise((resolve) => (request.onsuccess = resolve));
  const transaction = request.result.transaction("bytes", "readwrite");
  transaction.objectStore("bytes").put(new Uint8Array(bytes), 0);
  return new Promise((resolve) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => resolve(transaction.error.name);
  });
}
