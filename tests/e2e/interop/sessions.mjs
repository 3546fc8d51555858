// A session at Keycloak, from first tokens to its end.
import assert from "node:assert/strict";
import { scenario } from "../engines/rounds.mjs";
import { long, short } from "../engines/servers.mjs";
import { assertLive } from "../engines/live.mjs";
import { appAt, create, signIn } from "./app.mjs";
import { authorizationUrl, exchangeForm } from "./code-flow.mjs";
import { logIn } from "./login.mjs";
import { lenient, strict } from "./servers.mjs";

scenario(
  "a page that signed in at Keycloak's form by itself, and hands its tokens over",
  { server: strict, tabs: 1 },
  async (round) => {
    const { site, user } = await strict.openWithUser(round, long);
    const { issuer, clients, endpoints, origin } = site.server;
    const redirectUri = `${origin}/page/`;
    const flow = { issuer, client: clients.public, redirectUri };
    const tab = await site.openTab();
    const back = tab.leave(
      (url) => location.assign(url),
      authorizationUrl(flow),
    );
    await logIn(tab.page, user);
    await back;
    await tab.create();
    await tab.evaluate(
      async (url, form) => {
        const body = new URLSearchParams(form);
        const response = await fetch(url, { method: "POST", body });
        await client.setTokens(await response.json());
      },
      endpoints.token,
      `${exchangeForm(tab.page.url(), flow)}`,
    );
    await assertLive(tab);
    const { session } = await tab.look();
    assert.equal(session.generation, 2);
    assert(Date.parse(session.refreshTokenExpiresAt) > Date.now());
  },
);

for (const clientAuthentication of [
  "client_secret_basic",
  "client_secret_post",
]) {
  scenario(
    `a confidential client whose secret must be encoded, by ${clientAuthentication}`,
    { server: strict, tabs: 1 },
    async (round) => {
      const { site, user } = await strict.openWithUser(round, long);
      const { confidential } = site.server.clients;
      const app = appAt(site, { ...confidential, clientAuthentication });
      const tab = await site.openTab();
      await create(tab, app);
      assert.equal((await signIn(tab, app, { user })).error, undefined);
      await assertLive(tab);
      for (const { wire } of [
        ...site.entries("issue"),
        ...site.tokenRequests,
      ]) {
        assert.equal(
          wire.headers.authorization !== undefined,
          clientAuthentication === "client_secret_basic",
        );
      }
    },
  );
}

scenario(
  "an administrator ends the session",
  { server: lenient, tabs: 3, so: "signed out, in every tab" },
  async (round) => {
    const { site, user } = await lenient.openWithUser(round, short);
    const tabs = await site.openTabsWithSession(3);
    await user.endSessions();
    for (const tab of tabs) {
      await tab.until(() => client.ended !== null);
      const { ended, events } = await tab.look();
      assert.equal(ended.reason, "refresh-token-rejected");
      assert.equal(events.at(-1).type, "signed-out");
      const { error } = await tab.call("getAccessToken");
      assert.equal(error.reason, "refresh-token-rejected");
    }
    assert.equal(site.tokenRequests.at(-1).status, 400);
    assert.equal(
      site.tokenRequests.filter(({ status }) => status === 400).length,
      1,
    );
  },
);

scenario(
  "a sign-out",
  { server: lenient, tabs: 2, so: "signed out, at the server too" },
  async (round) => {
    const { site, user } = await lenient.openWithUser(round, long);
    const tabs = await site.openTabsWithSession(2);
    assert.equal((await user.sessions()).length, 1);
    const { value } = await tabs[0].call("signOut");
    assert.deepEqual(value, { revoked: true });
    for (const tab of tabs) await tab.until(() => client.session === null);
    assert.deepEqual(await user.sessions(), []);
  },
);
