// Every fault that the proxy can do; and what becomes of the session.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { faults } from "../../../www/server/faults.mjs";
import * as alone from "./alone.mjs";
import * as asked from "./fates.mjs";
import { table } from "./table.mjs";
import { closeTabs, tabs, Trial } from "./trial.mjs";

/** Once, on a refresh that the application asks for. */
const once = [
  ["drop-before", asked.replayed("network")],
  ["drop-after", asked.rotationLost("network")],
  ["delay", asked.unnoticed()],
  ["cut-body", asked.rotationLost("network")],
  ["hang-after-headers", asked.rotationLost("timeout"), { timeoutSeconds: 3 }],
  ["500", asked.replayed("server")],
  ["500-after", asked.rotationLost("server")],
  ["502-html", asked.replayed("server")],
  ["503", asked.replayed("server")],
  ["503-retry-after", asked.waits("server", 503, 2000)],
  ["429", asked.waits("rate-limited", 429, 250)],
  ["429-retry-after", asked.waits("rate-limited", 429, 2000)],
  ["400-empty", asked.stalls(400)],
  ["400-html", asked.stalls(400)],
  ["400-please-retry", asked.stalls(400, "invalid_request")],
  ["400-unauthorized-client", asked.stalls(400, "unauthorized_client")],
  ["400-unknown-code", asked.stalls(400, "E-1017")],
  ["400-www-authenticate", asked.stalls(400, "invalid_client")],
  ["400-invalid-grant", asked.ends("refresh-token-rejected")],
  ["401-empty", asked.stalls(401)],
  ["401-html", asked.stalls(401)],
  ["401-invalid-client", asked.stalls(401, "invalid_client")],
  ["401-unauthorized-client", asked.stalls(401, "unauthorized_client")],
  ["401-invalid-grant", asked.ends("refresh-token-rejected")],
  ["403-oauth", asked.stalls(403, "access_denied")],
  ["403-html", asked.replayed("server")],
  ["200-html", asked.replayed("bad-response")],
  ["200-error", asked.stalls(200, "temporarily_unavailable")],
  ["200-empty", asked.rotationLost("bad-response")],
  ["garbage", asked.replayed("bad-response")],
  ["redirect", asked.replayed("network")],
  ["no-cors", asked.rotationLost("network")],
  ["replayed", asked.sameAnswer()],
];

/** Others of these faults, and other ways to meet them. */
const more = [
  [
    "delay",
    asked.rotationLost("timeout"),
    { how: "past the timeout", ms: 60_000, timeoutSeconds: 3 },
  ],
  ...[
    ["drop-before", { noted: ["answer-lost", "network"] }],
    ["500", { noted: ["answer-lost", "server"] }],
    ["503-retry-after", { noted: ["refresh-failed", "server"], gapMs: 2000 }],
    [
      "429-retry-after",
      { noted: ["refresh-failed", "rate-limited"], gapMs: 2000 },
    ],
  ].map(([fault, how]) => [
    fault,
    alone.recovers(how.noted[1], how),
    { how: "when due" },
  ]),
  ["drop-after", alone.endsInTime("network"), { how: "when due" }],
  ["401-invalid-client", alone.expires("invalid_client"), { how: "when due" }],
  ...[
    ["drop-before", "network", { replays: true }],
    ["502-html", "server", { replays: true }],
    ["200-html", "bad-response", { replays: true }],
    ["429", "rate-limited", { replays: false }],
  ].map(([fault, code, how]) => [
    fault,
    alone.outlasts(code, how),
    { how: "until off" },
  ]),
  ["no-cors", alone.endsWhenKnown(), { how: "until off" }],
  ["replayed", alone.asksInVain(), { how: "until off" }],
];

test("there is no fault without a fate", () => {
  assert.deepEqual(
    once.map(([fault]) => fault),
    faults.map(({ name }) => name),
  );
});

const rows = [];
after(() => console.log(table(rows)));

// They mostly wait, so they wait together.
describe("a refresh that meets", { concurrency: tabs }, () => {
  after(closeTabs);
  for (const [fault, { fate, outcome, live, ...needs }, options] of [
    ...once,
    ...more,
  ]) {
    const called = [fault, options?.how].filter(Boolean).join(", ");
    const row = [called, "NOT AS IT SHOULD BE", "?", "?"];
    rows.push(row);
    test(`${called}: the session ${fate}`, async (t) => {
      const trial = await Trial.begin(t, { fault, ...needs, ...options });
      try {
        await live(trial);
        assert.equal(trial.proxy.current, null, "the fault was done");
        row.splice(1, 3, fate, trial.cost, outcome ?? "–");
      } catch (error) {
        row[2] = trial.sent.length;
        throw error;
      }
    });
  }
});
