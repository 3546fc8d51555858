// Two versions of the package over one session, as during a deploy: tabs that were open before run the
// old one, tabs that are opened now the new one.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { packageFolder, unpack } from "./support/package.mjs";
import { openSite } from "./support/site.mjs";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const earlier = readdirSync(fixtures).filter((name) => name.endsWith(".tgz"));
const options = { storageKey: "app:session" };

/** A site of which one tab runs the package in `tarball`, another that of this tree, with one session. */
async function openBoth(t, tarball, settings) {
  const site = await openSite(t, settings);
  const folder = unpack(join(fixtures, tarball));
  site.server.mount("/earlier", folder, { strict: true });
  const before = await site.openTab();
  const now = await site.openTab();
  const created = [
    await before.create(options, { entry: "/earlier/index.js" }),
    await now.create(options),
  ];
  assert.deepEqual(created, [{}, {}]);
  await before.takeOverTokens();
  for (const tab of [before, now]) {
    await tab.until(() => client.session !== null);
  }
  return { site, folder, tabs: { before, now } };
}

for (const tarball of earlier) {
  describe(`${tarball} beside this package`, { concurrency: true }, () => {
    test("makes one request per expiry for six rotations, and both tabs have the newest token", async (t) => {
      const lifetime = 5;
      const { site, folder, tabs } = await openBoth(t, tarball, {
        AccessTokenLifetime: lifetime,
      });
      const module = (folder) =>
        readFileSync(join(folder, "evergrant_bg.wasm"));
      assert(!module(folder).equals(module(packageFolder())), "they differ");
      const [issue] = site.entries("issue");
      await site.untilJournal(() => site.tokenRequests.length >= 6);

      // The next token is a long one, so that it is no race to try it; then both insist, and either
      // finds the other at it.
      site.server.set({ AccessTokenLifetime: 300 });
      await site.untilJournal(
        () => site.tokenRequests.at(-1).expires_in === 300,
      );
      const automatic = site.tokenRequests.length;
      await haveTheNewest(site, tabs);
      for (const [first, second] of [
        [tabs.before, tabs.now],
        [tabs.now, tabs.before],
      ]) {
        const insist = ["getAccessToken", { forceRefresh: true }];
        const held = site.server.holdTokenRequests({ when: "before" });
        const outcomes = [first.call(...insist)];
        await held.arrived;
        outcomes.push(second.call(...insist));
        await second.evaluate("'it has called'");
        held.release();
        const value = (await Promise.all(outcomes))[1].value;
        assert.equal(value, site.tokenRequests.at(-1).wire.answer.access_token);
        await haveTheNewest(site, tabs);
      }

      const requests = site.tokenRequests;
      assert.equal(requests.length, automatic + 2, "one for the two of them");
      for (const [i, request] of requests.entries()) {
        const previous = requests[i - 1] ?? issue;
        assert.equal(request.status, 200);
        assert.equal(request.used, previous.issued);
        // Tokens are replaced in their last fifth: what came sooner would be a second request for one expiry.
        const passed = request.at - previous.at;
        if (i < automatic) assert(passed >= (lifetime * 1000 * 3) / 4);
      }
      const { reused_refresh_tokens, lost_sessions } = site.server.summary;
      assert.equal(reused_refresh_tokens, 0);
      assert.equal(lost_sessions, 0);
      for (const [name, tab] of Object.entries(tabs)) {
        const { ended, events } = await tab.look();
        assert.equal(ended, null);
        const refreshed = events.filter(({ type }) => type === "refreshed");
        const own = refreshed.filter(({ by }) => by === "this-tab").length;
        assert(own > 0, `${name} did its part`);
        assert.equal(refreshed.length, requests.length);
        assert.deepEqual(
          events.map(typeOf).filter((type) => type !== "refreshed"),
          ["signed-in"],
        );
        t.diagnostic(`${name}: ${own} of ${requests.length} requests`);
      }
    });

    for (const [here, there, who] of [
      ["before", "now", "a tab that was open before"],
      ["now", "before", "a new tab"],
    ]) {
      test(`is signed out in both when ${who} signs out`, async (t) => {
        const { site, tabs } = await openBoth(t, tarball);
        const { value } = await tabs[here].call("signOut");
        assert.deepEqual(value, { revoked: true });
        await tabs[there].until(() => client.ended !== null);
        const { ended, session, events } = await tabs[there].look();
        assert.equal(session, null);
        assert.equal(ended.reason, "signed-out");
        assert.equal(events.at(-1).type, "signed-out");
        assert.equal(events.at(-1).by, "another-tab");
        const { error } = await tabs[there].call("getAccessToken");
        assert.equal(error.code, "not-signed-in");
        assert.equal(JSON.parse(await tabs[there].stored()).tokens, undefined);
        assert.equal(site.tokenRequests.length, 0);
      });
    }
  });
}

test("a record that a later version wrote is served and stays as it is, to the letter", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const tab = await site.openTab();
  await tab.create(options);
  await tab.takeOverTokens();
  const { value: token } = await tab.call("getAccessToken");
  await tab.call("close");
  const later = JSON.stringify(grown(JSON.parse(await tab.stored())));
  await tab.evaluate(
    async (key, later) => {
      const store = await import("/evergrant/idb.js");
      const before = await store.getItem(key);
      await store.compareAndSwap(key, before, later);
    },
    options.storageKey,
    later,
  );

  await tab.reload();
  assert.deepEqual(await tab.create(options), {});
  assert.deepEqual(await tab.call("getAccessToken"), { value: token });
  for (const call of [
    ["getAccessToken", { forceRefresh: true }],
    ["signOut"],
    ["setTokens", { access_token: "another", expires_in: 300 }],
  ]) {
    const { error } = await tab.call(...call);
    assert.equal(error?.code, "storage", call[0]);
  }
  const { degraded, events, session } = await tab.look();
  assert.deepEqual(
    degraded.map(({ what }) => what),
    ["version"],
  );
  assert.deepEqual(events.map(typeOf), ["degraded"]);
  assert.equal(session.generation, 1);
  assert.deepEqual(await tab.call("getAccessToken"), { value: token });
  assert.equal(await tab.stored(), later);
  assert.equal(site.tokenRequests.length, 0);
});

/** Each tab hands out the token of the last answer, and the API takes it. */
async function haveTheNewest(site, tabs) {
  const { access } = site.tokenRequests.at(-1);
  const generation = site.tokenRequests.length + 1;
  for (const [name, tab] of Object.entries(tabs)) {
    await tab.evaluate(
      `harness.until(() => client.session.generation === ${generation})`,
    );
    assert.equal(await tab.callApi(), 200, name);
    assert.equal(site.entries("api").at(-1).access, access, name);
  }
}

/** The record as a later version may write it: with members nobody knows, wherever there can be some. */
function grown(record) {
  const more = (value) => {
    if (Array.isArray(value)) return value.map(more);
    if (Object(value) !== value) return value;
    const members = Object.entries(value).map(([name, it]) => [name, more(it)]);
    const unknown = { of_later: true, also: [1, { x: null }] };
    return { first: "a", ...Object.fromEntries(members), ...unknown };
  };
  return { ...more(record), version: 2 };
}

function typeOf({ type }) {
  return type;
}
