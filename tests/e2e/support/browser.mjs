import { after } from "node:test";
import puppeteer from "puppeteer-core";
import { chromiumArguments } from "../../../www/chromium.mjs";
import { killTree } from "./processes.mjs";
import { launchWebKit } from "./webkit.mjs";
import { patience } from "./within.mjs";

/** The engine that the tests run in: chromium, firefox or webkit. */
export const engine = process.env.EVERGRANT_ENGINE ?? "chromium";

const engines = {
  chromium: launchChromium,
  firefox: launchFirefox,
  webkit: launchWebKit,
};
/**
 * How a tab is opened. Firefox's driver waits for the tab on top to say that it is hidden now, and one that leaves at that moment
 * says nothing: so there, tabs open behind it.
 */
export const tabOptions = { type: "tab", background: engine === "firefox" };
/** How long Chromium or Firefox may take to start, in ms. */
const timeout = patience * 1000;
let shared;

/** The one browser of this test file; each site takes a context of its own in it. */
export function sharedBrowser() {
  return (shared ??= launch());
}

after(async () => (await shared)?.close());

/**
 * Starts a browser; with `userDataDir`, one that keeps what it stores; `throttled`, one that puts a hidden tab's timers
 * off, as it does for a user; `args` are more of Chromium's own.
 */
export function launch(options = {}) {
  return engines[engine](options);
}

function launchChromium({ userDataDir, throttled = false, args = [] }) {
  return puppeteer.launch({
    executablePath: process.env.EVERGRANT_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    timeout,
    userDataDir,
    ignoreDefaultArgs: throttled && [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
    ],
    args: [...chromiumArguments, ...args],
  });
}

function launchFirefox({ userDataDir }) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.EVERGRANT_FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    timeout,
    userDataDir,
    // Or the driver waits for a hidden tab to draw.
    defaultViewport: null,
    // A process per tab, so that one can be stopped alone; the default is four per site.
    extraPrefsFirefox: { "dom.ipc.processCount.webIsolated": 100 },
  });
}

/** Kills a browser with all its processes, as a power cut would; resolves when none is left. */
export function kill(browser) {
  return killTree(browser.process().pid);
}
