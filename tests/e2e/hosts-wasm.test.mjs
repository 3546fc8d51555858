// Where the wasm comes from, for hosts with their own way of loading.
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder, temporaryFolder } from "./support/package.mjs";
import { openSite } from "./support/site.mjs";

/** A tab of a site whose entry finds no wasm by itself. */
async function openWithoutWasm(t) {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const folder = temporaryFolder();
  cpSync(packageFolder(), folder, { recursive: true });
  rmSync(join(folder, "evergrant_bg.wasm"));
  site.server.mount("/without-wasm", folder, { strict: true });
  const tab = await site.openTab();
  const { clientId } = site.server.clients.public;
  const options = { clientId, endpoints: site.server.endpoints };
  return {
    tab,
    async createWith(shape) {
      await tab.evaluate(() => import("/page/hosts/wasm.js"));
      return tab.evaluate((...args) => createWith(...args), shape, options);
    },
  };
}

const works = (tab) =>
  tab.evaluate(async () => {
    const response = await fetch("/dev/tokens", { method: "POST", body: "{}" });
    await made.setTokens(await response.json());
    const token = await made.getAccessToken({ forceRefresh: true });
    made.close();
    return typeof token;
  });

test("the wasm may be text, a URL, a Response or a Module", async (t) => {
  const { tab, createWith } = await openWithoutWasm(t);
  for (const shape of ["text", "URL", "Response", "Module"]) {
    await tab.visit();
    assert.deepEqual(await createWith(shape), {}, shape);
    assert.equal(await works(tab), "string", shape);
  }
});

test("a wasm that is a page, or missing, is unavailable, and the right one works after it", async (t) => {
  const { tab, createWith } = await openWithoutWasm(t);
  for (const [shape, answer] of [
    ["html", /index\.html is text\/html.*status 200/],
    ["missing", /nothing\.wasm is .*status 404/],
    ["default", /evergrant_bg\.wasm is .*status 404/],
  ]) {
    const { code, retryable, message } = await createWith(shape);
    assert.equal(code, "wasm-unavailable", shape);
    assert.equal(retryable, true, shape);
    assert.match(message, answer);
    assert.match(message, /set `wasm`/);
  }
  assert.deepEqual(await createWith("text"), {});
  assert.equal(await works(tab), "string");
});
