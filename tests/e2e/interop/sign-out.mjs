// Signing out at Keycloak itself (OpenID Connect RP-Initiated Logout), and not only here.
import assert from "node:assert/strict";
import { scenario } from "../engines/rounds.mjs";
import { long } from "../engines/servers.mjs";
import { appAt, create, signIn } from "./app.mjs";
import { strict } from "./servers.mjs";

for (const [how, revoke] of [
  ["a sign-out here and at the server", true],
  ["a sign-out at the server, with nothing revoked", false],
]) {
  scenario(
    how,
    { server: strict, tabs: 2, so: "asked for the password again" },
    async (round) => {
      const { site, user } = await strict.openWithUser(round, long);
      const app = appAt(site);
      const [tab, other] = await site.openTabsWithClient(2, app);
      assert.equal((await signIn(tab, app, { user })).error, undefined);

      // Whoever signs out here only is still known there. (A revocation would end the session there as well.)
      await tab.call("signOut", { revoke: false });
      assert.equal((await signIn(tab, app)).error, undefined);
      await other.until(() => client.session !== null);

      await signOutThere(tab, {
        revoke,
        postLogoutRedirectUri: app.redirectUri,
      });
      assert.deepEqual(await user.sessions(), []);
      await other.until(() => client.ended?.reason === "signed-out");

      await create(tab, app);
      assert.equal((await tab.look()).session, null);
      assert.equal((await signIn(tab, app, { user })).error, undefined);
      assert.equal((await tab.look()).session.subject, user.id);
    },
  );
}

/** Signs out, goes to Keycloak for that, and comes back. */
async function signOutThere(tab, options) {
  await tab.lastLook();
  await tab.evaluate("globalThis.wasThere = true");
  const all = { ...options, endSession: true };
  // A page that leaves need not be there any more to say so.
  const { error } = await tab.call("signOut", all).catch(() => ({}));
  assert.equal(error, undefined);
  // Keycloak knows whose session is to end by the ID token, and does not ask.
  await tab.arrive("!globalThis.wasThere");
}
