import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { load } from "./support.mjs";

const { findKeeper, openKeeping } = await load("keeping.js");
const { POST, PREPARE } = await load("orders.js");
const { ABORTED, ANSWERED, BROKEN, KEEPER } = await load("signals.js");

const request = ["https://as.example/token", "a=1", { dpop: "a.b.c" }];
const revocation = ["https://as.example/revoke", "token="];

/** The page's side, once its keeper is there; and the keeper's: what it is posted, and how it answers. */
async function open(registration = {}) {
  const heard = [];
  const posted = [];
  const active = {
    postMessage: (hello, [port]) => posted.push({ hello, port }),
  };
  const causes = {};
  const keeping = openKeeping(
    { key: "k", channel: "c", timeoutMs: 10 },
    {
      causes,
      degraded: (...it) => heard.push(["degraded", ...it]),
      found: (...it) => heard.push(["found", ...it]),
      preparing: { request: (_, facts) => facts, revocation: (facts) => facts },
      signal: (...it) => heard.push(it),
      send: (...it) => heard.push(["sent", ...it]),
    },
  );
  const registered = { active, ...registration };
  await keeping.start(Promise.resolve({ registered }));
  return { keeping, heard, posted, causes, registered };
}

/** What is heard, once it has come through a port. */
async function until(heard, length) {
  while (heard.length < length) await turn();
  return heard.slice(1);
}

test("an attempt is posted with all that the keeper needs", async (t) => {
  const { keeping, heard, posted } = await open();
  keeping[POST](7, 0, [revocation, ...request]);
  const [{ hello, port }] = posted;
  t.after(() => port.close());
  assert.deepEqual(heard, [[KEEPER, 1]]);
  // Whatever else listens in the worker sees no secret.
  assert.deepEqual(hello, { evergrant: 1 });
  const { data } = await new Promise((resolve) => (port.onmessage = resolve));
  assert.deepEqual(data, {
    key: "k",
    channel: "c",
    timeoutMs: 10,
    id: 7,
    lock: "c:attempt:7",
    request,
    revocation,
  });
});

test("the engine hears of the record, of an answer, and that there is none", async () => {
  const { keeping, heard, posted, causes } = await open();
  const answer = { status: 200, body: "{}", retry_after_ms: 0 };
  // As browsers clone a DOMException, and Node does not.
  const aborted = { name: "AbortError" };
  const broken = new TypeError("Failed to fetch");
  for (const [message, expected, cause] of [
    [{ text: "the record" }, ["found", 7, "the record"]],
    [{ answer }, [ANSWERED, 7, 0, answer]],
    [{ error: aborted }, [ABORTED, 7, 0, undefined], "AbortError"],
    [{ error: broken }, [BROKEN, 7, 0, undefined], "TypeError"],
  ]) {
    heard.length = 1;
    keeping[POST](7, 0, [undefined, ...request]);
    const { port } = posted.at(-1);
    port.postMessage(message);
    assert.deepEqual(await until(heard, 2), [expected]);
    assert.equal(causes.network?.name, cause);
    port.close();
  }
});

test("the keeper is told when the page lets go of an answer that it was handed, and of no other", async () => {
  const { keeping, heard, posted } = await open();
  keeping[POST](7, 0, [undefined, ...request]);
  const { port } = posted[0];
  let told = 0;
  const heardOf = new Promise((resolve) => {
    port.onmessage = ({ data }) => {
      if (data !== 0) return;
      told += 1;
      resolve();
    };
  });
  // Its page has gone on to something else, and the keeper has still to save the answer.
  keeping.letGo(7);
  port.postMessage({ answer: { status: 200 } });
  await until(heard, 2);
  assert.equal(told, 0);
  keeping.letGo(8);
  keeping.letGo(7);
  await heardOf;
  assert.equal(told, 1);
  port.close();
});

test("what the page sends itself says `degraded` where the keeper has not answered, and only there", async () => {
  const { keeping, heard, posted } = await open();
  keeping[PREPARE](6, 0, request);
  assert.deepEqual(heard.splice(1), [["sent", 6, 0, request]]);
  keeping[POST](7, 0, [undefined, ...request]);
  keeping[PREPARE](8, 0, request);
  const [[event, what, error], sent] = heard.splice(1);
  assert.deepEqual([event, what], ["degraded", "keeper"]);
  assert(error instanceof Error);
  assert.deepEqual(sent, ["sent", 8, 0, request]);
  keeping[POST](9, 0, [undefined, ...request]);
  const { port } = posted.at(-1);
  port.postMessage({ text: "the record" });
  await until(heard, 2);
  heard.length = 1;
  keeping[PREPARE](10, 0, request);
  assert.deepEqual(heard.splice(1), [["sent", 10, 0, request]]);
  for (const { port } of posted) port.close();
});

test("a keeper that is being installed is there once it is active", async () => {
  const installing = new EventTarget();
  const heard = [];
  const keeping = openKeeping({}, { signal: (...it) => heard.push(it) });
  const registered = { installing, active: null };
  const started = keeping.start(Promise.resolve({ registered }));
  await turn();
  installing.dispatchEvent(new Event("statechange"));
  await turn();
  assert.deepEqual(heard, []);
  registered.active = installing;
  installing.dispatchEvent(new Event("statechange"));
  await started;
  assert.deepEqual(heard, [[KEEPER, 1]]);
});

test("one that is gone since is posted nothing, and the engine hears of that", async () => {
  const { keeping, heard, posted, registered } = await open();
  registered.active = null;
  keeping[POST](7, 0, [undefined, ...request]);
  assert.deepEqual(posted, []);
  assert.deepEqual(heard.at(-1), [KEEPER, 0]);
  keeping.letGo(7);
});

test("one whose installation fails says `degraded`", async () => {
  const installing = Object.assign(new EventTarget(), { state: "installing" });
  const heard = [];
  const degraded = (what) => heard.push(what);
  const keeping = openKeeping({}, { degraded });
  const registered = { installing, active: null };
  const started = keeping.start(Promise.resolve({ registered }));
  await turn();
  installing.state = "redundant";
  installing.dispatchEvent(new Event("statechange"));
  await started;
  assert.deepEqual(heard, ["keeper"]);
});

test("there is none where tokens are not in IndexedDB", async () => {
  await assert.rejects(findKeeper("/keeper.js", {}), { code: "unsupported" });
});
