// Clocks that are wrong, pages that sleep, lines that are cut, tokens that live for months.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { setClock } from "./support/clock.mjs";
import { openSite } from "./support/site.mjs";

const alive = readFileSync(
  new URL("support/page/hosts/alive.js", import.meta.url),
  "utf8",
);
const lifetime = 5;
const hour = 3_600_000;

/** That no request spends a token twice, and none comes sooner than an expiry asks for, but for the `excused`. */
function assertOnePerExpiry(site, excused = 0) {
  const [issue] = site.entries("issue");
  let early = 0;
  for (const [i, request] of site.tokenRequests.entries()) {
    const previous = site.tokenRequests[i - 1] ?? issue;
    assert.equal(request.status, 200);
    assert.equal(request.used, previous.issued);
    if (request.at - previous.at < (lifetime * 1000 * 3) / 4) early += 1;
  }
  assert(early <= excused, `${early} requests came early`);
}

/** A tab with a client, whose wall clock is wrong by `offset` ms. */
async function openWithClock(site, offset) {
  const tab = await site.openTab();
  await setClock(tab, offset);
  await tab.visit();
  await tab.create();
  return tab;
}

/** A tab with a session, and one that watches it and sends nothing. */
async function openWatched(site) {
  const tab = await site.openTab();
  const watch = await site.openTab();
  await watch.create({ refresh: { automatic: false } });
  await tab.create();
  await tab.takeOverTokens();
  await watch.until(() => client.session !== null);
  return [tab, watch];
}

async function setState(tab, state) {
  const session = await tab.page.createCDPSession();
  await session.send("Page.setWebLifecycleState", { state });
  await session.detach();
}

