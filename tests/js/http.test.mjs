import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { openHttp } = await load("http.js");
const { FAILED, PREPARE, RECEIVED, REVOKE, REVOKED_ALL } =
  await load("orders.js");
const { ANSWERED, BROKEN, PREPARED, REVOKED } = await load("signals.js");

const facts = ["https://as.example/", "a=1"];

/** What the engine is told, the requests apart: arrays that grow. */
function open() {
  const told = [];
  const requests = [];
  const causes = {};
  const note = (...it) =>
    it[0] === PREPARED ? requests.push(it) : told.push(it);
  const http = openHttp(10_000, causes, note);
  return {
    prepare: http[PREPARE],
    received: http[RECEIVED],
    failed: http[FAILED],
    revoke: http[REVOKE],
    revoked: http[REVOKED_ALL],
    causes,
    told,
    requests,
  };
}

test("an answer has its status, its body, and the headers that count", async () => {
  const { prepare, received, told } = open();
  prepare(7, 0, facts);
  const headers = {
    "Retry-After": "3",
    Date: "d",
    Age: "1",
  };
  await received(7, 0, new Response("slow", { status: 429, headers }));
  const answer = { retryAfter: "3", date: "d" };
  assert.deepEqual(told, [
    [ANSWERED, 7, 0, { status: 429, body: "slow", ...answer }],
  ]);
});

test("a body that breaks off is no answer", async () => {
  const { prepare, received, causes, told } = open();
  const broken = new TypeError("network error");
  const body = new ReadableStream({ pull: (it) => it.error(broken) });
  prepare(7, 0, facts);
  await received(7, 0, new Response(body));
  assert.deepEqual(told, [[BROKEN, 7]]);
  assert.equal(causes.network, broken);
});

test("a request is a POST of its body that follows no redirect", async () => {
  const { prepare, requests, told } = open();
  prepare(7, 0, [...facts, "Basic a"]);
  const [[, attempt, , request]] = requests;
  assert.equal(attempt, 7);
  const { url, method, redirect, credentials, headers } = request;
  assert.deepEqual(
    [url, method, redirect, credentials, headers.get("authorization")],
    [facts[0], "POST", "error", "omit", "Basic a"],
  );
  assert.equal(await request.text(), facts[1]);
  assert.deepEqual(told, []);
});

test("a request that cannot be made has failed", () => {
  const { prepare, requests, causes, told } = open();
  prepare(7, 0, ["http://", "a=1"]);
  assert.deepEqual(requests, []);
  assert.deepEqual(told, [[BROKEN, 7]]);
  assert.equal(causes.network.name, "TypeError");
});

test("a request that a page's own fetch refuses at once has failed", () => {
  const refused = new Error("not today");
  const causes = {};
  const told = [];
  const http = openHttp(10_000, causes, (...it) => {
    if (it[0] === PREPARED) throw refused;
    told.push(it);
  });
  http[PREPARE](7, 0, facts);
  assert.deepEqual(told, [[BROKEN, 7]]);
  assert.equal(causes.network, refused);
});

test("an answer forgets the exception of the attempt before", async () => {
  const { prepare, received, failed, causes } = open();
  prepare(7, 0, facts);
  await failed(7, 0, ["TypeError", "Failed to fetch"]);
  assert.equal(String(causes.timeout), "TypeError: Failed to fetch");
  prepare(8, 0, facts);
  await received(8, 0, new Response(""));
  assert.equal(causes.timeout, undefined);
});

test("a revocation is done if the server took all tokens back", async (t) => {
  const { revoke, revoked, told } = open();
  const statuses = [200, 204, 200, 503, 200];
  t.mock.method(globalThis, "fetch", async ({ method, keepalive }) => {
    assert.deepEqual([method, keepalive], ["POST", true]);
    const status = statuses.shift();
    if (!status) throw new TypeError("Failed to fetch");
    return new Response(null, { status });
  });
  for (const [call, count] of [1, 1, 2, 2, 0].entries()) {
    for (let at = 0; at < count; at++) revoke(0, 0, facts);
    await revoked(call + 1);
  }
  assert.deepEqual(
    told.map(([what, call, done]) => [what, call, Boolean(done)]),
    [true, true, false, false, false].map((it, at) => [REVOKED, at + 1, it]),
  );
});
