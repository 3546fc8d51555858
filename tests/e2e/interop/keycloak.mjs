import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { temporaryFolder } from "../support/package.mjs";
import { within } from "../support/within.mjs";
import { Administrator } from "./administrator.mjs";

const administrator = { username: "administrator", password: "for tests only" };
let running;

after(() => running?.stop());

/** The Keycloak of this test file, by its administrator; started when it is first asked for. */
export function keycloak() {
  running ??= start();
  return running.administrator;
}

function start() {
  const folder = process.env.EVERGRANT_KEYCLOAK;
  const keycloak = spawn(
    "sh",
    [
      join(folder, "bin/kc.sh"),
      "start-dev",
      // All it knows is in memory, and the log of its transactions in a folder of this run: two runs do not meet.
      "--db=dev-mem",
      `-Dquarkus.transaction-manager.object-store.directory=${temporaryFolder()}`,
      "--http-host=localhost",
      "--http-port=0",
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: administrator.username,
        KC_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
        // It lives for a minute or two. Without the second compiler it starts with 15 s of computing, with it in 26.
        JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1",
      },
    },
  );
  const ended = once(keycloak, "exit");
  // The first one of a target directory builds itself anew, for the database in memory.
  const origin = within(whenListening(keycloak), "Keycloak to start", {
    seconds: 300,
  });
  return {
    administrator: origin.then((it) => new Administrator(it, administrator)),
    async stop() {
      keycloak.kill();
      await ended;
    },
  };
}

/** Reads its log until it says where it listens; then nobody reads it any more. */
async function whenListening(keycloak) {
  const log = [];
  for await (const line of createInterface({ input: keycloak.stdout })) {
    const [, origin] = /started in .* Listening on: (\S+)/.exec(line) ?? [];
    if (origin) {
      keycloak.stdout.resume();
      return origin;
    }
    log.push(line);
  }
  throw new Error(`Keycloak ended before it listened:\n${log.join("\n")}`);
}
