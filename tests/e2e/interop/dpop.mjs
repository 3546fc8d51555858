// Tokens that are bound to a key (RFC 9449), at a Keycloak that refuses a proof made 16 s ahead of its clock, or 26 s behind.
import assert from "node:assert/strict";
import { scenario } from "../engines/rounds.mjs";
import { long } from "../engines/servers.mjs";
import { setClock } from "../support/clock.mjs";
import { keeper, keeperScope } from "../support/kept.mjs";
import { appAt, create, signIn } from "./app.mjs";
import { strict } from "./servers.mjs";

const hour = 3_600_000;

for (const [how, offset] of [
  ["is right", 0],
  ["is an hour fast", hour],
  ["is an hour slow", -hour],
]) {
  scenario(
    `DPoP where the clock ${how}`,
    { server: strict, tabs: 1 },
    async (round) => {
      const { site, tab } = await begin(round, { offset });
      for (const generation of [1, 2, 3]) {
        await assertBound(site, tab, generation);
        await refresh(tab);
      }
      // By one refusal it has learned how wrong it is.
      const refused = site.tokenRequests.filter(({ status }) => status !== 200);
      assert(refused.length <= (offset === 0 ? 0 : 1));
    },
  );
}

scenario(
  "DPoP, and a reload in the middle of a refresh, with the keeper",
  { server: strict, tabs: 1 },
  async (round) => {
    const { site, tab, app } = await begin(round, {
      keeper,
      refresh: { timeoutSeconds: 30 },
    });
    await tab.evaluate((it) => harness.untilKept(it), keeperScope);
    const held = site.server.holdTokenRequests({ when: "after" });
    await tab.start("getAccessToken", { forceRefresh: true });
    await held.arrived;
    await tab.reload();
    await create(tab, app);
    held.release();
    await tab.until(() => client.session?.generation === 2);
    assert.equal(site.tokenRequests.length, 1);
    await assertBound(site, tab, 2);
    await refresh(tab);
    await assertBound(site, tab, 3);
  },
);

/** A tab that has signed in, whose clock is wrong by `offset` ms. */
async function begin(round, { offset, ...options }) {
  const needs = { dpop: true };
  const { site, user } = await strict.openWithUser(round, long, needs);
  const allowedOrigins = [new URL(site.server.issuer).origin];
  const app = appAt(site, { dpop: true, allowedOrigins, ...options });
  const tab = await site.openTab();
  if (offset) {
    await setClock(tab, offset);
    await tab.visit();
  }
  await create(tab, app);
  assert.equal((await signIn(tab, app, { user })).error, undefined);
  return { site, tab, app };
}

/** The session is as far as that, and Keycloak's own resource takes its token with a proof, and not without. */
async function assertBound(site, tab, generation) {
  assert.equal((await tab.look()).session.generation, generation);
  const url = `${site.server.issuer}/protocol/openid-connect/userinfo`;
  const call = async (url) => (await client.fetch(url)).status;
  assert.equal(await tab.evaluate(call, url), 200);
  assert.equal(await tab.callApi(), 401);
}

async function refresh(tab) {
  const { error } = await tab.call("getAccessToken", { forceRefresh: true });
  assert.equal(error, undefined);
}
