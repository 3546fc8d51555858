// `storage: "session"`: a session that belongs to one tab, through all that a tab goes through. `window.open` is the copy
// here: no browser without a head lets a test press "duplicate tab", and both copy sessionStorage in the same way.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSite } from "./support/site.mjs";

const storage = "session";
const rounds = 20;

/** What a tab goes through. Each leaves it with a client, and gives the copies of the tab, with one too. */
const ways = {
  async "a reload"(tab) {
    await tab.reload();
    await tab.create({ storage });
  },

  async "a tab that it opens"(tab) {
    const copy = await tab.openCopy();
    await copy.create({ storage });
    return [copy];
  },

  async "another page, and back by a link"(tab) {
    await tab.leave(() => void location.assign("/elsewhere"));
    await tab.create({ storage });
  },

  async "another page, and back through history"(tab, { site }) {
    await tab.page.goto(`${site.server.origin}/still`);
    await tab.page.goBack();
    await tab.arrive();
    // The browser may have kept the page, with its client in it.
    if (await tab.evaluate("!globalThis.client")) await tab.create({ storage });
  },

  async "a redirect to a log-in page, and back"(tab) {
    await tab.leave(() => void location.assign("/log-in"));
    await tab.create({ storage });
  },

  async "two clients at once, and one of them closed at once"(tab) {
    await tab.leave(() => void location.reload());
    await tab.evaluate(mountTwice, tab.optionsOf({ storage }));
  },

  async "a reload while a copy begins"(tab) {
    const copy = await tab.openCopy();
    const creating = copy.create({ storage });
    await tab.leave(() => void location.reload());
    await tab.create({ storage });
    await creating;
    return [copy];
  },

  async "a long while elsewhere, in which a tab that it opened begins"(tab) {
    const copy = await tab.openCopy();
    await tab.page.goto("about:blank");
    await copy.create({ storage });
    await tab.visit();
    await tab.create({ storage });
    return [copy];
  },

  async "a reload in the same task in which it opens a tab"(tab) {
    await tab.evaluate("globalThis.wasThere = true");
    const copy = await tab.openCopy(() => {
      window.open(location.href);
      location.reload();
    });
    await tab.arrive("!globalThis.wasThere");
    await Promise.all([copy.create({ storage }), tab.create({ storage })]);
    return [copy];
  },
};

describe("a session in sessionStorage", { concurrency: true }, () => {
  test("lives through 20 of 20 reloads, leaves, redirects and copies of its tab, and no token is spent twice", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    site.server.mount(
      "/elsewhere",
      page("<a href=/page/>back</a>", "document.links[0].click()"),
    );
    site.server.mount("/log-in", page("", "location.replace('/page/')"));
    site.server.mount("/still", page("", ""));
    const tab = await site.openTab();
    await tab.create({ storage });
    await tab.takeOverTokens();

    let lived = 0;
    const names = Object.keys(ways);
    for (let round = 0; round < rounds; round++) {
      const way = names[round % names.length];
      const copies = (await ways[way](tab, { site })) ?? [];
      const what = `round ${round + 1}: ${way}`;

      const { session, ended, degraded, events } = await tab.look();
      assert.equal(session?.status, "active", what);
      assert.equal(session.generation, round + 1, what);
      assert.deepEqual([ended, degraded], [null, []], what);
      const said = events.filter(({ type }) => type !== "refreshed");
      assert.deepEqual(said, [], what);

      const outcome = await tab.call("getAccessToken", { forceRefresh: true });
      const { wire } = site.tokenRequests.at(-1);
      assert.deepEqual(outcome, { value: wire.answer.access_token }, what);
      assert.equal(await tab.callApi(), 200, what);
      for (const copy of copies) {
        const { session, ended, degraded, events } = await copy.look();
        assert.deepEqual(
          [session, ended, degraded, events],
          [null, null, [], []],
          what,
        );
        const { error } = await copy.call("getAccessToken");
        assert.equal(error?.code, "not-signed-in", what);
        await copy.close();
      }
      lived += 1;
    }
    const { token_requests, reused_refresh_tokens, lost_sessions } =
      site.server.summary;
    assert.deepEqual(
      { lived, token_requests, reused_refresh_tokens, lost_sessions },
      {
        lived: rounds,
        token_requests: rounds,
        reused_refresh_tokens: 0,
        lost_sessions: 0,
      },
    );
    t.diagnostic(`${lived} of ${rounds} lived`);
  });

  test("is that of a frame in its tab as well, through the frame's reloads and its removal", async (t) => {
    const site = await openSite(t, { AccessTokenLifetime: 300 });
    const tab = await site.openTab();
    await tab.create({ storage });
    await tab.takeOverTokens();
    const frame = await tab.openFrame();
    const options = tab.optionsOf({ storage });
    for (const generation of [2, 3]) {
      await frame.evaluate((it) => harness.create(it), options);
      await frame.evaluate(() =>
        harness.call("client", "getAccessToken", { forceRefresh: true }),
      );
      const until = (it) =>
        harness.until(() => client.session?.generation === it);
      await tab.evaluate(until, generation);
      await frame.evaluate(until, generation);
      await frame.evaluate(() => location.reload());
      await frame.waitForFunction(
        "globalThis.harness?.ready && !globalThis.client",
      );
    }
    await tab.evaluate(() => document.querySelector("iframe").remove());
    await tab.reload();
    await tab.create({ storage });
    const { session, ended, degraded } = await tab.look();
    assert.equal(session?.generation, 3);
    assert.deepEqual([ended, degraded], [null, []]);
    const { reused_refresh_tokens, lost_sessions } = site.server.summary;
    assert.deepEqual([reused_refresh_tokens, lost_sessions], [0, 0]);
  });
});

/** As React's Strict Mode mounts: create, close, create. */
async function mountTwice(options) {
  const first = harness
    .create(options, "first")
    .then(() => clients.first.close());
  await Promise.all([first, harness.create(options)]);
}

function page(body, script) {
  return `<!doctype html><title>Another page</title>${body}<script>${script}</script>`;
}
