// Many tabs, one session, a server that forgives no double spending.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { spendAMinute } from "./support/minute.mjs";
import { openSite } from "./support/site.mjs";

describe("six tabs", { concurrency: true }, () => {
  test("make one request per expiry for a minute, and all have a live token", async (t) => {
    await spendAMinute(t);
  });

  test("hand the family lock round 200 times, and no holder acts on an old seq", async (t) => {
    const handovers = 200;
    const site = await openSite(t);
    const tabs = [];
    for (let i = 0; i < 6; i++) tabs.push(await site.openTab());
    await tabs[0].evaluate(() => handover.begin());
    const turns = (
      await Promise.all(
        tabs.map((tab, holder) =>
          tab.evaluate(
            (...args) => handover.takePart(...args),
            holder,
            handovers,
          ),
        ),
      )
    )
      .flat()
      .sort((a, b) => a.seq - b.seq);

    // Whoever had read an old seq would have written one twice.
    for (const [i, turn] of turns.entries()) {
      const previous = turns[i - 1] ?? { seq: 0, holder: null };
      assert.equal(turn.seq, previous.seq + 1);
      assert.equal(turn.read.seq, previous.seq, "what the last holder wrote");
      assert.equal(turn.read.holder, previous.holder);
      assert.equal(turn.swapped, true, "the swap found what was read");
    }
    assert.equal(turns.length, handovers);
    const toAnotherTab = turns.filter(
      ({ holder }, i) => i > 0 && holder !== turns[i - 1].holder,
    );
    const behind = turns.filter(({ read, local }) => local < read.seq);
    t.diagnostic(
      `IndexedDB was behind in 0, localStorage in ${behind.length} of ${handovers} turns (${toAnotherTab.length} hand-overs to another tab)`,
    );
  });
});

test("a refresh whose tab closes before the server has seen it is done by another tab", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 300 });
  const [closing, staying] = await site.openTabsWithSession(2);
  const held = site.server.holdTokenRequests({ when: "before" });
  await closing.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const waiting = staying.call("getAccessToken", { forceRefresh: true });
  await closing.close();
  held.release({ drop: true });

  const { value } = await waiting;
  const [request, ...more] = site.tokenRequests;
  assert.deepEqual(more, []);
  assert.equal(request.status, 200);
  assert.equal(value, request.wire.answer.access_token);
  const { ended, session } = await staying.look();
  assert.equal(ended, null);
  assert.equal(session.generation, 2);
});

test("a rotation that dies with its tab costs the session at a strict server, but not before the access token is dead", async (t) => {
  const site = await openSite(t, { AccessTokenLifetime: 12 });
  const [closing, staying] = await site.openTabsWithSession(2);
  const living = await staying.call("getAccessToken");
  const held = site.server.holdTokenRequests({ when: "after" });
  await closing.start("getAccessToken", { forceRefresh: true });
  await held.arrived;
  const insisting = staying.call("getAccessToken", { forceRefresh: true });
  await closing.close();
  held.release({ drop: true });

  const { error } = await insisting;
  assert.equal(error.oauthError, "invalid_grant");
  assert.equal((await staying.look()).ended, null);
  assert.deepEqual(await staying.call("getAccessToken"), living);

  await staying.until(() => client.ended !== null);
  const { ended, events } = await staying.look();
  assert.equal(ended.reason, "rotation-lost");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["signed-in", "session-expiring", "signed-out"],
  );
  const expiring = events.find(({ type }) => type === "session-expiring");
  assert(Date.parse(ended.at) >= Date.parse(expiring.at), "as announced");
  const [, replay, ...more] = site.tokenRequests;
  assert.equal(replay.error, "invalid_grant");
  assert.deepEqual(more, [], "one replay, no storm");
});
