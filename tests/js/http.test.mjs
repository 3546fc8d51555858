import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { fetch: exchange, openHttp } = await load("http.js");
const { ABORT, PREPARE, REVOKE, REVOKED_ALL } = await load("orders.js");
const { ABORTED, ANSWERED, BROKEN, PREPARED, REVOKED } =
  await load("signals.js");

const facts = ["https://as.example/", "a=1", {}];

/**
 * What the engine is told, the requests apart: arrays that grow. Requests are sent at once, and answered
 * by `fetch`.
 */
function open(t, fetch) {
  const told = [];
  const requests = [];
  const sent = [];
  const causes = {};
  t.mock.method(globalThis, "fetch", fetch);
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const http = openHttp(10_000, causes);
  const engine = (...it) => {
    if (it[0] !== PREPARED) return told.push(it);
    requests.push(it);
    sent.push(exchange(it[3]));
  };
  http.serve(engine, () => true);
  return {
    ...http,
    prepare: http[PREPARE],
    abort: http[ABORT],
    revoke: http[REVOKE],
    revoked: http[REVOKED_ALL],
    over: () => Promise.all(sent),
    settled: async () => {
      await Promise.all(sent);
      t.mock.timers.tick(1000);
    },
    causes,
    told,
    requests,
    engine,
  };
}

test("an answer is told with all that the record keeps of it", async (t) => {
  const { prepare, settled, told } = open(t, async () => new Response("yes"));
  prepare(7, 0, facts);
  await settled();
  assert.deepEqual(told, [
    [
      ANSWERED,
      7,
      0,
      { status: 200, body: "yes", retry_after_ms: 0, dpop_nonce: undefined },
    ],
  ]);
});

test("a body that breaks off is no answer", async (t) => {
  const broken = new TypeError("network error");
  const body = new ReadableStream({ pull: (it) => it.error(broken) });
  const http = open(t, async () => new Response(body));
  http.prepare(7, 0, facts);
  await http.settled();
  assert.deepEqual(http.told, [[BROKEN, 7, 0, {}]]);
  assert.equal(http.causes.network, broken);
});

test("a request is a POST of its body and headers that follows no redirect", async (t) => {
  const { prepare, requests } = open(t, async () => new Response(""));
  const headers = {
    authorization: "Basic a",
    "content-type": "application/x-www-form-urlencoded",
    dpop: "a.b.c",
  };
  prepare(7, 0, [facts[0], facts[1], headers]);
  const [[, attempt, , request]] = requests;
  assert.equal(attempt, 7);
  const { url, method, redirect, credentials } = request;
  assert.deepEqual(
    [url, method, redirect, credentials],
    [facts[0], "POST", "error", "omit"],
  );
  assert.deepEqual(Object.fromEntries(request.headers), headers);
  assert.equal(await request.text(), facts[1]);
});

test("a request that cannot be made has failed", (t) => {
  const { prepare, requests, causes, told } = open(t, assert.fail);
  prepare(7, 0, ["http://", "a=1"]);
  assert.deepEqual(requests, []);
  assert.deepEqual(told, [[BROKEN, 7, 0, {}]]);
  assert.equal(causes.network.name, "TypeError");
});

test("whatever a page's own fetch does instead of answering, the request has failed", async (t) => {
  const refused = new Error("not today");
  for (const [fetch, cause] of [
    [() => assert.fail(refused), refused],
    [() => Promise.reject(refused), refused],
    [() => Promise.reject("no error"), "no error"],
    [() => Promise.reject(), undefined],
    [() => undefined, TypeError],
    [async () => null, TypeError],
    [async () => ({ status: 200 }), TypeError],
    [async () => ({ status: 200, body: "text", headers: {} }), TypeError],
  ]) {
    const { prepare, settled, causes, told } = open(t, fetch);
    prepare(7, 0, facts);
    await settled();
    assert.deepEqual(told, [[BROKEN, 7, 0, {}]]);
    if (cause === TypeError) assert(causes.network instanceof TypeError);
    else assert.equal(causes.network, cause);
  }
});

test("a page that leaves is gone before it tells of the end of its requests", async (t) => {
  const { prepare, over, told } = open(t, () => Promise.reject());
  prepare(7, 0, facts);
  await over();
  t.mock.timers.tick(999);
  assert.deepEqual(told, []);
  t.mock.timers.tick(1);
  assert.deepEqual(told, [[BROKEN, 7, 0, {}]]);
});

