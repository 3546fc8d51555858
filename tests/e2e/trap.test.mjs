// A panic in the engine, or an exception that passes through it, does not end the session: in each thing
// that it has the page do, once.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { packageFolder } from "./support/package.mjs";
import { openSite } from "./support/site.mjs";

const orders = await import(join(packageFolder(), "orders.js"));

/** What has the engine give each order. */
const occasions = {
  refresh: [
    "READ",
    "WRITE",
    "REQUEST",
    "RELEASE",
    "LOOK",
    "QUERY",
    "PREPARE",
    "ANNOUNCE",
    "WAKE_AT",
    "PUBLISH",
    "EMIT",
    "RESOLVE",
  ],
  refusedRefresh: ["REJECT"],
  lateRefresh: ["ABORT"],
};

/** Lets a page's engine fail when it gives an order for the first time from now on. */
async function sabotaged(site) {
  const tab = await site.openTab();
  const source = readFileSync(join(packageFolder(), "engine.js"), "utf8");
  const run = "run: (what, a, b, facts) =>";
  assert(source.includes(run), "there is one place to fail in");
  await tab.page.setRequestInterception(true);
  tab.page.on("request", (request) =>
    request.url().endsWith("/evergrant/engine.js")
      ? request.respond({
          contentType: "text/javascript",
          body: source.replace(run, `${run} globalThis.sabotage?.(what) ??`),
        })
      : request.continue(),
  );
  await tab.page.setCacheEnabled(false);
  await tab.visit();
  await tab.create({ refresh: { timeoutSeconds: 2 } });
  await tab.takeOverTokens();
  return tab;
}

const sabotage = (tab, name) =>
  tab.evaluate((order) => {
    globalThis.sabotage = (what) => {
      if (what !== order) return;
      globalThis.sabotage = undefined;
      throw new WebAssembly.RuntimeError("unreachable");
    };
  }, orders[name]);

describe("an engine that fails", () => {
  for (const [occasion, names] of Object.entries(occasions)) {
    for (const name of names) {
      test(`when it orders ${name} gives way to a fresh one`, async (t) => {
        const site = await openSite(t, { AccessTokenLifetime: 300 });
        const tab = await sabotaged(site);
        const held =
          occasion === "lateRefresh" &&
          site.server.holdTokenRequests({ when: "before" });
        if (occasion === "refusedRefresh") {
          await tab.evaluate(() => dispatchEvent(new Event("offline")));
        }
        await sabotage(tab, name);
        const outcome = await tab.call("getAccessToken", {
          forceRefresh: true,
        });
        if (outcome.error) {
          assert.match(outcome.error.code, /internal|timeout|offline/);
          assert.equal(outcome.error.retryable, true);
        }
        if (held) held.release({ drop: true });
        await tab.evaluate(() => dispatchEvent(new Event("online")));
        await tab.until(() =>
          client.history().some(({ event }) => event === "internal"),
        );
        const { value } = await tab.call("getAccessToken", {
          forceRefresh: true,
        });
        assert.equal(value, site.tokenRequests.at(-1).wire.answer.access_token);
        assert.equal(await tab.callApi(), 200);
        const { session, ended } = await tab.look();
        assert.equal(ended, null);
        assert.equal(session.status, "active");
        const { reused_refresh_tokens } = site.server.summary;
        assert.equal(reused_refresh_tokens, 0);
        // The answer to a failed engine's request finds nobody; the browser says so.
        tab.pageErrors = tab.pageErrors.filter(
          ({ message }) => !message.includes("previous WASM instance"),
        );
      });
    }
  }
});
