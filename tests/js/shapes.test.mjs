import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { failure, payload, sessionEnd, sessionInfo } = await load("shapes.js");
const at = 1_760_000_000_000;
const never = 2 ** 64;

test("a snapshot is made of what the engine tells, in its order", () => {
  const claims = btoa(JSON.stringify({ sub: "7" }));
  const facts = ["active", `h.${claims}.s`, 3, "a b", at, never, at + 1];
  assert.deepEqual(sessionInfo(facts), {
    status: "active",
    generation: 3,
    scope: ["a", "b"],
    accessTokenExpiresAt: new Date(at),
    refreshTokenExpiresAt: null,
    nextRefreshAt: new Date(at + 1),
    subject: "7",
    claims: { sub: "7" },
  });
});

test("a time beyond all dates is none, and never an invalid date", () => {
  for (const beyond of [8.64e15 + 1000, 2 ** 53 - 1, never, Infinity]) {
    const { nextRefreshAt } = sessionInfo([
      "active",
      undefined,
      1,
      "",
      at,
      at,
      beyond,
    ]);
    assert.equal(nextRefreshAt, null);
  }
});

test("an error is made of its facts, without those that are missing", () => {
  const cause = new Error("why");
  const error = failure(
    [
      "oauth",
      "It refused.",
      false,
      "invalid_client",
      "No.",
      undefined,
      never,
      401,
    ],
    cause,
  );
  const { name, message, ...members } = error;
  assert.deepEqual(members, {
    code: "oauth",
    retryable: false,
    oauthError: "invalid_client",
    oauthErrorDescription: "No.",
    status: 401,
  });
  assert.equal(message, "It refused.");
  assert.equal(error.cause, cause);
});

test("each event carries what the contract says, and no more", () => {
  const session = { generation: 1 };
  const error = new Error("why");
  const ended = "signed-out";
  const told = {
    "signed-in": payload(session, "signed-in", "this-tab"),
    refreshed: payload(session, "refreshed", "another-tab"),
    "refresh-failed": payload(
      session,
      "refresh-failed",
      undefined,
      error,
      undefined,
      at,
    ),
    "session-expiring": payload(
      session,
      "session-expiring",
      undefined,
      undefined,
      undefined,
      at,
    ),
    "signed-out": payload(
      null,
      "signed-out",
      "another-tab",
      undefined,
      ended,
      at,
    ),
    degraded: payload(session, "degraded", "storage", error),
  };
  assert.deepEqual(told, {
    "signed-in": { session, by: "this-tab" },
    refreshed: { session, by: "another-tab" },
    "refresh-failed": { error, retryAt: new Date(at) },
    "session-expiring": { at: new Date(at) },
    "signed-out": { ...sessionEnd(ended, at), by: "another-tab" },
    degraded: { what: "storage", error },
  });
});
