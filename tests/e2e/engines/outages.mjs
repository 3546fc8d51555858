// The network goes, or the whole browser.
import assert from "node:assert/strict";
import { engine, kill, launch } from "../support/browser.mjs";
import { temporaryFolder } from "../support/package.mjs";
import { assertLive } from "./live.mjs";
import { full, scenario } from "./rounds.mjs";
import { long, short, strict } from "./servers.mjs";

const outage = full ? 120 : short + 4;

// Its tabs count for one: they hardly do anything.
scenario(`${outage} s offline`, { server: strict, tabs: 1 }, async (round) => {
  const site = await strict.open(round, short);
  const tabs = await site.openTabsWithSession(2);
  site.server.set({ DropConnections: true });
  const gone = Date.now();
  await site.untilJournal(
    () => site.entries("dropped").at(-1)?.at >= gone + outage * 1000,
    { seconds: 300 },
  );
  for (const tab of tabs) {
    const { session, ended } = await tab.look();
    assert(Date.parse(session.accessTokenExpiresAt) < Date.now());
    assert.equal(ended, null);
  }
  site.server.set({ DropConnections: false, AccessTokenLifetime: long });
  for (const tab of tabs) {
    await tab.until(() => client.session.generation >= 2);
    await assertLive(tab);
  }
  assert.equal(site.server.summary.reused_refresh_tokens, 0);
});

// WebKitGTK: MiniBrowser keeps nothing on disk while it is automated, so there is no profile to come back to.
if (engine !== "webkit") {
  scenario(
    "a browser killed right after a rotation",
    { server: strict, tabs: 4 },
    async (round) => {
      const site = await strict.open(round, long);
      const userDataDir = temporaryFolder();
      const start = async () => {
        const browser = await launch({ userDataDir });
        round.after(() => browser.close());
        const tab = await site.openTab(browser);
        await tab.create();
        return { browser, tab };
      };
      const first = await start();
      await first.tab.takeOverTokens();
      const { value } = await first.tab.call("getAccessToken", {
        forceRefresh: true,
      });
      await kill(first.browser);
      assert(value);

      const second = await start();
      assert((await second.tab.look()).session.generation >= 2);
      await assertLive(second.tab);
      assert.equal(site.server.summary.reused_refresh_tokens, 0);
    },
  );
}
