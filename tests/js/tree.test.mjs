import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.mjs";

const { rest, take } = await load("tree.js");

test("what was not taken out of an object is left as JSON", () => {
  const node = { seq: 1, later: { a: [1] } };
  assert.equal(take(node, "seq"), 1);
  assert.equal(rest(node), '{"later":{"a":[1]}}');
  take(node, "later");
  assert.equal(rest(node), undefined);
});

test("what is too deep to be written is nothing, and throws nothing", () => {
  let deep = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.throws(() => JSON.stringify(deep), RangeError);
  assert.equal(rest({ deep }), undefined);
});
