// Many tabs, one session.
import assert from "node:assert/strict";
import { scenario } from "./rounds.mjs";
import { short } from "./servers.mjs";

export function sixTabs(server) {
  scenario(
    "six tabs over three expiries, one request for each",
    { server, tabs: 6 },
    async (round) => {
      const site = await server.open(round, short);
      const tabs = await site.openTabsWithSession(6);
      await site.untilJournal(() => site.tokenRequests.length >= 3);
      for (const tab of tabs) {
        // The API's clock counts whole seconds: what is about to expire here may have done so there.
        await tab.until(
          () =>
            client.session.generation >= 4 &&
            client.session.accessTokenExpiresAt - Date.now() > 3000,
        );
        assert.equal(await tab.callApi(), 200);
      }
      site.assertOnePerExpiry();
      assert.equal(site.server.summary.reused_refresh_tokens, 0);
    },
  );
}
