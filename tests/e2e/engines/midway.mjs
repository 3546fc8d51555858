// A tab that reloads or closes in the middle of a refresh: the server has rotated, and its answer is still on the way.
import assert from "node:assert/strict";
import { engine } from "../support/browser.mjs";
import { hardReload } from "../support/force.mjs";
import { keeper, keeperScope } from "../support/kept.mjs";
import { assertLive } from "./live.mjs";
import { scenario } from "./rounds.mjs";
import { graceful, long, short, strict } from "./servers.mjs";

const comeBack = (leave) => async (tab, options) => {
  await leave(tab);
  await tab.create(options);
  return [tab];
};
const interruptions = [
  ["a reload", comeBack((tab) => tab.reload())],
  // WebKitGTK: WebDriver knows no such reload, key presses it sends never reach the keys of MiniBrowser's window, and
  // `location.reload(true)` sends `max-age=0`, as a plain reload does.
  ...(engine === "webkit" ? [] : [["a hard reload", comeBack(hardReload)]]),
  [
    "a close",
    async (tab) => {
      await tab.close();
      return [];
    },
  ],
];

for (const [name, interrupt] of interruptions) {
  const midway = `${name} in the middle of a refresh`;

  scenario(
    `${midway}, with the keeper`,
    { server: strict, tabs: 2 },
    async (round) => {
      const site = await strict.open(round, long);
      const { tabs, insisting } = await begin(site, strict, interrupt, keeper);
      assert.equal((await insisting).error, undefined);
      assert.equal(site.tokenRequests.length, 1, "its answer came home");
      for (const tab of tabs) await assertLive(tab);
    },
  );

  scenario(
    `${midway}, without the keeper`,
    { server: strict, tabs: 2, so: "rotation-lost, in every tab" },
    async (round) => {
      const site = await strict.open(round, short);
      const { tabs, insisting } = await begin(site, strict, interrupt);
      assert((await insisting).error);
      for (const tab of tabs) {
        await tab.until(() => client.ended !== null);
        assert.equal((await tab.look()).ended.reason, "rotation-lost");
      }
    },
  );

  scenario(
    `${midway}, without the keeper`,
    { server: graceful, tabs: 2 },
    async (round) => {
      const site = await graceful.open(round, long);
      const { tabs, insisting } = await begin(site, graceful, interrupt);
      assert.equal((await insisting).error, undefined);
      const [lost, replay] = site.tokenRequests;
      assert.equal(replay.used, lost.used);
      assert.equal(replay.issued, lost.issued, "the same answer again");
      for (const tab of tabs) await assertLive(tab);
    },
  );
}

/** Two tabs; the first is interrupted while the server's answer to it is on its way, and the second one wants a token meanwhile. */
async function begin(site, server, interrupt, keeper) {
  // The refresh that is interrupted is to be the first one's, however slowly tabs open.
  const options = { keeper, refresh: { automatic: false } };
  const [leaving, staying] = await site.openTabsWithSession(2, options);
  if (keeper) {
    await leaving.evaluate((it) => harness.untilKept(it), keeperScope);
  }
  const held = server.holdAnswer(site);
  await leaving.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const insisting = staying.call("getAccessToken", { forceRefresh: true });
  const back = await interrupt(leaving, options);
  held.release();
  return { tabs: [staying, ...back], insisting };
}
