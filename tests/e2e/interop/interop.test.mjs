// A real Keycloak, and its own log-in form. They mostly wait, so all of it waits together, in one browser and at one Keycloak.
import { describe } from "node:test";
import {
  answerComesAgain,
  answerComesHome,
  answerIsLost,
} from "../engines/midway.mjs";
import { sixTabs } from "../engines/tabs.mjs";
import { forgiving, lenient, strict } from "./servers.mjs";

describe("Keycloak", { concurrency: true }, async () => {
  for (const server of [strict, lenient]) sixTabs(server);
  answerComesHome(strict);
  answerIsLost(strict);
  for (const server of [forgiving, lenient]) answerComesAgain(server);
  await import("./sessions.mjs");
  await import("./sign-in.mjs");
  await import("./dpop.mjs");
  await import("./sign-out.mjs");
});
