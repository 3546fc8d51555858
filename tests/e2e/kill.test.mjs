// A browser that dies with all its processes, as in a crash or a power cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kill, launch } from "./support/browser.mjs";
import { temporaryFolder } from "./support/package.mjs";
import { openSite } from "./support/site.mjs";

test("a browser killed right after a rotation starts again with the newest token, 10 times of 10", async (t) => {
  const kills = 10;
  const site = await openSite(t, { AccessTokenLifetime: 3600 });
  const userDataDir = temporaryFolder();
  let browser;
  t.after(() => browser?.close());

  const start = async () => {
    browser = await launch({ userDataDir });
    const tab = await site.openTab(browser);
    await tab.create();
    return tab;
  };
  // Writes beside it to `localStorage`, as SDKs do that keep their tokens there.
  const rotate = (tab, round) =>
    tab.evaluate(async (round) => {
      const token = await client.getAccessToken({ forceRefresh: true });
      localStorage.setItem("round", round);
      return token;
    }, round);

  let tab = await start();
  await tab.takeOverTokens();
  let localStorageKept = 0;
  for (let round = 1; round <= kills; round++) {
    const newest = await rotate(tab, round);
    await kill(browser);

    tab = await start();
    const { session, ended } = await tab.look();
    assert.equal(ended, null);
    assert.equal(session.generation, 1 + round, `after kill ${round}`);
    assert.deepEqual(await tab.call("getAccessToken"), { value: newest });
    const local = await tab.evaluate(() => localStorage.getItem("round"));
    if (Number(local) === round) localStorageKept += 1;
  }

  await rotate(tab, "last");
  assert.equal(await tab.callApi(), 200);
  const requests = site.tokenRequests;
  assert.equal(requests.length, kills + 1, "only those that were asked for");
  assert(requests.every(({ status, reused }) => status === 200 && !reused));
  t.diagnostic(
    `the newest write survived the kill: IndexedDB ${kills} of ${kills}, localStorage ${localStorageKept} of ${kills}`,
  );
});
