// The keeper carries a refresh home, whatever becomes of its page. The server is strict: a refresh token that comes back
// kills the session.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSite } from "./support/site.mjs";

const keeper = "/evergrant/keeper.js";

/** A site and a tab with a session, whose keeper is there. */
async function open(t, options = {}) {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create({ keeper, ...options });
  await tab.takeOverTokens();
  await tab.evaluate((scope) => harness.untilKept(scope), keeper);
  return { site, tab };
}

/** Starts a refresh, and resolves when the server has it. */
async function refresh(site, tab, when = "after") {
  const held = site.server.holdTokenRequests({ when });
  const waiting = tab.call("getAccessToken", { forceRefresh: true });
  waiting.catch(() => {});
  await held.arrived;
  return { ...held, waiting };
}

/** The session lives, with what one request has brought. */
async function assertKept(site, tab, generation = 2) {
  await tab.evaluate(
    `harness.until(() => client.session?.generation === ${generation})`,
  );
  assert.equal(await tab.callApi(), 200);
  assert.equal(site.tokenRequests.length, generation - 1);
  assert.equal(site.server.summary.reused_refresh_tokens, 0);
  const { ended, degraded } = await tab.look();
  assert.equal(ended, null);
  assert.deepEqual(degraded, []);
}

test("a refresh goes by way of the keeper, and the event says so", async (t) => {
  const { site, tab } = await open(t);
  const { value } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(value, site.tokenRequests[0].wire.answer.access_token);
  await assertKept(site, tab);
  const { events, history } = await tab.look();
  assert.deepEqual(
    events.map(({ type, by }) => [type, by]),
    [
      ["signed-in", "this-tab"],
      ["refreshed", "keeper"],
    ],
  );
  assert(history.some(({ event }) => event === "posted"));
  const stored = await tab.stored();
  assert(!stored.includes(value), "sealed");
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
        const { site, tab } = await open(t);
        const { release } = await refresh(site, tab, when);
        await tab.lastLook();
        await reload(tab);
        await tab.evaluate("harness.ready");
        await tab.create({ keeper });
        await tab.until(() => client.session.status === "refreshing");
        release();
        await assertKept(site, tab);
        const { events } = await tab.look();
        assert.deepEqual(
          events.map(({ type, by }) => [type, by]),
          [["refreshed", "keeper"]],
        );
      });
    }
  }

  test("a closed tab costs nothing: the answer waits for the next one", async (t) => {
    const { site, tab } = await open(t);
    const { release } = await refresh(site, tab);
    await tab.close();
    release();
    const next = await site.openTab();
    await next.create({ keeper });
    await assertKept(site, next);
  });
});
