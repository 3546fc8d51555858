// The demo: its page signs in and out through the SDK, at its server, whose token endpoint stands behind the fault proxy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSite } from "./support/site.mjs";
import { within } from "./support/within.mjs";

/** The demo in a tab of a site whose server asks the user. */
async function openDemo(t) {
  const settings = { AccessTokenLifetime: 300, AskUser: true };
  const site = await openSite(t, settings, { faultProxy: true });
  const { page } = await site.openTab();
  await page.goto(site.server.origin);
  await page.waitForSelector("#sign-in:enabled");
  return { site, page };
}

/** Clicks what is there, or will be. */
function click(page, selector) {
  return page.locator(selector).click();
}

/** Resolves when the headline is this one. */
async function says(page, sentence) {
  await page.waitForFunction(
    (it) => document.getElementById("sentence")?.textContent === it,
    {},
    sentence,
  );
}

/** What became of a click. */
async function outcome(page) {
  const shown = await page.waitForFunction(
    () => document.getElementById("outcome")?.textContent,
  );
  return shown.jsonValue();
}

test("a user signs in by redirect, uses the API, and signs out at the server, which then asks again", async (t) => {
  const { site, page } = await openDemo(t);
  await click(page, "#sign-in:enabled");
  await click(page, "button[value=yes]");
  await says(page, "Ada Lovelace is signed in.");
  assert.equal(page.url(), `${site.server.origin}/`);
  await click(page, "#call-api:enabled");
  assert.match(await outcome(page), /^The API knows ada; .* s more\.$/);

  await page.evaluate("globalThis.wasThere = true");
  await click(page, "#sign-out-there");
  await page.waitForFunction(
    "!globalThis.wasThere && document.querySelector('#sign-in:enabled')",
  );
  await says(page, "Signed out.");
  assert.equal(site.entries("end-session").length, 1);
  await click(page, "#sign-in:enabled");
  await click(page, "button[value=no]");
  assert.match(await outcome(page), /^The server said access_denied\./);
});

test("a user signs in by a popup, pushed, with DPoP; signed out here only, the server asks no more", async (t) => {
  const { site, page } = await openDemo(t);
  for (const name of ["popup", "dpop", "par"]) {
    await click(page, `#switches [name=${name}]`);
  }
  const opened = new Promise((resolve) => page.once("popup", resolve));
  await click(page, "#sign-in:enabled");
  await click(await within(opened, "a popup"), "button[value=yes]");
  await says(page, "Ada Lovelace is signed in.");
  assert.equal(site.entries("push").length, 1);
  await click(page, "#call-api:enabled");
  assert.match(await outcome(page), /for this browser’s key only\.$/);

  const { access_token } = site.tokenRequests.at(-1).wire.answer;
  for (const scheme of ["Bearer", "DPoP"]) {
    const Authorization = `${scheme} ${access_token}`;
    const { status } = await fetch(`${site.server.origin}/api/me`, {
      headers: { Authorization },
    });
    assert.equal(status, 401, `a stolen token, shown as ${scheme}`);
  }

  await click(page, "#sign-out");
  await says(page, "Signed out.");
  await click(page, "#sign-in:enabled");
  await says(page, "Ada Lovelace is signed in.");
  assert.equal(site.entries("push").length, 2, "the switches are as they were");
});
