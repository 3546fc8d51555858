import assert from "node:assert/strict";

/** A tab's session is as good as any: its token is taken, and it can be refreshed. */
export async function assertLive(tab) {
  assert.equal(await tab.callApi(), 200);
  const { error } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(error, undefined);
  assert.equal(await tab.callApi(), 200);
  assert.equal((await tab.look()).ended, null);
}
