// Sign-in by redirect: through a real server, and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSignedIn, openTab, signIn } from "./support/signing-in.mjs";
import { openSite } from "./support/site.mjs";

test("a user is sent to the server, comes back, and is signed in", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openTab(site);
  const appState = { from: "/cart", items: [1, 2] };
  const { value, error } = await signIn(tab, site, { appState });
  assert.equal(error, undefined);
  assert.deepEqual(value, { appState });
  const { session, events } = await tab.look();
  assert.equal(session.status, "active");
  assert.equal(session.claims.name, "Ada Lovelace");
  assert.deepEqual(
    events.map(({ type, by }) => [type, by]),
    [["signed-in", "this-tab"]],
  );
  assert.equal(await tab.callApi(), 200);
  const url = new URL(await tab.evaluate(() => location.href));
  assert.equal(url.search, "", "the address bar is clean");
});

test("a reloaded callback page, and another call, give the same result and no other request", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openTab(site);
  await tab.leave((it) => void client.signIn(it), { appState: 7 });
  const url = await tab.evaluate(() => location.href);
  await tab.create(site.signingIn());
  const twice = await tab.evaluate(() =>
    Promise.all([
      harness.call("client", "handleRedirectCallback"),
      harness.call("client", "handleRedirectCallback"),
    ]),
  );
  assert.deepEqual(twice, [
    { value: { appState: 7 } },
    { value: { appState: 7 } },
  ]);
  await tab.reload();
  await tab.create(site.signingIn());
  const again = await tab.call("handleRedirectCallback", url);
  assert.deepEqual(again, { value: { appState: 7 } });
  assert.equal((await tab.look()).session.status, "active");
  assert.equal(site.tokenRequests.length, 1);
});

test("an answer in another tab, or to another library, is left alone", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openTab(site);
  await tab.leave(() => void client.signIn());
  const url = await tab.evaluate(() => location.href);
  const other = await openTab(site);
  await other.evaluate((it) => history.replaceState(null, "", it), url);
  assert.deepEqual(await other.call("handleRedirectCallback"), { value: null });
  assert.equal(await other.evaluate(() => location.href), url);
});

test("two tabs that sign in at once do not meet", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tabs = [await openTab(site), await openTab(site)];
  for (const tab of tabs) await tab.leave(() => void client.signIn());
  for (const tab of tabs.reverse()) {
    await tab.create(site.signingIn());
    const { value } = await tab.call("handleRedirectCallback");
    assert.deepEqual(value, {});
  }
  for (const tab of tabs) {
    assert.equal(await tab.callApi(), 200);
    assert.equal((await tab.look()).session.subject, "ada");
  }
});

test("a user who says no, and a script in the server's words, harm nobody", async (t) => {
  const site = await openSite(t, { AskUser: true });
  const tab = await openTab(site);
  await tab.evaluate(() => void client.signIn());
  await tab.page.waitForSelector("button[value=no]");
  await tab.page.click("button[value=no]");
  await tab.arrive();
  await tab.create(site.signingIn());
  const { error } = await tab.call("handleRedirectCallback");
  assert.equal(error.code, "oauth");
  assert.equal(error.oauthError, "access_denied");
  assert.equal((await tab.look()).session, null);
  assert.equal(await tab.evaluate(() => location.search), "");
});

test("a server that wants requests pushed gets them pushed", async (t) => {
  const site = await openSite(t, { RequirePushedAuthorizationRequests: true });
  const tab = await openTab(site);
  const { error } = await signIn(tab, site);
  assert.equal(error, undefined);
  assert.equal((await tab.look()).session.status, "active");
});

test("a session that was signed in to refreshes, and another sign-in tells whose it was", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openSignedIn(site);
  const { error } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(error, undefined);
  const refreshed = await tab.look();
  assert.equal(refreshed.session.generation, 2);
  assert.equal(refreshed.events.at(-1).type, "refreshed");
  const again = await signIn(tab, site);
  assert.equal(again.error, undefined);
  const { session, events } = await tab.look();
  assert.equal(session.generation, 1);
  assert.equal(events.at(-1).previousSubject, "ada");
});

test("a server that is down when somebody signs in, or refreshes, costs no session", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openSignedIn(site);
  await tab.reload();
  const nowhere = "http://localhost:1";
  await tab.create(site.signingIn({ issuer: nowhere, storageKey: "other" }), {
    name: "other",
  });
  const { error } = await tab.callOn("other", "signIn");
  assert.deepEqual([error.code, error.retryable], ["network", true]);
  await tab.create(site.signingIn());
  assert.equal((await tab.look()).session.status, "active");
});

test("a sign-out with the server's session goes there and comes back", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300, AskUser: true });
  const tab = await openTab(site);
  const yes = async () => {
    await tab.page.bringToFront();
    await tab.page.waitForSelector("button[value=yes]");
    await tab.page.click("button[value=yes]");
    await tab.arrive("location.search");
  };
  const signInByHand = async () => {
    await tab.evaluate(() => void client.signIn());
    await yes();
    await tab.create(site.signingIn());
    return tab.call("handleRedirectCallback");
  };
  assert.deepEqual(await signInByHand(), { value: {} });
  const other = await openTab(site);
  await other.until(() => client.session !== null);
  const postLogoutRedirectUri = `${site.server.origin}/page/`;
  await tab.leave((it) => void client.signOut(it), {
    endSession: true,
    postLogoutRedirectUri,
  });
  await other.until(() => client.session === null);
  assert.equal((await other.look()).ended.reason, "signed-out");
  // The server asks anew.
  await tab.create(site.signingIn());
  assert.deepEqual(await signInByHand(), { value: {} });
});
