// Sign-in through a real server, and back.
import assert from "node:assert/strict";

/** A tab with a client that signs in. */
export async function openTab(site, options) {
  const tab = await site.openTab();
  const { error } = await tab.create(site.signingIn(options));
  assert.equal(error, undefined);
  return tab;
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
