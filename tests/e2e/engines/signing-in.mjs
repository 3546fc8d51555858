// Sign-in: at a server that binds tokens to a key, and wants its nonce; and at one that knows neither DPoP nor OpenID.
import assert from "node:assert/strict";
import { launch } from "../support/browser.mjs";
import { openSite } from "../support/site.mjs";
import {
  openSignedIn,
  openTabForPopups,
  signInByPopup,
} from "../support/signing-in.mjs";
import { djangoServer } from "../django/django.mjs";
import { assertLive } from "./live.mjs";
import { scenario } from "./rounds.mjs";
import { graceful, long, strict } from "./servers.mjs";

scenario(
  "a sign-in by redirect, with DPoP and nonces",
  { server: strict, tabs: 1 },
  async (round) => {
    const settings = { AccessTokenLifetime: long, RequireDPoPNonce: true };
    const site = await openSite(round, settings);
    const options = { dpop: true, allowedOrigins: [site.server.origin] };
    const tab = await openSignedIn(site, options);
    assert.equal((await tab.look()).session.subject, "ada");
    await tab.reload();
    await tab.create(site.signingIn(options));
    assert.equal(await tab.evaluate("harness.fetchApi()"), 200);
    const { error } = await tab.call("getAccessToken", { forceRefresh: true });
    assert.equal(error, undefined);
    assert.equal(await tab.evaluate("harness.fetchApi()"), 200);
  },
);

scenario("a sign-in by popup", { server: strict, tabs: 4 }, async (round) => {
  // A browser of its own: Firefox's driver opens tabs in the newest window, though it be a popup that is about to close.
  const browser = await launch();
  round.after(() => browser.close());
  const site = await openSite(round, { AccessTokenLifetime: long });
  const tab = await openTabForPopups(site, browser);
  const { error } = await signInByPopup(tab);
  assert.equal(error, undefined);
  await assertLive(tab);
});

scenario(
  "a sign-in by redirect",
  { server: graceful, tabs: 1 },
  async (round) => {
    const django = await djangoServer(long);
    const authorizationServer = async (origin) => {
      await fetch(`${django.origin}/dev/redirects`, {
        method: "POST",
        body: `${origin}/page/`,
      });
      return django;
    };
    const site = await openSite(round, {}, { authorizationServer });
    const authorization = `${django.origin}/oauth2/authorize`;
    const tab = await openSignedIn(site, {
      endpoints: { ...site.server.endpoints, authorization },
      issuer: undefined,
      scope: "profile",
    });
    await assertLive(tab);
  },
);
