// What a page finds when it is loaded: a living session, a sleeping one, an ended one, none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openSite } from "./support/site.mjs";

test("a reload restores the session in silence, with no token request while the access token lives", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.takeOverTokens();
  const before = await tab.look();
  const token = await tab.call("getAccessToken");

  await tab.reload();
  await tab.create();
  const after = await tab.look();
  assert.equal(after.session.status, "active");
  assert.equal(after.session.generation, before.session.generation);
  assert.equal(
    after.session.accessTokenExpiresAt,
    before.session.accessTokenExpiresAt,
  );
  assert.deepEqual(after.events, [], "nothing happened, so nothing is said");
  assert.deepEqual(await tab.call("getAccessToken"), token);
  assert.equal(await tab.callApi(), 200);
  assert.equal(site.entries("page").length, 2);
  assert.deepEqual(site.tokenRequests, []);
});

test("a load with a dead access token and a live refresh token refreshes at once", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 1 });
  const tab = await site.openTab();
  await tab.create({ refresh: { automatic: false } });
  await tab.takeOverTokens();
  await tab.until(() => client.session.status === "expired");
  assert.deepEqual(site.tokenRequests, []);

  site.server.set({ AccessTokenLifetime: 300 });
  await tab.reload();
  await tab.create();
  // Nothing is asked of the client.
  await tab.until(() => client.session.status === "active");
  const { session, events } = await tab.look();
  assert.equal(session.generation, 2);
  assert.deepEqual(
    events.map(({ type, by }) => `${type} by ${by}`),
    ["refreshed by this-tab"],
  );
  assert.equal(site.tokenRequests.length, 1);
  assert.equal(await tab.callApi(), 200);
});

test("a load past the refresh token's validity period ends the session and sends nothing", async (t) => {
  const RefreshTokenValidityPeriod = 2;
  const refresh = { refreshTokenLifetimeSeconds: RefreshTokenValidityPeriod };
  const site = await openSite(t, {
    RefreshTokenValidityPeriod,
    AccessTokenLifetime: 1,
  });
  const tab = await site.openTab();
  await tab.create({ refresh: { ...refresh, automatic: false } });
  await tab.takeOverTokens();
  await tab.lastLook();
  await tab.page.goto("about:blank");
  const [issue] = site.entries("issue");
  const end = issue.at + issue.ms + RefreshTokenValidityPeriod * 1000;
  await pause(Math.max(0, end + 1000 - Date.now()));

  await tab.visit();
  for (const load of ["the first load", "a later one"]) {
    await tab.create({ refresh });
    await tab.until(() => client.ended !== null);
    const { session, ended } = await tab.look();
    assert.equal(session, null, load);
    assert.equal(ended.reason, "refresh-token-expired", load);
    await tab.reload();
  }
  assert.deepEqual(site.tokenRequests, []);
});

test("a page that never had a session has none, and says not-signed-in", async (t) => {
  const site = await openSite(t);
  const tab = await site.openTab();
  await tab.create();
  const { session, ended, degraded, events } = await tab.look();
  assert.deepEqual({ session, ended }, { session: null, ended: null });
  assert.deepEqual([...degraded, ...events], []);
  const { error } = await tab.call("getAccessToken");
  assert.equal(error.code, "not-signed-in");
  assert.deepEqual(await tab.call("getIdToken"), { value: null });
  assert.deepEqual(site.tokenRequests, []);
});
