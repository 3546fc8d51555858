// Requests to APIs: `fetch` and `authorize`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSignedIn } from "./support/signing-in.mjs";
import { openSite } from "./support/site.mjs";

async function open(t, options, settings) {
  const site = await openSite(t, { AccessTokenLifetime: 300, ...settings });
  const allowedOrigins = [site.server.origin];
  const tab = await openSignedIn(site, { allowedOrigins, ...options });
  return { site, tab };
}

const api = (tab, ...args) =>
  tab.evaluate(
    async (...it) => (await (0, client.fetch)(...it)).status,
    ...args,
  );

for (const dpop of [false, true]) {
  const how = dpop ? "bound to a key" : "for whoever bears it";

  test(`an API takes the token, ${how}`, async (t) => {
    const { tab } = await open(t, { dpop });
    assert.equal(await api(tab, "/api/me?a=1#b"), 200);
    const status = await tab.evaluate(async () => {
      const headers = await client.authorize({ url: "/api/me" });
      return (await fetch("/api/me", { headers })).status;
    });
    assert.equal(status, 200);
  });

  test(`twenty requests whose token is refused make one refresh, and all succeed: ${how}`, async (t) => {
    const { site, tab } = await open(t, { dpop });
    await site.server.forgetAccessToken();
    const statuses = await tab.evaluate(() =>
      Promise.all(
        Array.from({ length: 20 }, async () => {
          const { status } = await client.fetch("/api/me");
          return status;
        }),
      ),
    );
    assert.deepEqual(statuses, Array(20).fill(200));
    const refreshes = site.tokenRequests.filter(
      ({ grant }) => grant !== "authorization_code",
    );
    assert.equal(refreshes.length, 1);
  });
}

test("no token goes to an origin that was not named, however alike it looks", async (t) => {
  const { site, tab } = await open(t);
  const { port } = new URL(site.server.origin);
  for (const url of [
    "https://localhost.evil.example/api/me",
    `http://127.0.0.1:${port}/api/me`,
  ]) {
    for (const call of ["fetch", "authorize"]) {
      const { error } = await tab.call(call, call === "fetch" ? url : { url });
      assert.equal(error.code, "origin-not-allowed", url);
    }
  }
});
