// What must hold in every engine, at a server that forgives nothing and at one that does. They mostly wait, so all of it waits
// together, in one browser.
import { describe } from "node:test";
import { engine } from "../support/browser.mjs";
import { answerComesAgain, answerComesHome, answerIsLost } from "./midway.mjs";
import { graceful, strict } from "./servers.mjs";
import { sixTabs } from "./tabs.mjs";

describe(engine, { concurrency: true }, async () => {
  for (const server of [strict, graceful]) sixTabs(server);
  answerComesHome(strict);
  answerIsLost(strict);
  answerComesAgain(graceful);
  await import("./holders.mjs");
  await import("./outages.mjs");
  await import("./signing-in.mjs");
});
