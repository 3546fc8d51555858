// Sign-in through a real server, and back.
import assert from "node:assert/strict";

/** A tab with a client that signs in. */
export async function openTab(site, options) {
  return createIn(await site.openTab(), site.signingIn(options));
}

/** Sends the user to the server and back, and takes the answer in. */
export async function signIn(tab, site, asked = {}, options = {}) {
  await tab.leave((it) => void client.signIn(it), asked);
  await tab.create(site.signingIn(options));
  return tab.call("handleRedirectCallback");
}

/** A tab that has signed in. */
export async function openSignedIn(site, options) {
  const tab = await openTab(site, options);
  const { error } = await signIn(tab, site, {}, options);
  assert.equal(error, undefined);
  return tab;
}

/** A tab with a client that signs in by popups; they come back to a page that takes the answer in, like any app's. */
export async function openTabForPopups(site, browser) {
  const redirectUri = `${site.server.origin}/callback`;
  const { clientId } = site.server.clients.public;
  const options = { ...site.signingIn(), clientId, redirectUri };
  site.server.mount(
    "/callback",
    `<!doctype html><title>callback</title><script type="module">
  import { createClient } from "/evergrant/index.js";
  const client = await createClient(${JSON.stringify(options)});
  await client.handleRedirectCallback();
</script>`,
  );
  const tab = await site.openTab(browser, { type: "window" });
  return createIn(tab, site.signingIn({ redirectUri }));
}

async function createIn(tab, options) {
  const { error } = await tab.create(options);
  assert.equal(error, undefined);
  return tab;
}

/** Signs in by a popup: what became of it. */
export async function signInByPopup(tab, asked = {}) {
  await tab.evaluate((it) => {
    // A user's click.
    globalThis.onclick = () => {
      globalThis.signedIn = harness.call("client", "signIn", {
        mode: "popup",
        ...it,
      });
    };
  }, asked);
  await tab.page.mouse.click(9, 9);
  return tab.evaluate("signedIn");
}
