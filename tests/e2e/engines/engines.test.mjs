// What must hold in every engine, at a server that forgives nothing and at one that does. They mostly wait, so all of it waits
// together, in one browser.
import { describe } from "node:test";
import { engine } from "../support/browser.mjs";

describe(engine, { concurrency: true }, async () => {
  await import("./tabs.mjs");
  await import("./midway.mjs");
  await import("./holders.mjs");
  await import("./outages.mjs");
});
