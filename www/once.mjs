import { setTimeout } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { chromiumArguments } from "./chromium.mjs";

const accessTokenLifetime = 5;
const rotationsWanted = 3;
const deadline = 60_000;
const reloadsTried = 3;

/**
 * The main job, headless: a user signs in, stays signed in through rotations with no doing of the page's, and after a reload
 * goes on with the access token of before. Resolves with what the server counted; rejects when a minute was not enough.
 */
export async function runOnce(server, chromium) {
  server.set({ AccessTokenLifetime: accessTokenLifetime });
  const browser = await puppeteer.launch({
    executablePath: chromium,
    headless: true,
    args: chromiumArguments,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(deadline);
    const restored = await Promise.race([
      mainJob(server, page),
      failure(page),
      lateness(),
    ]);
    return { ...server.summary, restored_after_reload: restored };
  } finally {
    await browser.close();
  }
}

function failure(page) {
  return new Promise((_, reject) =>
    page.on("pageerror", ({ message }) =>
      reject(new Error(`the page threw: ${message}`)),
    ),
  );
}

async function lateness() {
  await setTimeout(deadline, undefined, { ref: false });
  throw new Error(`not done within ${deadline / 1000} s`);
}

async function mainJob(server, page) {
  await page.goto(server.origin);
  await click(page, "#sign-in");
  await click(page, "button[value=yes]");
  await until(server, () => server.summary.rotations >= rotationsWanted);
  for (let tried = 0; tried < reloadsTried; tried++) {
    if (await restores(server, page)) return true;
    const { rotations } = server.summary;
    await until(server, () => server.summary.rotations > rotations);
  }
  return false;
}

// A refresh that falls due during the reload is no failure: then the token before it is not "the earlier one" any more.
async function restores(server, page) {
  const newest = () =>
    server.journal.findLast(({ kind }) => kind === "token").access;
  let before;
  // The server knows of a rotation before the page does.
  do {
    before = await callApi(server, page);
  } while (before.access !== newest());
  await page.reload();
  const after = await callApi(server, page);
  const between = server.journal.slice(before.id, after.id);
  return (
    between.some(({ kind }) => kind === "page") &&
    !between.some(({ kind }) => kind === "token") &&
    after.status === 200 &&
    after.access === before.access
  );
}

async function callApi(server, page) {
  const { length } = server.journal;
  await click(page, "#call-api");
  const isCall = ({ kind }) => kind === "api";
  await until(server, () => server.journal.slice(length).some(isCall));
  return server.journal.findLast(isCall);
}

// Nothing here is clicked before it can be.
function click(page, button) {
  return page.locator(`${button}:enabled`).click();
}

// Resolves as soon as the journal makes the condition true.
function until(server, condition) {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      stop();
      resolve();
    };
    const stop = server.onEntry(look);
    look();
  });
}
