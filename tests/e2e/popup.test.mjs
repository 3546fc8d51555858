// Sign-in in a window of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openTabForPopups, signInByPopup } from "./support/signing-in.mjs";
import { openSite } from "./support/site.mjs";
import { patience, within } from "./support/within.mjs";

async function open(t, settings) {
  const site = await openSite(t, settings);
  return { site, tab: await openTabForPopups(site) };
}

const pages = async (tab) => (await tab.page.browserContext().pages()).length;

/** Resolves when the tab's browser has `count` pages: one that was told to close takes a moment. */
function untilPages(tab, count) {
  const look = async () => {
    while ((await pages(tab)) !== count) await pause(20);
  };
  return within(look(), `the browser to have ${count} pages`);
}

/** The window that the tab opens next. */
async function nextPopup(tab) {
  const opened = new Promise((resolve) => tab.page.once("popup", resolve));
  const popup = await within(opened, "a popup to open");
  popup.setDefaultTimeout(patience * 1000);
  return popup;
}

test("a user signs in by a popup, which closes", async (t) => {
  const { tab } = await open(t, { AccessTokenLifetime: 300 });
  const before = await pages(tab);
  const { error } = await signInByPopup(tab);
  assert.equal(error, undefined);
  assert.equal((await tab.look()).session.subject, "ada");
  assert.equal(await tab.callApi(), 200);
  await untilPages(tab, before);
});

test("a popup that the browser blocks is an error that says so", async (t) => {
  const { tab } = await open(t);
  await tab.evaluate(() => void (globalThis.open = () => null));
  const { error } = await tab.call("signIn", { mode: "popup" });
  assert.equal(error.code, "popup-blocked");
  assert.equal(error.retryable, true);
});

test("a user who closes the popup is told from one who says no", async (t) => {
  const { tab } = await open(t, { AskUser: true });
  const opened = nextPopup(tab);
  const outcome = signInByPopup(tab);
  const popup = await opened;
  await popup.waitForSelector("button[value=no]");
  await popup.close();
  await tab.page.bringToFront();
  const { error } = await outcome;
  assert.equal(error.code, "popup-closed");

  const again = nextPopup(tab);
  const denied = signInByPopup(tab);
  const second = await again;
  await second.waitForSelector("button[value=no]");
  await second.click("button[value=no]");
  assert.equal((await denied).error.oauthError, "access_denied");
});

test("a server that cuts its pages off from their opener does not keep a user from signing in", async (t) => {
  const { site, tab } = await open(t, { AskUser: true });
  site.server.set({ IsolatePages: true });
  const opened = nextPopup(tab);
  const outcome = signInByPopup(tab);
  const popup = await opened;
  await popup.waitForSelector("button[value=yes]");
  await tab.until(() => true);
  await popup.click("button[value=yes]");
  const { error } = await outcome;
  assert.equal(error, undefined);
  assert.equal((await tab.look()).session.subject, "ada");
});

test("a sign-in that is given up closes its popup", async (t) => {
  const { tab } = await open(t, { AskUser: true });
  const before = await pages(tab);
  await tab.evaluate(() => {
    const controller = new AbortController();
    globalThis.onclick = () => {
      globalThis.signedIn = harness.call("client", "signIn", {
        mode: "popup",
        signal: controller.signal,
      });
    };
    globalThis.giveUp = () => controller.abort();
  });
  const opened = nextPopup(tab);
  await tab.page.mouse.click(9, 9);
  await (await opened).waitForSelector("button[value=yes]");
  await tab.evaluate("giveUp()");
  const { error } = await tab.evaluate("signedIn");
  assert.equal(error.code, "aborted");
  await untilPages(tab, before);
});
