// A panic in the engine, or an exception that passes through it, does not end the session: in each thing
// that it has the page do, once.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { openFragile, orders, sabotage, told } from "./support/fragile.mjs";
import { packageFolder } from "./support/package.mjs";
import { keeper, keeperScope } from "./support/kept.mjs";
import { openSite } from "./support/site.mjs";

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
  lookedUpRefresh: ["READY"],
};

describe("an engine that fails", () => {
  for (const [occasion, names] of Object.entries(occasions)) {
    for (const name of names) {
      test(`when it orders ${name} in a ${occasion} gives way to a fresh one`, async (t) => {
        const site = await openSite(t, { AccessTokenLifetime: 300 });
        const tab = await openFragile(site);
        await tab.create({
          refresh: { timeoutSeconds: 2 },
          ...(occasion === "lookedUpRefresh" && site.signingIn()),
        });
        await tab.takeOverTokens();
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
        await tab.until(`() => ${told("client")}`);
        const { value, error } = await tab.call("getAccessToken", {
          forceRefresh: true,
        });
        assert.equal(error, undefined);
        assert.equal(value, site.tokenRequests.at(-1).wire.answer.access_token);
        assert.equal(await tab.callApi(), 200);
        const { session, ended } = await tab.look();
        assert.equal(ended, null);
        assert.equal(session.status, "active");
        const { reused_refresh_tokens } = site.server.summary;
        assert.equal(reused_refresh_tokens, 0);
      });
    }
  }
});

describe("a sign-out in which the engine fails", () => {
  for (const order of ["REVOKE", "REVOKED_ALL", "RESOLVE"]) {
    test(`when it orders ${order} is told of by an event all the same`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: 300 });
      const tab = await openFragile(site);
      await tab.create();
      await tab.takeOverTokens();
      await sabotage(tab, order);
      assert.equal((await tab.call("signOut")).error.code, "internal");
      await tab.until(() => client.ended !== null);
      const { session, ended, events } = await tab.look();
      assert.equal(session, null);
      assert.equal(ended.reason, "signed-out");
      const ends = events.filter(({ type }) => type === "signed-out");
      assert.deepEqual(
        ends.map(({ reason }) => reason),
        ["signed-out"],
      );
      const { error } = await tab.call("getAccessToken");
      assert.equal(error.code, "not-signed-in");
    });
  }
});

test("an engine that fails as it steals gives way to a fresh one, which steals", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 5 });
  const tab = await openFragile(site);
  const refresh = { timeoutSeconds: 1, automatic: false };
  await tab.create({ storageKey: "key", refresh });
  await tab.takeOverTokens();
  await tab.until(() => client.session.status === "expired");
  await tab.evaluate(() => {
    const forever = new Promise(() => {});
    navigator.locks
      .request("evergrant:key:family", () => forever)
      .catch(() => {});
  });
  site.server.set({ AccessTokenLifetime: 300 });
  await sabotage(tab, "STEAL");
  assert.equal((await tab.call("getAccessToken")).error.code, "internal");
  await tab.until(`() => ${told("client")}`);
  assert.equal((await tab.call("getAccessToken")).error, undefined);
  assert.equal(await tab.callApi(), 200);
  assert.equal(site.tokenRequests.length, 1);
});

test("an engine that fails as it posts to the keeper gives way to a fresh one, which posts anew", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await openFragile(site);
  await tab.create({ keeper });
  await tab.takeOverTokens();
  await tab.evaluate((scope) => harness.untilKept(scope), keeperScope);
  await sabotage(tab, "POST");
  const refresh = () => tab.call("getAccessToken", { forceRefresh: true });
  assert.equal((await refresh()).error.code, "internal");
  await tab.until(`() => ${told("client")}`);
  assert.equal((await refresh()).error, undefined);
  assert.equal(await tab.callApi(), 200);
  assert.equal(site.tokenRequests.length, 1);
  const { events } = await tab.look();
  assert(events.some(({ by }) => by === "keeper"));
});

