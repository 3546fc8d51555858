// The keeper carries a refresh home, whatever becomes of its page. The server is strict: a refresh token that comes back
// kills the session.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  assertKept,
  heard,
  keeper,
  openKept,
  openKeptTab,
  refresh,
} from "./support/kept.mjs";
import { openSite } from "./support/site.mjs";
import { clients } from "../../www/server/index.mjs";

test("a refresh goes by way of the keeper, and the event says so", async (t) => {
  const { site, tab } = await openKept(t);
  const { value } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(value, site.tokenRequests[0].wire.answer.access_token);
  await assertKept(site, tab);
  assert.deepEqual(await heard(tab), [
    "signed-in by this-tab",
    "refreshed by keeper",
  ]);
  const { history } = await tab.look();
  assert(history.some(({ event }) => event === "posted"));
  assert(!(await tab.stored()).includes(value));
});

describe("in the middle of a refresh", () => {
  const ways = {
    "a reload": (tab) => tab.page.reload(),
    "a hard reload": async (tab) => {
      const cdp = await tab.page.createCDPSession();
      const loaded = tab.page.waitForNavigation();
      await cdp.send("Page.reload", { ignoreCache: true });
      await loaded;
    },
  };
  for (const [way, reload] of Object.entries(ways)) {
    for (const when of ["before", "after"]) {
      test(`${way} costs nothing, ${when} the server has acted`, async (t) => {
        const { site, tab } = await openKept(t);
        const { release } = await refresh(site, tab, when);
        await tab.lastLook();
        await reload(tab);
        await tab.evaluate("harness.ready");
        await tab.create({ keeper });
        await tab.until(() => client.session.status === "refreshing");
        release();
        await assertKept(site, tab);
        assert.deepEqual(await heard(tab), ["refreshed by keeper"]);
      });
    }
  }

  test("a closed tab costs nothing: the answer waits for the next one, sealed", async (t) => {
    const { site, tab } = await openKept(t);
    const { release } = await refresh(site, tab);
    await tab.close();
    const next = await site.openTab();
    release();
    const stored = await next.evaluate(async (key) => {
      const { getItem } = await import("/evergrant/idb.js");
      for (;;) {
        const text = await getItem(key);
        if (JSON.parse(text).attempts[0].state === "answered") return text;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }, `evergrant:${clients.public.clientId}`);
    const { access_token, refresh_token } = site.tokenRequests[0].wire.answer;
    assert(!stored.includes(access_token) && !stored.includes(refresh_token));
    await next.create({ keeper });
    await assertKept(site, next);
  });

  test("a sign-out elsewhere takes back what comes home to a closed tab", async (t) => {
    const { site, tab } = await openKept(t);
    const other = await site.openTab();
    await other.create({ keeper });
    const { release } = await refresh(site, tab);
    await tab.close();
    assert.deepEqual(await other.call("signOut"), { value: { revoked: true } });
    release();
    const { issued } = await site.untilJournal(() => site.tokenRequests[0]);
    await site.untilJournal(() =>
      site.entries("revocation").some(({ used }) => used === issued),
    );
    assert.equal((await other.look()).ended.reason, "signed-out");
    assert.equal(JSON.parse(await other.stored()).tokens, undefined);
  });

  test("the next tab waits for the keeper, and there is one request", async (t) => {
    const { site, tab } = await openKept(t);
    const other = await site.openTab();
    await other.create({ keeper });
    const { release, waiting } = await refresh(site, tab);
    const also = other.call("getAccessToken", { forceRefresh: true });
    await other.until(() => client.session.status === "refreshing");
    release();
    assert.deepEqual(await also, await waiting);
    await assertKept(site, other);
  });
});

test("a keeper that is killed at work is replaced at once, and the session is lost at a strict server for what it is", async (t) => {
  const { site, tab } = await openKept(t);
  const { release, waiting } = await refresh(site, tab);
  const cdp = await tab.page.createCDPSession();
  await cdp.send("ServiceWorker.enable");
  await cdp.send("ServiceWorker.stopAllWorkers");
  release({ drop: true });
  const { error } = await waiting;
  const replay = await site.untilJournal(() => site.tokenRequests[1]);
  assert.equal(replay.used, site.tokenRequests[0].used);
  assert.equal(replay.status, 400);
  assert.equal(error.code, "oauth");
  const { history } = await tab.look();
  assert(history.some(({ event }) => event === "rotation-lost"));
});

test("six tabs with a keeper make one request per expiry", async (t) => {
  const lifetime = 5;
  const site = await openSite(t, { AccessTokenLifetime: lifetime });
  const tabs = [await openKeptTab(site)];
  while (tabs.length < 6) {
    const tab = await site.openTab();
    await tab.create({ keeper });
    tabs.push(tab);
  }
  await site.untilJournal(() => site.tokenRequests.length >= 3);
  site.assertOnePerExpiry();
  for (const tab of tabs) assert.equal((await tab.look()).ended, null);
  assert.equal(site.server.summary.lost_sessions, 0);
});
