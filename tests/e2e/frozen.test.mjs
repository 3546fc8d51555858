// A tab that holds the family lock and has stopped: frozen, or its process dead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";

/** Freezes a page as the browser does with one that nobody has looked at for long; or wakes it. */
async function setState(tab, state) {
  const session = await tab.page.createCDPSession();
  await session.send("Page.setWebLifecycleState", { state });
  await session.detach();
}

const familyLock = (tab, key) =>
  tab.evaluate(
    async (name) =>
      (await navigator.locks.query()).held.find((it) => it.name === name)
        ?.clientId,
    `evergrant:${key}:family`,
  );

test("a frozen holder is robbed once the token is dead, and not while one lives", async (t) => {
  const site = await openSite(t, {
    AccessTokenLifetime: 300,
    RenewRefreshTokenForRefreshGrant: false,
  });
  const keys = ["living", "dying"];
  const [frozen, other] = [await site.openTab(), await site.openTab()];
  const refresh = { timeoutSeconds: 3 };
  for (const name of keys) {
    if (name === "dying") site.server.set({ AccessTokenLifetime: 6 });
    for (const tab of [frozen, other]) {
      await tab.create({ storageKey: name, refresh }, { name });
    }
    await frozen.takeOverTokens({ name });
    await other.until(`() => clients.${name}.session !== null`);
  }
  site.server.set({ AccessTokenLifetime: 300 });
  const living = await other.callOn("living", "getAccessToken");

  const held = [];
  for (const name of keys) {
    const request = site.server.holdTokenRequests({ when: "before" });
    held.push(request);
    await frozen.evaluate((name) => {
      globalThis.calls ??= {};
      calls[name] = harness.call(name, "getAccessToken", {
        forceRefresh: true,
      });
    }, name);
    await request.arrived;
  }
  const { accessTokenExpiresAt } = (await other.look("dying")).session;
  const holders = {};
  for (const name of keys) holders[name] = await familyLock(frozen, name);
  await setState(frozen, "frozen");

  const insisting = other.callOn("living", "getAccessToken", {
    forceRefresh: true,
  });
  // It is the dying one that has to steal; when it has, the other one has waited as long.
  await other.until(() => clients.dying.session.generation === 2);
  const took = Date.now() - Date.parse(accessTokenExpiresAt);
  assert(
    took >= 13_000,
    `stolen ${took} ms after it died, not before the bound`,
  );
  assert.equal((await insisting).error.code, "timeout");
  assert.equal(await familyLock(other, "living"), holders.living);
  assert.deepEqual(await other.callOn("living", "getAccessToken"), living);
  assert.notEqual(await familyLock(other, "dying"), holders.dying);
  assert.equal((await other.look("dying")).ended, null);
  assert.equal((await other.look("living")).session.generation, 1);
  const [request, ...more] = site.tokenRequests;
  assert.equal(request.status, 200);
  assert.deepEqual(more, []);

  // What has been robbed comes back, and its late answer harms nobody.
  for (const it of held) it.release();
  await setState(frozen, "active");
  await frozen.until(() => clients.dying.session.generation >= 2);
  for (const tab of [frozen, other]) {
    for (const name of keys) {
      await tab.until(`() => clients.${name}.session?.status === "active"`);
      const { error } = await tab.callOn(name, "getAccessToken");
      assert.equal(error, undefined, name);
      assert.equal((await tab.look(name)).ended, null, name);
    }
  }
  t.diagnostic(`robbed ${took} ms after its token died`);
});

test("a holder whose process dies lets the lock go at once", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const [dying, other] = await site.openTabsWithSession(2);
  const held = site.server.holdTokenRequests({ when: "before" });
  await dying.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const waiting = other.call("getAccessToken", { forceRefresh: true });
  await other.until(() => client.session.status === "refreshing");
  assert.deepEqual(site.tokenRequests, []);

  const died = Date.now();
  const session = await dying.page.createCDPSession();
  session.send("Page.crash").catch(() => {});
  const { value, error } = await waiting;
  const took = Date.now() - died;
  assert.equal(error, undefined);
  assert(took < 4000, `${took} ms: no bound is waited for`);
  held.release({ drop: true });
  await dying.page.close();
  const [request, ...more] = site.tokenRequests;
  assert.deepEqual(more, []);
  assert.equal(value, request.wire.answer.access_token);
  assert.equal(await other.callApi(), 200);
  assert.equal((await other.look()).session.generation, 2);
  t.diagnostic(`the next holder had its token after ${took} ms`);
});