describe("a session goes on", { concurrency: true }, () => {
  for (const [how, offset] of [
    ["fast", hour],
    ["slow", -hour],
  ]) {
    test(`where the clock is an hour ${how}`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: lifetime });
      const tab = await openWithClock(site, offset);
      await tab.takeOverTokens();
      await tab.until(() => client.session.generation >= 3);
      assertOnePerExpiry(site);
      assert.equal(await tab.callApi(), 200);
      assert.equal((await tab.look()).ended, null);
    });

    test(`when the clock is set an hour ${how === "fast" ? "forward" : "back"}`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: lifetime });
      const tab = await openWithClock(site, 0);
      await tab.takeOverTokens();
      await tab.until(() => client.session.generation >= 2);
      await tab.evaluate((offset) => void (clockOffset = offset), offset);
      assert.equal(await tab.callApi(), 200, "at once");
      await tab.until(() => client.session.generation >= 4);
      // A clock that has passed the token's end makes it stale, once.
      assertOnePerExpiry(site, offset > 0 ? 1 : 0);
      assert.equal(await tab.callApi(), 200);
      assert.equal((await tab.look()).ended, null);
    });
  }

  test("when its page was frozen until the token was dead", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 3 });
    const tab = await site.openTab();
    await tab.create({ refresh: { automatic: false } });
    await tab.takeOverTokens();
    const watch = await site.openTab();
    await watch.create({ refresh: { automatic: false } });
    await setState(tab, "frozen");
    await watch.until(() => client.session.status === "expired");
    await watch.evaluate(() => client.close());
    site.server.set({ AccessTokenLifetime: 300 });
    assert.deepEqual(site.tokenRequests, []);

    await setState(tab, "active");
    const { value } = await tab.call("getAccessToken");
    const [request, ...more] = site.tokenRequests;
    assert.deepEqual(more, []);
    assert.equal(value, request.wire.answer.access_token);
    assert.equal(await tab.callApi(), 200);
  });

  test("by itself when its page wakes with a dead token", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 3 });
    const [tab, watch] = await openWatched(site);
    await setState(tab, "frozen");
    await watch.until(() => client.session.status === "expired");
    const before = site.tokenRequests.length;
    site.server.set({ AccessTokenLifetime: 300 });
    await setState(tab, "active");
    await tab.until(() => client.session.status === "active");
    assert.equal(site.tokenRequests.length, before + 1);
    assert.equal(await tab.callApi(), 200);
    assert.equal(site.server.summary.reused_refresh_tokens, 0);
  });

  test("after the line was cut until the token was dead", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 3 });
    const [tab, watch] = await openWatched(site);
    await tab.page.setOfflineMode(true);
    const before = site.tokenRequests.length;
    await watch.until(() => client.session.status === "expired");
    const { error } = await tab.call("getAccessToken");
    assert.equal(error.code, "offline");
    assert.equal(error.retryable, true);
    assert.equal(site.tokenRequests.length, before);
    site.server.set({ AccessTokenLifetime: 300 });
    await tab.page.setOfflineMode(false);
    await tab.until(() => client.session.status === "active");
    assert.equal(site.tokenRequests.length, before + 1);
    assert.equal(await tab.callApi(), 200);
    const { ended, events } = await tab.look();
    assert.equal(ended, null);
    assert(!events.some(({ type }) => type === "signed-out"));
  });

  test("in a hidden tab whose timers are throttled", async (t) => {
    const browser = await launch({ throttled: true });
    t.after(() => browser.close());
    const site = await openSite(t, { AccessTokenLifetime: lifetime });
    const tab = await site.openTab(browser);
    await tab.create();
    await tab.takeOverTokens();
    const front = await browser.newPage();
    await front.bringToFront();
    assert.equal(await tab.evaluate(() => document.visibilityState), "hidden");
    // Two timers in one second: that is what throttling allows for.
    const took = await tab.evaluate(async () => {
      const begin = performance.now();
      for (let i = 0; i < 8; i++)
        await new Promise((done) => setTimeout(done, 10));
      return performance.now() - begin;
    });
    assert(took > 2000, `the browser throttles: ${took} ms`);
    const { generation } = (await tab.look()).session;
    await tab.evaluate(
      `harness.until(() => client.session.generation >= ${generation + 2})`,
    );
    assertOnePerExpiry(site);
    assert.equal(await tab.evaluate(() => document.visibilityState), "hidden");
    assert.equal(await tab.callApi(), 200);
  });

  test("in a tab that pauses while it is hidden, as soon as it is seen", async (t) => {
    const browser = await launch();
    t.after(() => browser.close());
    const site = await openSite(t, { AccessTokenLifetime: lifetime });
    const tab = await site.openTab(browser);
    const open = async (name, refresh) => {
      await tab.create({ storageKey: name, refresh }, { name });
      await tab.takeOverTokens({ name });
    };
    const pausing = { whenHidden: "pause" };
    await open("before", pausing);
    const front = await browser.newPage();
    await front.bringToFront();
    await open("meanwhile", pausing);
    // One that does not pause tells when the tokens of the others have long expired.
    await open("busy");
    await tab.until(() => clients.busy.session.generation >= 3);
    const families = site.tokenRequests.map(({ family }) => family);
    assert.deepEqual([...new Set(families)], [3]);

    await tab.page.bringToFront();
    for (const name of ["before", "meanwhile"]) {
      await tab.until(`() => clients.${name}.session.generation >= 2`);
      assert.equal((await tab.look(name)).ended, null);
    }
  });
});

test("a token of 60 days is left alone, and its next refresh lies 60 days ahead", async (t) => {
  const days = 86_400;
  const site = await openSite(t, {
    AccessTokenLifetime: 60 * days,
    RefreshTokenValidityPeriod: 90 * days,
  });
  const tab = await site.openTab();
  await tab.page.evaluateOnNewDocument(alive);
  await tab.visit();
  await tab.create();
  const before = Date.now();
  await tab.takeOverTokens();
  const after = Date.now();
  const next = Date.parse((await tab.look()).session.nextRefreshAt);
  // A minute ahead of its end, and up to a tenth of that by chance.
  const end = 60 * days * 1000 - 60_000;
  assert(next >= before + end - 6000, new Date(next).toISOString());
  assert(next <= after + end + 6000, new Date(next).toISOString());

  // A longer delay would not fit into the browser's 31 bits, and be none.
  const longest = Math.max(...(await tab.evaluate(() => alive.delays())));
  assert(longest > 2 ** 30 && longest < 2 ** 31, `${longest} ms`);

  // Another session, whose tokens live for seconds, tells when enough time has passed.
  site.server.set({ AccessTokenLifetime: lifetime });
  await tab.create({ storageKey: "short" }, { name: "short" });
  await tab.takeOverTokens({ name: "short" });
  await tab.until(() => clients.short.session.generation >= 2);
  const families = site.tokenRequests.map(({ family }) => family);
  assert.deepEqual([...new Set(families)], [2]);
  assert.equal((await tab.look()).session.generation, 1);
});