test("a request that breaks is told of once, to the engine that is there by then", async (t) => {
  const http = open(t, () => Promise.reject());
  http.prepare(7, 0, facts);
  http.prepare(8, 0, facts);
  await http.over();
  t.mock.timers.tick(500);
  http.abort(7);
  http.forget(7);
  const later = [];
  http.serve(
    (...it) => later.push(it),
    () => true,
  );
  t.mock.timers.tick(500);
  assert.deepEqual(http.told, [[ABORTED, 7, 0, {}]]);
  assert.deepEqual(later, [[BROKEN, 8, 0, {}]]);
});

test("an answer forgets the exception of the attempt before", async (t) => {
  const answers = [Promise.reject(new TypeError("no")), new Response("")];
  const { prepare, settled, causes } = open(t, async () => answers.shift());
  prepare(7, 0, facts);
  await settled();
  assert.equal(String(causes.timeout), "TypeError: no");
  prepare(8, 0, facts);
  await settled();
  assert.equal(causes.timeout, undefined);
});

test("an abort ends an attempt at once, and nothing comes after", async (t) => {
  const until = ({ signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason)),
    );
  const http = open(t, until);
  http.prepare(7, 0, facts);
  http.abort(7);
  const aborted = [[ABORTED, 7, 0, {}]];
  assert.deepEqual(http.told, aborted);
  await http.settled();
  http.abort(7);
  assert.deepEqual(http.told, aborted);
});

test("what came of an attempt is told to the next engine, once, unless it is forgotten", async (t) => {
  const http = open(t, async () => new Response("good"));
  for (const id of [7, 8, 9]) http.prepare(id, 0, facts);
  await http.settled();
  assert.deepEqual(http.attempts(), [7, 8, 9]);
  http.forget(8);
  // The engine takes what it reads out of the facts.
  for (const [, , , answer] of http.told.splice(0)) delete answer.body;
  http.serve(http.engine, () => true);
  assert.deepEqual(
    http.told.map(([what, id, , { body }]) => [what, id, body]),
    [
      [ANSWERED, 7, "good"],
      [ANSWERED, 9, "good"],
    ],
  );
  assert.deepEqual(http.attempts(), []);
  http.serve(assert.fail, () => true);
});

test("an engine that has failed takes no answer from the next one", async (t) => {
  const http = open(t, async () => new Response("good"));
  for (const id of [7, 8]) http.prepare(id, 0, facts);
  await http.settled();
  http.serve(assert.fail, () => false);
  assert.deepEqual(http.attempts(), [7, 8]);
  let runs = true;
  http.serve(
    () => (runs = false),
    () => runs,
  );
  assert.deepEqual(http.attempts(), [8], "the first made it fail");
});

test("what an engine had sent before it failed is given up in time, whatever the page's fetch does", async (t) => {
  const controller = new AbortController();
  t.mock.method(AbortSignal, "timeout", () => controller.signal);
  const http = open(t, () => new Promise(() => {}));
  http.prepare(7, 0, facts);
  http.serve(http.engine, () => true);
  controller.abort();
  assert.deepEqual(http.told, [[ABORTED, 7, 0, {}]]);
});

test("an engine that fails as it sends is not taken for a request that does", async (t) => {
  const http = open(t, async () => new Response(""));
  const failure = new WebAssembly.RuntimeError("unreachable");
  const told = [];
  let sent;
  http.serve(
    (what, id, _, value) => {
      if (what !== PREPARED) return told.push([what, id]);
      sent = exchange(value);
      throw failure;
    },
    () => true,
  );
  assert.throws(() => http.prepare(7, 0, facts), failure);
  assert.deepEqual(told, []);
  await sent;
  assert.deepEqual(told, [[ANSWERED, 7]]);
});

test("a revocation may have to wait for where to, and is not done if nobody knows", async (t) => {
  const urls = [];
  const http = open(t, async ({ url }) => {
    urls.push(url);
    return new Response(null);
  });
  http.revoke(0, 0, Promise.resolve(facts));
  await http.revoked(1);
  http.revoke(0, 0, Promise.resolve(undefined));
  await http.revoked(2);
  assert.deepEqual(urls, [facts[0]]);
  assert.deepEqual(http.told, [
    [REVOKED, 1, true],
    [REVOKED, 2, false],
  ]);
});

test("a revocation is done if the server took all tokens back", async (t) => {
  const statuses = [200, 204, 200, 503, 200];
  const { revoke, revoked, told } = open(t, async ({ method, keepalive }) => {
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
