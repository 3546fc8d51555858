// A tab that reloads or closes in the middle of a refresh: the server has rotated, and its answer is still on the way.
import assert from "node:assert/strict";
import { engine } from "../support/browser.mjs";
import { hardReload } from "../support/force.mjs";
import { keeper, keeperScope } from "../support/kept.mjs";
import { assertLive } from "./live.mjs";
import { scenario } from "./rounds.mjs";
import { long, short } from "./servers.mjs";

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

/** With the keeper, even where nothing is forgiven. */
export function answerComesHome(server) {
  midway("with the keeper", { server }, async (round, interrupt) => {
    const site = await server.open(round, long);
    const { tabs, insisting } = await begin(site, interrupt, keeper);
    assert.equal((await insisting).error, undefined);
    assert.equal(site.tokenRequests.length, 1, "its answer came home");
    for (const tab of tabs) await assertLive(tab);
  });
}

/** Where nothing is forgiven, and there is no keeper. */
export function answerIsLost(server) {
  const so = "rotation-lost, in every tab";
  midway("without the keeper", { server, so }, async (round, interrupt) => {
    const site = await server.open(round, short);
    const { tabs, insisting } = await begin(site, interrupt);
    assert((await insisting).error);
    for (const tab of tabs) {
      await tab.until(() => client.ended !== null);
      assert.equal((await tab.look()).ended.reason, "rotation-lost");
    }
  });
}

/** At a server that forgives: by the same answer, where it `repeats` itself, or by another. */
export function answerComesAgain(server) {
  midway("without the keeper", { server }, async (round, interrupt) => {
    const site = await server.open(round, long);
    const { tabs, insisting } = await begin(site, interrupt);
    assert.equal((await insisting).error, undefined);
    const [lost, replay] = site.tokenRequests;
    assert.equal(replay.used, lost.used);
    assert.equal(replay.issued === lost.issued, server.repeats);
    for (const tab of tabs) await assertLive(tab);
  });
}

/** A scenario for each way to be interrupted. */
function midway(how, { server, so }, live) {
  for (const [name, interrupt] of interruptions) {
    scenario(
      `${name} in the middle of a refresh, ${how}`,
      { server, tabs: 2, so },
      (round) => live(round, interrupt),
    );
  }
}

/** Two tabs; the first is interrupted while the server's answer to it is on its way, and the second one wants a token meanwhile. */
async function begin(site, interrupt, keeper) {
  // The refresh that is interrupted is to be the first one's, however slowly tabs open.
  const refresh = { automatic: false };
  // What has been sent before a tab left is to be answered however slowly that one comes back.
  if (keeper) refresh.timeoutSeconds = 30;
  const options = { keeper, refresh };
  const [leaving, staying] = await site.openTabsWithSession(2, options);
  if (keeper) {
    await leaving.evaluate((it) => harness.untilKept(it), keeperScope);
  }
  const held = site.server.holdTokenRequests({ when: "after" });
  await leaving.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const insisting = staying.call("getAccessToken", { forceRefresh: true });
  const back = await interrupt(leaving, options);
  // A page may live on for a moment after the browser says that it is closed; then nobody asks again.
  if (!keeper) {
    const asked = () => site.tokenRequests.length > 1;
    const outcome = await Promise.race([site.untilJournal(asked), insisting]);
    assert(asked(), `nobody asked again: ${JSON.stringify(outcome)}`);
  }
  held.release();
  return { tabs: [staying, ...back], insisting };
}
