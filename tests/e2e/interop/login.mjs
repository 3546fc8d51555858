import { within } from "../support/within.mjs";

/** Fills in the log-in form that Keycloak shows in a page or a popup, and sends it. */
export async function logIn(page, { username, password }) {
  await within(
    page.waitForSelector("#kc-form-login", { timeout: 0 }),
    "Keycloak to ask who it is",
  );
  // No click reaches what nobody sees.
  await page.bringToFront();
  await page.type("#username", username);
  await page.type("#password", password);
  await page.click("#kc-login");
}
