// Tokens that are bound to a key (RFC 9449).
import assert from "node:assert/strict";
import { test } from "node:test";
import { keeper, keeperScope } from "./support/kept.mjs";
import { openSignedIn, openTab, signIn } from "./support/signing-in.mjs";
import { openSite } from "./support/site.mjs";

const dpop = true;

test("a session is bound to a key through sign-in, refreshes and a reload", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openSignedIn(site, { dpop });
  for (const generation of [2, 3]) {
    const { error } = await tab.call("getAccessToken", { forceRefresh: true });
    assert.equal(error, undefined);
    assert.equal((await tab.look()).session.generation, generation);
    await tab.reload();
    await tab.create(site.signingIn({ dpop }));
  }
  for (const { wire } of site.tokenRequests) {
    assert.equal(wire.answer.token_type, "DPoP");
  }
});

test("a server that wants its nonce gets it, and neither code nor session is lost for it", async (t) => {
  const site = await openSite(t, {
    AccessTokenLifetime: 300,
    RequireDPoPNonce: true,
  });
  const tab = await openSignedIn(site, { dpop });
  const { error } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(error, undefined);
  const statuses = site.tokenRequests.map(({ status }) => status);
  assert.deepEqual(
    statuses,
    [400, 200, 200],
    "the nonce of an answer is used next",
  );
});

for (const [name, ms] of [
  ["fast", 3_600_000],
  ["slow", -3_600_000],
]) {
  test(`a user whose clock is an hour ${name} signs in and stays signed in`, async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await site.openTab();
    await tab.page.evaluateOnNewDocument((by) => {
      const { now } = Date;
      const Right = Date;
      globalThis.Date = class extends Right {
        constructor(...args) {
          super(...(args.length > 0 ? args : [now() + by]));
        }
        static now = () => now() + by;
      };
    }, ms);
    await tab.reload();
    await tab.create(site.signingIn({ dpop }));
    const { error } = await signIn(tab, site, {}, { dpop });
    assert.equal(error, undefined);
    const refreshed = await tab.call("getAccessToken", { forceRefresh: true });
    assert.equal(refreshed.error, undefined);
    await tab.reload();
    await tab.create(site.signingIn({ dpop }));
    const again = await tab.call("getAccessToken", { forceRefresh: true });
    assert.equal(again.error, undefined);
    const statuses = site.tokenRequests.map(({ status }) => status);
    assert.deepEqual(statuses, [400, 200, 200, 200], "the offset is kept");
  });
}

test("six tabs make one request per expiry, each with a proof by the same key", async (t) => {
  const site = await openSite(t, {
    AccessTokenLifetime: 6,
    RequireDPoPNonce: true,
  });
  const first = await openSignedIn(site, { dpop });
  const tabs = [first];
  for (let i = 1; i < 6; i++) tabs.push(await openTab(site, { dpop }));
  for (const tab of tabs) await tab.until(() => client.session.generation >= 3);
  const good = site.tokenRequests.filter(({ status }) => status === 200);
  const used = good.slice(1).map((it) => it.used);
  assert.equal(new Set(used).size, used.length, "no token is spent twice");
});

test("a session whose key somebody has deleted ends in every tab for what it is", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openSignedIn(site, { dpop });
  const other = await openTab(site, { dpop });
  await other.evaluate(async () => {
    const { sweep } = await import("/evergrant/idb.js");
    await sweep("evergrant:evergrant-spa:dpop:", () => false);
  });
  const { error } = await other.call("getAccessToken", { forceRefresh: true });
  assert.equal(error.code, "session-ended");
  for (const each of [tab, other]) {
    await each.until(() => client.session === null);
    assert.equal((await each.look()).ended.reason, "storage-cleared");
  }
  assert.equal(site.tokenRequests.length, 1);
});

test("a reload in the middle of a refresh loses nothing with the keeper", async (t) => {
  const site = await openSite(t, {
    AccessTokenLifetime: 300,
    RequireDPoPNonce: true,
  });
  const options = { dpop, keeper };
  const tab = await openSignedIn(site, options);
  await tab.evaluate((it) => harness.untilKept(it), keeperScope);
  await tab.call("getAccessToken", { forceRefresh: true });
  const held = site.server.holdTokenRequests({ when: "after" });
  await tab.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  await tab.reload();
  await tab.create(site.signingIn(options));
  held.release();
  await tab.until(() => client.session?.generation === 3);
  const { error } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(error, undefined);
});
