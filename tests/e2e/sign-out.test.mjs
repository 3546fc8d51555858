// Sign-out: here, in all tabs, at the server, and for good.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";

test("sign-out in one tab signs out all, and revokes at the server", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tabs = await site.openTabsWithSession(4);
  const [issue] = site.entries("issue");
  assert.deepEqual(await tabs[1].call("signOut"), { value: { revoked: true } });

  for (const [i, tab] of tabs.entries()) {
    await tab.until(() => client.session === null);
    const { ended, events } = await tab.look();
    assert.equal(ended.reason, "signed-out");
    const { type, reason, by } = events.at(-1);
    assert.deepEqual(
      { type, reason, by },
      {
        type: "signed-out",
        reason: "signed-out",
        by: i === 1 ? "this-tab" : "another-tab",
      },
    );
    const { error } = await tab.call("getAccessToken");
    assert.equal(error.reason, "signed-out");
  }
  const [revocation, ...more] = site.entries("revocation");
  assert.deepEqual(more, []);
  assert.equal(revocation.used, issue.issued);
  assert.equal(revocation.status, 200);
});

test("after a sign-out, a refresh in flight changes nothing", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const [sender, other] = await site.openTabsWithSession(2);
  const held = site.server.holdTokenRequests({ when: "after" });
  const refresh = sender.call("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const { value } = await other.call("signOut");
  assert.deepEqual(value, { revoked: true });
  await sender.until(() => client.session === null);
  held.release();

  const { error } = await refresh;
  assert.equal(error.code, "session-ended");
  assert.equal(error.reason, "signed-out");
  // The late tokens were good when they were made. Now they are revoked.
  const late = site.tokenRequests[0];
  assert.equal(late.status, 200);
  await site.untilJournal(() =>
    site.entries("revocation").some(({ used }) => used === late.issued),
  );
  assert(site.entries("revocation").every(({ status }) => status === 200));

  const { access_token, refresh_token } = late.wire.answer;
  for (const tab of [sender, other]) {
    const { session, ended, events } = await tab.look();
    assert.equal(session, null);
    assert.equal(ended.reason, "signed-out");
    assert.deepEqual(
      events.map(({ type }) => type),
      ["signed-in", "signed-out"],
    );
    const text = await tab.stored();
    assert(!text.includes(access_token) && !text.includes(refresh_token));
    await tab.reload();
    await tab.create();
    assert.equal((await tab.look()).session, null);
  }
  const status = await other.evaluate(async (token) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch("/api/me", { headers })).status;
  }, access_token);
  assert.equal(status, 401);
  assert.equal(site.tokenRequests.length, 1);
});

test("a sign-out that cannot reach the server ends the session here, and says so", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const [tab] = await site.openTabsWithSession(1);
  site.server.set({ DropConnections: true });
  assert.deepEqual(await tab.call("signOut"), { value: { revoked: false } });
  const { session, ended } = await tab.look();
  assert.equal(session, null);
  assert.equal(ended.reason, "signed-out");
});

test("tokens of a new sign-in are not touched by an earlier sign-out", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const [tab, other] = await site.openTabsWithSession(2);
  await tab.call("signOut");
  await tab.takeOverTokens();
  for (const it of [tab, other]) {
    await it.until(() => client.session !== null);
    assert.equal(await it.callApi(), 200);
    assert.equal((await it.look()).ended, null);
  }
});
