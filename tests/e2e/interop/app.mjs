import assert from "node:assert/strict";
import { logIn } from "./login.mjs";

/** The options of an app's client. Without `offline_access`: such a session would outlive the user's at Keycloak. */
export function appAt(site, more) {
  return site.signingIn({ scope: "openid", ...more });
}

/** Creates the app's client in a tab. */
export async function create(tab, app) {
  const { error } = await tab.create(app);
  assert.equal(error, undefined);
}

/**
 * Signs in by redirect, and makes the app's client anew where it comes back to; resolves to the outcome of the callback.
 * `user`: whose name and password are typed in. Without one, Keycloak is not to ask.
 */
export async function signIn(tab, app, { user, ...options } = {}) {
  await leaveAndComeBack(tab, { user, ...options });
  await create(tab, app);
  return tab.call("handleRedirectCallback");
}

/** Likewise, as far as the page to which it comes back, before anything is made of it. */
export async function leaveAndComeBack(tab, { user, ...options } = {}) {
  await tab.lastLook();
  await tab.evaluate("globalThis.wasThere = true");
  // A page that leaves need not be there any more to say so.
  const leaving = tab.call("signIn", options).catch(() => ({}));
  assert.equal((await leaving).error, undefined);
  if (user) await logIn(tab.page, user);
  await tab.arrive("!globalThis.wasThere");
}
