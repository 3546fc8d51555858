import assert from "node:assert/strict";
import { openSite } from "./site.mjs";

/** The keeper's script, where every site has it. */
export const keeper = "/evergrant/keeper.js";

/** Where a client registers it. */
export const keeperScope = "/evergrant/evergrant-keeper";

/** A site and a tab with a session, whose keeper is there: that of `scope`. */
export async function openKept(t, options = {}, scope = keeperScope) {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  return { site, tab: await openKeptTab(site, options, scope) };
}

/** Likewise, on a site that is there. */
export async function openKeptTab(site, options = {}, scope = keeperScope) {
  const tab = await site.openTab();
  const { error } = await tab.create({ keeper, ...options });
  assert.equal(error, undefined);
  await tab.takeOverTokens();
  await tab.evaluate((scope) => harness.untilKept(scope), scope);
  return tab;
}

/** Starts a refresh, and resolves when the server has it. */
export async function refresh(site, tab, when = "after") {
  const held = site.server.holdTokenRequests({ when });
  const waiting = tab.call("getAccessToken", { forceRefresh: true });
  // Its page may go.
  waiting.catch(() => {});
  await held.arrived;
  return { ...held, waiting };
}

/** The session lives, with what each request has brought, and nobody says that anything is amiss. */
export async function assertKept(site, tab, generation = 2) {
  await tab.evaluate(
    `harness.until(() => client.session?.generation === ${generation})`,
  );
  assert.equal(await tab.callApi(), 200);
  assert.equal(site.tokenRequests.length, generation - 1);
  assert.equal(site.server.summary.reused_refresh_tokens, 0);
  const { ended, degraded } = await tab.look();
  assert.equal(ended, null);
  assert.deepEqual(degraded, []);
}

/** Types and authors of the events that a tab has heard. */
export async function heard(tab) {
  const { events } = await tab.look();
  return events.map(({ type, by }) => (by ? `${type} by ${by}` : type));
}
