import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { openLive } = await load("live.js");

function newLive(t) {
  const live = openLive();
  t.after(() => live.close());
  t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
  return live;
}

/** A message comes no earlier than those sent before it: the task is over. */
function taskEnds() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(null);
  });
}

test("there is none at first", (t) => {
  assert.equal(newLive(t).get(), undefined);
});

test("it is the same promise while the token is the same", async (t) => {
  const live = newLive(t);
  live.set("a", 2_000, Infinity);
  const promise = live.get();
  assert.equal(await promise, "a");
  live.set("a", 3_000, Infinity);
  assert.equal(live.get(), promise);
  live.set("b", 3_000, Infinity);
  assert.equal(await live.get(), "b");
});

test("it ends by the wall clock and by the monotonic clock", (t) => {
  const live = newLive(t);
  live.set("a", 1_000, Infinity);
  assert.equal(live.get(), undefined);
  live.set("a", 2_000, performance.now());
  assert.equal(live.get(), undefined);
});

test("the clocks are read again in the next task", async (t) => {
  const live = newLive(t);
  live.set("a", 2_000, Infinity);
  assert.ok(live.get());
  t.mock.timers.setTime(5_000);
  assert.ok(live.get(), "in the same task nothing can have happened");
  await taskEnds();
  assert.equal(live.get(), undefined);
});

test("the clocks are read again after the engine ran, as after a wake", (t) => {
  const live = newLive(t);
  live.set("a", 2_000, Infinity);
  assert.ok(live.get());
  t.mock.timers.setTime(5_000);
  live.set("a", 2_000, Infinity);
  assert.equal(live.get(), undefined);
});

test("a token that was taken away is gone at once", (t) => {
  const live = newLive(t);
  live.set("a", 2_000, Infinity);
  assert.ok(live.get());
  live.set(undefined, Infinity, Infinity);
  assert.equal(live.get(), undefined);
});
