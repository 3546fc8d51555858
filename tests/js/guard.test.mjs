import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import { load } from "./support.mjs";

const engine = await load("evergrant.js");
const { enter, onFailure } = await load("guard.js");
const module = new WebAssembly.Module(
  readFileSync(join(process.env.EVERGRANT_PACKAGE, "evergrant_bg.wasm")),
);
engine.initSync({ module });

const failure = new WebAssembly.RuntimeError("unreachable");
const fail = () => {
  throw failure;
};

/** What listeners hear while `work` is done. */
function heard(work) {
  const told = [];
  const off = onFailure((...args) => told.push(args));
  work();
  off();
  return told;
}

let now = 0;
mock.method(performance, "now", () => now);

test("what the engine answers is handed on, and arguments are handed in", () => {
  assert.deepEqual(
    heard(() => assert.equal(enter(Math.max, 1, 3, 2), 3)),
    [],
  );
});

test("a failure is told once, and not thrown at the page", () => {
  now += 100_000;
  assert.deepEqual(
    heard(() => assert.equal(enter(fail), undefined)),
    [[failure, 0]],
  );
});

test("a second one within a minute is not mended at once", () => {
  now += 100_000;
  const told = heard(() => {
    enter(fail);
    now += 59_000;
    enter(fail);
    now += 61_000;
    enter(fail);
  });
  assert.deepEqual(
    told.map(([, wait]) => wait),
    [0, 60_000, 0],
  );
});

test("within the engine a failure goes through to its outermost entry, and nothing enters meanwhile", () => {
  now += 100_000;
  const told = [];
  let inside;
  const off = onFailure((...args) => told.push(args));
  enter(() => {
    assert.throws(() => enter(fail), failure);
    assert.throws(() => enter(Math.max), failure);
    inside = told.length;
  });
  off();
  assert.equal(inside, 0, "the old instance is on the stack");
  assert.deepEqual(told, [[failure, 0]]);
});

test("a fresh instance takes the failed one's place", () => {
  now += 100_000;
  assert.deepEqual(
    [0, 1].map(() => enter(engine.create, {}, {})),
    [0, 1],
  );
  enter(fail);
  assert.equal(enter(engine.create, {}, {}), 0, "it counts from the start");
});

test("where no fresh instance can be made, it is told, and the next entry tries again", (t) => {
  now += 100_000;
  const noMemory = new RangeError("Out of memory");
  const instance = t.mock.method(WebAssembly, "Instance", function () {
    throw noMemory;
  });
  assert.deepEqual(
    heard(() => {
      assert.equal(enter(fail), undefined);
      assert.equal(enter(engine.create, {}, {}), undefined);
    }),
    [
      [failure, 0],
      [noMemory, 60_000],
    ],
  );
  instance.mock.restore();
  assert.equal(enter(engine.create, {}, {}), 0, "it is a fresh one");
});

test("a listener may begin anew at once, and that may fail as well", () => {
  now += 100_000;
  const waits = [];
  const off = onFailure((_, wait) => {
    waits.push(wait);
    if (waits.length === 1) enter(fail);
  });
  enter(fail);
  off();
  assert.deepEqual(waits, [0, 60_000]);
});
