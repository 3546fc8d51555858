// Node has no page: what a server renders with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { good, load } from "./support.mjs";

for (const entry of ["index.js", "url.js"]) {
  const { createClient, OAuthClient, preload } = await load(entry);

  test(`${entry}: on a server a client is inert`, async (t) => {
    t.mock.method(globalThis, "fetch", () => assert.fail("nothing is fetched"));
    preload();
    const client = await createClient({ ...good, on: { refreshed() {} } });
    assert.ok(client instanceof OAuthClient);
    assert.equal(client.session, null);
    assert.equal(client.ended, null);
    assert.deepEqual(client.degraded, []);
    assert.deepEqual(client.history(), []);
    client.subscribe(() => assert.fail("nothing changes"))();
    client.on("refreshed", () => assert.fail("nothing happens"))();
    client.close();
    client[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
  });

  test(`${entry}: its methods reject with unsupported, and are bound`, async () => {
    const {
      authorize,
      fetch,
      getAccessToken,
      getIdToken,
      handleRedirectCallback,
      setTokens,
      signIn,
      signOut,
    } = await createClient(good);
    const calls = [
      authorize({ url: "https://api.example/" }),
      fetch("https://api.example/"),
      getAccessToken(),
      getAccessToken({ forceRefresh: true }),
      getIdToken(),
      handleRedirectCallback(),
      setTokens({ access_token: "a" }),
      signIn(),
      signOut(),
    ];
    for (const call of calls) {
      await assert.rejects(call, { code: "unsupported", retryable: false });
    }
  });

  test(`${entry}: a location alone makes no browser of a server`, async (t) => {
    globalThis.location = new URL("https://app.example/");
    t.after(() => delete globalThis.location);
    const client = await createClient(good);
    await assert.rejects(client.getAccessToken(), { code: "unsupported" });
  });

  test(`${entry}: wrong options are refused all the same`, async () => {
    await assert.rejects(createClient({}), { code: "invalid-options" });
  });

  test(`${entry}: a listener must be one`, async () => {
    const client = await createClient(good);
    assert.throws(() => client.on("nothing", () => {}), /type/);
    assert.throws(() => client.on("refreshed", 7), /listener/);
    assert.throws(() => client.subscribe(), /listener/);
  });
}

test("the text of the wasm is named once, or Vite 8 would build it in twice", () => {
  const entry = readFileSync(join(process.env.EVERGRANT_PACKAGE, "index.js"));
  const [, code] = entry.toString().split('"./wasm.js"');
  assert.equal(code.match(/\bwasm\b/g).length, 1);
});
