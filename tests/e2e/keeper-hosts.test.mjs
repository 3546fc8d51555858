// Where a keeper lives: in a worker of its own, or in the application's; and what is said where it cannot.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { build } from "esbuild";
import {
  assertKept,
  heard,
  keeper,
  keeperScope,
  openKept,
  openKeptTab,
  refresh,
} from "./support/kept.mjs";
import { packageFolder, temporaryFolder } from "./support/package.mjs";
import { openSite } from "./support/site.mjs";

/** The application's own workers, as it writes them; those that are bundled, before. */
const workers = {
  imports: `importScripts("/evergrant/keeper.js");`,
  alone: "",
  bundled: `import "evergrant/keeper";`,
  "Workbox, bundled": `
    import { precacheAndRoute } from "workbox-precaching";
    import { clientsClaim } from "workbox-core";
    import "evergrant/keeper";
    self.skipWaiting();
    clientsClaim();
    precacheAndRoute([{ url: "/page/index.html", revision: "1" }]);`,
  "Workbox, and importScripts": `
    import { precacheAndRoute } from "workbox-precaching";
    importScripts("/evergrant/keeper.js");
    precacheAndRoute([{ url: "/page/index.html", revision: "1" }]);`,
};
const bundled = ["bundled", "Workbox, bundled", "Workbox, and importScripts"];

let folder;
const fileOf = (name) => `${name.replace(/\W+/g, "-")}.js`;

before(async () => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  for (const [name, text] of Object.entries(workers)) {
    const outfile = join(folder, fileOf(name));
    if (!bundled.includes(name)) writeFileSync(outfile, text);
    else {
      await build({
        stdin: { contents: text, resolveDir: process.cwd() },
        alias: { "evergrant/keeper": join(packageFolder(), "keeper.js") },
        bundle: true,
        minify: true,
        define: { "process.env.NODE_ENV": '"production"' },
        outfile,
        logLevel: "error",
      });
    }
  }
});

/** A site that has the application's workers. */
async function openAppSite(t) {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  site.server.mount("/app", folder);
  return site;
}

async function assertSurvivesReload(site, tab, options) {
  const { release } = await refresh(site, tab);
  await tab.reload();
  await tab.create(options);
  await tab.until(() => client.session.status === "refreshing");
  release();
  await assertKept(site, tab);
}

describe("in the application's own worker", () => {
  for (const name of Object.keys(workers).filter((it) => it !== "alone")) {
    test(`${name}: a reload costs nothing`, async (t) => {
      const site = await openAppSite(t);
      const registered = `/app/${fileOf(name)}`;
      const options = { keeper: { registered } };
      const tab = await openKeptTab(site, options, "/app/");
      await assertSurvivesReload(site, tab, options);
    });
  }
});

test("a keeper whose script changes in the middle of a refresh brings the answer home", async (t) => {
  const site = await openAppSite(t);
  const script = (version) =>
    writeFileSync(
      join(folder, "changing.js"),
      `importScripts("/evergrant/keeper.js"); // ${version}
       addEventListener("install", () => skipWaiting());
       addEventListener("activate", (event) => event.waitUntil(clients.claim()));`,
    );
  script(1);
  const options = { keeper: { registered: "/app/changing.js" } };
  const tab = await openKeptTab(site, options, "/app/");
  const { release, waiting } = await refresh(site, tab);
  script(2);
  await tab.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/app/");
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    while (worker.state === "installing") {
      await new Promise((resolve) => (worker.onstatechange = resolve));
    }
  });
  release();
  assert.equal((await waiting).error, undefined);
  await assertKept(site, tab);
  const { error } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(error, undefined);
  await assertKept(site, tab, 3);
});

/** Where there are service workers, and what controls the page. */
function registrations(tab) {
  return tab.evaluate(async () => {
    const all = await navigator.serviceWorker.getRegistrations();
    const { controller } = navigator.serviceWorker;
    return [...all.map(({ scope }) => new URL(scope).pathname), controller];
  });
}

