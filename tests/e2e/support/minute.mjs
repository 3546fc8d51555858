import assert from "node:assert/strict";
import { openSite } from "./site.mjs";

/**
 * Six tabs with one session for a minute, at a server that forgives no double spending and whose access tokens live five
 * seconds: one request per expiry, and nothing is lost. `options`: of their clients. Resolves to the tabs.
 */
export async function spendAMinute(t, options) {
  const lifetime = 5;
  const site = await openSite(t, { AccessTokenLifetime: lifetime });
  const tabs = await site.openTabsWithSession(6, options);
  const [issue] = site.entries("issue");
  await site.untilJournal(
    () => site.tokenRequests.some(({ at }) => at >= issue.at + 60_000),
    { seconds: 120 },
  );

  // The last token is a long one, so that it is no race to try it.
  site.server.set({ AccessTokenLifetime: 300 });
  await site.untilJournal(() => site.tokenRequests.at(-1).expires_in === 300);
  const requests = site.tokenRequests;
  const { access } = requests.at(-1);
  for (const [i, tab] of tabs.entries()) {
    await tab.until(
      () => client.session.accessTokenExpiresAt - Date.now() > 100_000,
    );
    assert.equal(await tab.callApi(), 200, `tab ${i + 1}`);
    const call = site.entries("api").at(-1);
    assert.equal(call.access, access, "all tabs have the newest token");
    const { events, session } = await tab.look();
    assert.equal(session.generation, requests.length + 1);
    assert.deepEqual(
      events
        .map(({ type }) => type)
        .filter((type) => type !== "refreshed" && type !== "signed-in"),
      [],
    );
  }

  for (const [i, request] of requests.entries()) {
    const previous = requests[i - 1] ?? issue;
    assert.equal(request.status, 200);
    assert.equal(request.used, previous.issued);
    // Tokens are replaced in their last fifth: what came sooner would be a second request for one expiry.
    assert(request.at - previous.at >= (lifetime * 1000 * 3) / 4);
  }
  const { reused_refresh_tokens, lost_sessions } = site.server.summary;
  assert.equal(reused_refresh_tokens, 0);
  assert.equal(lost_sessions, 0);
  t.diagnostic(`${requests.length} requests, six tabs, one minute`);
  return tabs;
}
