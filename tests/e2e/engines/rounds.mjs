import { test } from "node:test";
import { engine } from "../support/browser.mjs";

/** Whether each scenario is to be lived through 20 times, and outages are to last. */
export const full = process.env.EVERGRANT_FULL === "1";
const rounds = full ? 20 : 2;
/** How many tabs may be open at once. They mostly wait, so rounds and scenarios wait together. */
const places = 20;

/**
 * A scenario, a few times over: `live(round, server)` lives through one round, and throws where it is not `so`. `tabs`: how
 * many places it takes; a browser of its own takes four.
 */
export function scenario(name, { server, tabs, so = "live" }, live) {
  test(`${name}, at ${server.name}: all ${so}`, async (t) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: rounds }, () =>
        inTurn(tabs, () => oneRound((round) => live(round, server))),
      ),
    );
    const failures = outcomes.filter(({ status }) => status === "rejected");
    t.diagnostic(
      `${engine}, ${server.name}: ${name}: ${rounds - failures.length} of ${rounds} ${so}`,
    );
    if (failures.length > 0) throw failures[0].reason;
  });
}

/** What is opened for a round is closed with it, the last one first. */
async function oneRound(live) {
  const steps = [];
  const failures = [];
  const attempt = (work) => work().catch((error) => failures.push(error));
  await attempt(() => live({ after: (step) => steps.unshift(step) }));
  for (const step of steps) await attempt(step);
  if (failures.length > 0) throw failures[0];
}

let free = places;
const queue = [];

async function inTurn(tabs, work) {
  await new Promise((begin) => {
    queue.push({ tabs, begin });
    next();
  });
  try {
    return await work();
  } finally {
    free += tabs;
    next();
  }
}

function next() {
  while (queue.length > 0 && queue[0].tabs <= free) {
    const { tabs, begin } = queue.shift();
    free -= tabs;
    begin();
  }
}
