import { readdirSync, readFileSync } from "node:fs";
import { after } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { chromiumArguments } from "../../../www/chromium.mjs";

let shared;

/** The one browser of this test file; each site takes a context of its own in it. */
export function sharedBrowser() {
  return (shared ??= launch());
}

after(async () => (await shared)?.close());

/**
 * Starts a Chromium; with `userDataDir`, one that keeps what it stores; `throttled`, one that puts a hidden tab's timers
 * off, as it does for a user.
 */
export function launch({ userDataDir, throttled = false } = {}) {
  return puppeteer.launch({
    executablePath: process.env.EVERGRANT_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    userDataDir,
    ignoreDefaultArgs: throttled && [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
    ],
    args: chromiumArguments,
  });
}

/** Kills a browser with all its processes, as a power cut would; resolves when none is left. */
export async function kill(browser) {
  const root = browser.process().pid;
  const tree = withDescendants(root);
  for (const pid of tree) signal(pid, "SIGKILL");
  while (tree.some(isRunning)) await pause(20);
}

function withDescendants(root) {
  const tree = [root];
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = processes.map((pid) => [Number(pid), stat(pid)?.parent]);
  // The list grows while it is walked.
  for (const parent of tree) {
    tree.push(...parents.filter((it) => it[1] === parent).map(([pid]) => pid));
  }
  return tree;
}

function isRunning(pid) {
  return !["Z", "X", undefined].includes(stat(pid)?.state);
}

/** State and parent of a process, from the fields behind its name, which is in parentheses. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], parent: Number(fields[1]) };
  } catch {
    return undefined;
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
