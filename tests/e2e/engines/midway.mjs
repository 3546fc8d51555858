// A tab that reloads or closes in the middle of a refresh: the server has rotated, and its answer is still on the way.
import assert from "node:assert/strict";
import { engine } from "../support/browser.mjs";
import { hardReload } from "../support/fates.mjs";
import { assertLive } from "./live.mjs";
import { scenario } from "./rounds.mjs";
import { graceful, strict } from "./servers.mjs";

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
    `${midway}, without the keeper`,
    { server: strict, tabs: 2, so: "rotation-lost, in every tab" },
    async (round) => {
      const { tabs, insisting } = await begin(round, strict, interrupt);
      assert.equal((await insisting).error.oauthError, "invalid_grant");
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
      const { site, tabs, insisting } = await begin(round, graceful, interrupt);
      assert.equal((await insisting).error, undefined);
      const [lost, replay] = site.tokenRequests;
      assert.equal(replay.used, lost.used);
      assert.equal(replay.issued, lost.issued, "the same answer again");
      for (const tab of tabs) await assertLive(tab);
    },
  );
}

/** Two tabs; the first is interrupted while the server's answer to it is on its way, and the second one wants a token meanwhile. */
async function begin(round, server, interrupt) {
  // The refresh that is interrupted is to be the first one's, however slowly tabs open.
  const options = { refresh: { automatic: false } };
  const site = await server.open(round);
  const [leaving, staying] = await site.openTabsWithSession(2, options);
  const held = server.holdAnswer(site);
  await leaving.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const insisting = staying.call("getAccessToken", { forceRefresh: true });
  const back = await interrupt(leaving, options);
  held.release();
  return { site, tabs: [staying, ...back], insisting };
}
