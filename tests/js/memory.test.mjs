import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { memory } = await load("memory.js");

test("only who knows what is there may replace it", async () => {
  const { getItem, compareAndSwap } = memory();
  assert.equal(await getItem("k"), null);
  assert.equal(await compareAndSwap("k", "x", "a"), false);
  assert.equal(await compareAndSwap("k", null, "a"), true);
  assert.equal(await compareAndSwap("k", null, "b"), false);
  assert.equal(await compareAndSwap("k", "a", "b"), true);
  assert.equal(await getItem("k"), "b");
});

test("two stores share nothing", async () => {
  const [one, other] = [memory(), memory()];
  await one.compareAndSwap("k", null, "a");
  assert.equal(await other.getItem("k"), null);
});
