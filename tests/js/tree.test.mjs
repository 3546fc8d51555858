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
