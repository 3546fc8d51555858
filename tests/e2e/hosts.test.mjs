// Where the package lives: workers, servers, frames, two copies in one page, a page that comes back.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { packageFolder } from "./support/package.mjs";
import { openSite } from "./support/site.mjs";

describe("a client", { concurrency: true }, () => {
  for (const kind of ["Worker", "SharedWorker"]) {
    test(`in a ${kind} rotates three times by itself, with none in a window`, async (t) => {
      const lifetime = 5;
      const site = await openSite(t, { AccessTokenLifetime: lifetime });
      const tab = await site.openTab();
      const { clientId } = site.server.clients.public;
      const seen = await tab.evaluate(
        (kind, options) =>
          new Promise((resolve) => {
            const type = { type: "module" };
            const worker = new globalThis[kind]("/page/hosts/worker.js", type);
            const port = worker.port ?? worker;
            worker.onerror = () => resolve("the worker does not start");
            port.onmessage = ({ data }) => {
              report("session", harness.tell(data));
              if (data.session?.generation >= 4 || data.code) resolve(data);
            };
            port.postMessage(options);
          }),
        kind,
        { clientId, endpoints: site.server.endpoints },
      );
      assert.equal(seen.code, undefined);
      assert.equal(seen.status, 200, "its token is good");
      assert.deepEqual([seen.ended, ...seen.degraded], [null]);
      assert(site.tokenRequests.length >= 3);
      site.assertOnePerExpiry();
      assert.deepEqual(await tab.evaluate(() => Object.keys(clients)), []);
    });
  }

  test("from a second copy of the package in one page is one session with that of the first", async (t) => {
    const lifetime = 5;
    const site = await openSite(t, { AccessTokenLifetime: lifetime });
    site.server.mount("/copy", packageFolder(), { strict: true });
    const tab = await site.openTab();
    await tab.create();
    await tab.create({}, { name: "copy", entry: "../copy/index.js" });
    const classes = await tab.evaluate(() =>
      Object.values(clients).map(({ constructor }) => constructor),
    );
    assert.equal(classes.length, 2);
    assert(
      await tab.evaluate(() => client.constructor !== clients.copy.constructor),
      "they share no module",
    );
    await tab.takeOverTokens();
    await tab.until(() => clients.copy.session?.generation >= 3);
    await tab.until(() => client.session?.generation >= 3);
    site.assertOnePerExpiry();
    const tokens = await tab.evaluate(() =>
      Promise.all(Object.values(clients).map((it) => it.getAccessToken())),
    );
    assert.equal(tokens[0], tokens[1]);
  });

  test("of another key in one page rotates beside it", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 5 });
    const tab = await site.openTab();
    await tab.create();
    await tab.create({ storageKey: "another" }, { name: "another" });
    await tab.takeOverTokens();
    await tab.takeOverTokens({ name: "another" });
    await tab.until(() => client.session.generation >= 3);
    await tab.until(() => clients.another.session.generation >= 3);
    const families = site.tokenRequests.map(({ family }) => family);
    assert.deepEqual([...new Set(families)].sort(), [1, 2]);
    assert.deepEqual(
      site.tokenRequests.filter(
        ({ status, reused }) => reused || status !== 200,
      ),
      [],
    );
  });

  test("in a frame is one session with that of the page around it", async (t) => {
    const lifetime = 5;
    const site = await openSite(t, { AccessTokenLifetime: lifetime });
    const tab = await site.openTab();
    await tab.create();
    const frame = await tab.openFrame();
    await frame.evaluate((options) => harness.create(options), {
      clientId: site.server.clients.public.clientId,
      endpoints: site.server.endpoints,
    });
    await tab.takeOverTokens();
    await tab.evaluate(() =>
      harness.until(() => client.session.generation >= 3),
    );
    const status = await frame.evaluate(async () => {
      await harness.until(() => client.session?.generation >= 3);
      return harness.callApi();
    });
    assert.equal(status, 200);
    site.assertOnePerExpiry();
    await tab.evaluate(() => client.close());
    await frame.evaluate(() => client.signOut());
    assert.equal((await frame.evaluate(() => harness.look())).session, null);
  });

  test("whose page is left and comes back reads first, and hands out what another tab has got meanwhile", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const [tab, other] = await site.openTabsWithSession(2);
    await tab.evaluate(() => {
      globalThis.back = new Promise((resolve) => {
        addEventListener("pageshow", ({ persisted }) => {
          if (persisted) resolve(client.getAccessToken());
        });
      });
    });
    const { value: before } = await tab.call("getAccessToken");
    await tab.page.goto(`${site.server.origin}/endpoints`);
    const { value: newest } = await other.call("getAccessToken", {
      forceRefresh: true,
    });
    assert.notEqual(newest, before);
    await tab.page.goBack();
    assert.equal(await tab.evaluate("globalThis.back"), newest);
    assert.equal(await tab.callApi(), 200);
    assert.equal(
      (await tab.call("getAccessToken", { forceRefresh: true })).error,
      undefined,
    );
    assert.equal(site.tokenRequests.length, 2);
    assert.equal(site.server.summary.reused_refresh_tokens, 0);
  });
});

test("on a server a client is inert, and its process ends by itself", async () => {
  const entry = (name) => pathToFileURL(join(packageFolder(), name));
  const script = ["index.js", "url.js"]
    .map(
      (name) => `{
  const { createClient, preload } = await import("${entry(name)}");
  preload();
  const endpoints = { token: "https://as.example/token" };
  const client = await createClient({ clientId: "spa", endpoints });
  const codes = [];
  for (const method of ["getAccessToken", "getIdToken", "setTokens", "signOut", "fetch"]) {
    await client[method]({}).catch(({ code }) => codes.push(code));
  }
  console.log(JSON.stringify([client.session, client.ended, ...codes]));
}`,
    )
    .join("\n");
  // No help with the end: what keeps the process alive runs into the timeout.
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--unhandled-rejections=strict", "--input-type=module", "-e", script],
    { timeout: 20_000 },
  );
  const inert = [null, null, ...Array(5).fill("unsupported")];
  assert.equal(stderr, "");
  assert.deepEqual(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
    [inert, inert],
  );
});
