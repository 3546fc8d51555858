/**
 * The demo: node www/demo.mjs [--once] [--port N]
 *
 * EVERGRANT_PACKAGE   folder of the built npm package
 * EVERGRANT_CHROMIUM  the browser for --once
 */
import { parseArgs } from "node:util";
import { startServer } from "./server/index.mjs";

const { values: options } = parseArgs({
  options: { once: { type: "boolean" }, port: { type: "string" } },
});
const { EVERGRANT_PACKAGE: packageDir, EVERGRANT_CHROMIUM: chromium } =
  process.env;
if (!packageDir) fail("EVERGRANT_PACKAGE must name the built npm package");
if (options.once && !chromium) fail("EVERGRANT_CHROMIUM must name a Chromium");

const server = await startServer({
  port: Number(options.port ?? 0),
  settings: { AccessTokenLifetime: 20, AskUser: true },
  packageDir,
  faultProxy: true,
});
console.log(`The demo is at ${server.origin}`);
server.onEntry((entry) => {
  if (entry.kind === "token") console.log(line(entry));
  if (entry.kind === "fault")
    console.log(`${clock(entry)}  fault  ${entry.does}`);
});
if (options.once) await once();

async function once() {
  const { runOnce } = await import("./once.mjs");
  let counts;
  try {
    counts = await runOnce(server, chromium);
  } catch (error) {
    console.error(`The demo failed: ${error.message}`);
    counts = { ...server.summary, restored_after_reload: false };
  }
  await server.close();
  const wrong = complaints(counts);
  wrong.forEach((complaint) => console.error(complaint));
  console.log(JSON.stringify(counts));
  process.exitCode = wrong.length ? 1 : 0;
}

function complaints(counts) {
  return [
    counts.rotations >= 3 || "fewer than three rotations",
    counts.reused_refresh_tokens === 0 || "a refresh token was used twice",
    counts.lost_sessions === 0 || "a session was lost",
    counts.restored_after_reload ||
      "the session was not restored after the reload",
  ].filter((complaint) => complaint !== true);
}

function line({ client, status, error, detail, ...entry }) {
  const brought = entry.used ?? "signed in, code";
  const outcome = error
    ? `${error} (${detail})`
    : `${brought} → ${entry.issued}, generation ${entry.generation}`;
  const again = entry.reused ? ", REUSED" : "";
  return `${clock(entry)}  ${status}  ${client}  ${outcome}${again}  ${entry.ms} ms`;
}

function clock({ at }) {
  return new Date(at).toTimeString().slice(0, 8);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