test("the keeper has no page in its scope: they are the application's worker's", async (t) => {
  const { tab } = await openKept(t);
  assert.deepEqual(await registrations(tab), [keeperScope, null]);
});

test("a script under a new name, as bundlers give it, takes the place of the old one", async (t) => {
  const site = await openAppSite(t);
  const scope = "/app/evergrant-keeper";
  for (const name of ["keeper-1.js", "keeper-2.js"]) {
    copyFileSync(join(packageFolder(), "keeper.js"), join(folder, name));
  }
  const tab = await openKeptTab(site, { keeper: "/app/keeper-1.js" }, scope);
  const options = { keeper: "/app/keeper-2.js" };
  await assertSurvivesReload(site, tab, options);
  await tab.evaluate(async (scope) => {
    const { serviceWorker } = navigator;
    const registration = await serviceWorker.getRegistration(scope);
    while (!registration.active?.scriptURL.endsWith("keeper-2.js")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, scope);
  assert.deepEqual(await registrations(tab), [scope, null]);
  await tab.call("getAccessToken", { forceRefresh: true });
  await assertKept(site, tab, 3);
});

test("under Trusted Types a TrustedScriptURL is taken, and a text says `degraded`", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.evaluate(() => {
    const policy = document.createElement("meta");
    policy.httpEquiv = "Content-Security-Policy";
    policy.content = "require-trusted-types-for 'script'";
    document.head.append(policy);
  });
  await tab.create({ keeper, storageKey: "text" }, { name: "text" });
  await tab.until(() => clients.text.degraded.length > 0);
  const { degraded } = await tab.look("text");
  assert.deepEqual([degraded.length, degraded[0].what], [1, "keeper"]);

  await tab.create({ keeper: { trusted: keeper } });
  await tab.takeOverTokens();
  await tab.evaluate((scope) => harness.untilKept(scope), keeperScope);
  await tab.call("getAccessToken", { forceRefresh: true });
  await assertKept(site, tab);
  assert((await heard(tab)).includes("refreshed by keeper"));
});

describe("goes on without a keeper, and says so, where", () => {
  const session = { storage: "session" };
  const cases = {
    "its script is missing": { keeper: "/evergrant/missing.js" },
    "its script is no script": { keeper: "/evergrant/package.json" },
    "its script is another origin's": { keeper: "https://cdn.example/k.js" },
    "tokens are not in IndexedDB": { keeper, ...session },
    "the registration has no keeper": {
      keeper: { registered: "/app/alone.js" },
    },
    "there are no service workers": { keeper, without: "serviceWorker" },
    "there are no Web Locks": { keeper, without: "locks", also: ["locks"] },
  };
  for (const [where, { without, also = [], ...options }] of Object.entries(
    cases,
  )) {
    test(where, async (t) => {
      const site = await openAppSite(t);
      const tab = await site.openTab();
      if (without) {
        await tab.page.evaluateOnNewDocument((what) => {
          const value = undefined;
          Object.defineProperty(Navigator.prototype, what, { value });
        }, without);
        await tab.visit();
      }
      assert.deepEqual(await tab.create(options), {});
      await tab.takeOverTokens();
      const { error } = await tab.call("getAccessToken", {
        forceRefresh: true,
      });
      assert.equal(error, undefined);
      await tab.evaluate(
        `harness.until(() => client.degraded.some(({ what }) => what === "keeper"))`,
      );
      const { degraded, session, ended } = await tab.look();
      assert.deepEqual(
        degraded.map(({ what }) => what).sort(),
        ["keeper", ...also].sort(),
      );
      assert.equal(session.generation, 2);
      assert.equal(ended, null);
      assert((await heard(tab)).includes("refreshed by this-tab"));
      assert.equal(site.server.summary.reused_refresh_tokens, 0);
    });
  }
});
