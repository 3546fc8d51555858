import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { OAuthClientError } = await load("error.js");
const other = await load("error.js", "copy");

test("an error of another copy of the package is an instance of this one's class", () => {
  const error = new other.OAuthClientError("network", "No answer.");
  assert.notEqual(other.OAuthClientError, OAuthClientError);
  assert.ok(error instanceof OAuthClientError);
  assert.ok(error instanceof Error);
});

test("nothing else is an instance", () => {
  class Own extends OAuthClientError {}
  const error = new OAuthClientError("network", "No answer.");
  for (const it of [new Error("x"), {}, null, undefined, "network"]) {
    assert.ok(!(it instanceof OAuthClientError));
  }
  assert.ok(!(error instanceof Own));
  assert.ok(new Own("network", "No answer.") instanceof Own);
});

test("it has the members it was given and no others", () => {
  const cause = new TypeError("Failed to fetch");
  const error = new OAuthClientError("network", "No answer.", {
    retryable: true,
    cause,
  });
  assert.deepEqual(Object.keys(error), ["code", "retryable"]);
  assert.equal(error.name, "OAuthClientError");
  assert.equal(error.cause, cause);
  assert.equal(String(error), "OAuthClientError: No answer.");
  assert.ok(!("cause" in new OAuthClientError("network", "No answer.")));
});
