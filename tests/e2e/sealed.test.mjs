// What stands in IndexedDB: nothing that can be read as it lies there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";

/** A tab with a session, whose tokens stand in IndexedDB under `key`. */
async function open(t) {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.takeOverTokens();
  const { clientId } = tab.optionsOf();
  return { site, tab, key: `evergrant:${clientId}` };
}

test("tokens are sealed under a key that the browser gives to nobody", async (t) => {
  const { site, tab, key } = await open(t);
  await tab.call("getAccessToken", { forceRefresh: true });
  const { value } = await tab.call("getAccessToken");
  const { access_token, refresh_token } = site.tokenRequests[0].wire.answer;
  assert.equal(value, access_token);
  const stored = await tab.stored();
  assert(!stored.includes(access_token) && !stored.includes(refresh_token));
  const { extractable, outcome } = await tab.evaluate(async (key) => {
    const { getItem } = await import("/evergrant/idb.js");
    const cryptoKey = await getItem(`${key}:key`);
    const outcome = await crypto.subtle.exportKey("raw", cryptoKey).then(
      () => "exported",
      ({ name }) => name,
    );
    return { extractable: cryptoKey.extractable, outcome };
  }, key);
  assert.deepEqual([extractable, outcome], [false, "InvalidAccessError"]);
  await tab.reload();
  await tab.create();
  assert.deepEqual(await tab.call("getAccessToken"), { value });
});

test("without its key a session is over at the next start, for its reason, and the next sign-in works", async (t) => {
  const { site, tab, key } = await open(t);
  await tab.evaluate(async (key) => {
    const { change } = await import("/evergrant/idb.js");
    await change(`${key}:key`, () => ({ [`${key}:key`]: "gone" }), true);
  }, key);
  // What lives is not given up.
  const { value } = await tab.call("getAccessToken");
  assert.equal(typeof value, "string");

  await tab.reload();
  await tab.create();
  const { session, ended, degraded } = await tab.look();
  assert.deepEqual([session, ended.reason], [null, "storage-cleared"]);
  assert.deepEqual(degraded, []);
  const { error } = await tab.call("getAccessToken");
  assert.deepEqual(
    [error.code, error.reason],
    ["not-signed-in", "storage-cleared"],
  );
  assert.deepEqual(site.tokenRequests, []);

  await tab.takeOverTokens();
  await tab.reload();
  await tab.create();
  assert.equal((await tab.look()).session.status, "active");
  assert.equal(await tab.callApi(), 200);
});

test("a plain record of a version before lives on, and is sealed by its next write", async (t) => {
  const { site, tab, key } = await open(t);
  const { value } = await tab.call("getAccessToken");
  await tab.call("close");
  await tab.evaluate(async (key) => {
    const { change } = await import("/evergrant/idb.js");
    const plain = await harness.plain();
    await change(key, () => ({ [key]: plain }), true);
  }, key);
  assert((await tab.stored()).includes(value));

  await tab.reload();
  await tab.create();
  assert.deepEqual(await tab.call("getAccessToken"), { value });
  const next = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(next.value, site.tokenRequests[0].wire.answer.access_token);
  const stored = await tab.stored();
  assert(!stored.includes(value) && !stored.includes(next.value));
});
