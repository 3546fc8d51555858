// Signing in at Keycloak's form, in each of the ways there are.
import assert from "node:assert/strict";
import { assertLive } from "../engines/live.mjs";
import { scenario } from "../engines/rounds.mjs";
import { long } from "../engines/servers.mjs";
import { within } from "../support/within.mjs";
import { appAt, create, leaveAndComeBack, signIn } from "./app.mjs";
import { logIn } from "./login.mjs";
import { strict } from "./servers.mjs";

scenario(
  "a sign-in by redirect",
  { server: strict, tabs: 2 },
  async (round) => {
    const { site, user } = await strict.openWithUser(round, long);
    const app = appAt(site);
    const tabs = await site.openTabsWithClient(2, app);
    const appState = { was: "reading", page: 7 };
    const outcome = await signIn(tabs[0], app, { user, appState });
    assert.deepEqual(outcome, { value: { appState } });
    await assertSignedIn(tabs, user);
    assert.equal(site.entries("issue").length, 1);
  },
);

scenario("a sign-in by popup", { server: strict, tabs: 3 }, async (round) => {
  const { site, user } = await strict.openWithUser(round, long);
  const app = appAt(site);
  const tabs = await site.openTabsWithClient(2, app);
  const opening = new Promise((done) => tabs[0].page.once("popup", done));
  const signingIn = tabs[0].call("signIn", { mode: "popup" });
  const popup = await within(opening, "the popup to open");
  const closing = new Promise((done) => popup.once("close", done));
  await logIn(popup, user);
  // What the app does wherever it is sent back to. The popup may close in the middle of it.
  const back = await site.adopt(popup);
  await create(back, app);
  await back.start("handleRedirectCallback").catch(() => {});
  assert.equal((await signingIn).error, undefined);
  await within(closing, "the popup to close");
  await assertSignedIn(tabs, user);
  assert.equal(site.entries("issue").length, 1);
});

// Keycloak's metadata does not say what it asks of one client only, so the app names the endpoint. And no preflight to it is
// answered: a DPoP header there is one too many.
for (const dpop of [false, true]) {
  scenario(
    `a pushed authorization request${dpop ? ", with DPoP" : ""}`,
    { server: strict, tabs: 1 },
    async (round) => {
      const needs = { par: true, dpop };
      const { site, user } = await strict.openWithUser(round, long, needs);
      const { issuer } = site.server;
      const pushedAuthorizationRequest = `${issuer}/protocol/openid-connect/ext/par/request`;
      const endpoints = { pushedAuthorizationRequest };
      const app = appAt(site, { dpop, endpoints });
      const tab = await site.openTab();
      const asked = [];
      tab.page.on("request", (request) => asked.push(request.url()));
      await create(tab, app);
      assert.equal((await signIn(tab, app, { user })).error, undefined);
      assert.equal((await tab.look()).session.subject, user.id);
      const url = asked.find((it) =>
        it.startsWith(`${issuer}/protocol/openid-connect/auth?`),
      );
      assert.deepEqual([...new URL(url).searchParams.keys()].sort(), [
        "client_id",
        "request_uri",
      ]);
    },
  );
}

for (const [what, change] of [
  ["names another server", (query) => query.set("iss", "http://localhost:1")],
  ["names no server", (query) => query.delete("iss")],
]) {
  scenario(
    `a callback that ${what}`,
    { server: strict, tabs: 1, so: "refused, and no code is sent anywhere" },
    async (round) => {
      const { site, user } = await strict.openWithUser(round, long);
      const app = appAt(site);
      const tab = await site.openTab();
      await create(tab, app);
      await leaveAndComeBack(tab, { user });
      await create(tab, app);
      const url = new URL(tab.page.url());
      assert.equal(url.searchParams.get("iss"), site.server.issuer);
      change(url.searchParams);
      const { error } = await tab.call("handleRedirectCallback", url.href);
      assert.equal(error?.name, "OAuthClientError");
      assert.equal((await tab.look()).session, null);
      const sent = [...site.entries("issue"), ...site.tokenRequests];
      assert.deepEqual(sent, []);
    },
  );
}

/** The first tab has signed in, and all have the session. */
async function assertSignedIn(tabs, user) {
  for (const [i, tab] of tabs.entries()) {
    await tab.until(() => client.session !== null);
    const { session, events } = await tab.look();
    assert.equal(session.subject, user.id);
    assert.equal(session.claims.email, user.email);
    const { type, by } = events[0];
    assert.deepEqual(
      { type, by },
      { type: "signed-in", by: i === 0 ? "this-tab" : "another-tab" },
    );
  }
  for (const tab of tabs) await assertLive(tab);
}
