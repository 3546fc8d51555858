// Every site is searched for secrets, by value, when it closes (support/witness.mjs): that is the whole run. Here a page
// does all that could let one out, and the search itself is tried.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";
import { Witness } from "./support/witness.mjs";

test("no token or secret is in any console, error, event, history, snapshot or URL", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 3 });
  const clientId = "evergrant-confidential";
  const tab = await site.openTab();
  const other = await site.openTab();
  for (const it of [tab, other]) await it.create({}, { secretly: true });
  const failsWith = async (code, method, ...args) => {
    const { error } = await tab.call(method, ...args);
    assert.equal(error?.code, code, `${method} ${Object.keys(args[0] ?? {})}`);
  };

  // A session with rotations, a reload and an outage.
  await tab.takeOverTokens({ clientId });
  await other.until(() => client.session !== null);
  await tab.until(() => client.session.generation >= 3);
  site.server.set({ AccessTokenLifetime: 300 });
  await tab.call("getAccessToken", { forceRefresh: true });
  await tab.reload();
  await tab.create({}, { secretly: true });
  site.server.set({ DropConnections: true });
  await failsWith("network", "getAccessToken", { forceRefresh: true });
  site.server.set({ DropConnections: false });
  await tab.until(() => client.session.status === "active");

  // Calls that fail, secrets in hand.
  const { value: token } = await tab.call("getAccessToken");
  await failsWith("invalid-options", "getAccessToken", token);
  await failsWith("invalid-options", "getAccessToken", { scope: [token] });
  await failsWith("invalid-options", "getAccessToken", {
    refusedToken: { token },
  });
  await failsWith("invalid-options", "setTokens", {
    access_token: `${token}\n`,
  });
  await failsWith("invalid-options", "setTokens", { refresh_token: token });
  await failsWith(
    "invalid-options",
    "setTokens",
    { access_token: token },
    { receivedAt: token },
  );
  await failsWith("origin-not-allowed", "fetch", `/api/me?${token}`);
  const { clientSecret } = site.server.clients.confidential;
  for (const options of [
    { clientSecret: [clientSecret] },
    { clientAuthentication: clientSecret },
    { clientAuthentication: "none", clientSecret },
    { endpoints: { token: `http://as.example/?${clientSecret}` } },
  ]) {
    const { error } = await tab.create(options, { name: "malformed" });
    assert.equal(error.code, "invalid-options");
  }

  // Ends: by refusal, the server having been told behind the client's back; and by sign-out.
  await tab.call("getAccessToken", { forceRefresh: true });
  await site.revokeNewest();
  await failsWith("session-ended", "getAccessToken", { forceRefresh: true });
  await tab.takeOverTokens({ clientId });
  await other.until(() => client.session !== null);
  await other.call("signOut");
  await tab.until(() => client.session === null);
  await failsWith("not-signed-in", "getAccessToken");
  await tab.lastLook();

  const { counts } = site.witness;
  for (const place of [
    "console",
    "error",
    "event",
    "history",
    "session",
    "ended",
    "URL",
  ]) {
    assert(counts[place] > 0, `something was seen: ${place}`);
  }
  site.witness.assertNoSecrets(site.server);
  t.diagnostic(`searched: ${JSON.stringify(counts)}`);
});

test("the search finds what leaks", async (t) => {
  const site = await openSite(t);
  const { access_token, refresh_token, id_token } =
    await site.server.firstTokens({ client: "evergrant-confidential" });
  const { clientId, clientSecret } = site.server.clients.confidential;
  const leaks = [
    `Bearer ${access_token}`,
    JSON.stringify({ tokens: { refresh_token } }),
    `/callback#id_token=${id_token}`,
    `a part: …${refresh_token.slice(-20)}`,
    JSON.stringify(clientSecret),
    `?client_secret=${encodeURIComponent(clientSecret)}`,
    new URLSearchParams({ client_secret: clientSecret }).toString(),
    `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
  ];
  const witness = new Witness();
  for (const text of ["nothing", ...leaks]) witness.note("console", text);
  assert.deepEqual(
    witness.leaks(site.server).map(({ text }) => text),
    leaks,
  );
});
