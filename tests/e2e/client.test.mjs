// The client as an object: entries, options, several of them, its end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";

test("both entries work under the strictest content security policy", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const page = await fetch(`${site.server.origin}/page/`);
  assert.match(
    page.headers.get("Content-Security-Policy"),
    /default-src 'self'; script-src 'self' 'wasm-unsafe-eval'/,
  );
  for (const [entry, wasmFile] of [
    ["index.js", false],
    ["url.js", true],
  ]) {
    const tab = await site.openTab();
    const requested = [];
    tab.page.on("request", (request) => requested.push(request.url()));
    assert.deepEqual(await tab.create({}, { entry }), {});
    await tab.takeOverTokens();
    assert.equal(await tab.callApi(), 200, entry);
    assert.equal(
      requested.some((url) => url.endsWith("/evergrant/evergrant_bg.wasm")),
      wasmFile,
      entry,
    );
    await tab.close();
  }
});

test("malformed options are refused at the door, by name", async (t) => {
  const site = await openSite(t);
  const tab = await site.openTab();
  for (const [options, named] of [
    [{ clientID: "evergrant-spa" }, /clientID/],
    [{ clientId: 7 }, /clientId/],
    [{ endpoints: { token: "http://as.example/token" } }, /endpoints\.token/],
    [{ endpoints: { token: "/oauth2/token" } }, /endpoints\.token/],
    [{ refresh: { leewaySeconds: "60" } }, /refresh\.leewaySeconds/],
    [{ storage: "local" }, /storage.*localStorage/],
    [{ storageKey: "" }, /storageKey/],
  ]) {
    const { error } = await tab.create(options);
    assert.equal(error?.code, "invalid-options", JSON.stringify(options));
    assert.equal(error.name, "OAuthClientError");
    assert.match(error.message, named);
  }
});

test("two clients with keys of their own are two sessions", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.create({ storageKey: "another" }, { name: "another" });
  await tab.takeOverTokens();
  assert.equal((await tab.look("another")).session, null);
  await tab.takeOverTokens({ name: "another" });

  await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal((await tab.look()).session.generation, 2);
  assert.equal((await tab.look("another")).session.generation, 1);
  await tab.call("signOut");
  assert.equal((await tab.look("another")).session.status, "active");
  const [first, second] = site.entries("issue");
  assert.notEqual(first.family, second.family);
});

test("two clients with one key are one session, and refresh it once", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.create({}, { name: "twin" });
  await tab.takeOverTokens();
  await tab.until(() => clients.twin.session !== null);
  const { value: refusedToken } = await tab.call("getAccessToken");

  const answers = await Promise.all(
    ["client", "twin"].map((name) =>
      tab.callOn(name, "getAccessToken", { refusedToken }),
    ),
  );
  assert.deepEqual(answers[0], answers[1]);
  assert.notEqual(answers[0].value, refusedToken);
  assert.equal(site.tokenRequests.length, 1);
});

test("twenty refused calls make one refresh, and all get its token", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.takeOverTokens();
  const tokens = await tab.evaluate(async () => {
    const refusedToken = await client.getAccessToken();
    return Promise.all(
      Array.from({ length: 20 }, () => client.getAccessToken({ refusedToken })),
    );
  });
  assert.equal(new Set(tokens).size, 1);
  assert.equal(site.tokenRequests.length, 1);
  assert.equal(tokens[0], site.tokenRequests[0].wire.answer.access_token);
});

test("a caller that aborts is let go, and the refresh goes on", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.takeOverTokens();
  const held = site.server.holdTokenRequests({ when: "after" });
  await tab.evaluate(() => {
    globalThis.controller = new AbortController();
    globalThis.aborted = harness.call("client", "getAccessToken", {
      forceRefresh: true,
      signal: controller.signal,
    });
  });
  await held.arrived;
  const { error } = await tab.evaluate(() => {
    controller.abort();
    return aborted;
  });
  assert.equal(error.code, "aborted");
  assert.equal(error.retryable, false);
  held.release();
  await tab.until(() => client.session.generation === 2);
  assert.equal(await tab.callApi(), 200);
});

test("a closed client settles its calls and says closed, and its refresh is not lost", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.takeOverTokens();
  const held = site.server.holdTokenRequests({ when: "after" });
  const waiting = tab.call("getAccessToken", { forceRefresh: true });
  await held.arrived;
  await tab.evaluate(() => {
    client.close();
    client.close();
  });
  assert.equal((await waiting).error.code, "closed");
  for (const method of ["getAccessToken", "getIdToken", "signOut"]) {
    assert.equal((await tab.call(method)).error.code, "closed", method);
  }
  const { history } = await tab.look();
  assert(history.length > 0, "it still tells its history");

  await tab.create();
  held.release();
  await tab.until(() => client.session.generation === 2);
  const [request, ...more] = site.tokenRequests;
  assert.deepEqual(more, []);
  assert.deepEqual(await tab.call("getAccessToken"), {
    value: request.wire.answer.access_token,
  });
});

test("an effect that is run twice, as in React's Strict Mode, leaves one client that works", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  // Created, closed as soon as it is there, and created again meanwhile.
  await tab.evaluate(
    async (clientId, endpoints) => {
      const { createClient } = await import("/evergrant/index.js");
      const mount = () => {
        const creating = createClient({ clientId, endpoints });
        return () => creating.then((client) => client.close());
      };
      const unmount = mount();
      globalThis.closing = unmount();
    },
    site.server.clients.public.clientId,
    site.server.endpoints,
  );
  await tab.create();
  await tab.evaluate(() => closing);
  await tab.takeOverTokens();
  const { value } = await tab.call("getAccessToken", { forceRefresh: true });
  assert(value);
  assert.equal(site.tokenRequests.length, 1);
  const { held, pending } = await tab.evaluate(() => navigator.locks.query());
  assert.deepEqual([...held, ...pending], [], "no lock is left behind");
});

test("a listener that throws harms nobody else", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create();
  await tab.evaluate(() => {
    client.on("signed-in", () => {
      throw new Error("a listener's own mistake");
    });
    client.on("signed-in", () => (globalThis.reached = true));
  });
  await tab.takeOverTokens();
  await tab.until(() => globalThis.reached);
  assert.equal(await tab.callApi(), 200);
  const [error, ...more] = tab.pageErrors.splice(0);
  assert.match(error.message, /a listener's own mistake/);
  assert.deepEqual(more, []);
});

test("a secret in a page is warned of, once", async (t) => {
  const site = await openSite(t);
  const tab = await site.openTab();
  const warnings = [];
  tab.page.on("console", (message) => {
    if (message.type() === "warn") warnings.push(message.text());
  });
  await tab.create({}, { name: "public" });
  assert.deepEqual(warnings, []);
  for (const name of ["first", "second"]) {
    const { error } = await tab.create({}, { name, secretly: true });
    assert.equal(error, undefined);
  }
  const [warning, ...more] = warnings;
  assert.match(warning, /anyone can read the client secret/);
  assert.deepEqual(more, []);
});
