// What an engine had sent before it failed is not lost with it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openFragile, sabotage, told } from "./support/fragile.mjs";
import { openSite } from "./support/site.mjs";

describe("the answer to what an engine had sent before it failed", () => {
  const open = async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await openFragile(site);
    await tab.create();
    await tab.takeOverTokens();
    return [site, tab];
  };
  /** Nothing was lost: one request, whose answer the fresh engine hands out. */
  const assertSaved = async (site, tab) => {
    await tab.until(`() => ${told("client")}`);
    await tab.until(() => client.session?.generation === 2);
    const { value } = await tab.call("getAccessToken");
    assert.equal(site.tokenRequests.length, 1);
    assert.equal(value, site.tokenRequests[0].wire.answer.access_token);
    assert.equal(await tab.callApi(), 200);
    // And its lock is free: the next refresh waits for nobody.
    await tab.callOn("client", "getAccessToken", { forceRefresh: true });
    assert.equal(site.server.summary.reused_refresh_tokens, 0);
    assert.equal((await tab.look()).session.generation, 3);
  };

  for (const when of ["before", "after"]) {
    test(`is saved by the fresh one, if it comes ${when} the server has acted`, async (t) => {
      const [site, tab] = await open(t);
      const held = site.server.holdTokenRequests({ when });
      const waiting = tab.call("getAccessToken", { forceRefresh: true });
      await held.arrived;
      await sabotage(tab, "READ");
      await tab.evaluate(() => dispatchEvent(new Event("focus")));
      assert.equal((await waiting).error.code, "internal");
      await tab.until(() => client.session !== null);
      held.release();
      await assertSaved(site, tab);
    });
  }

  for (const order of ["WRITE", "PUBLISH", "WAKE_AT"]) {
    test(`is saved by the fresh one, if the old one failed over it when it ordered ${order}`, async (t) => {
      const [site, tab] = await open(t);
      const held = site.server.holdTokenRequests({ when: "after" });
      const waiting = tab.call("getAccessToken", { forceRefresh: true });
      await held.arrived;
      await sabotage(tab, order);
      held.release();
      assert.equal((await waiting).error.code, "internal");
      await assertSaved(site, tab);
    });
  }

  test("is saved by the one that begins a minute after a second failure", async (t) => {
    const [site, tab] = await open(t);
    const held = site.server.holdTokenRequests({ when: "before" });
    const waiting = tab.call("getAccessToken", { forceRefresh: true });
    await held.arrived;
    await sabotage(tab, "READ", { times: 2 });
    await tab.evaluate(() => dispatchEvent(new Event("focus")));
    assert.equal((await waiting).error.code, "internal");
    await tab.until("() => alive.pass(0) === 0");
    held.release();
    // The answer is there long before this one is.
    await tab.evaluate(() => fetch("/endpoints"));
    await tab.evaluate(() => alive.pass(60_000));
    await assertSaved(site, tab);
  });
});