test("there is no order in which no engine was made to fail", () => {
  const source = readFileSync(new URL(import.meta.url), "utf8");
  for (const name of Object.keys(orders)) assert(source.includes(`"${name}"`));
});

describe("a client whose engine fails", () => {
  const refresh = (tab, name = "client") =>
    tab.callOn(name, "getAccessToken", { forceRefresh: true });

  for (const name of ["READ", "PUBLISH", "WAKE_AT"]) {
    test(`inside createClient, when it orders ${name}, is created all the same`, async (t) => {
      const site = await openSite(t, { AccessTokenLifetime: 300 });
      const tab = await openFragile(site);
      await tab.create();
      await tab.takeOverTokens();
      await tab.evaluate(() => client.close());
      await sabotage(tab, name);
      await tab.create();
      await tab.until(`() => ${told("client")}`);
      assert.equal((await tab.look()).session.status, "active");
      assert.equal((await refresh(tab)).error, undefined);
    });
  }

  test("twice within a minute rejects calls until then, and its page gets its clients", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await openFragile(site);
    await tab.create();
    await tab.takeOverTokens();
    await sabotage(tab, "READ", { times: 2 });
    assert.equal((await refresh(tab)).error.code, "internal");
    await tab.until("() => alive.pass(0) === 0");
    const outcome = await refresh(tab);
    assert.equal(outcome.error.code, "internal");
    for (const method of ["getAccessToken", "getIdToken", "signOut"]) {
      const { error } = await tab.call(method);
      assert.equal(error.code, "internal", method);
      assert.equal(error.retryable, true, method);
    }
    const before = await tab.look();
    assert.equal(before.ended, null);
    assert.deepEqual(
      before.history.map(({ event }) => event),
      ["internal"],
      "it says what happened",
    );

    await sabotage(tab, "READ");
    assert.deepEqual(await tab.create({}, { name: "late" }), {});
    assert.equal((await refresh(tab, "late")).error.code, "internal");
    assert.deepEqual(site.tokenRequests, []);

    assert.equal(
      await tab.evaluate(() => alive.pass(60_000)),
      2,
      "each client begins once",
    );
    await tab.until(() => clients.late.session !== null);
    for (const name of ["client", "late"]) {
      const { error } = await refresh(tab, name);
      assert.equal(error, undefined, name);
    }
    assert.equal(site.server.summary.reused_refresh_tokens, 0);
  });

  test("takes the other client of its page with it, and both go on with their listeners", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await openFragile(site);
    for (const name of ["client", "other"]) {
      await tab.create({ storageKey: name }, { name });
      await tab.takeOverTokens({ name });
    }
    await tab.evaluate(() => {
      globalThis.changes = { client: 0, other: 0 };
      for (const name in changes) {
        clients[name].subscribe(() => (changes[name] += 1));
      }
    });
    await sabotage(tab, "READ");
    await refresh(tab);
    for (const name of ["client", "other"]) {
      await tab.until(`() => ${told(name)}`);
    }
    for (const name of ["client", "other"]) {
      assert.equal((await refresh(tab, name)).error, undefined, name);
      const { session, events } = await tab.look(name);
      assert.equal(session.generation, 2, name);
      assert.deepEqual(
        events.map(({ type }) => type),
        ["signed-in", "refreshed"],
        name,
      );
      assert(await tab.evaluate((name) => changes[name] > 0, name), name);
    }
    assert.deepEqual(
      site.tokenRequests.map(({ status, reused }) => [status, reused]),
      [
        [200, false],
        [200, false],
      ],
    );
  });

  test("leaves no lock, timer, channel or listener behind when it is closed, at whatever moment", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await openFragile(site);
    const empty = { timers: 0, channels: 0, listeners: 0, locks: 0 };
    assert.deepEqual(await tab.evaluate(() => alive.count()), empty);
    const closed = async (when) => {
      await tab.evaluate(() => client.close());
      await tab.evaluate(async () => {
        // Locks are let go a moment later.
        while ((await alive.count()).locks)
          await new Promise(requestAnimationFrame);
      });
      assert.deepEqual(await tab.evaluate(() => alive.count()), empty, when);
      assert.equal((await tab.call("getIdToken")).error.code, "closed", when);
    };
    const failing = async (name) => {
      await sabotage(tab, name);
      await refresh(tab);
    };

    await tab.create();
    await tab.takeOverTokens();
    const { listeners } = await tab.evaluate(() => alive.count());
    assert(listeners > 0, "what is counted is there while it lives");
    await closed("idle");

    await tab.create();
    await failing("REQUEST");
    await tab.until(`() => ${told("client")}`);
    await closed("with a fresh engine");

    // From here on every failure is one within a minute.
    await tab.create();
    await failing("READ");
    await closed("while it waits for a fresh engine");

    for (const order of ["READ", "WAKE_AT", "PUBLISH"]) {
      await sabotage(tab, order);
      await tab.create();
      await closed(`having failed inside createClient at ${order}`);
    }

    await tab.create();
    await sabotage(tab, "CLOSED");
    await closed("failing as it closes");

    const held = site.server.holdTokenRequests({ when: "before" });
    await tab.create();
    const waiting = refresh(tab);
    await held.arrived;
    await sabotage(tab, "REJECT");
    await closed("failing to tell its callers");
    assert.equal((await waiting).error.code, "closed");
    held.release({ drop: true });
  });

  test("hears nothing that was meant for the engine that failed", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await openFragile(site);
    await tab.create();
    await tab.takeOverTokens();
    await tab.evaluate(
      async (options) => {
        const { createClient } = await import("/evergrant/index.js");
        globalThis.reading = [];
        const getItem = () => new Promise((resolve) => reading.push(resolve));
        const storage = { getItem, compareAndSwap: () => false };
        globalThis.creating = createClient({ ...options, storage });
        while (reading.length < 1) await new Promise(requestAnimationFrame);
      },
      tab.optionsOf({ storageKey: "late" }),
    );
    // The failure of one engine is that of all in the page.
    await sabotage(tab, "READ");
    await refresh(tab);
    const session = await tab.evaluate(
      async (record) => {
        while (reading.length < 2) await new Promise(requestAnimationFrame);
        reading[0](null);
        await new Promise((resolve) => setTimeout(resolve, 100));
        reading[1](record);
        const late = await creating;
        late.close();
        return late.session;
      },
      await tab.evaluate("harness.plain()"),
    );
    assert.equal(session?.status, "active");
  });

  test("by an exception that is no text gives way as well", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await openFragile(site);
    await tab.create();
    await tab.takeOverTokens();
    await tab.evaluate((order) => {
      globalThis.sabotage = (what) => {
        if (what !== order) return;
        globalThis.sabotage = undefined;
        throw Object.create(null);
      };
    }, orders.READ);
    assert.equal((await refresh(tab)).error.code, "internal");
    await tab.until(`() => ${told("client")}`);
    assert.equal((await refresh(tab)).error, undefined);
  });

  test("is none of another copy's business", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    site.server.mount("/reloaded", packageFolder(), { strict: true });
    const tab = await openFragile(site);
    await tab.create();
    await tab.takeOverTokens();
    const entry = "../reloaded/index.js";
    await tab.create({}, { name: "reloaded", entry });
    await sabotage(tab, "READ");
    await refresh(tab);
    assert.equal((await refresh(tab, "reloaded")).error, undefined);
    await tab.evaluate(() => client.close());
    assert.equal((await refresh(tab, "reloaded")).error, undefined);
    const { history } = await tab.look("reloaded");
    assert(!history.some(({ event }) => event === "internal"));
  });
});
