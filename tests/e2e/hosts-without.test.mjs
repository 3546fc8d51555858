// A page that lacks what the package would like to have: it says so, and refreshes all the same.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { keeper } from "./support/kept.mjs";
import { openSite } from "./support/site.mjs";

const lifetime = 5;

const lacks = {
  channel: () => delete globalThis.BroadcastChannel,
  locks: () =>
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined }),
  storage: () =>
    Object.defineProperty(globalThis, "indexedDB", { value: undefined }),
};

/** A tab whose page lacks something from before its first import, and its client. */
async function openWithout(site, what) {
  const tab = await site.openTab();
  await tab.page.evaluateOnNewDocument(lacks[what]);
  await tab.visit();
  await tab.create();
  return tab;
}

async function assertDegraded(tab, what) {
  const { degraded, events } = await tab.look();
  assert.deepEqual(
    degraded.map((it) => it.what),
    [what],
  );
  const heard = events.filter(({ type }) => type === "degraded");
  assert.deepEqual(
    heard.map((it) => it.what),
    [what],
  );
}

describe("without", { concurrency: true }, () => {
  for (const what of ["channel", "locks"]) {
    test(`${what} two tabs make one request per expiry`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: lifetime });
      const tabs = [await openWithout(site, what)];
      await tabs[0].takeOverTokens();
      tabs.push(await openWithout(site, what));
      await site.untilJournal(() => site.tokenRequests.length >= 2);
      site.server.set({ AccessTokenLifetime: 300 });
      await site.untilJournal(
        () => site.tokenRequests.at(-1).expires_in === 300,
      );
      for (const tab of tabs) {
        await assertDegraded(tab, what);
        // Who hears nothing looks when it needs to.
        const { value, error } = await tab.call("getAccessToken");
        assert.equal(error, undefined);
        assert.equal(value, site.tokenRequests.at(-1).wire.answer.access_token);
        assert.equal((await tab.look()).ended, null);
      }
      site.assertOnePerExpiry();
    });
  }

  test("storage a session lives in its page, and is refreshed there", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: lifetime });
    const tab = await openWithout(site, "storage");
    await assertDegraded(tab, "storage");
    await tab.takeOverTokens();
    await tab.until(() => client.session.generation >= 3);
    assert.equal(await tab.callApi(), 200);
    const { reused_refresh_tokens, lost_sessions } = site.server.summary;
    assert.deepEqual([reused_refresh_tokens, lost_sessions], [0, 0]);
  });
});

test("on an insecure page a session is stored, plainly, shared and restored", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const name = "intranet.example";
  const args = [`--host-resolver-rules=MAP ${name} localhost`];
  const browser = await launch({ args });
  t.after(() => browser.close());
  const origin = site.server.origin.replace("localhost", name);
  const tab = await site.openTab(browser);
  await tab.visit(origin);
  assert.equal(await tab.evaluate("isSecureContext"), false);
  assert.deepEqual(await tab.create({ keeper }), {});
  await tab.takeOverTokens();
  const token = await tab.call("getAccessToken");
  assert((await tab.stored()).includes(token.value));

  await tab.reload();
  assert.deepEqual(await tab.create({ keeper }), {});
  assert.deepEqual(await tab.call("getAccessToken"), token);
  await tab.until(() => client.degraded.length > 1);
  const { degraded, ended } = await tab.look();
  assert.deepEqual(degraded.map(({ what }) => what).sort(), [
    "keeper",
    "locks",
  ]);
  assert.equal(ended, null);
});
