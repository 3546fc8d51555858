// A tab that stops, or dies, while it holds the family lock; the server has not seen its request.
import assert from "node:assert/strict";
import { engine, launch } from "../support/browser.mjs";
import { gripOf } from "../support/force.mjs";
import { assertLive } from "./live.mjs";
import { scenario } from "./rounds.mjs";
import { long, short, strict } from "./servers.mjs";

scenario("a frozen holder", { server: strict, tabs: 4 }, async (round) => {
  // A browser of its own: Firefox's driver asks every tab of the browser when one opens, and waits for those that are stopped.
  const browser = await launch();
  round.after(() => browser.close());
  const options = { lifetime: short, refresh: { timeoutSeconds: 2 } };
  const { site, holder, other, held, grip } = await begin(
    round,
    options,
    browser,
  );
  await grip.freeze();
  round.after(async () => grip.wake());
  // What nobody holds up is robbed only once the token is dead, and the holder past its bound.
  await other.until(() => client.session?.generation >= 2);
  held.release({ drop: true });
  await grip.wake();
  await holder.until(() => client.session?.generation >= 2);
  assert.equal(site.tokenRequests.length, 1);
  await assertLive(holder);
  await assertLive(other);
});

// WebKitGTK: its driver ends the whole session when a page's process dies ("session deleted because of page crash or hang").
if (engine !== "webkit") {
  scenario("a killed holder", { server: strict, tabs: 2 }, async (round) => {
    const { site, holder, other, held, grip } = await begin(round, {
      lifetime: long,
    });
    const waiting = other.call("getAccessToken", { forceRefresh: true });
    await other.until(() => client.session.status === "refreshing");
    grip.kill();
    const { error } = await waiting;
    assert.equal(error, undefined);
    held.release({ drop: true });
    await holder.page.close();
    assert.equal(site.tokenRequests.length, 1);
    await assertLive(other);
  });
}

async function begin(round, { lifetime, refresh }, browser) {
  const site = await strict.open(round, lifetime);
  const tabs = await site.openTabsWithClient(2, { refresh }, browser);
  const [holder, other] = tabs;
  const grip = await gripOf(holder);
  await site.giveSession(tabs);
  site.server.set({ AccessTokenLifetime: long });
  const held = site.server.holdTokenRequests({ when: "before" });
  await holder.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  assert.deepEqual(site.tokenRequests, []);
  return { site, holder, other, held, grip };
}
