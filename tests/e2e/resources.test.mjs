// Access tokens for several resources of one refresh token (RFC 8707), at a real server, which gives no token for two.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSignedIn, openTab, signIn } from "./support/signing-in.mjs";
import { openSite } from "./support/site.mjs";

/** A tab that has signed in for a calendar and for mail, and their addresses. */
async function openForTwo(t) {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const apis = ["calendar", "mail"];
  const resource = apis.map((it) => `${site.server.origin}/api/${it}`);
  const tab = await openSignedIn(site, { resource });
  const [calendar, mail] = resource;
  return { site, tab, resource, calendar, mail };
}

/** The API's status for a token of the client. */
const show = (tab, api, options) =>
  tab.evaluate(
    async (api, options) => {
      const token = await client.getAccessToken(options);
      const headers = { Authorization: `Bearer ${token}` };
      return (await fetch(api, { headers })).status;
    },
    api,
    options,
  );

test("of several resources each has its own token, which is good there alone and is asked for once", async (t) => {
  const { site, tab, calendar, mail } = await openForTwo(t);
  for (let times = 0; times < 2; times += 1) {
    assert.equal(await show(tab, mail, { resource: mail }), 200);
    assert.equal(await show(tab, calendar, { resource: mail }), 401);
    assert.equal(await show(tab, calendar, { resource: calendar }), 200);
  }
  assert.deepEqual(
    site.tokenRequests.map(({ grant, generation }) => [grant, generation]),
    [
      ["authorization_code", 1],
      ["refresh_token", 2],
      ["refresh_token", 3],
    ],
  );
  const { session } = await tab.look();
  assert.deepEqual([session.status, session.generation], ["active", 3]);
});

test("tabs that want tokens for different resources at once spend each refresh token once", async (t) => {
  const { site, tab, resource, calendar, mail } = await openForTwo(t);
  const other = await openTab(site, { resource });
  const seen = await Promise.all([
    show(tab, calendar, { resource: calendar, forceRefresh: true }),
    show(other, mail, { resource: mail, forceRefresh: true }),
    show(tab, mail, { resource: mail, forceRefresh: true }),
    show(other, calendar, { forceRefresh: true }),
  ]);
  assert.deepEqual(seen, [200, 200, 200, 200]);
  assert(site.tokenRequests.every(({ reused }) => !reused));
  for (const it of [tab, other]) {
    assert.equal((await it.look()).session.status, "active");
    assert.equal(await show(it, calendar), 200);
  }
});

test("a resource that the server does not know is refused when the user signs in", async (t) => {
  const site = await openSite(t);
  const resource = "https://unknown.example/";
  const tab = await openTab(site, { resource });
  const { error } = await signIn(tab, site, {}, { resource });
  assert.deepEqual([error.code, error.oauthError], ["oauth", "invalid_target"]);
  assert.equal((await tab.look()).session, null);
});

test("the client's own token is for the first resource, however it comes", async (t) => {
  const { tab, calendar, mail } = await openForTwo(t);
  for (const forceRefresh of [false, true]) {
    assert.equal(await show(tab, calendar, { forceRefresh }), 200);
    assert.equal(await show(tab, mail), 401);
  }
});

test("a part of the scope has a token of its own", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openSignedIn(site);
  const scopes = await tab.evaluate(async () => {
    const scope = async (options) => {
      const token = await client.getAccessToken(options);
      const headers = { Authorization: `Bearer ${token}` };
      return (await (await fetch("/api/me", { headers })).json()).scope;
    };
    return [await scope({ scope: "profile" }), await scope()];
  });
  assert.deepEqual(scopes, ["profile", "openid profile"]);
  assert.equal(site.tokenRequests.length, 2);
});
